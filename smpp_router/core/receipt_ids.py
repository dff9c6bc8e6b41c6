# Carriers name a message twice, in submit_sm_resp and in its receipt, and not always alike: decimal here and
# hexadecimal there, upper and lower case, padded with zeros or not. A Canonicaliser belongs to one carrier
# link and turns both names into one key.
#
# What is the same name: ids made of digits of one base are numbers, so case and leading zeros do not count;
# a UUID is a number with dashes. Mixed case is no number's, and such ids, like any other, are compared
# octet by octet: in base64 "aB" and "Ab" are two messages.
#
#   style              submit_sm_resp   receipt
#   raw                octets           the same
#   dec_dec, dec_hex   decimal          decimal, hexadecimal
#   hex_dec, hex_hex   hexadecimal      decimal, hexadecimal
#   dec, hex           found out        decimal, hexadecimal
#   auto               found out        found out
#
# What finding out goes by: an id with a letter a-f in it proves its side hexadecimal; RUN different ids in a
# row without one prove it decimal (at random, five in eight digits are no letter: 0.625^64 is 1e-13). A
# letter on a side proven decimal brings back the doubt, the next one proves the opposite: a carrier may
# change its ways, and one stray id changes nothing. With both sides proven there is one key, as with a full
# style.
#
# In doubt, "16" may name message 16, 0x16 = 22 or, in hexadecimal, 10.
#   Rule 1: all readings that are not disproved are candidates; one that alone is known is the message.
#   Rule 2: of several that are known, the one spelt alike is, while neither side has shown a letter: most
#           carriers have one spelling. Once one has, nothing is matched: better no receipt than another's.
#   Rule 3: what a receipt was matched with, or that it was ambiguous, holds for its repetitions as long as
#           there is doubt: by then its message may be gone, and another reading would be the only one known.
# What remains, among the first RUN ids of a carrier that counts from a small number: one with two bases can
# be taken at its word by rule 2, and a receipt that overtakes its submit_sm_resp can meet another reading.
# Carriers of that kind deserve a full style.
#
# A receipt that finds nothing is parked under each of its candidates; when a submit_sm_resp brings one of
# these keys, find() is asked again.
"""One key for the two names that a carrier gives a message."""

from collections.abc import Callable
from typing import Final, Literal, TypeVar

import attrs

ReceiptIdStyle = Literal["auto", "raw", "dec", "hex", "dec_dec", "dec_hex", "hex_dec", "hex_hex"]

ID_OCTETS_MAX: Final = 64
"""Longer ids are compared as they are: SMPP 3.4 section 5.2.23 has no longer ones, and converting costs."""

UUID_OCTETS: Final = 36
"""32 hexadecimal digits and four dashes."""

RUN: Final = 64
"""Ids in a row without a letter that prove a side decimal. Sixteen ids of any counter would have one."""

IN_DOUBT_MAX: Final = 4 * RUN
"""Receipts remembered by rule 3; doubt mostly ends after RUN of them."""

_DECIMAL: Final = 1
_HEXADECIMAL: Final = 2

_UPPER: Final = b"0123456789ABCDEF"
_LOWER: Final = b"0123456789abcdef"

T = TypeVar("T")


def _number(text: bytes) -> bytes | None:
    """An id without what does not count, None if it is no number; the id has some octet that is no digit."""
    if not text.translate(None, _LOWER):
        return text.lstrip(b"0") or None
    if not text.translate(None, _UPPER):
        return text.lower().lstrip(b"0")
    if len(text) == UUID_OCTETS and text.count(b"-") == 4:
        plain = text.replace(b"-", b"")
        return plain.lstrip(b"0") or b"0" if plain.isdigit() else _number(plain)
    return None


def _as_hexadecimal(decimal: bytes) -> bytes:
    """Write a decimal number in hexadecimal; the caller knows that it is one."""
    return b"%x" % int(decimal) if len(decimal) <= ID_OCTETS_MAX else decimal


def _as_decimal(hexadecimal: bytes) -> bytes:
    """Write a hexadecimal number in decimal; the caller knows that it is one."""
    return b"%d" % int(hexadecimal, 16) if len(hexadecimal) <= ID_OCTETS_MAX else hexadecimal


@attrs.define(eq=False)
class _Side:
    """What has been seen of the ids on one side, in responses or in receipts. `base` is 0 while in doubt."""

    base: int = 0
    _digits_in_a_row: int = 0
    _last: bytes = b""

    # The same id again, as in an intermediate and a final receipt, proves nothing more.

    def see_letters(self, text: bytes) -> None:
        if self.base != _HEXADECIMAL and text != self._last:
            self._last = text
            self.base = 0 if self.base == _DECIMAL else _HEXADECIMAL
        self._digits_in_a_row = 0

    def see_digits(self, text: bytes) -> None:
        if self.base != _DECIMAL and text != self._last:
            self._last = text
            self._digits_in_a_row += 1
            if self._digits_in_a_row >= RUN:
                self.base = _DECIMAL
                self._digits_in_a_row = 0


@attrs.frozen
class CanonicaliserStatistics:
    """A carrier's ids: bases 10, 16 or 0 while in doubt, and how many receipts were ambiguous."""

    response_base: int
    receipt_base: int
    ambiguous: int


class Canonicaliser:
    """The keys of one carrier's message ids. Feed it the keys of recovered messages by from_response()."""

    def __init__(self, style: ReceiptIdStyle = "auto") -> None:
        self.style: Final = style
        self.is_raw: Final = style == "raw"
        """All other styles have the same keys: they differ in what they find out, and in receipts."""
        bases = {"dec": _DECIMAL, "hex": _HEXADECIMAL}
        response, receipt = style.split("_") if "_" in style else ("", style)
        self._responses = _Side(bases.get(response, 0))
        self._receipts = _Side(bases.get(receipt, 0))
        self._learns_responses = self._responses.base == 0
        self._learns_receipts = self._receipts.base == 0
        self._in_doubt: dict[bytes, bytes | None] = {}
        self._ambiguous = 0

    def from_response(self, message_id: bytes) -> bytes:
        """The key of an id in a submit_sm_resp. Of a key, it is the key itself."""
        if self.is_raw:
            return message_id
        if message_id.isdigit():
            if self._learns_responses and self._responses.base != _DECIMAL:
                self._responses.see_digits(message_id)
            return message_id.lstrip(b"0") or b"0"
        key = _number(message_id)
        if key is None:
            return message_id
        if self._learns_responses:
            self._responses.see_letters(key)
        return key

    def from_receipt(self, message_id: bytes) -> tuple[bytes, ...]:
        """The keys that an id in a receipt may stand for, the likeliest first.

        One key stands for certain. With more than one use find(), which knows the rules.
        """
        if self.is_raw:
            return (message_id,)
        if not message_id.isdigit():
            return self._from_letters(message_id)
        receipts = self._receipts
        if self._learns_receipts and receipts.base != _DECIMAL:
            receipts.see_digits(message_id)
        same = message_id.lstrip(b"0") or b"0"
        from_base, to_base = receipts.base, self._responses.base
        if from_base and to_base:
            if from_base == to_base:
                return (same,)
            return (_as_hexadecimal(same),) if to_base == _HEXADECIMAL else (_as_decimal(same),)
        candidates = [same]
        if from_base != _DECIMAL and to_base != _HEXADECIMAL:
            candidates.append(_as_decimal(same))
        if from_base != _HEXADECIMAL and to_base != _DECIMAL:
            candidates.append(_as_hexadecimal(same))
        # A number below ten is written the same in both.
        return tuple(dict.fromkeys(candidates))

    def find(self, message_id: bytes, known: Callable[[bytes], T | None]) -> T | None:
        """What `known` has for the id in a receipt, None if it has nothing or if that is in doubt."""
        candidates = self.from_receipt(message_id)
        if len(candidates) == 1:
            return known(candidates[0])
        if message_id in self._in_doubt:
            before = self._in_doubt[message_id]
            return None if before is None else known(before)
        found = [(key, value) for key in candidates if (value := known(key)) is not None]
        if not found:
            return None
        if len(self._in_doubt) >= IN_DOUBT_MAX:
            self._in_doubt.clear()
        key, value = found[0]
        is_without_letters = _HEXADECIMAL not in (self._responses.base, self._receipts.base)
        if len(found) > 1 and not (is_without_letters and key == candidates[0]):
            self._ambiguous += 1
            self._in_doubt[message_id] = None
            return None
        self._in_doubt[message_id] = key
        return value

    def statistics(self) -> CanonicaliserStatistics:
        """A snapshot for the console."""
        bases = {0: 0, _DECIMAL: 10, _HEXADECIMAL: 16}
        return CanonicaliserStatistics(
            bases[self._responses.base], bases[self._receipts.base], self._ambiguous
        )

    def _from_letters(self, message_id: bytes) -> tuple[bytes, ...]:
        key = _number(message_id)
        if key is None:
            return (message_id,)
        if self._learns_receipts:
            self._receipts.see_letters(key)
        elif self._receipts.base == _DECIMAL:
            # The style is wrong about this id: its letters are all there is to go by.
            return (key,)
        if self._responses.base == _HEXADECIMAL:
            return (key,)
        # A known key with the same letters is that message, whatever responses look like by now.
        return (_as_decimal(key), key) if self._learns_responses else (_as_decimal(key),)
