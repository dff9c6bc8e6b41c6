# data_coding 0 is "the default alphabet of the SMSC" (SMPP 3.4 section 5.2.19), and every peer has its own:
# GSM 03.38 unpacked or packed, Latin-1, ASCII. Inside the router it is always GSM 03.38 unpacked: a message
# is translated when it comes from an account, and when it goes to a carrier, that says otherwise.
# Text that the other alphabet can't hold becomes UCS2 while it still fits, since a lost sign is worse than
# a longer message.
"""Translating data_coding 0 between the alphabets of peers."""

from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.text import decode_text, encode_text

ROUTER_ALPHABET = "gsm"
SHORT_MESSAGE_MAX = 254
_UDHI = 0x40


def translated(pdu: SubmitSm, from_alphabet: str, to_alphabet: str) -> bool:
    """Rewrite `short_message` of a text in data_coding 0; tell whether the PDU was changed."""
    if from_alphabet == to_alphabet or pdu.data_coding != 0 or not pdu.short_message:
        return False
    header = pdu.short_message[: pdu.short_message[0] + 1] if pdu.esm_class & _UDHI else b""
    text = decode_text(0, pdu.short_message[len(header) :], from_alphabet)
    try:
        octets = encode_text(text, 0, to_alphabet)
    except ValueError:
        octets = encode_text(text, c.ENCODING_ISO10646, to_alphabet)
        if len(header) + len(octets) > SHORT_MESSAGE_MAX:
            return False
        pdu.data_coding = c.ENCODING_ISO10646
    pdu.short_message = header + octets
    return True


def translated_body(body: bytes, to_alphabet: str) -> bytes:
    """Return a submit_sm body of the router's as a carrier with another alphabet wants it."""
    pdu = decode(c.SUBMIT_SM, c.ESME_ROK, 0, body)
    if isinstance(pdu, SubmitSm) and translated(pdu, ROUTER_ALPHABET, to_alphabet):
        return encode_body(pdu, strict=False)
    return body
