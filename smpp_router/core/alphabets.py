# data_coding 0 is "the default alphabet of the SMSC" (SMPP 3.4 section 5.2.19), and every peer has its own:
# GSM 03.38 unpacked or packed, Latin-1, ASCII. Inside the router it is always GSM 03.38 unpacked: a message
# is translated when it comes from an account or a carrier, and when it goes to one, that says otherwise.
# A link with packed text packs what has a class as well (wire/text.py).
# Text that the other alphabet can't hold becomes UCS2 while it still fits, since a lost sign is worse than
# a longer message.
"""Translating data_coding 0 between the alphabets of peers."""

from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.multipart import header_octets_of, octets_of
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm
from smpp_router.wire.text import alphabet_of, decode_text, encode_text

ROUTER_ALPHABET = "gsm"
SHORT_MESSAGE_MAX = 254
_PAYLOAD_MAX = 0xFFFF


def translated(pdu: SubmitSm | DeliverSm | DataSm, from_alphabet: str, to_alphabet: str) -> bool:
    """Rewrite a text that two peers write otherwise, wherever it stands; tell whether the PDU was changed."""
    coding = pdu.data_coding
    before = octets_of(pdu) if from_alphabet != to_alphabet else b""
    if not before or (coding and alphabet_of(coding, from_alphabet) == alphabet_of(coding, to_alphabet)):
        return False
    is_short = not isinstance(pdu, DataSm) and bool(pdu.short_message)
    header = before[: header_octets_of(pdu)]
    text = decode_text(coding, before[len(header) :], from_alphabet, len(header))
    try:
        octets = header + encode_text(text, coding, to_alphabet, len(header))
    except ValueError:
        coding = c.ENCODING_ISO10646
        octets = header + encode_text(text, coding, to_alphabet)
    if len(octets) > (SHORT_MESSAGE_MAX if is_short else _PAYLOAD_MAX):
        return False
    pdu.data_coding = coding
    if isinstance(pdu, DataSm) or not is_short:
        pdu.tlvs = tuple((tag, octets if tag == c.TAG_MESSAGE_PAYLOAD else value) for tag, value in pdu.tlvs)
    else:
        pdu.short_message = octets
    return True


def translated_body(body: bytes, to_alphabet: str) -> bytes:
    """Return a submit_sm body of the router's as a carrier with another alphabet wants it."""
    pdu = decode(c.SUBMIT_SM, c.ESME_ROK, 0, body)
    if isinstance(pdu, SubmitSm) and translated(pdu, ROUTER_ALPHABET, to_alphabet):
        return encode_body(pdu, strict=False)
    return body
