"""Degradations as the world's mishaps."""

from collections.abc import Iterator
from typing import Any, Final

from benchmarks.routing.scenario import Degradation
from simulators.outcomes import status_of
from simulators.profile import CarrierProfile
from simulators.world.scenario import Kind, Mishap

WORSENING_STEPS: Final = 20
"""A carrier that becomes worse does so in so many equal steps."""


def mishaps(one: Degradation, profile: CarrierProfile) -> Iterator[Mishap]:
    """Yield what happens to a carrier of this profile."""
    if one.kind == "dark":
        yield _mishap(one, "carrier_dark", one.at_s, one.for_s)
    elif one.kind == "lost":
        yield _mishap(one, "carrier_outage", one.at_s, one.for_s)
    elif one.kind == "flapping":
        at_s = one.at_s
        while at_s < one.ends_s:
            yield _mishap(one, "carrier_outage", at_s, min(one.down_s, one.ends_s - at_s))
            at_s += one.down_s + one.up_s
    elif one.kind == "mute":
        yield _mishap(one, "carrier", one.at_s, one.for_s, {"faults.silent": True})
    elif one.kind == "worsening":
        step_s = one.for_s / WORSENING_STEPS
        for step in range(1, WORSENING_STEPS + 1):
            rules = _failing(one, profile, step / WORSENING_STEPS)
            yield _mishap(one, "carrier", one.at_s + (step - 1) * step_s, step_s, {"rules": rules})
    else:
        yield _mishap(one, "carrier", one.at_s, one.for_s, {"rules": _rules(one, profile)})


def _mishap(
    one: Degradation, kind: Kind, at_s: float, for_s: float, changes: dict[str, Any] | None = None
) -> Mishap:
    return Mishap(kind=kind, at_s=at_s, lasts_s=(for_s, for_s), among=(one.carrier,), set=changes or {})


def _rules(one: Degradation, profile: CarrierProfile) -> list[dict[str, Any]]:
    if one.kind == "brown":
        return _failing(one, profile, 1.0)
    if one.kind == "withholding":
        return [{**where, "share": one.hit_share, "receipt": "none"} for where in _where(one)]
    assert one.kind == "lying", "the others need no rules"
    told = {"outcome": one.receipts, "receipt_s": one.receipt_s, "share": one.hit_share}
    return [{**where, **told} for where in _where(one)]


def _failing(one: Degradation, profile: CarrierProfile, part: float) -> list[dict[str, Any]]:
    """Rules by which messages fail and responses are late, by this part of what they do at worst."""
    late = {"response_s": profile.response_s + one.latency_s * part}
    failing: dict[str, Any] = (
        {"status": one.fails_with}
        if status_of(one.fails_with)
        else {"outcome": one.fails_with, "receipt_s": one.receipt_s}
    )
    rules: list[dict[str, Any]] = []
    for where in _where(one):
        rules.append({**where, **failing, **late, "share": one.hit_share * part})
        rules.append({**where, **late})
    return rules


def _where(one: Degradation) -> list[dict[str, Any]]:
    return [{"destination": prefix} for prefix in one.prefixes] or [{}]
