"""What a scenario asks of its strategies, held against what came of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.routing.scenario import Goal


def missed(goals: Sequence[Goal], result: Mapping[str, Any]) -> list[str]:
    """Say which goals a result has missed, a line each."""
    return [line for goal in goals if result["strategy"] in goal.strategies for line in _missed(goal, result)]


def _missed(goal: Goal, result: Mapping[str, Any]) -> Iterator[str]:
    switch_s, most_s = result["switch_s"], goal.switch_s_max
    if most_s is not None and result["has_switched"] is False:
        yield f"switch_s: traffic did not move, {most_s:g} is the most"
    elif most_s is not None and switch_s is not None and switch_s > most_s:
        yield f"switch_s: {switch_s:g}, {most_s:g} is the most"
    share = result["delivered_share"]
    if goal.delivered_share_min is not None and (share is None or share < goal.delivered_share_min):
        yield f"delivered_share: {share}, {goal.delivered_share_min:g} is the least"
    for key, most in (
        ("duplicates_seen_share", goal.duplicates_seen_share_max),
        ("p95_to_handset_s", goal.p95_to_handset_s_max),
        ("oscillations", goal.oscillations_max),
    ):
        value = result[key]
        if most is not None and value is not None and value > most:
            yield f"{key}: {value:g}, {most:g} is the most"
