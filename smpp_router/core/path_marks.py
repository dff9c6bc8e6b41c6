# Which protocol_id marks the copies of a message that several carriers send. A handset keeps the
# last message of each Replace Short Message Type from one originator (3GPP TS 23.040 section 9.2.3.9), so
# copies of one message have the same mark, and messages of one originator to one number that are under way
# together have different ones. All parts of a long message have the same.
"""Marks of copies, so that a handset keeps one of them."""

from collections import OrderedDict
from typing import Final

import attrs

from smpp_router.routing.redundancy import replace_type

ADDRESSES_MAX: Final = 100_000
"""Pairs of addresses whose last mark is remembered, about 20 MB; of one that is forgotten, messages that are
on a handset may be replaced before seven others have come, messages under way may not."""


@attrs.define(eq=False)
class _Marks:
    """Of one pair of addresses: how many messages each mark is in use for, and the one given last."""

    in_use: dict[int, int] = attrs.Factory(dict[int, int])
    last: int = 0


class PathMarks:
    """Gives marks out and takes them back; at most `addresses_max` pairs of addresses without any in use."""

    def __init__(self, addresses_max: int = ADDRESSES_MAX) -> None:
        self._marks: OrderedDict[bytes, _Marks] = OrderedDict()
        self._addresses_max = addresses_max
        self.exhausted = 0

    def __len__(self) -> int:
        return len(self._marks)

    def take(self, addresses: bytes) -> int:
        """A mark for one more message between two addresses; 0 if all seven are in use."""
        marks = self._of(addresses)
        protocol_id = replace_type(marks.in_use.keys(), marks.last)
        if protocol_id is None:
            self.exhausted += 1
            return 0
        marks.last = protocol_id
        marks.in_use[protocol_id] = 1
        return protocol_id

    def share(self, addresses: bytes, protocol_id: int) -> None:
        """One more message has a mark that is given out: another part, or one from before a restart."""
        marks = self._of(addresses)
        marks.last = protocol_id
        marks.in_use[protocol_id] = marks.in_use.get(protocol_id, 0) + 1

    def give_back(self, addresses: bytes, protocol_id: int) -> None:
        """A message with this mark is over."""
        marks = self._marks.get(addresses)
        if marks is None or protocol_id not in marks.in_use:
            return
        marks.in_use[protocol_id] -= 1
        if not marks.in_use[protocol_id]:
            del marks.in_use[protocol_id]

    def _of(self, addresses: bytes) -> _Marks:
        marks = self._marks.get(addresses)
        if marks is not None:
            self._marks.move_to_end(addresses)
            return marks
        # Two out for one in at most; those with marks in use go to the end of the line instead.
        for _ in range(2):
            if len(self._marks) < self._addresses_max:
                break
            oldest = next(iter(self._marks))
            if self._marks[oldest].in_use:
                self._marks.move_to_end(oldest)
            else:
                del self._marks[oldest]
        marks = self._marks[addresses] = _Marks()
        return marks
