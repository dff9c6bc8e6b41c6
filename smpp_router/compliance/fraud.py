# What texts do not say and traffic does: bursts to numbers in a row, one text from many accounts, an account
# that suddenly sends something else.
#
# Rule 1: everything is counted in windows of fixed size; at the end of one the counts begin anew, so memory
#         is bounded by accounts x TEXTS_MAX and by RUN_MAX numbers of each.
# Rule 2: a signal is about traffic, so it comes with the message that shows it and not with those before.
"""Signals of fraud in traffic."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import attrs

from smpp_router.compliance.symbols import Symbol

RUN_MAX: Final = 64
"""Last numbers of an account that are looked at: numbers in a row are sent in a row."""
RUN_SHARE: Final = 0.5
"""Share of them that have a neighbour among them, from which they are sequential. By chance, with 64 of the
ten million numbers behind a prefix, it is below one in a thousand."""
RUN_GAP: Final = 3
TEXTS_MAX: Final = 5_000
"""Texts remembered at a time, over all accounts."""
SHARED_ACCOUNTS: Final = 4
"""As many accounts with one text are one sender with many names."""
WINDOW_S: Final = 600.0
MIX_MIN: Final = 200
"""Messages in a window below which its mix says nothing."""
MIX_DISTANCE: Final = 0.5
"""Total variation between an account's mix of categories and its own of before, from which it has changed."""
MIX_MEMORY: Final = 0.8
"""How much of the mix of before stays after each window: about an hour's worth."""


@attrs.define(eq=False)
class _Mix:
    counts: Counter[str] = attrs.Factory(Counter[str])
    before: dict[str, float] = attrs.Factory(dict[str, float])
    has_changed: bool = False

    def turn(self) -> None:
        """End a window: judge its mix against the ones before."""
        total = sum(self.counts.values())
        if total >= MIX_MIN:
            shares = {name: count / total for name, count in self.counts.items()}
            names = shares.keys() | self.before.keys()
            distance = sum(abs(shares.get(name, 0.0) - self.before.get(name, 0.0)) for name in names) / 2
            self.has_changed = bool(self.before) and distance > MIX_DISTANCE
            memory = MIX_MEMORY if self.before else 0.0
            self.before = {
                name: memory * self.before.get(name, 0.0) + (1 - memory) * shares.get(name, 0.0)
                for name in names
            }
        self.counts.clear()


@attrs.define(eq=False)
class FraudSignals:
    """Watches all accounts."""

    window_s: float = WINDOW_S
    forgotten: int = 0
    _ends_at: float = 0.0
    _runs: dict[str, list[int]] = attrs.Factory(dict[str, "list[int]"])
    _texts: dict[int, set[str]] = attrs.Factory(dict[int, "set[str]"])
    _mixes: dict[str, _Mix] = attrs.Factory(dict[str, _Mix])

    def look(
        self, account: str, template: str, destination: str, category: str, now: float
    ) -> Iterator[Symbol]:
        """Count a message, by its text with digits masked, and yield what it shows."""
        if now >= self._ends_at:
            self._turn(now)
        if self._is_sequential(account, destination):
            yield Symbol("SEQUENTIAL", 0.8, "the account sends to numbers in a row", source="traffic")
        accounts = self._texts.setdefault(hash(template), set())
        accounts.add(account)
        if len(accounts) >= SHARED_ACCOUNTS:
            yield Symbol("SHARED_TEXT", 0.5, "many accounts send the same text", source="traffic")
        if len(self._texts) > TEXTS_MAX:
            del self._texts[next(iter(self._texts))]
            self.forgotten += 1
        mix = self._mixes.setdefault(account, _Mix())
        mix.counts[category] += 1
        if mix.has_changed:
            yield Symbol(
                "MIX_CHANGED", 0.3, "the account sends something else than it used to", source="traffic"
            )

    def _turn(self, now: float) -> None:
        self._ends_at = now + self.window_s
        self._runs.clear()
        self._texts.clear()
        for mix in self._mixes.values():
            mix.turn()

    def _is_sequential(self, account: str, destination: str) -> bool:
        if not destination.isdecimal():
            return False
        run = self._runs.setdefault(account, [])
        run.append(int(destination))
        if len(run) < RUN_MAX:
            return False
        ordered = sorted(set(run))
        near = sum(0 < two - one <= RUN_GAP for one, two in pairwise(ordered))
        run.clear()
        return near >= RUN_SHARE * RUN_MAX
