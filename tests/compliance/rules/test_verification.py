from smpp_router.compliance.rules.verification import check_verification
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_verification,
        {
            "CODE_LINK",
            "CODE_LONG",
            "CODE_MISSING",
            "CODE_OTHER_PURPOSE",
            "CODE_PROMOTION",
            "CODE_SEVERAL",
            "CODE_UNNAMED",
            "CODE_UNSUBSCRIBE",
        },
    )
