from smpp_router.compliance.rules.evasion import check_evasion
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_evasion,
        {
            "EVASIVE_SEPARATORS",
            "EVASIVE_SPLIT",
            "EVASIVE_TRADITIONAL",
            "EVASIVE_VARIANTS",
            "INVISIBLE",
        },
    )
