"""What a submit_sm says and to whom, as screening and reviewers see it."""

from collections.abc import Sequence
from typing import Final

from smpp_router.compliance.case import Subject
from smpp_router.core.accounts import Account
from smpp_router.wire.addresses import number_digits
from smpp_router.wire.constants import TON_INTL
from smpp_router.wire.multipart import Part, part_of, text_of, user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm
from smpp_router.wire.text import decode_text

PartKey = tuple[str, bytes, int, int]

NATIONAL_MIN: Final = 7
"""Digits of a national number: what has fewer is a short code, which is the same in every country."""
_VENDOR_TAGS: Final = 0x1400
"""The first tag of vendors' own TLVs (SMPP 3.4 section 5.3.2)."""


def full_number(ton: int, npi: int, address: bytes, country_code: str = "") -> str:
    """Return a number's digits in international form, in which a reply and a message have the same.

    Raises ValueError if the address is no number.
    """
    digits = number_digits(ton, npi, address, country_code.encode()).decode()
    is_international = ton == TON_INTL or address.lstrip().startswith((b"+", b"00"))
    if not country_code or is_international or len(digits) < NATIONAL_MIN or digits.startswith(country_code):
        return digits
    return country_code + digits


def writer_of(pdu: DeliverSm | DataSm, country_code: str = "") -> str | None:
    """Return the number of whoever has written to us, as it stands in refusals; None: it is no number."""
    try:
        return full_number(pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr, country_code)
    except ValueError:
        return None


def subject_of(
    account: Account,
    traffic_class: str,
    pdu: SubmitSm,
    text: str,
    now: float,
    country_code: str = "",
    not_before: float = 0.0,
) -> Subject:
    """A message before its rules. Admission has put its text into the router's own alphabet."""
    try:
        destination = full_number(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr, country_code)
    except ValueError:
        destination = ""
    tlvs = tuple([pair for pair in pdu.tlvs if pair[0] >= _VENDOR_TAGS]) if pdu.tlvs else ()
    source = pdu.source_addr.decode("latin-1")
    return Subject(text, account.system_id, traffic_class, source, destination, tlvs, now, not_before)


def joined(account: Account, parts: Sequence[SubmitSm]) -> str:
    """Put the text of parts together: octets first, so that a sign cut in two is whole again."""
    codings = {pdu.data_coding for pdu in parts}
    if len(codings) == 1 and account.config.default_alphabet != "gsm_packed":
        return decode_text(codings.pop(), b"".join(user_text(pdu) for pdu in parts))
    return "".join(text_of(pdu) for pdu in parts)


def part_key_of(account: Account, pdu: SubmitSm) -> PartKey | None:
    """What all parts of one long message have in common, None for a message in one piece."""
    part: Part | None = part_of(pdu)
    if part is None or part.total == 1:
        return None
    try:
        destination = number_digits(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr)
    except ValueError:
        destination = pdu.destination_addr
    return account.system_id, pdu.source_addr + b"\x00" + destination, part.reference, part.total


def numbers_of(addresses: bytes, country_code: str = "") -> tuple[str, str]:
    """Return source and destination of addresses as they stand in a submit_sm."""
    end = addresses.index(0, 2)
    source = addresses[2:end].decode("latin-1")
    ton, npi = addresses[end + 1], addresses[end + 2]
    destination = addresses[end + 3 : -1]
    try:
        return source, full_number(ton, npi, destination, country_code)
    except ValueError:
        return source, destination.decode("latin-1")
