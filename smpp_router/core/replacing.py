# A replace_sm has no data_coding (SMPP 3.4 section 4.10.1): its text is in that of the message whose place it
# takes. Whoever wrote a text in GSM and now has one in Chinese cannot say so, and sends the octets of UCS2.
#
#   where it is    default_alphabet             what becomes of the text
#   waiting here   the router's                 taken as it is, if the data_coding can have it
#   waiting here   another                      translated as a submit_sm's is: GSM, or UCS2 where it must be
#   at a carrier   the router's, of both        handed on as it is: the data_coding is not known any more
#   at a carrier   another, of one of the two   refused: what is there may have become UCS2
#
# Rule 1: what is refused is answered ESME_RREPLACEFAIL, and the message stays as it was and goes out.
# Rule 2: a part of a long message keeps its user data header, and the data_coding that its other parts have.
# Rule 3: an account that had octets in its text which the data_coding has not means something else by it, and
#         may have them again.
"""The text that takes another one's place."""

from typing import Final

import attrs

from smpp_router.core.alphabets import ROUTER_ALPHABET, translated
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import header_octets_of, octets_of, part_of, text_of, user_text
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.text import alphabet_of, decode_text, encode_text

LETTERS_MIN: Final = 8
"""Octets from which small letters and blanks are no UCS2: of texts of four Chinese characters hardly one in a
thousand looks like that, and of longer ones fewer."""

_HIGH_OCTETS: Final = frozenset(range(0x10)) - set(b"\n\r")
"""UCS2 of other letters than Chinese has only these at every second place: Latin 0, Greek 3, Cyrillic 4."""


def replaced(old: SubmitSm, octets: bytes, alphabet: str) -> SubmitSm | None:
    """Return a message with another text, which an account has in its alphabet; None: it can't be one."""
    header = octets_of(old)[: header_octets_of(old)]
    if not octets.startswith(header):
        return None
    new = attrs.evolve(
        old,
        short_message=octets,
        tlvs=tuple(pair for pair in old.tlvs if pair[0] != c.TAG_MESSAGE_PAYLOAD),
    )
    text = octets[len(header) :]
    if alphabet == ROUTER_ALPHABET or not text or not _was_default(old, text, alphabet):
        return new if _can_be(text, old.data_coding) or not _can_be(user_text(old), old.data_coding) else None
    new.data_coding = c.ENCODING_DEFAULT
    is_written = translated(new, alphabet, ROUTER_ALPHABET)
    is_part = part_of(old) is not None
    return new if is_written and (not is_part or new.data_coding == old.data_coding) else None


def of_carrier(old: SubmitSm, new: SubmitSm, alphabet: str) -> bytes | None:
    """Return a text as the carrier that has the old one must be told it; None: it can't be told."""
    if new.data_coding != old.data_coding:
        return None
    if alphabet == ROUTER_ALPHABET or new.data_coding != c.ENCODING_DEFAULT or not new.short_message:
        return new.short_message
    sent, wanted = attrs.evolve(old), attrs.evolve(new)
    is_written = translated(wanted, ROUTER_ALPHABET, alphabet)
    translated(sent, ROUTER_ALPHABET, alphabet)
    return wanted.short_message if is_written and sent.data_coding == wanted.data_coding else None


def _was_default(old: SubmitSm, octets: bytes, alphabet: str) -> bool:
    """Whether an account wrote a message in data_coding 0, which then is its alphabet.

    What GSM lacks a sign of has been made UCS2. That may have been the account itself, which then sends UCS2
    again: octets that its alphabet has no sign for.
    """
    if old.data_coding != c.ENCODING_ISO10646:
        return old.data_coding == c.ENCODING_DEFAULT
    text = text_of(old)
    if not _can_write(text, alphabet) or _can_write(text, ROUTER_ALPHABET):
        return False
    return "".join(decode_text(c.ENCODING_DEFAULT, octets, alphabet).split()).isprintable()


def _can_write(text: str, alphabet: str) -> bool:
    try:
        encode_text(text, c.ENCODING_DEFAULT, alphabet)
    except ValueError:
        return False
    return True


def _can_be(octets: bytes, data_coding: int) -> bool:
    """Whether octets can be a text in a data_coding; of some that they are not cannot be told."""
    match alphabet_of(data_coding):
        case "gsm" | "ascii":
            is_ucs2 = len(octets) >= 4 and len(octets) % 2 == 0 and _HIGH_OCTETS.issuperset(octets[::2])
            return octets.isascii() and not is_ucs2
        case "ucs2":
            return len(octets) % 2 == 0 and not _is_letters(octets)
        case _:
            return True


def _is_letters(octets: bytes) -> bool:
    """Whether it is a text of letters, one octet each, which UCS2 would show as other characters."""
    if len(octets) < LETTERS_MIN or not octets.isascii():
        return False
    text = octets.decode("ascii")
    small = sum(sign.islower() or sign == " " for sign in text)
    return small * 2 > len(text) and "".join(text.split()).isprintable()
