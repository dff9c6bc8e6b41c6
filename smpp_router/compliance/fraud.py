# What texts do not say and traffic does: bursts to numbers in a row, one text from many accounts, an account
# that suddenly sends something else.
#
#   SEQUENTIAL     of an account's last numbers, half have a neighbour among them
#   SHARED_TEXT    SHARED_ACCOUNTS accounts and more send one text, whatever its signature and digits
#   MIX_CHANGED    what an account's last MIX_RECENT messages are about is not what those before were
#
# Rule 1: a signal comes with the message that shows it and with those after it, for as long as it lasts; not
#         with those before.
# Rule 2: nothing is unbounded: memory goes with accounts, and texts are TEXTS_MAX at a time.
# Rule 3: a signal says how suspicious traffic is, and never by itself what becomes of a message: its score is
#         added to what the words say (compliance/screener.py), and operators are told by an alarm.
"""Signals of fraud in traffic."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

import attrs

from smpp_router.compliance.symbols import Symbol

SignalName = Literal["SEQUENTIAL", "SHARED_TEXT", "MIX_CHANGED"]

RUN_MAX: Final = 64
"""Last numbers of an account that are looked at: numbers in a row are sent in a row."""
RUN_MIN: Final = 24
"""Numbers below which there is no run."""
RUN_EVERY: Final = 8
"""Messages between two looks at them."""
RUN_SHARE: Final = 0.5
"""Share of them that have a neighbour among them, from which they are sequential. By chance, with 64 of the
ten million numbers behind a prefix, it is below one in a thousand."""
RUN_GAP: Final = 3
TEXTS_MAX: Final = 5_000
"""Texts remembered at a time, over all accounts."""
TEXT_OCTETS_MIN: Final = 45
"""Of UTF-8 beside the signature, some 15 Chinese signs: shorter texts are the same by chance."""
SHARED_ACCOUNTS: Final = 4
"""As many accounts with one text are one sender with many names."""
WINDOW_S: Final = 600.0
"""How long texts and numbers are remembered; then both begin anew."""
MIX_RECENT: Final = 50
"""Last messages of an account that are compared with those before."""
MIX_MIN: Final = 100
"""Messages before them without which there is nothing to compare with."""
MIX_MEMORY: Final = 400
"""Messages after which what was before counts half."""
MIX_EVERY: Final = 10
MIX_DISTANCE: Final = 0.5
"""Total variation between the two mixes from which an account has changed; by chance it is about 0.15 ..."""
MIX_BACK: Final = 0.35
"""... and from which it is back to what it was, or what was new has become usual."""

STANDS_S: Final = 60.0
"""A signal that no message shows any more is over after so long."""

_SYMBOLS: Final[dict[SignalName, Symbol]] = {
    "SEQUENTIAL": Symbol("SEQUENTIAL", 1.2, "the account sends to numbers in a row", source="traffic"),
    "SHARED_TEXT": Symbol("SHARED_TEXT", 0.8, "many accounts send the same text", source="traffic"),
    "MIX_CHANGED": Symbol(
        "MIX_CHANGED", 0.5, "the account sends something else than it used to", source="traffic"
    ),
}
_CLOSE: Final = "】".encode()
_OPEN: Final = "【".encode()


@attrs.define(eq=False)
class _Run:
    numbers: deque[int] = attrs.Factory(lambda: deque(maxlen=RUN_MAX))
    blocks: deque[int] = attrs.Factory(lambda: deque(maxlen=RUN_MAX))
    """In which block of 32 numbers each of them is, and ..."""
    blocks_between: deque[int] = attrs.Factory(lambda: deque(maxlen=RUN_MAX))
    """... in which of those that begin 16 later."""
    since_look: int = 0
    neighbours_most: int = 2 * RUN_MAX
    """There are no more of them among the last numbers."""
    is_sequential: bool = False

    def add(self, number: int) -> bool:
        """Take a number; return whether the last ones are in a row."""
        self.numbers.append(number)
        self.blocks.append(number >> 5)
        self.blocks_between.append(number + 16 >> 5)
        self.since_look += 1
        if self.since_look >= RUN_EVERY and len(self.numbers) >= RUN_MIN:
            self.since_look = 0
            self.is_sequential = self._is_in_a_row()
        return self.is_sequential

    def _is_in_a_row(self) -> bool:
        numbers = self.numbers
        wanted = RUN_SHARE * len(numbers)
        # A number has two neighbours at most: where there were few, not enough can have come since.
        self.neighbours_most += 2 * RUN_EVERY
        if self.neighbours_most < wanted:
            return False
        # Of two neighbours, the second is not the first in its block of 32 numbers, or not in its block of
        # those that begin 16 later. With numbers of anywhere all are, which is told without sorting them.
        blocks = len(set(self.blocks)) + len(set(self.blocks_between))
        self.neighbours_most = 2 * len(numbers) - blocks
        if self.neighbours_most < wanted:
            return False
        ordered = sorted(set(numbers))
        return sum(two - one <= RUN_GAP for one, two in pairwise(ordered)) >= wanted


@attrs.define(eq=False)
class _Mix:
    recent: deque[str] = attrs.Factory(deque[str])
    now: Counter[str] = attrs.Factory(Counter[str])
    before: dict[str, float] = attrs.Factory(dict[str, float])
    """Weights of what was before; a weight fades with each message."""
    seen: int = 0
    weight: float = 1.0
    """Of the next message: it grows, which is the same as that the others fade."""
    has_changed: bool = False

    def add(self, category: str) -> bool:
        """Take a message's category; return whether the account has changed."""
        self.recent.append(category)
        if len(self.recent) <= MIX_RECENT:
            self.now[category] += 1
            return False
        old = self.recent.popleft()
        if old != category:
            self.now[category] += 1
            self.now[old] -= 1
        self.weight *= _GROWTH
        self.before[old] = self.before.get(old, 0.0) + self.weight
        self.seen += 1
        if self.seen % MIX_EVERY == 0 and self.seen >= MIX_MIN:
            self._look()
        return self.has_changed

    def _look(self) -> None:
        total = sum(self.before.values())
        # Shares are kept and the weight begins at 1 again: no number grows without end.
        self.before = {name: value / total for name, value in self.before.items() if value > 1e-6 * total}
        self.weight /= total
        names = self.before.keys() | self.now.keys()
        distance = sum(abs(self.now[name] / MIX_RECENT - self.before.get(name, 0.0)) for name in names) / 2
        self.has_changed = distance > (MIX_BACK if self.has_changed else MIX_DISTANCE)


_GROWTH: Final = 2.0 ** (1 / MIX_MEMORY)


@attrs.define(eq=False)
class FraudSignals:
    """Watches all accounts."""

    window_s: float = WINDOW_S
    forgotten: int = 0
    """Texts that found no room."""
    counts: Counter[str] = attrs.Factory(Counter[str])
    """Messages that showed each signal."""
    _ends_at: float = 0.0
    _shown_at: dict[tuple[SignalName, str], float] = attrs.Factory(dict[tuple[SignalName, str], float])
    _runs: dict[str, _Run] = attrs.Factory(dict[str, _Run])
    # Ordered: a dict takes long to find its first entry after many have gone.
    _texts: OrderedDict[int, set[str]] = attrs.Factory(OrderedDict[int, "set[str]"])
    _mixes: dict[str, _Mix] = attrs.Factory(dict[str, _Mix])

    def look(self, account: str, zeroed: bytes, destination: str, category: str, now: float) -> list[Symbol]:
        """Count a message and return what it shows.

        `zeroed` is its text in UTF-8 with every digit as 0; an empty one is not compared with others'.
        """
        if now >= self._ends_at:
            self._turn(now)
        found: list[Symbol] = []
        if destination.isdecimal() and destination.isascii():
            run = self._runs.get(account)
            if run is None:
                run = self._runs[account] = _Run()
            if run.add(int(destination)):
                found.append(self._shown("SEQUENTIAL", account, now))
        if len(zeroed) >= TEXT_OCTETS_MIN and self._is_shared(account, zeroed):
            found.append(self._shown("SHARED_TEXT", account, now))
        mix = self._mixes.get(account)
        if mix is None:
            mix = self._mixes[account] = _Mix()
        if mix.add(category):
            found.append(self._shown("MIX_CHANGED", account, now))
        return found

    def standing(self, now: float) -> Iterator[tuple[SignalName, str, bool]]:
        """Yield (signal, account, whether it stands) of all that has been shown lately."""
        for (name, account), at in list(self._shown_at.items()):
            yield name, account, now - at < STANDS_S
            if now - at >= self.window_s:
                del self._shown_at[name, account]

    def _shown(self, name: SignalName, account: str, now: float) -> Symbol:
        self.counts[name] += 1
        self._shown_at[name, account] = now
        return _SYMBOLS[name]

    def _turn(self, now: float) -> None:
        self._ends_at = now + self.window_s
        self._runs.clear()
        self._texts.clear()

    def _is_shared(self, account: str, zeroed: bytes) -> bool:
        said = _without_signature(zeroed)
        if len(said) < TEXT_OCTETS_MIN:
            return False
        key = hash(said)
        accounts = self._texts.get(key)
        if accounts is None:
            if len(self._texts) >= TEXTS_MAX:
                self._texts.popitem(last=False)
                self.forgotten += 1
            self._texts[key] = {account}
            return False
        accounts.add(account)
        return len(accounts) >= SHARED_ACCOUNTS


def _without_signature(zeroed: bytes) -> bytes:
    """A text without the signature at either end."""
    if zeroed.startswith(_OPEN):
        return zeroed.partition(_CLOSE)[2]
    return zeroed.rpartition(_OPEN)[0] if zeroed.endswith(_CLOSE) else zeroed
