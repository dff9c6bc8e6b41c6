# Parts of long messages come in any order, over any session, twice, or never. A Reassembler holds what has
# come of each message until it is whole.
#
# Rule 1: a message is known by whoever sent it to whom, its reference, total and kind of header: the key.
# Rule 2: the first copy of a part counts, repetitions are ignored.
# Rule 3: a message that is whole is forgotten; its reference may then be used again at once.
# Rule 4: parts wait `seconds_max` from the first of them, and there are `parts_max` of them at most: the
#         oldest message gives way, and is counted.
"""Putting the parts of long messages together again."""

from collections import OrderedDict
from typing import Final

import attrs

from smpp_router.wire.multipart import Part

Key = tuple[str, bytes, bytes, int, int, str]
"""Account or peer, source address, destination address, reference, total, kind of header."""

PARTS_MAX: Final = 100_000
"""About 20 MB of UCS2 parts."""

SECONDS_MAX: Final = 600.0
"""Parts of one message are sent together; who needs ten minutes for that has given up."""


@attrs.define(eq=False)
class _Incomplete:
    since: float
    parts: dict[int, bytes] = attrs.Factory(dict[int, bytes])


class Reassembler:
    """Collects parts until messages are whole."""

    def __init__(self, parts_max: int = PARTS_MAX, seconds_max: float = SECONDS_MAX) -> None:
        self._parts_max = parts_max
        self._seconds_max = seconds_max
        self._incomplete: OrderedDict[Key, _Incomplete] = OrderedDict()
        self._count = 0
        self.dropped = 0

    def __len__(self) -> int:
        """How many parts wait for others."""
        return self._count

    def add(
        self, peer: str, source: bytes, destination: bytes, part: Part, text: bytes, now: float
    ) -> bytes | None:
        """Take one part's octets, without UDH; return the whole message's if it was the last that lacked."""
        key = (peer, source, destination, part.reference, part.total, part.kind)
        message = self._incomplete.get(key)
        if message is None:
            message = self._incomplete[key] = _Incomplete(now)
        if part.seqnum not in message.parts:
            message.parts[part.seqnum] = text
            self._count += 1
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
        self._count -= len(self._incomplete.pop(key).parts)
