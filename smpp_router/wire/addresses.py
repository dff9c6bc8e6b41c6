# Numbers come with + or 00 in front, with spaces and dashes inside, in national form under an international
# TON and the other way round (interface reality, not SMPP 3.4 section 5.2.5). For routing and for looking up
# who owns a number, one form is wanted: digits only, country code first where that can be known.
# What is sent on is never this form, but what came.
"""The digits of an address."""

from typing import Final

from smpp_router.wire import constants as c

DIGITS_MAX: Final = 20
"""destination_addr has 21 octets with its NUL (SMPP 3.4 section 4.4.1)."""

_SEPARATORS: Final = b" -.()"


def number_digits(ton: int, npi: int, address: bytes, country_code: bytes = b"") -> bytes:  # noqa: ARG001 - npi is part of what an address is
    """Return the international digits of an address, without + or 00.

    A national number (TON 2, or a leading single 0 with a `country_code`) gets `country_code` put in front.
    Raises ValueError if the address is not a number.
    """
    if address.isdigit() and ton != c.TON_NATNL and not address.startswith(b"0"):
        digits = address
    else:
        digits = address.translate(None, _SEPARATORS)
        is_international = digits.startswith((b"+", b"00"))
        digits = digits.removeprefix(b"+")
        if is_international and digits.startswith(b"00"):
            digits = digits[2:]
        if not digits.isdigit():
            raise ValueError("not a number")
        if not is_international and country_code and (ton == c.TON_NATNL or digits.startswith(b"0")):
            digits = country_code + digits.lstrip(b"0")
    if len(digits) > DIGITS_MAX:
        raise ValueError(f"a number has at most {DIGITS_MAX} digits, not {len(digits)}")
    return digits
