# What messages say, and how they travel: kinds with weights. All that can be made ahead is made ahead: a
# short text is encoded once, and cut where the destination goes. A text that has marks in it, {number} or
# {digits:6}, or that needs several parts with a reference of their own, is encoded for each message.
#
# Rule 1: kinds are drawn by one random.Random, so the same seed is the same messages in the same order.
# Rule 2: a kind's destination patterns take turns, and a message's number fills them: the same number again
#         only when all digits are used up.
"""The mix of messages that a load offers."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal, NamedTuple

import attrs

from smpp_router.config_checks import above, between, entries, if_given
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body
from smpp_router.wire.multipart import Method, Segment, split_text
from smpp_router.wire.pdu import SubmitSm

TEXTS_MAX: Final = 10_000
"""Texts of one kind: they are kept encoded."""
KINDS_MAX: Final = 10_000
"""Kinds of one mix; a line of CSV or JSONL is one."""

Long = Literal["udh8", "udh16", "sar", "payload"]
Alphabet = Literal["auto", "gsm", "latin1", "ucs2", "ascii"]

_CODINGS: Final[dict[str, int | None]] = {
    "auto": None,
    "gsm": 0x00,
    "ascii": 0x01,
    "latin1": 0x03,
    "ucs2": 0x08,
}
_CLASSES: Final = {"gsm": 0xF0, "auto": 0xF0, "ucs2": 0x18}
"""Message classes 0 to 3 are bits 1-0 of these (3GPP TS 23.038 section 4)."""
_MARK: Final = re.compile(r"\{(number|digits:([1-9]|1[0-9]))\}", re.ASCII)
_PATTERN: Final = re.compile(r"\+?[0-9]{0,15}#{0,15}", re.ASCII)


def _check_pattern(value: str) -> None:
    if not (_PATTERN.fullmatch(value) and 1 <= len(value.removeprefix("+")) <= 20):
        raise ValueError("destinations: must be digits, then # for digits that differ, as 86139########")


def _sender(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    if len(value) > 20 or not value.isascii() or not value.isprintable():
        raise ValueError(f"{attribute.name}: must be at most 20 printable ASCII characters")


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of message."""

    name: str = ""
    weight: float = attrs.field(default=1.0, validator=above(0))
    texts: tuple[str, ...] = attrs.field(validator=entries(1, TEXTS_MAX))
    """One is drawn, evenly. {number} is the message's number, {digits:6} six digits of chance."""
    sender: str = attrs.field(default="106900", validator=_sender)
    destinations: tuple[str, ...] = attrs.field(default=("86139########",), validator=entries(1, TEXTS_MAX))
    """Patterns that take turns: digits, then a # for each digit that differs from message to message."""
    alphabet: Alphabet = "auto"
    """auto: GSM 03.38 if it has every character, else UCS2."""
    data_coding: int | None = attrs.field(default=None, validator=if_given(between(0, 255)))
    """This one, for what `alphabet` encodes; None: the one that says so."""
    message_class: int | None = attrs.field(default=None, validator=if_given(between(0, 3)))
    """0 is a flash message."""
    long: Long = "udh8"
    """How a text that is too long for one part travels."""
    receipt: bool | None = None
    """Whether it asks for a receipt; None: as the command line says."""
    service_type: str = ""
    priority: int = attrs.field(default=0, validator=between(0, 3))
    validity: str = ""
    """An SMPP time, as 000001000000000R for a day."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what no message can be made of."""
        for pattern in self.destinations:
            _check_pattern(pattern)
        if self.message_class is not None and self.data_coding is not None:
            raise ValueError("message_class: it is a part of data_coding, so only one of them can be given")
        if self.message_class is not None and self.alphabet not in _CLASSES:
            raise ValueError(f"message_class: there is none for {self.alphabet}")
        for text in self.texts:
            try:
                self.segments(_MARK.sub("0", text), 1)
            except ValueError as error:
                raise ValueError(f"texts: {error}") from error

    def segments(self, text: str, reference: int) -> list[Segment]:
        """Return the parts of a text. Raises ValueError for one that the alphabet can't hold."""
        coding = _CODINGS[self.alphabet]
        segments = split_text(text, coding, _method(self.long), reference)
        if self.message_class is not None:
            is_ucs2 = segments[0].data_coding == _CODINGS["ucs2"]
            written = _CLASSES["ucs2" if is_ucs2 else "gsm"] | self.message_class
        elif self.data_coding is not None:
            written = self.data_coding
        else:
            return segments
        return [segment._replace(data_coding=written) for segment in segments]


def _method(long: Long) -> Method:
    return long


@attrs.frozen(kw_only=True)
class TrafficConfig:
    """A file of traffic."""

    kinds: tuple[Kind, ...] = attrs.field(validator=entries(1, KINDS_MAX))


class Made(NamedTuple):
    """One message, ready to go."""

    bodies: Sequence[bytes]
    """The bodies of its parts' submit_sm."""
    wants_receipt: bool


class _Source:
    """Messages of one kind."""

    def __init__(self, kind: Kind, receipts: bool) -> None:
        self.kind = kind
        self.wants_receipt = receipts if kind.receipt is None else kind.receipt
        self._cut = [None if _MARK.search(text) else self._templates(text) for text in kind.texts]

    def make(self, number: int, rng: random.Random) -> Made:
        kind = self.kind
        index = rng.randrange(len(kind.texts)) if len(kind.texts) > 1 else 0
        patterns = kind.destinations
        pattern = patterns[number % len(patterns)]
        destination = _number(pattern, number)
        templates = self._cut[index]
        if templates is None or _is_long(templates):
            text = _MARK.sub(lambda mark: _filled(mark, number, rng), kind.texts[index])
            segments = kind.segments(text, number % 0xFFFF + 1)
            return Made([self._body(segment, destination) for segment in segments], self.wants_receipt)
        before, after = templates[0]
        return Made((before + destination + after,), self.wants_receipt)

    def _templates(self, text: str) -> list[tuple[bytes, bytes]]:
        parts = (self._body(segment, _PLACE) for segment in self.kind.segments(text, 1))
        cut = (part.partition(_PLACE) for part in parts)
        return [(before, after) for before, _, after in cut]

    def _body(self, segment: Segment, destination: bytes) -> bytes:
        kind = self.kind
        source = kind.sender.removeprefix("+")
        is_name = bool(source) and not source.isdigit()
        return encode_body(
            SubmitSm(
                service_type=kind.service_type.encode("ascii"),
                source_addr_ton=c.TON_ALNUM if is_name else c.TON_UNK,
                source_addr=source.encode("ascii"),
                dest_addr_ton=c.TON_INTL,
                dest_addr_npi=c.NPI_ISDN,
                destination_addr=destination,
                esm_class=segment.esm_class,
                priority_flag=kind.priority,
                validity_period=kind.validity.encode("ascii"),
                registered_delivery=int(self.wants_receipt),
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=segment.tlvs,
            )
        )


_PLACE: Final = b"\x7f\x02\x7f\x03\x7f\x04\x7f\x05"
"""Stands for the destination while a body is cut; nothing else in a body looks like it."""


def _is_long(templates: list[tuple[bytes, bytes]]) -> bool:
    return len(templates) > 1


def _number(pattern: str, number: int) -> bytes:
    digits = pattern.removeprefix("+")
    fixed = digits.rstrip("#")
    width = len(digits) - len(fixed)
    if not width:
        return fixed.encode("ascii")
    return b"%b%0*d" % (fixed.encode("ascii"), width, number % 10**width)


def _filled(mark: re.Match[str], number: int, rng: random.Random) -> str:
    if mark.group(2) is None:
        return str(number)
    width = int(mark.group(2))
    return f"{rng.randrange(10**width):0{width}d}"


class Mix:
    """An endless row of messages. Raises ValueError for a kind that can't be made."""

    def __init__(self, kinds: Sequence[Kind], *, receipts: bool, seed: str) -> None:
        self._sources = [_Source(kind, receipts) for kind in kinds]
        self._sums = list(accumulate(kind.weight for kind in kinds))
        self._rng = random.Random(f"{seed} traffic mix")
        self._number = 0
        self.parts_max = max(
            len(kind.segments(_MARK.sub(_widest, text), 1)) for kind in kinds for text in kind.texts
        )
        """So many parts a message has at most; a window must hold them."""

    def __iter__(self) -> Iterator[Made]:
        return self

    def __next__(self) -> Made:
        number = self._number
        self._number += 1
        sources = self._sources
        if len(sources) == 1:
            return sources[0].make(number, self._rng)
        (source,) = self._rng.choices(sources, cum_weights=self._sums)
        return source.make(number, self._rng)


def _widest(mark: re.Match[str]) -> str:
    return "0" * (20 if mark.group(2) is None else int(mark.group(2)))
