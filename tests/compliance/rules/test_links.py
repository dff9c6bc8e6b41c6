from smpp_router.compliance.rules.links import check_links
from tests.compliance.subjects import holds_for_its_cases


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_links,
        {
            "LINK_ADDRESS",
            "LINK_CHANGED",
            "LINK_LOCATION",
            "LINK_LOOKALIKE",
            "LINK_NOT_HTTPS",
            "LINK_NO_SCHEME",
            "LINK_PORT",
            "LINK_PUNYCODE",
            "LINK_SHORTENER",
            "LINK_SPELT",
            "LINK_TRACKING",
            "LINK_UNREGISTERED",
        },
    )
