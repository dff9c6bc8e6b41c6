# A part that is marked by SAR TLVs has no user data header, and a handset knows no TLVs: the MC makes one
# (SMPP 3.4 sections 5.3.2.22 to 5.3.2.24). Packed septets are packed anew: they lie otherwise behind it.
"""What a carrier forwards of a submit_sm."""

from typing import Final

from smpp_router.wire.multipart import UDHI, header_octets_of, octets_of, part_of
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.text import alphabet_of, fill_bits_behind, pack_septets, unpack_septets

_IEI_8_BIT: Final = 0x00
_IEI_16_BIT: Final = 0x08


def as_forwarded(pdu: SubmitSm, default_alphabet: str) -> tuple[int, bytes]:
    """Return esm_class and octets of a message as its handset gets it."""
    octets = octets_of(pdu)
    part = part_of(pdu) if pdu.tlvs else None
    if part is None or part.kind != "sar" or part.total == 1:
        return pdu.esm_class, octets
    if part.reference <= 0xFF:
        mark = bytes((_IEI_8_BIT, 3, part.reference, part.total, part.seqnum))
    else:
        low = part.reference & 0xFFFF
        mark = bytes((_IEI_16_BIT, 4, low >> 8, low & 0xFF, part.total, part.seqnum))
    before = header_octets_of(pdu)
    header = octets[1:before] + mark
    text = octets[before:]
    if alphabet_of(pdu.data_coding, default_alphabet) == "gsm_packed":
        septets = unpack_septets(text, fill_bits_behind(before))
        text = pack_septets(septets, fill_bits_behind(len(header) + 1))
    return pdu.esm_class | UDHI, bytes((len(header),)) + header + text
