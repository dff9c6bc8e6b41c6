# What handsets show, beside what the world knows of the messages.
"""Judging what handsets show."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from simulators.world.lives import Life, Lives
from simulators.world.verdict import Troubles, Violations

_NUMBER: Final = re.compile(rb"message (\d+)")
"""What the text of every message and of every part says."""


class Showings:
    """Takes every text that some handset shows. `log` is told of each, without its number or text."""

    def __init__(
        self, lives: Lives, violations: Violations, troubles: Troubles, log: Callable[[float, str], None]
    ) -> None:
        self._lives = lives
        self._violations = violations
        self._troubles = troubles
        self._log = log

    def shown(self, handset: bytes, pieces: Sequence[bytes], now: float, visible: int = 1) -> None:
        """A handset shows a text that came in these pieces, in this order; so many copies are `visible`."""
        counts, add = self._lives.counts, self._violations.add
        counts["shown"] += 1
        numbers = [int(found[1]) if (found := _NUMBER.fullmatch(piece)) else -1 for piece in pieces]
        self._log(now, f"shown {'+'.join(map(str, numbers))}")
        lives = [self._lives.find(number) for number in numbers]
        known = [life for life in lives if life is not None]
        if not known:
            if max(numbers) >= self._lives.number_next or min(numbers) < 0:
                add(now, "no ghosts", "a handset shows what nobody sent")
            else:
                counts["shown_late"] += 1
            return
        first = known[0]
        sent = [first] if first.group is None else first.group
        if [life.number for life in sent] != numbers:
            text = f"message {sent[0].number} in {len(sent)} parts is shown as {numbers}"
            add(now, "parts in order", text)
            return
        if handset != first.destination:
            add(now, "texts find their way", f"message {first.number} is shown by another handset")
        self._showed(sent, now, visible)

    def _showed(self, sent: Sequence[Life], now: float, visible: int) -> None:
        first = sent[0]
        for life in sent:
            life.shown += 1
            life.shown_at = min(life.shown_at, now)
            life.visible_max = max(life.visible_max, visible)
        if any(life.status > 0 for life in sent):
            self._violations.add(now, "refused is refused", f"message {first.number} is shown")
        if first.shown > 1:
            self._lives.counts["shown_again"] += 1
        allowed = first.shown_max
        if first.shown > allowed and not first.is_sent_once:
            # Whoever has died does not know what it had sent last, and sends it again.
            allowed += self._troubles.deaths_between(first.offered_at, now)
        if first.shown > allowed:
            text = f"message {first.number} is shown for the {first.shown}th time, {allowed} are allowed"
            self._violations.add(now, "shown at most so often", text)
