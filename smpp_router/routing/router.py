# The router: from account, sender, number and traffic class to a Decision. It is asked for every message, and
# nearly every answer is there already:
#
#   1. the number's kind: a million Chinese blocks in an array, other numbers by their first digits. Numbers
#      of one kind have the same prefixes in use, place and network, as far as any rule or price can tell.
#   2. the choice of (account, class, kind, what the sender fulfils): the rules that fit, with prices.
#      Messages with the same rules, prices and region share a choice.
#   3. the choice's decisions, ranked anew once a second if health has changed, and only if it is used.
#   4. one of them: mostly there is one; where a strategy divides messages, chance or turn takes its pick.
#
# A score floor can fail, then the next rule that fits is asked; if all fail, the first of them decides as if
# it had no floor, since a poor carrier is better than none. A price ceiling never gives way.
#
# A router never changes its rules: a new configuration is a new router.
"""Choosing the way of each message."""

import random
from array import array
from collections.abc import Iterable
from typing import Final, Protocol

import attrs

from smpp_router.config import CarrierConfig, RouterConfig
from smpp_router.config_routes import RoutesConfig
from smpp_router.message.decision import Decision
from smpp_router.routing.choice import Cell, Choice, Entry, Standings
from smpp_router.routing.numberplan import BLOCK_DIGITS, NOTHING, Facts, NumberPlan, number_plan
from smpp_router.routing.rules import Asked, Prefixes, Prices, Rule, Rulebook, Senders, international
from smpp_router.routing.schedule import STEP_S
from smpp_router.routing.scores import Healthy, Scores
from smpp_router.routing.strategies import HEEDLESS

EPOCH_S: Final = 1.0
"""How old what is known of health may be; a change that cannot wait is told by touch()."""

READS_PER_S: Final = 6_000
"""Candidates of choices whose health is looked at in an epoch, at 1 to 2 us each. Choices for which that is
not enough stay as they are until the next one; a carrier whose breaker is open is passed over all the same,
when a message is placed."""

RANKINGS_PER_S: Final = 1_000
"""Candidates that are ranked anew in an epoch, at some 8 us each; as above."""

CHOICES_MAX: Final = 65_536
"""Kinds of message that are remembered with their choice, about 15 MB; at the limit all are forgotten."""

HEADS_MAX: Final = 65_536
"""First digits of other than Chinese numbers whose kind is remembered, about 10 MB; as above."""

KINDS_MAX: Final = 65_000
"""Kinds of number: what an array of 16 bits can name. At the limit all is forgotten."""

_HEAD_DIGITS: Final = 7
"""First digits that tell all that the number plan knows of numbers outside of China."""

_CHINESE_MOBILE: Final = b"861"
_NO_SENDER: Final[frozenset[str]] = frozenset()


class Router(Protocol):
    """What decides which way messages go. Never waits."""

    def decide(self, account: str, sender: bytes, destination: bytes, traffic_class: str) -> Decision:
        """The way of one message; an empty plan if there is none."""
        ...

    def share(self, decision: Decision, carrier: str) -> float:
        """The part of its traffic that a carrier may have now, for messages decided so."""
        ...

    def is_closed_somewhere(self, carrier: str) -> bool:
        """Whether share() may be 0 for some messages; cheaper than to ask for each."""
        ...


@attrs.frozen
class RouterStatistics:
    """How a router fares: `clears` says how often a memory of it was full, `rankings` how often it ranked."""

    rules: int
    kinds: int
    choices: int
    misses: int
    clears: int
    rankings: int


class _Kind:
    """What rules and prices can tell of a number; one object for all numbers of a kind."""

    __slots__ = ("facts", "number", "ported", "prefixes", "region")

    def __init__(self, number: int, prefixes: tuple[str, ...], facts: Facts, region: str) -> None:
        self.number = number
        self.prefixes = prefixes
        self.facts = facts
        self.region = region
        self.ported: dict[str, _Kind] = {}


class RuleRouter:
    """Decides by rules, then by the longest prefix of the table, then by the default."""

    def __init__(
        self,
        routes: RoutesConfig,
        carriers: Iterable[CarrierConfig] = (),
        *,
        rng: random.Random,
        scores: Scores | None = None,
        plan: NumberPlan | None = None,
    ) -> None:
        """Take a configuration that passed its checks. Without `plan` nothing is known of numbers."""
        self._rulebook = Rulebook(routes)
        self._senders = Senders(s for rule in self._rulebook.rules for s in rule.senders)
        self._prices = Prices(carriers)
        self._prefixes = Prefixes({*self._rulebook.prefixes(), *self._prices.prefixes()})
        self._ported = routes.portability or None
        self._plan = plan
        named = {*self._prices.places(), *(place for rule in self._rulebook.rules for place in rule.regions)}
        self._cities = frozenset(place for place in named if place.count("/") == 2)
        self._asks_senders = self._senders.are_asked
        # Blocks below which there are prefixes in use say nothing about the kind of a number.
        self._deep_blocks = {prefix[:BLOCK_DIGITS] for prefix in self._prefixes if len(prefix) > BLOCK_DIGITS}
        self._rng = rng
        self._epoch = 0
        self._reads_left = READS_PER_S
        self._rankings_left = RANKINGS_PER_S
        self.standings = Standings(scores or Healthy())
        self._epoch_at = 0.0
        self._step = 0
        self._head_digits = max(self._prefixes.digits, _HEAD_DIGITS)
        self._misses = 0
        self._clears = 0
        self._rankings = 0
        self._forget()

    def _forget(self) -> None:
        """Begin with nothing remembered."""
        # Place 0 of _kinds, and so of every block at first, is nothing.
        self._kinds: list[_Kind | None] = [None]
        self._by_content: dict[tuple[tuple[str, ...], str, str], _Kind] = {}
        self._blocks = array("H", bytes(2_000_000))
        self._heads: dict[bytes, _Kind] = {}
        self._forget_choices()

    def _forget_choices(self) -> None:
        self._choices: dict[object, Choice] = {}
        self._shared: dict[object, Choice] = {}

    # ------------------------------------------------------------------ deciding

    def decide(self, account: str, sender: bytes, destination: bytes, traffic_class: str) -> Decision:
        """The way of one message; an empty plan if there is none."""
        choice = self._choice(account, sender, destination, traffic_class)
        return choice.only or choice.pick(self._rng)

    def decisions(
        self, account: str, sender: bytes, destination: bytes, traffic_class: str
    ) -> tuple[Decision, ...]:
        """All decisions that such messages are divided among now; changes nothing."""
        return self._choice(account, sender, destination, traffic_class).decisions()

    def _choice(self, account: str, sender: bytes, destination: bytes, traffic_class: str) -> Choice:
        # The way that nearly every message takes; the rest is in the functions that it calls.
        kind = None
        if destination[:3] == _CHINESE_MOBILE and len(destination) >= BLOCK_DIGITS:
            try:
                kind = self._kinds[self._blocks[int(destination[3:BLOCK_DIGITS])]]
            except ValueError:
                kind = None
        if kind is None:
            kind = self._heads.get(destination[: self._head_digits]) or self._kind(destination)
        if self._ported is not None:
            network = self._ported.network(international(destination))
            if network is not None:
                kind = kind.ported.get(network) or self._moved(kind, network)
        fulfilled = self._senders.fulfilled(sender) if self._asks_senders else _NO_SENDER
        key = account, traffic_class, kind, fulfilled
        choice = self._choices.get(key)
        if choice is None:
            choice = self._choose(account, traffic_class, kind, fulfilled)
            self._choices[key] = choice
        if choice.epoch != self._epoch:
            self._refresh(choice)
        return choice

    def _refresh(self, choice: Choice) -> None:
        """Let a choice look at health, as long as this second's allowance lasts; a new one always."""
        if self._reads_left > 0 or choice.epoch < 0:
            self._reads_left -= choice.size
            if choice.refresh(self.standings, is_allowed=self._rankings_left > 0):
                self._rankings_left -= choice.size
                self._rankings += 1

    def share(self, decision: Decision, carrier: str) -> float:
        """The part of its traffic that a carrier may have now, for messages decided so."""
        if decision.strategy in HEEDLESS:
            return 1.0
        standing = self.standings.of(carrier, decision.region, decision.traffic_class)
        return self.standings.read(standing).share

    def is_closed_somewhere(self, carrier: str) -> bool:
        """Whether share() may be 0 for some messages; cheaper than to ask for each."""
        return self.standings.is_closed_somewhere(carrier)

    # ------------------------------------------------------------------ time

    def tick(self, now: float) -> None:
        """Let health be asked again once a second, and look at schedules once a minute."""
        if now >= self._epoch_at:
            self._epoch_at = now + EPOCH_S
            self.touch()
        step = int(now // STEP_S)
        if step != self._step:
            self._step = step
            if self._rulebook.is_scheduled and self._rulebook.tick(now):
                self._forget_choices()

    def touch(self) -> None:
        """Have health asked again from now on: something has changed that cannot wait."""
        if type(self.standings.scores) is not Healthy:
            self._epoch = self.standings.epoch = self.standings.epoch + 1
            self._reads_left = READS_PER_S
            self._rankings_left = RANKINGS_PER_S

    def statistics(self) -> RouterStatistics:
        """A snapshot for the console."""
        return RouterStatistics(
            len(self._rulebook.rules),
            len(self._kinds) - 1,
            len(self._choices),
            self._misses,
            self._clears,
            self._rankings,
        )

    # ------------------------------------------------------------------ what is not remembered yet

    def _kind(self, destination: bytes) -> _Kind:
        number = international(destination)
        is_block = number[:3] == _CHINESE_MOBILE and len(number) >= BLOCK_DIGITS and number.isdigit()
        if number != destination:
            head = number[: self._head_digits]
            block = int(number[3:BLOCK_DIGITS]) if is_block else 0
            known = (self._kinds[self._blocks[block]] if is_block else None) or self._heads.get(head)
            if known is not None:
                return known
        facts = self._plan.facts(number) if self._plan is not None else NOTHING
        kind = self._interned(self._prefixes.of(number), facts)
        block_head = number[:BLOCK_DIGITS]
        if is_block and block_head not in self._deep_blocks:
            self._blocks[int(number[3:BLOCK_DIGITS])] = kind.number
        elif len(number) >= self._head_digits:
            # A shorter number is one of few; a longer one that begins like it may be of another kind.
            if len(self._heads) >= HEADS_MAX:
                self._heads.clear()
                self._clears += 1
            self._heads[number[: self._head_digits]] = kind
        return kind

    def _interned(self, prefixes: tuple[str, ...], facts: Facts) -> _Kind:
        place = facts.place if facts.place in self._cities else facts.region
        content = prefixes, place, facts.network
        kind = self._by_content.get(content)
        if kind is None:
            if len(self._kinds) >= KINDS_MAX:
                self._clears += 1
                self._forget()
            kind = _Kind(len(self._kinds), prefixes, facts, facts.region)
            self._kinds.append(kind)
            self._by_content[content] = kind
        return kind

    def _moved(self, kind: _Kind, network: str) -> _Kind:
        """The kind of numbers that are like those of `kind`, but belong to another network."""
        moved = self._interned(kind.prefixes, attrs.evolve(kind.facts, network=network))
        kind.ported[network] = moved
        return moved

    def _choose(self, account: str, traffic_class: str, kind: _Kind, fulfilled: frozenset[str]) -> Choice:
        self._misses += 1
        if len(self._choices) >= CHOICES_MAX:
            self._clears += 1
            self._forget_choices()
        facts = kind.facts
        places = tuple(dict.fromkeys(place for place in (facts.place, facts.region, facts.country) if place))
        asked = Asked(account, traffic_class, fulfilled, kind.prefixes, places, facts.network)
        entries: list[Entry] = []
        passed: list[str] = []
        for rule in self._rulebook.fitting(asked):
            entry = self._entry(rule, asked)
            if not entry.carriers:
                passed.append(rule.config.name)
                continue
            entries.append(entry)
            if not rule.config.score_min:
                break
        content = tuple((entry.rule.config.name, entry.prices) for entry in entries)
        key = content, tuple(passed), kind.region, facts.network, traffic_class
        choice = self._shared.get(key)
        if choice is None:
            cell = Cell(kind.region, facts.network, traffic_class)
            choice = self._shared[key] = Choice(entries, passed, cell, self.standings)
        return choice

    def _entry(self, rule: Rule, asked: Asked) -> Entry:
        config = rule.config
        ceiling = config.price_per_part_max
        weights = config.weights or [1.0] * len(config.carriers)
        priced = [
            (name, self._prices.of(name, asked.prefixes, asked.places), weight)
            for name, weight in zip(config.carriers, weights, strict=True)
        ]
        kept = [one for one in priced if ceiling is None or one[1] <= ceiling]
        dear = tuple((name, price) for name, price, _ in priced if ceiling is not None and price > ceiling)
        return Entry(
            rule,
            tuple(name for name, _, _ in kept),
            tuple(price for _, price, _ in kept),
            tuple(weight for _, _, weight in kept),
            dear,
        )


def made_router(config: RouterConfig, rng: random.Random, scores: Scores | None = None) -> RuleRouter:
    """Make the router that a configuration describes.

    The number plan, which takes half a second to read, is read if anything depends on it: a rule, a price, or
    somebody who measures by region.
    """
    knows_places = bool(config.routes.rules) or any(carrier.prices for carrier in config.carriers)
    plan = number_plan() if knows_places or scores is not None else None
    return RuleRouter(config.routes, config.carriers, rng=rng, scores=scores, plan=plan)
