import pytest

from smpp_router.compliance.rules.links import check_links
from tests.compliance.subjects import case_of, holds_for_its_cases, names


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
            "LINK_REDIRECT",
            "LINK_SHORTENER",
            "LINK_SPELT",
            "LINK_TOKEN",
            "LINK_TRACKING",
            "LINK_UNREGISTERED",
            "LINK_USER",
        },
    )


@pytest.mark.parametrize(
    ("query", "is_led_on"),
    [
        ("url=https://evil.top/a", True),
        ("url=https%3A%2F%2Fevil.top", True),
        ("url=https%253A%252F%252Fevil.top", True),
        ("next=//evil.top", True),
        ("url=https://examplebank.cn/a", False),
        ("url=https://user@evil.top/", True),
        ("u=aHR0cHM6Ly9ldmlsLnRvcC9h", True),
        ("u=Ly9ldmlsLnRvcC9h", True),
        ("u=aHR0cHM6Ly9leGFtcGxlYmFuay5jbi9h", False),
        ("u=aHR0cHM6", False),
        ("next=/card/a", False),
        ("a=1", False),
    ],
)
def test_a_link_that_leads_on_to_another_host_is_told(query: str, is_led_on: bool) -> None:
    case = case_of(f"【示例银行】https://m.examplebank.cn/card/a?{query} 详情", "bank", "notification")
    assert ("LINK_REDIRECT" in names(check_links(case))) is is_led_on
