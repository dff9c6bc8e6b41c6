# Texts that come in parts, kept until they are whole or nothing more comes of them.
#
# Rule 1: a part that comes again goes the way of the first, and makes nothing whole.
# Rule 2: another part with a number that there is already uses the reference anew: the text before it has
#         come to its end, whatever it lacks.
"""Long messages in parts, on their way to be screened as one."""

from typing import Final

import attrs

from smpp_router.core.screened_texts import PartKey
from smpp_router.message.message import Message
from smpp_router.wire.multipart import part_of, user_text
from smpp_router.wire.pdu import SubmitSm

_AGAIN: Final = 1_000
"""Above the numbers of parts, where parts that came again stand."""


@attrs.define(eq=False)
class LongText:
    """What has come of one long message. `since` is when the last of it came."""

    total: int
    since: float
    _parts: dict[int, tuple[SubmitSm, Message]] = attrs.Factory(dict[int, "tuple[SubmitSm, Message]"])

    @property
    def is_whole(self) -> bool:
        """Whether each part has come."""
        return sum(seqnum < _AGAIN for seqnum in self._parts) >= self.total

    @property
    def first(self) -> Message:
        """The message of the part that stands first."""
        return self._parts[min(self._parts)][1]

    @property
    def pdus(self) -> list[SubmitSm]:
        """The parts in their order, each once."""
        return [self._parts[seqnum][0] for seqnum in sorted(self._parts) if seqnum < _AGAIN]

    @property
    def messages(self) -> list[Message]:
        """The messages of all parts, those that came again among them, as they came."""
        return [message for _, message in self._parts.values()]

    @property
    def not_before(self) -> float:
        """The latest time before which a part may not go, which counts for all."""
        return max(self._parts[seqnum][1].not_before for seqnum in self._parts if seqnum < _AGAIN)

    def has_other(self, seqnum: int, pdu: SubmitSm) -> bool:
        """Whether another text stands where a part would."""
        known = self._parts.get(seqnum)
        return known is not None and user_text(known[0]) != user_text(pdu)

    def add(self, seqnum: int, pdu: SubmitSm, message: Message, now: float) -> bool:
        """Take a part; return whether it makes the text whole."""
        self.since = now
        if seqnum in self._parts:
            self._parts[seqnum + _AGAIN * (1 + len(self._parts))] = (pdu, message)
            return False
        self._parts[seqnum] = (pdu, message)
        return self.is_whole


class LongTexts:
    """All texts of which a part has come, by what their parts have in common."""

    def __init__(self) -> None:
        self._texts: dict[PartKey, LongText] = {}

    def __contains__(self, key: PartKey | None) -> bool:
        return key in self._texts

    def add(self, pdu: SubmitSm, message: Message, now: float) -> LongText | None:
        """Take a part; return the text that it makes whole, or whose reference it uses anew, if any.

        That text is not known any more.
        """
        part, key = part_of(pdu), message.part_key
        assert part is not None and key is not None, "intake gives keys to parts only"
        text = self._texts.get(key)
        ended: LongText | None = None
        if text is not None and text.has_other(part.seqnum, pdu):
            ended, text = text, None
        if text is None:
            text = self._texts[key] = LongText(part.total, now)
        return self.take(key) if text.add(part.seqnum, pdu, message, now) else ended

    def stale(self, wait_s: float, now: float) -> list[PartKey]:
        """Return the keys of the texts of which nothing more has come for so long."""
        return [key for key, text in self._texts.items() if text.since + wait_s <= now]

    def take(self, key: PartKey) -> LongText:
        """Take a text out, as far as it has come."""
        return self._texts.pop(key)
