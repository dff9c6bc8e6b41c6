# The message_ids that we issue, as integers of 63 bits, so that they fit a signed 64-bit column:
#
#      62                                   21 20       11 10         0
#     +---------------------------------------+-----------+------------+
#     |  unix milliseconds, good until 2109   |  node_id  |  counter   |
#     +---------------------------------------+-----------+------------+
#
# Rule 1: of one node, each id is greater than the one before, whatever the clock does.
# Rule 2: two nodes never issue the same id, as long as their node_ids differ.
# More than COUNTER_MAX + 1 ids in a millisecond borrow from the next one; a clock that has stepped back is
# waited for by counting on from the last id. Both run ahead of the clock and are caught up with.
#
# On the wire an id is text within the 64 octets of SMPP 3.4 section 5.2.23: 19 decimal digits, or 16
# hexadecimal ones for peers that were brought up on those. Either way the text sorts by time as well.
"""Issue message_ids that sort by time, and write and read them."""

from typing import Final, Literal

IdStyle = Literal["decimal", "hex"]

COUNTER_BITS: Final = 11
NODE_BITS: Final = 10
COUNTER_MAX: Final = (1 << COUNTER_BITS) - 1
NODE_ID_MAX: Final = (1 << NODE_BITS) - 1
MESSAGE_ID_MAX: Final = (1 << 63) - 1

_TIME_SHIFT: Final = COUNTER_BITS + NODE_BITS


class MessageIdIssuer:
    """Issues the ids of one node. `node_id` is 0 to NODE_ID_MAX and no other running node's."""

    def __init__(self, node_id: int, style: IdStyle = "decimal") -> None:
        """Raise ValueError on a node_id out of range."""
        if not 0 <= node_id <= NODE_ID_MAX:
            raise ValueError(f"node_id {node_id} is not in 0 to {NODE_ID_MAX}")
        self._node = node_id << COUNTER_BITS
        self._last = 0
        self._is_decimal = style == "decimal"

    def observe(self, last_id: int) -> None:
        """Issue only ids above `last_id` from now on, an id of whichever node. For use after recovery."""
        self._last = max(self._last, (last_id >> _TIME_SHIFT) << _TIME_SHIFT | self._node | COUNTER_MAX)

    @property
    def last(self) -> int:
        """The id that was issued last: no message has a greater one."""
        return self._last

    def issue(self, now: float) -> int:
        """The next id."""
        self._last = message_id = self._first(now)
        return message_id

    def issue_batch(self, count: int, now: float) -> list[int]:
        """The next `count` ids, ascending."""
        ids: list[int] = []
        while len(ids) < count:
            first = self._first(now)
            room = COUNTER_MAX + 1 - (first & COUNTER_MAX)
            stop = first + min(room, count - len(ids))
            ids.extend(range(first, stop))
            self._last = stop - 1
        return ids

    def text(self, message_id: int) -> bytes:
        """The id as it goes into a PDU."""
        return b"%d" % message_id if self._is_decimal else b"%016x" % message_id

    def parse(self, text: bytes) -> int | None:
        """The id that a peer names, None if it can't be ours. Hexadecimal digits may be of either case."""
        if self._is_decimal:
            # isdigit() first: int() would take signs, blanks and underscores for part of a number.
            message_id = int(text) if text.isdigit() and len(text) <= 19 else -1
        else:
            is_hexadecimal = len(text) == 16 and not text.translate(None, b"0123456789abcdefABCDEF")
            message_id = int(text, 16) if is_hexadecimal else -1
        return message_id if 0 <= message_id <= MESSAGE_ID_MAX else None

    def _first(self, now: float) -> int:
        """The lowest id that may be issued at `now`."""
        by_clock = int(now * 1000.0) << _TIME_SHIFT | self._node
        last = self._last
        if by_clock > last:
            return by_clock
        if last & COUNTER_MAX < COUNTER_MAX:
            return last + 1
        return ((last >> _TIME_SHIFT) + 1) << _TIME_SHIFT | self._node


def issued_at(message_id: int) -> float:
    """Unix seconds at which an id was issued, to the millisecond, a little late if it had to run ahead."""
    return (message_id >> _TIME_SHIFT) / 1000.0
