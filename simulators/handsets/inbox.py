# What a handset does with what reaches it (3GPP TS 23.040 section 9.2.3.9, TS 23.038 section 4):
#
#   short message --Type 0 (PID 0x40)--------------> acknowledged, and gone
#                 --no room, and not class 0-------> memoryCapacityExceeded
#                 --part, others missing-----------> waits for them, takes room
#                 --whole text: class 0------------> shown
#                 --            PID 0x41 to 0x47---> shown, in the place of the one that has the same source
#                                                    and the same PID, if there is one
#                 --            any other----------> shown and stored
#
# Rule 1: room is counted in short messages: a text in three parts takes three, as on a SIM.
# Rule 2: without a `memory` there is always room; of texts the oldest is forgotten first.
# Rule 3: time passes when it is looked at: what its owner has deleted by now is taken out then.
"""A handset's memory of messages."""

import math
from collections import OrderedDict, deque
from typing import Final

import attrs

from simulators.handsets.config import Habits
from simulators.handsets.counters import HandsetCounters
from simulators.radio import ShortMessage
from smpp_router.wire.multipart import TPDU_OCTETS, UDHI, Part, part_in_header
from smpp_router.wire.pdu import masked
from smpp_router.wire.text import alphabet_of, decode_text, message_class

PARTIALS_MAX: Final = 16
"""Long texts of one handset that wait for parts; the one begun longest ago is dropped first."""
PARTIAL_S: Final = 86_400.0
"""How long the first parts of a long text wait for the others."""
SEEN_PER_KEPT: Final = 2
"""Texts whose showings are counted, for each text that an inbox keeps."""
TYPE_0: Final = 0x40
REPLACE_TYPES: Final = range(0x41, 0x48)
"""Replace Short Message Type 1 to 7 (TS 23.040 section 9.2.3.9)."""
_FLASH: Final = frozenset(coding for coding in range(256) if message_class(coding) == 0)


@attrs.define(eq=False)
class Text:
    """A whole text, as its reader sees it. `at` is when it was shown."""

    at: float
    source: bytes = attrs.field(repr=masked)
    pieces: tuple[bytes, ...] = attrs.field(repr=masked)
    """Octets without headers, in order: one piece, or one of each part."""
    data_coding: int
    protocol_id: int
    alphabet: str
    header_octets: int
    room: int
    """Short messages that it takes the room of."""
    times_shown: int = 1
    """Whether that text was new to this handset, 1, or how often it has now been shown."""
    tokens: tuple[object, ...] = attrs.field(default=(), repr=False)
    """Of the short messages that it came in, as their carriers gave them; not kept."""

    @property
    def is_flash(self) -> bool:
        """Whether it is of class 0."""
        return self.data_coding in _FLASH

    @property
    def octets(self) -> bytes:
        """Its octets without headers."""
        return self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)

    @property
    def text(self) -> str:
        """What it says."""
        if alphabet_of(self.data_coding, self.alphabet) != "gsm_packed":
            return decode_text(self.data_coding, self.octets, self.alphabet)
        return "".join(
            decode_text(self.data_coding, piece, self.alphabet, self.header_octets) for piece in self.pieces
        )


@attrs.define(eq=False)
class _Partial:
    begun_at: float
    pieces: dict[int, bytes]
    tokens: dict[int, object]


class Inbox:
    """One handset's inbox. `is_full` by order: it has no room whatever it holds."""

    __slots__ = (
        "_counters",
        "_habits",
        "_kept_max",
        "_partials",
        "_seen",
        "_used",
        "is_full",
        "shown",
        "texts",
    )

    def __init__(self, habits: Habits, kept_max: int, counters: HandsetCounters) -> None:
        self.texts: deque[Text] = deque()
        """What can be seen now, in the order in which it came."""
        self.shown: list[Text] = []
        """What was shown lately, in order, deleted or not; as many as an inbox keeps."""
        self.is_full = False
        self._habits = habits
        self._kept_max = kept_max
        self._counters = counters
        self._used = 0
        self._partials: OrderedDict[tuple[bytes, Part], _Partial] = OrderedDict()
        self._seen: OrderedDict[int, int] = OrderedDict()

    @property
    def used(self) -> int:
        """Short messages that it has the room of, parts that wait for others included."""
        return self._used

    def configure(self, habits: Habits, kept_max: int) -> None:
        """Go by other habits and another length from now on; what is there stays until it is in the way."""
        self._habits = habits
        self._kept_max = kept_max

    def receive(self, message: ShortMessage, now: float) -> Text | bool:
        """Take a short message: the text that it shows, True if it shows none, False without room for it."""
        counters = self._counters
        if message.protocol_id == TYPE_0:
            counters.silent += 1
            return True
        is_flash = message.data_coding in _FLASH
        octets = message.octets
        room = 1 if len(octets) <= TPDU_OCTETS else _segments(message)
        if self._habits.kept_s is not None:
            self.pass_time(now)
        if not is_flash and not self._has_room(room):
            counters.memory_full += 1
            return False
        header_octets = 0
        part: Part | None = None
        if message.esm_class & UDHI:
            part, header_octets = part_in_header(octets)
        tokens: tuple[object, ...] = (message.token,)
        pieces: tuple[bytes, ...] = (octets[header_octets:] if header_octets else octets,)
        if part is not None and part.total > 1:
            counters.parts += 1
            whole = self._join(message, part, pieces[0], now)
            if whole is None:
                return True
            pieces = tuple(whole.pieces[number] for number in sorted(whole.pieces))
            tokens = tuple(whole.tokens[number] for number in sorted(whole.tokens))
            room = part.total
        text = Text(
            now,
            message.source[2],
            pieces,
            message.data_coding,
            message.protocol_id,
            message.default_alphabet,
            header_octets,
            room,
        )
        text.tokens = tokens
        self._show(text, is_flash)
        return text

    def pass_time(self, now: float) -> None:
        """Take out what its owner has deleted by now, and parts that waited too long."""
        kept_s = self._habits.kept_s
        texts = self.texts
        while kept_s is not None and texts and texts[0].at + kept_s <= now:
            self._take_room(-texts.popleft().room)
        while self._partials:
            key, partial = next(iter(self._partials.items()))
            if partial.begun_at + PARTIAL_S > now:
                break
            self._drop(key)

    def free_at(self, now: float) -> float:
        """Return when there will be room for one short message; math.inf for never by itself."""
        if self.is_full or self._habits.memory == 0:
            return math.inf
        if self._has_room(1):
            return now
        kept_s = self._habits.kept_s
        at = min((partial.begun_at for partial in self._partials.values()), default=math.inf) + PARTIAL_S
        if kept_s is not None and self.texts:
            at = min(at, self.texts[0].at + kept_s)
        return max(at, now)

    def clear(self) -> int:
        """Delete everything; return how many texts that were."""
        deleted = len(self.texts)
        self.texts.clear()
        self._partials.clear()
        self._take_room(-self._used)
        self.is_full = False
        return deleted

    def forget(self) -> None:
        """Give up everything, history too: the handset is being forgotten."""
        self.clear()
        self._counters.room_kept -= sum(text.room for text in self.shown)
        self.shown.clear()

    def copies_visible(self, text: Text) -> int:
        """Return how many texts in it are the same, from the same source."""
        octets, source = text.octets, text.source
        return sum(other.source == source and other.octets == octets for other in self.texts)

    def _take_room(self, room: int) -> None:
        self._used += room
        self._counters.room_kept += room

    def _has_room(self, room: int) -> bool:
        memory = self._habits.memory
        return not self.is_full and (memory is None or self._used + room <= memory)

    def _join(self, message: ShortMessage, part: Part, piece: bytes, now: float) -> _Partial | None:
        """Put a part to the others of its text; return the text if that is all of it."""
        counters = self._counters
        key = (message.source[2], part._replace(seqnum=0))
        partial = self._partials.get(key)
        if partial is not None and partial.begun_at + PARTIAL_S <= now:
            self._drop(key)
            partial = None
        if partial is None:
            if len(self._partials) >= PARTIALS_MAX:
                self._drop(next(iter(self._partials)))
            partial = self._partials[key] = _Partial(now, {}, {})
        if part.seqnum in partial.pieces:
            counters.parts_repeated += 1
        else:
            self._take_room(1)
        partial.pieces[part.seqnum] = piece
        partial.tokens[part.seqnum] = message.token
        if len(partial.pieces) < part.total:
            return None
        del self._partials[key]
        self._take_room(-part.total)
        return partial

    def _drop(self, key: tuple[bytes, Part]) -> None:
        dropped = len(self._partials.pop(key).pieces)
        self._take_room(-dropped)
        self._counters.parts_dropped += dropped

    def _show(self, text: Text, is_flash: bool) -> None:
        counters = self._counters
        counters.shown += 1
        seen = self._seen
        # Of the texts only their hashes are kept: two that share one are not met in the life of a simulation.
        key = hash((text.source, text.octets))
        times = seen.pop(key, 0) + 1
        seen[key] = times
        if times > 1:
            counters.shown_again += 1
            text.times_shown = times
            counters.copies_visible += bool(self.copies_visible(text))
        elif len(seen) > SEEN_PER_KEPT * self._kept_max:
            seen.popitem(last=False)
        shown = self.shown
        shown.append(text)
        counters.room_kept += text.room
        while len(shown) > self._kept_max:
            counters.room_kept -= shown.pop(0).room
        if is_flash:
            counters.flashes += 1
            return
        if text.protocol_id in REPLACE_TYPES:
            self._take_out_replaced(text)
        self.texts.append(text)
        self._take_room(text.room)
        while len(self.texts) > self._kept_max and self._habits.memory is None:
            counters.texts_forgotten += 1
            self._take_room(-self.texts.popleft().room)

    def _take_out_replaced(self, text: Text) -> None:
        for older in self.texts:
            if older.protocol_id == text.protocol_id and older.source == text.source:
                self.texts.remove(older)
                self._take_room(-older.room)
                self._counters.replaced_texts += 1
                return


def _segments(message: ShortMessage) -> int:
    """How many short messages a carrier makes of a text that came in one piece."""
    is_septets = alphabet_of(message.data_coding, message.default_alphabet) == "gsm"
    whole, of_many = (160, 153) if is_septets else (TPDU_OCTETS, 134)
    length = len(message.octets)
    return 1 if length <= whole else -(-length // of_many)
