import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.number_zones import ZONES_MAX, zones_of


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("12025550100", "America/New_York"),
        ("14155550100", "America/Los_Angeles"),
        ("18085550100", "Pacific/Honolulu"),
        ("16712345678", "Pacific/Guam"),
    ],
)
def test_an_area_code_tells_the_zone(number: str, zone: str) -> None:
    assert zone in zones_of(number)


@pytest.mark.parametrize("number", ["", "0", "18005550100", "999999999999", "+1202", "12a", "١٢٠٢"])
def test_of_what_has_no_area_nothing_is_known(number: str) -> None:
    assert zones_of(number) == ()


@given(st.text(alphabet="0123456789", max_size=20))
def test_any_digits_have_an_answer(number: str) -> None:
    assert len(zones_of(number)) <= ZONES_MAX
