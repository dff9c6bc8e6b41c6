import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.addresses import DIGITS_MAX, number_digits

DIGITS = st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True).map(str.encode)


@given(DIGITS, st.sampled_from([b"", b"+", b"00"]), st.integers(0, 6))
def test_interop_19_plus_and_00_only_say_that_a_number_is_international(
    digits: bytes, prefix: bytes, ton: int
) -> None:
    if ton != c.TON_NATNL or prefix:
        assert number_digits(ton, c.NPI_ISDN, prefix + digits, b"86") == digits


@given(DIGITS, st.data())
def test_interop_19_separators_inside_a_number_do_not_count(digits: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(digits)))
    separator = data.draw(st.sampled_from([b" ", b"-", b"."]))
    assert number_digits(c.TON_INTL, c.NPI_ISDN, digits[:at] + separator + digits[at:]) == digits


@pytest.mark.parametrize(
    ("ton", "address", "expected"),
    [
        (c.TON_NATNL, b"13900000001", b"8613900000001"),
        (c.TON_NATNL, b"+8613900000001", b"8613900000001"),
        (c.TON_UNK, b"013900000001", b"8613900000001"),
        (c.TON_INTL, b"8613900000001", b"8613900000001"),
        (c.TON_UNK, b"10086", b"10086"),
    ],
)
def test_interop_19_national_numbers_get_the_country_code(ton: int, address: bytes, expected: bytes) -> None:
    assert number_digits(ton, c.NPI_ISDN, address, b"86") == expected


@pytest.mark.parametrize(
    "address", [b"", b"+", b"ACME", b"86139x", b"\x00\x11", "８６".encode(), b"1" * (DIGITS_MAX + 1)]
)
def test_what_is_no_number_is_refused(address: bytes) -> None:
    with pytest.raises(ValueError, match="number"):
        number_digits(c.TON_INTL, c.NPI_ISDN, address)


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40))
def test_any_octets_are_digits_or_a_value_error(ton: int, npi: int, address: bytes) -> None:
    try:
        digits = number_digits(ton, npi, address)
    except ValueError:
        return
    assert digits.isdigit()
    assert len(digits) <= DIGITS_MAX
