# Blocks are what history files are made of: some hundred rows, compressed together, with a checksum.
#
#   block   rows I, events I, words I | id steps q | events of each row I* | kinds B |
#           delays I*, codes I*, word steps I* | word lengths I* | words            compressed by Zstandard
#
# Rows are in the order of their ids, the first of which is in the directory of the file. The kinds are those
# of one row after the other; the three columns behind them are kind by kind, so that like stands beside like,
# as do words, which are numbered in that order. Columns marked * have all their first octets together, then
# all their second ones, and so on.
#
# A block's mask has two bits of 256 for each thing that its rows can be searched by, so that a search for an
# account, a state or a campaign opens few blocks without it, and none too few.
"""Blocks of history: encoding, reading, and what to search them by."""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from typing import Final
from zlib import crc32

import attrs
import numpy as np
import zstandard
from numpy.typing import NDArray

from smpp_router.message.lifecycle import COPY, FINAL, MOBILE, RECEIVED, TURNED_AWAY
from smpp_router.store.history_events import Events, Longs
from smpp_router.store.history_rows import INCOMPLETE, REFUSED, TEXT, TO, mark_of_state, marks_of, plain
from smpp_router.store.seam import StoreFailedError

ROWS_MAX: Final = 512
"""Of a block: enough alike to compress well, few enough to read one row of them in a millisecond."""

BYTES_MAX: Final = 256 * 1024
"""Of the texts of a block: with long ones it has fewer rows."""

BLOCK_BYTES_MAX: Final = 1 << 28
"""Nothing that was ever written is longer when decompressed; what claims to be is damaged."""

MASK_BYTES: Final = 32
LEVEL: Final = 5
"""Of compression."""

MARKS_MAX: Final = 65_536
"""Masks that are remembered; accounts, sources and campaigns are few, and looked up for each block."""

NUMBER_OCTETS: Final = 24
"""Of a number, that make its hash: an address has 20 at most (SMPP 3.4 section 4.4.1)."""

_HEAD: Final = struct.Struct("=III")
_LANES: Final = NUMBER_OCTETS // 8
_WORD_MAX: Final = (1 << 64) - 1


class Marks:
    """Hashes with the key of one history: of numbers, and of what rows are searched by."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._masks: dict[bytes, int] = {}
        seed = hashlib.blake2b(b"numbers", digest_size=8 * _LANES, key=key).digest()
        # Odd factors: multilinear hashing, of which the upper half is taken.
        self._factors = [factor | 1 for factor in struct.unpack(f"<{_LANES}Q", seed)]
        self._lanes = np.array(self._factors, np.uint64)

    def number(self, digits: bytes) -> int:
        """The hash of a number, 1 to 2**32 - 1. A leading + or 00 does not count."""
        octets = plain(digits)[:NUMBER_OCTETS].ljust(NUMBER_OCTETS, b"\0")
        lanes = struct.unpack(f"<{_LANES}Q", octets)
        mixed = sum(lane * factor for lane, factor in zip(lanes, self._factors, strict=True)) & _WORD_MAX
        return mixed >> 32 or 1

    def numbers(self, digits: Sequence[bytes]) -> NDArray[np.uint32]:
        """The hashes of many numbers, each of which is plain already."""
        lanes = np.array(digits, f"S{NUMBER_OCTETS}").view("<u8").reshape(-1, _LANES)
        mixed = (lanes * self._lanes).sum(axis=1, dtype=np.uint64) >> np.uint64(32)
        return np.maximum(mixed, np.uint64(1)).astype(np.uint32)

    def mask(self, mark: bytes) -> int:
        """The two bits of one thing that rows are searched by."""
        mask = self._masks.get(mark)
        if mask is None:
            if len(self._masks) >= MARKS_MAX:
                self._masks.clear()
            one, two = hashlib.blake2b(mark, digest_size=2, key=self._key).digest()
            mask = self._masks[mark] = 1 << one | 1 << two
        return mask


@attrs.define(eq=False)
class Block:
    """A block as it lies in a file. `hashes` are those of its numbers, each once."""

    data: bytes
    count: int
    first_id: int
    last_id: int
    mask: int
    hashes: NDArray[np.uint32]

    @property
    def checksum(self) -> int:
        """Of the compressed bytes."""
        return crc32(self.data)


class Rows:
    """A sorted table of events, to look for messages in."""

    def __init__(self, events: Events) -> None:
        ids = events.ids
        starts = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
        self.events = events
        self.ids: Longs = ids[starts]
        self.starts: Longs = np.append(starts, len(ids))

    def __len__(self) -> int:
        return len(self.ids)

    def _row_of_each(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    def row(self, at: int) -> "list[tuple[int, int, int, bytes]]":
        """The entries of one row."""
        events = self.events
        part = slice(int(self.starts[at]), int(self.starts[at + 1]))
        words = map(events.word, events.words[part].tolist())
        told = (events.kinds[part].tolist(), events.delays[part].tolist(), events.codes[part].tolist())
        return list(zip(*told, words, strict=True))

    def find(self, message_id: int) -> int:
        """Which row is a message's, -1 if none is."""
        at = int(np.searchsorted(self.ids, message_id))
        return at if at < len(self.ids) and self.ids[at] == message_id else -1

    def to(self, digits: bytes) -> Longs:
        """The ids of the messages to a number, which is plain."""
        events = self.events
        to = events.kinds == TO
        numbers = events.words[to]
        fitting = [number for number in set(numbers.tolist()) if plain(events.word(number)[2:]) == digits]
        return events.ids[to][np.isin(numbers, fitting)] if fitting else events.ids[:0]

    def begun(self, marks: Sequence[bytes]) -> NDArray[np.bool_]:
        """Which rows say what their message is, and have all the marks."""
        events = self.events
        wanted = set(marks)
        at = np.flatnonzero((events.kinds == RECEIVED) | (events.kinds == TURNED_AWAY))
        numbers = events.words[at]
        if wanted:
            fitting = [n for n in set(numbers.tolist()) if wanted.issubset(marks_of(events.word(n)))]
            at = at[np.isin(numbers, fitting)] if fitting else at[:0]
        found = np.zeros(len(self.ids), bool)
        found[self._row_of_each()[at]] = True
        return found

    def refused(self) -> NDArray[np.bool_]:
        """Which rows tell that their message was turned away."""
        return self._having(TURNED_AWAY)

    def copies(self) -> NDArray[np.bool_]:
        """Which rows are of a copy, made for one path of a message."""
        return self._having(COPY)

    def _having(self, kind: int) -> NDArray[np.bool_]:
        found = np.zeros(len(self.ids), bool)
        found[self._row_of_each()[self.events.kinds == kind]] = True
        return found

    def ended(self, message_state: int | None = None) -> NDArray[np.bool_]:
        """Which rows tell that their message has ended, or has ended so."""
        events = self.events
        chosen = events.kinds == FINAL
        if message_state is not None:
            chosen &= (events.codes & 0xFF) == message_state
        found = np.zeros(len(self.ids), bool)
        found[self._row_of_each()[chosen]] = True
        return found

    def mask(self, marks: Marks) -> int:
        """The mask of a block of these rows."""
        events = self.events
        found: set[bytes] = set()
        refused = events.kinds == TURNED_AWAY
        if refused.any():
            found.add(REFUSED)
        for number in set(events.words[(events.kinds == RECEIVED) | refused].tolist()):
            found.update(marks_of(events.word(number)))
        for number in set(events.words[events.kinds == MOBILE].tolist()):
            found.add(b"a" + events.word(number).split(b"\0", 1)[0])
        states = events.codes[events.kinds == FINAL] & 0xFF
        found.update(mark_of_state(state) for state in set(states.tolist()))
        if not (self.begun(()) & (self.ended() | self.refused())).all():
            found.add(INCOMPLETE)
        mask = 0
        for mark in found:
            mask |= marks.mask(mark)
        return mask

    def hashes(self, marks: Marks) -> NDArray[np.uint32]:
        """The hashes of the numbers that these rows are for, each once."""
        events = self.events
        digits = [plain(events.word(number)[2:]) for number in events.words[events.kinds == TO].tolist()]
        return np.unique(marks.numbers(digits)) if digits else np.zeros(0, np.uint32)


# ---------------------------------------------------------------------- on disk


def blocks_of(events: Events, marks: Marks) -> Iterator[Block]:
    """Encode a sorted table."""
    if not len(events):
        return
    rows = Rows(events)
    ends = rows.starts[1:]
    text: Longs = np.where(events.kinds == TEXT, np.diff(events.bounds)[events.words], 0)
    is_long = int(text.sum()) > BYTES_MAX
    sizes: Longs | None = np.concatenate(([0], np.cumsum(text)[ends - 1])) if is_long else None
    start, count = 0, len(rows)
    while start < count:
        end = min(start + ROWS_MAX, count)
        if sizes is not None:
            limit = int(sizes[start]) + BYTES_MAX
            fitting = int(np.searchsorted(sizes, limit, side="right")) - 1
            end = min(end, max(fitting, start + 1))
        yield encode_block(events.part(slice(int(rows.starts[start]), int(rows.starts[end]))), marks)
        start = end


def encode_block(events: Events, marks: Marks) -> Block:
    """Compress a sorted table of few rows."""
    rows = Rows(events)
    order = np.argsort(events.kinds, kind="stable")
    words, numbers = _words(events, events.words[order])
    steps = np.diff(numbers, prepend=np.int64(0))
    lengths = np.array([len(word) for word in words], np.uint32)
    raw = b"".join(
        [
            _HEAD.pack(len(rows), len(events), len(words)),
            np.diff(rows.ids, prepend=rows.ids[0]).tobytes(),
            _planes(np.diff(rows.starts).astype(np.uint32)),
            events.kinds.tobytes(),
            _planes(events.delays[order]),
            _planes(events.codes[order]),
            _planes((steps << 1 ^ steps >> 63).astype(np.uint32)),
            _planes(lengths),
            *words,
        ]
    )
    data = zstandard.ZstdCompressor(level=LEVEL).compress(raw)
    first, last = int(rows.ids[0]), int(rows.ids[-1])
    return Block(data, len(rows), first, last, rows.mask(marks), rows.hashes(marks))


def _words(events: Events, numbers: NDArray[np.uint32]) -> tuple[list[bytes], Longs]:
    """The words of some numbers, in the order in which they come, each once, and each number's."""
    different, firsts, which = np.unique(numbers, return_index=True, return_inverse=True)
    in_turn = np.argsort(firsts)
    words: dict[bytes, int] = {}
    places = np.zeros(len(different), np.int64)
    places[in_turn] = [
        words.setdefault(events.word(number), len(words)) for number in different[in_turn].tolist()
    ]
    return list(words), places[which.reshape(-1)]


def decode_block(data: bytes | memoryview, checksum: int, first_id: int, where: str) -> Rows:
    """Read a block. Raises StoreFailedError, naming `where` it is, if it is not as it was written."""
    if crc32(data) != checksum:
        raise StoreFailedError(f"{where}: damaged: a block has another checksum")
    try:
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=BLOCK_BYTES_MAX)
    except zstandard.ZstdError as error:
        raise StoreFailedError(f"{where}: damaged: {error}") from error
    count, size, words = _HEAD.unpack_from(raw)
    at = _HEAD.size
    ids = np.cumsum(np.frombuffer(raw, np.int64, count, at)) + first_id
    counts = _from_planes(raw, at := at + 8 * count, count)
    kinds = np.frombuffer(raw, np.uint8, size, at := at + 4 * count)
    order = np.argsort(kinds, kind="stable")
    at += size
    delays, codes, numbers = (np.empty(size, np.uint32) for _ in range(3))
    delays[order] = _from_planes(raw, at, size)
    codes[order] = _from_planes(raw, at + 4 * size, size)
    steps = _from_planes(raw, at + 8 * size, size).astype(np.int64)
    numbers[order] = np.cumsum(steps >> 1 ^ -(steps & 1)).astype(np.uint32)
    at += 12 * size
    bounds = np.zeros(words + 1, np.int64)
    np.cumsum(_from_planes(raw, at, words), out=bounds[1:])
    blob = raw[at + 4 * words :]
    return Rows(Events(np.repeat(ids, counts), kinds, delays, codes, numbers, blob, bounds))


def _planes(column: NDArray[np.uint32]) -> bytes:
    return column.astype("<u4").view(np.uint8).reshape(-1, 4).T.tobytes()


def _from_planes(raw: bytes, at: int, count: int) -> NDArray[np.uint32]:
    planes = np.frombuffer(raw, np.uint8, 4 * count, at).reshape(4, count)
    return np.ascontiguousarray(planes.T).view("<u4").reshape(-1).astype(np.uint32)
