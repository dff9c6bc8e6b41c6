# A signature names the sender: 【示例银行】 at the very beginning of the text, or at its very end.
#
#   2 to 16 characters, not all digits, no brackets within; the only 【】 of the text; told apart by case
"""Signatures of commercial messages."""

from functools import lru_cache
from typing import Final, Literal

import attrs

OPEN: Final = "【"
CLOSE: Final = "】"
LENGTH_MIN: Final = 2
LENGTH_MAX: Final = 16

Fault = Literal["missing", "unclosed", "several", "misplaced", "length", "digits", "spaces", "nested"]
"""What can be wrong with a signature; `missing`: there is none."""


@attrs.frozen
class Signature:
    """A signature as it stands; `start` and `end` include its brackets."""

    name: str
    start: int
    end: int


@attrs.frozen
class Signed:
    """What was found: a signature, if there is one to speak of, and what is wrong."""

    signature: Signature | None
    fault: Fault | None = None


_MISSING: Final = Signed(None, "missing")
NAMES_KEPT: Final = 4_096
"""Names whose signature is remembered: an account signs all it sends with a few."""


def find_signature(text: str) -> Signed:
    """Find the signature of a text and what is wrong with it."""
    opens, closes = text.count(OPEN), text.count(CLOSE)
    if opens == closes == 1 and text[0] == OPEN:
        return _at_the_beginning(text[1 : text.index(CLOSE)])
    if not opens and not closes:
        return _MISSING
    start = text.find(OPEN)
    end = text.find(CLOSE, start + 1) + 1
    if start < 0 or not end:
        return Signed(None, "unclosed")
    signature = Signature(text[start + 1 : end - 1], start, end)
    return Signed(signature, _fault(text, signature, opens, closes))


@lru_cache(NAMES_KEPT)
def _at_the_beginning(name: str) -> Signed:
    signature = Signature(name, 0, len(name) + 2)
    return Signed(signature, _fault_of(name))


def _fault(text: str, signature: Signature, opens: int, closes: int) -> Fault | None:
    name = signature.name
    if OPEN in name:
        return "nested"
    if opens > 1 or closes > 1:
        return "several"
    if text[: signature.start].strip() and text[signature.end :].strip():
        return "misplaced"
    return _fault_of(name)


def _fault_of(name: str) -> Fault | None:
    if not LENGTH_MIN <= len(name) <= LENGTH_MAX:
        return "length"
    if name.isdigit():
        return "digits"
    if name != name.strip() or "  " in name:
        return "spaces"
    return None


def without_signature(text: str, signed: Signed) -> str:
    """Return what a text says beside its signature."""
    if signed.signature is None:
        return text
    return text[: signed.signature.start] + text[signed.signature.end :]
