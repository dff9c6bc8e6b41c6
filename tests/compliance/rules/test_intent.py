from smpp_router.compliance.rules.intent import check_intent
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_intent,
        {
            "CREDENTIALS_ASKED",
            "INTENT_ADD_CONTACT",
            "INTENT_INSTALL",
            "INTENT_LOG_IN",
            "INTENT_PAY",
            "INTENT_SHARE_SCREEN",
            "INTENT_TRANSFER",
            "PERSONAL_DATA",
            "PHISHING",
        },
    )
