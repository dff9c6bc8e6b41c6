# The strategies: from candidates and what is known of them to the chance that each has to be tried first, and
# the order in which the others follow. Pure functions; ties are broken by name, so that runs repeat.
#
#   failover       the first of the list; the others when it can't
#   fixed          the only one of the list, whatever its health
#   weighted       in proportion to the weights
#   round_robin    each in turn
#   least_cost     the cheapest; among equally cheap ones the healthiest
#   best_delivery  the one with the best delivery rate, and a little of the others, to learn (see below)
#
#   static_failover, static_round_robin   as without "static", but blind: health has no say
#
# Health gates them all (fixed and static ones excepted): of its messages a carrier gets the part that its
# share allows, and what it may not have goes to the others as the strategy would have it without the carrier.
#
# best_delivery weighs by the inverse gap: with K carriers, rates r estimated from N messages in all, the best
# rate r*, and g = sqrt(K N), a carrier that is not the best has the chance
#     1 / (K + g (r* - r)),   at least probe_share_min, and all of them together at most probe_share_max
# and the best one has the rest. What this loses against always knowing the best (the regret) is per message
#     at most sqrt(K / N) + probe_share_min * (sum of the gaps)
#     and never above probe_share_max * (the largest gap)
# while the best one is known as such; the first term is what makes it find out. Rates are drawn towards the
# common rate by PRIOR_MESSAGES, so that a carrier that nobody has tried is neither feared nor loved.
"""Choosing among carriers."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import attrs

PRIOR_MESSAGES: Final = 20.0
"""Messages at the common rate that every carrier is taken to have sent: three failures in a row are not a
rate of zero, and after a hundred messages it hardly matters."""


class Option(NamedTuple):
    """A candidate as a strategy sees it: see message.decision.Candidate."""

    carrier: str
    price: float = 0.0
    weight: float = 1.0
    score: float = 100.0
    share: float = 1.0
    delivered: float = 0.0
    failed: float = 0.0


@attrs.frozen
class Probing:
    """Bounds of what best_delivery spends on learning; shares of messages."""

    least: float = 0.01
    most: float = 0.1


class Ranking(NamedTuple):
    """What a strategy says: places of options in order of preference, and each option's chance to be first.

    `is_cyclic`: those with a chance take turns, instead of being drawn by chance.
    """

    order: tuple[int, ...]
    chances: tuple[float, ...]
    why: str
    is_cyclic: bool = False


def failover(options: Sequence[Option], _: Probing) -> Ranking:
    """As the list has them."""
    return _first_of(options, range(len(options)), "the first of the list")


def fixed(options: Sequence[Option], _: Probing) -> Ranking:
    """Choose the only one of the list, even if its breaker is open."""
    return Ranking((0,), (1.0, *[0.0] * (len(options) - 1)), "the only one")


def weighted(options: Sequence[Option], _: Probing) -> Ranking:
    """In proportion to the weights."""
    total = math.fsum(option.weight for option in options)
    order = sorted(range(len(options)), key=lambda i: (-options[i].weight, options[i].carrier))
    return _gated(options, order, [option.weight / total for option in options], "drawn by weight")


def round_robin(options: Sequence[Option], _: Probing) -> Ranking:
    """Each in turn, in the order of the list; by chance while one may not have its whole turn."""
    count = len(options)
    ranking = _gated(options, range(count), [1.0 / count] * count, "each in turn")
    is_even = all(option.share in (0.0, 1.0) for option in options)
    return ranking._replace(is_cyclic=is_even)


def static_failover(options: Sequence[Option], _: Probing) -> Ranking:
    """As the list has them, whatever their health."""
    return Ranking(tuple(range(len(options))), (1.0, *[0.0] * (len(options) - 1)), "the first of the list")


def static_round_robin(options: Sequence[Option], _: Probing) -> Ranking:
    """Each in turn, whatever its health."""
    count = len(options)
    return Ranking(tuple(range(count)), (1.0 / count,) * count, "each in turn", is_cyclic=True)


def least_cost(options: Sequence[Option], _: Probing) -> Ranking:
    """The cheapest first, the healthiest of equally cheap ones."""

    def preference(i: int) -> tuple[float, float, str]:
        return options[i].price, -round(options[i].score), options[i].carrier

    return _first_of(options, sorted(range(len(options)), key=preference), "the cheapest")


def best_delivery(options: Sequence[Option], probing: Probing) -> Ranking:
    """The best delivery rate, and inverse-gap shares of the others: see the head of this file."""
    count = len(options)
    rates, messages = delivery_rates(options)
    order = sorted(range(count), key=lambda i: (-rates[i], options[i].price, options[i].carrier))
    best = order[0]
    steepness = math.sqrt(count * messages)
    raw = {i: max(probing.least, 1.0 / (count + steepness * (rates[best] - rates[i]))) for i in order[1:]}
    floor = probing.least * len(raw)
    above = math.fsum(raw.values()) - floor
    allowed = max(0.0, probing.most - floor)
    scale = min(1.0, allowed / above) if above > 0.0 else 0.0
    chances = [0.0] * count
    for i, chance in raw.items():
        chances[i] = probing.least + (chance - probing.least) * scale
    chances[best] = 1.0 - math.fsum(chances)
    why = f"the best delivery rate, {rates[best]:.1%} of {messages:.0f} messages watched"
    return _gated(options, order, chances, why)


def delivery_rates(options: Sequence[Option]) -> tuple[list[float], float]:
    """Return the estimated delivery rate of each option, and how many messages all of it rests on."""
    delivered = math.fsum(option.delivered for option in options)
    messages = delivered + math.fsum(option.failed for option in options)
    common = (delivered + 1.0) / (messages + 1.0)
    rates = [
        (option.delivered + PRIOR_MESSAGES * common) / (option.delivered + option.failed + PRIOR_MESSAGES)
        for option in options
    ]
    return rates, messages


STRATEGIES: Final[dict[str, Callable[[Sequence[Option], Probing], Ranking]]] = {
    "failover": failover,
    "fixed": fixed,
    "weighted": weighted,
    "round_robin": round_robin,
    "static_failover": static_failover,
    "static_round_robin": static_round_robin,
    "least_cost": least_cost,
    "best_delivery": best_delivery,
}

HEEDLESS: Final = frozenset({"static_failover", "static_round_robin"})
"""Strategies that health has no say in: a carrier is passed over only while it has no session."""


# --- what all have in common


def _first_of(options: Sequence[Option], order: Sequence[int], why: str) -> Ranking:
    """Everything to the first in order, as far as its share goes; the rest to the next, and so on."""
    chances = [0.0] * len(options)
    left = 1.0
    for i in order:
        chances[i] = left * options[i].share
        left -= chances[i]
    return _ranking(options, order, _rest_given_out(order, chances, left), why)


def _gated(options: Sequence[Option], order: Sequence[int], chances: Sequence[float], why: str) -> Ranking:
    """Give each its share of its chance; what it may not have goes to those that may have all of theirs."""
    kept = [chance * option.share for chance, option in zip(chances, options, strict=True)]
    left = 1.0 - math.fsum(kept)
    if left > 1e-12:
        whole = [i for i in order if options[i].share >= 1.0]
        weight = math.fsum(chances[i] for i in whole)
        for i in whole:
            # Where all that is left had no chance before, the first in order takes over.
            part = chances[i] / weight if weight > 0.0 else float(i == whole[0])
            kept[i] += left * part
        if whole:
            left = 0.0
    return _ranking(options, order, _rest_given_out(order, kept, left), why)


def _rest_given_out(order: Sequence[int], chances: list[float], left: float) -> list[float]:
    """Give what nobody may have to those that may have a part, and to the first in order if nobody may."""
    total = math.fsum(chances)
    if left > 1e-12 and total > 0.0:
        return [chance / total for chance in chances]
    if total == 0.0:
        chances[order[0]] = 1.0
    return chances


def _ranking(options: Sequence[Option], order: Sequence[int], chances: list[float], why: str) -> Ranking:
    """Order: by preference, with those whose breaker is open last; they are better than nobody."""
    preferred = sorted(order, key=lambda i: options[i].share <= 0.0)
    first = next(i for i in preferred if chances[i] > 0.0)
    if first != order[0]:
        why += f"; {options[order[0]].carrier} has share {options[order[0]].share:.0%}"
    return Ranking(tuple(preferred), tuple(chances), why)
