# Parts of long messages come in any order, over any session, twice, or never. A Reassembler holds what has
# come of each message until it is whole.
#
# Rule 1: a message is known by whoever sent it to whom, its reference, total and kind of mark: the key.
# Rule 2: a part that comes again as it was is ignored. One that comes again with other octets belongs to a
#         message that uses the reference anew: it takes the old one's place, and the waiting starts over.
# Rule 3: a message that is whole is forgotten; its reference may then be used again at once.
# Rule 4: parts wait `seconds_max` from the first of them, and there are `parts_max` of them at most: the
#         oldest message gives way, and is counted. A part longer than any short_message counts for several.
"""Putting the parts of long messages together again."""

from collections import OrderedDict
from typing import Final

import attrs

from smpp_router.wire.multipart import Part

Key = tuple[str, bytes, bytes, int, int, str]
"""Account or peer, source address, destination address, reference, total, kind of mark."""

PARTS_MAX: Final = 100_000
"""About 20 MB of UCS2 parts."""

SECONDS_MAX: Final = 600.0
"""Parts of one message are sent together; who needs ten minutes for that has given up."""

_PART_OCTETS: Final = 256
"""What a part is counted as: a short_message is shorter, a message_payload may be 255 times as long."""


@attrs.define(eq=False)
class _Incomplete:
    since: float
    parts: dict[int, bytes] = attrs.Factory(dict[int, bytes])


class Reassembler:
    """Collects parts until messages are whole."""

    def __init__(self, parts_max: int = PARTS_MAX, seconds_max: float = SECONDS_MAX) -> None:
        self._parts_max = parts_max
        self._seconds_max = seconds_max
        # In the order in which their waiting began, which is the order in which they are given up.
        self._incomplete: OrderedDict[Key, _Incomplete] = OrderedDict()
        self._count = 0
        self.dropped = 0

    def __len__(self) -> int:
        """How many parts wait for others."""
        return self._count

    def add(
        self, peer: str, source: bytes, destination: bytes, part: Part, text: bytes, now: float
    ) -> bytes | None:
        """Take one part's octets, without UDH; return the whole message's if it was the last that lacked.

        Octets are put together as they are: packed septets have to be unpacked first.
        """
        assert 1 <= part.seqnum <= part.total
        key = (peer, source, destination, part.reference, part.total, part.kind)
        message = self._incomplete.get(key)
        if message is None:
            message = self._incomplete[key] = _Incomplete(now)
        earlier = message.parts.get(part.seqnum)
        if earlier is None:
            self._count += _parts_in(text)
        elif earlier != text:
            self._count += _parts_in(text) - _parts_in(earlier)
            message.since = now
            self._incomplete.move_to_end(key)
        message.parts[part.seqnum] = text
        if len(message.parts) == part.total:
            self._forget(key)
            return b"".join(message.parts[seqnum] for seqnum in range(1, part.total + 1))
        while self._count > self._parts_max:
            self._forget(next(iter(self._incomplete)))
            self.dropped += 1
        return None

    def tick(self, now: float) -> list[Key]:
        """Give up messages that have waited too long for a part; return which they were."""
        old: list[Key] = []
        for key, message in self._incomplete.items():
            if message.since + self._seconds_max > now:
                break
            old.append(key)
        for key in old:
            self._forget(key)
        self.dropped += len(old)
        return old

    def _forget(self, key: Key) -> None:
        self._count -= sum(map(_parts_in, self._incomplete.pop(key).parts.values()))


def _parts_in(text: bytes) -> int:
    return 1 + len(text) // _PART_OCTETS
