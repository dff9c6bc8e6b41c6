# A Choice is what messages with the same rules, prices, region and class have in common: the decisions that
# they are divided among. Ranking anew takes some 10 us, which is why it is done when health has changed, at
# most once an epoch, and only for choices in use.
#
# Standings ask the Scores once an epoch for each carrier, region and class that some choice in use has.
"""What messages of a kind are divided among."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Final

import attrs

from smpp_router.message.decision import TOO_DEAR, Candidate, Decision
from smpp_router.routing.rules import Rule
from smpp_router.routing.scores import Scores
from smpp_router.routing.strategies import HEEDLESS, STRATEGIES, Option, Ranking

STANDINGS_MAX: Final = 131_072
"""Cells that are remembered, about 30 MB; at the limit all are forgotten, and asked for again."""

NO_WAY: Final = Decision(())
"""What is decided where no rule, prefix or default has a carrier."""


class Standing:
    """How a carrier stands for one region and class, as it was read in `epoch`."""

    __slots__ = ("cell", "counts", "epoch", "score", "share")

    def __init__(self, cell: tuple[str, str, str]) -> None:
        self.cell = cell
        self.epoch = -1
        self.score = 0.0
        self.share = 0.0
        self.counts = (0.0, 0.0)


class Standings:
    """What the Scores said in this epoch."""

    def __init__(self, scores: Scores) -> None:
        self.scores = scores
        self.epoch = 0
        self._closed: dict[str, int] = {}
        self._cells: dict[tuple[str, str, str], Standing] = {}

    def __len__(self) -> int:
        return len(self._cells)

    def is_closed_somewhere(self, carrier: str) -> bool:
        """Whether a carrier's share was 0 for any region and class, in this epoch or the one before."""
        return self._closed.get(carrier, -2) >= self.epoch - 1

    def of(self, carrier: str, region: str, traffic_class: str) -> Standing:
        """Return the standing of a cell; read() makes it current."""
        cell = carrier, region, traffic_class
        standing = self._cells.get(cell)
        if standing is None:
            if len(self._cells) >= STANDINGS_MAX:
                self._cells.clear()
            standing = self._cells[cell] = Standing(cell)
        return standing

    def read(self, standing: Standing) -> Standing:
        """Bring a standing up to this epoch."""
        if standing.epoch != self.epoch:
            scores, cell = self.scores, standing.cell
            standing.epoch = self.epoch
            standing.score = scores.score(*cell)
            standing.share = min(1.0, max(0.0, scores.share(*cell)))
            standing.counts = scores.delivery(*cell)
            if standing.share <= 0.0:
                self._closed[cell[0]] = self.epoch
        return standing


@attrs.frozen
class Entry:
    """A rule that fits, with its candidates at their prices. `dear`: carriers above its ceiling."""

    rule: Rule
    carriers: tuple[str, ...]
    prices: tuple[float, ...]
    weights: tuple[float, ...]
    dear: tuple[tuple[str, float], ...] = ()


@attrs.frozen
class Cell:
    """Where the messages of a choice belong."""

    region: str
    network: str
    traffic_class: str


class Choice:
    """The decisions for one kind of message; `only` is set where there is one."""

    __slots__ = (
        "_bounds",
        "_decisions",
        "_entries",
        "_passed",
        "_rule",
        "_seen",
        "_standings",
        "_view",
        "cell",
        "epoch",
        "only",
        "size",
    )

    def __init__(
        self, entries: Sequence[Entry], passed: Sequence[str], cell: Cell, standings: Standings
    ) -> None:
        """Take the rules that fit, and the names of those that had no carrier below their ceiling."""
        self.cell = cell
        self.epoch = -1
        self.only: Decision | None = None
        self._entries = tuple(entries)
        self._passed = tuple(f"{name} (price ceiling)" for name in passed)
        self._view = _view(entries)
        self._standings = {
            carrier: standings.of(carrier, cell.region, cell.traffic_class)
            for entry in entries
            for carrier in entry.carriers
        }
        self.size = len(self._standings)
        """Candidates: what a look at health and a ranking cost."""
        self._seen: object = None
        self._decisions: tuple[Decision, ...] = ()
        self._bounds: tuple[float, ...] | None = None
        self._rule: Rule | None = None
        if not entries:
            why = f"{_told(self._passed)}, and none is left"
            self.only = Decision((), why=why) if passed else NO_WAY

    def refresh(self, standings: Standings, is_allowed: bool = True) -> bool:
        """Rank anew if health has changed since, and if it `is_allowed`; tell whether it was done."""
        if not self._entries:
            self.epoch = standings.epoch
            return False
        current = [standings.read(standing) for standing in self._standings.values()]
        seen = [self._view(standing) for standing in current]
        if seen == self._seen:
            self.epoch = standings.epoch
            return False
        if not is_allowed and self._seen is not None:
            return False
        self.epoch = standings.epoch
        self._seen = seen
        self._rank()
        return True

    def pick(self, rng: random.Random) -> Decision:
        """Take the next decision, where there are several."""
        if self._bounds is None:
            rule = self._rule
            assert rule is not None
            rule.turn += 1
            return self._decisions[rule.turn % len(self._decisions)]
        return self._decisions[bisect_right(self._bounds, rng.random() * self._bounds[-1])]

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions that messages are divided among now, the likeliest first."""
        return (self.only,) if self.only is not None else self._decisions

    # ------------------------------------------------------------------ ranking

    def _rank(self) -> None:
        passed = list(self._passed)
        for entry in self._entries:
            config = entry.rule.config
            scores = [self._standings[name].score for name in entry.carriers]
            fit = [i for i, score in enumerate(scores) if score >= config.score_min]
            if fit:
                return self._decide(entry, fit, _told(passed))
            passed.append(f"{config.name} (quality floor)")
        # Every floor has failed: a poor carrier is better than none.
        entry = self._entries[0]
        remark = f"none reaches the floor of {entry.rule.config.score_min:g}"
        return self._decide(entry, list(range(len(entry.carriers))), remark)

    def _decide(self, entry: Entry, fit: list[int], remark: str) -> None:
        rule = entry.rule
        options = [self._option(entry, i) for i in fit]
        ranking = STRATEGIES[rule.config.strategy](options, rule.probing)
        poor = [self._option(entry, i) for i in range(len(entry.carriers)) if i not in fit]
        poor.sort(key=lambda option: (-option.score, option.carrier))
        candidates = tuple(_candidates(options, ranking, poor, entry.dear))
        why = f"{ranking.why}; {remark}" if remark else ranking.why
        asked = (
            [option._replace(share=1.0) for option in options]
            if rule.config.strategy in HEEDLESS
            else options
        )
        decisions = [
            (ranking.chances[first], self._decision(rule, plan, why, candidates))
            for first, plan in _plans(asked, ranking, poor)
        ]
        self._rule = rule
        if len(decisions) == 1:
            self.only = decisions[0][1]
            self._decisions, self._bounds = (), None
            return
        self.only = None
        if not ranking.is_cyclic:
            decisions.sort(key=lambda one: -one[0])
        self._decisions = tuple(decision for _, decision in decisions)
        # The last bound is 1 but for rounding, and nothing drawn may lie above it.
        self._bounds = None if ranking.is_cyclic else tuple(accumulate(chance for chance, _ in decisions))

    def _option(self, entry: Entry, i: int) -> Option:
        standing = self._standings[entry.carriers[i]]
        delivered, failed = standing.counts
        return Option(
            entry.carriers[i],
            entry.prices[i],
            entry.weights[i],
            standing.score,
            standing.share,
            delivered,
            failed,
        )

    def _decision(
        self, rule: Rule, plan: tuple[str, ...], why: str, candidates: tuple[Candidate, ...]
    ) -> Decision:
        cell = self.cell
        config = rule.config
        return Decision(
            plan, config.name, config.strategy, cell.region, cell.network, cell.traffic_class, why, candidates
        )


# --- what of health makes a choice rank anew
#
# Scores of healthy carriers move by a point or two all the time, which changes nothing for most strategies.


def _view(entries: Sequence[Entry]) -> Callable[[Standing], object]:
    if any(entry.rule.config.strategy == "best_delivery" for entry in entries):
        return _with_counts
    if any(entry.rule.config.score_min or entry.rule.config.strategy == "least_cost" for entry in entries):
        return _finely
    return _coarsely


def _share(standing: Standing) -> int:
    # A share above 0 stays one however small: rounded to 0 it would close the carrier.
    return round(standing.share * 100) or int(standing.share > 0.0)


def _coarsely(standing: Standing) -> object:
    """Scores in steps that an explanation should tell."""
    return int(standing.score * 0.1), _share(standing)


def _finely(standing: Standing) -> object:
    """Scores in points, since they are compared with each other or with a floor."""
    return round(standing.score), _share(standing)


def _with_counts(standing: Standing) -> object:
    """Delivery rates in half percents, and what they rest on within a factor of two."""
    delivered, failed = standing.counts
    messages = delivered + failed
    rate = round(delivered * 200.0 / messages) if messages else -1
    return round(standing.score), _share(standing), rate, int(messages).bit_length()


def _told(passed: Sequence[str]) -> str:
    return f"rules passed over: {', '.join(passed)}" if passed else ""


def _plans(
    options: Sequence[Option], ranking: Ranking, poor: Sequence[Option]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each option that may be first, with the plan that begins with it."""
    order = ranking.order
    below = tuple(option.carrier for option in poor)
    for at, first in enumerate(order):
        if ranking.chances[first] <= 0.0:
            continue
        if ranking.is_cyclic:
            turned = (*order[at:], *order[:at])
            rest = [i for i in turned[1:] if options[i].share > 0.0]
            rest += [i for i in turned[1:] if options[i].share <= 0.0]
        else:
            rest = [i for i in order if i != first]
        yield first, (options[first].carrier, *(options[i].carrier for i in rest), *below)


def _candidates(
    options: Sequence[Option], ranking: Ranking, poor: Sequence[Option], dear: Sequence[tuple[str, float]]
) -> Iterator[Candidate]:
    for i in ranking.order:
        yield _candidate(options[i], ranking.chances[i], "")
    for option in poor:
        yield _candidate(option, 0.0, "below the quality floor")
    for carrier, price in dear:
        yield Candidate(carrier, price, 0.0, 0.0, 0.0, 0.0, 0.0, TOO_DEAR)


def _candidate(option: Option, chance: float, remark: str) -> Candidate:
    return Candidate(
        option.carrier,
        option.price,
        option.score,
        option.share,
        option.delivered,
        option.failed,
        chance,
        remark,
    )
