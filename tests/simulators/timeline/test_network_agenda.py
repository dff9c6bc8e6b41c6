"""What a timeline makes of the network: entries over its keys, and nothing left of them afterwards."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.signalling.config import NetworkConfig
from simulators.timeline.entry import NetworkEntry
from simulators.timeline.network_agenda import NetworkAgenda, network_problems


def agenda(*entries: NetworkEntry, **keys: Any) -> NetworkAgenda:
    return NetworkAgenda(NetworkConfig(timeline=entries, **keys), 100.0)


def test_keys_have_another_value_for_a_while_and_again() -> None:
    failing = NetworkEntry(at_s=10, for_s=5, every_s=60, times=2, set={"mt_failures": {"systemFailure": 0.5}})
    one = agenda(failing)
    changes: list[tuple[float, dict[str, float]]] = []
    now = 100.0
    while now < float("inf"):
        changes.append((now, one.tick(now).mt_failures))
        now = one.next_at
    wrong = {"systemFailure": 0.5}
    assert changes == [(100.0, {}), (110.0, wrong), (115.0, {}), (170.0, wrong), (175.0, {})]


def test_one_that_began_last_wins_and_orders_lie_below() -> None:
    one = agenda(
        NetworkEntry(at_s=0, for_s=100, set={"validity_s": 50.0, "alert_sc.s": 7.0}),
        NetworkEntry(at_s=20, for_s=10, set={"validity_s": 20.0}),
    )
    assert [one.tick(now).validity_s for now in (100.0, 120.0, 130.0)] == [50.0, 20.0, 50.0]
    one.become(attrs.evolve(one.base, validity_s=9.0, ported_share=0.0), 140.0)
    assert (one.tick(140.0).validity_s, one.tick(140.0).alert_sc.s, one.tick(200.0).validity_s) == (
        50.0,
        7.0,
        9.0,
    )


def test_an_entry_that_makes_no_network_says_so_and_is_left_out() -> None:
    one = agenda(
        NetworkEntry(set={"mt_failures": {"noSuchCause": 0.5}}), NetworkEntry(set={"validity_s": 3.0})
    )
    assert one.tick(100.0).validity_s == 3.0
    wrong, right = one.state(100.0)
    assert (wrong["is_on"], right["is_on"], right["problem"]) == (True, True, "")
    assert "noSuchCause" in wrong["problem"]
    assert network_problems(one.base) == [(0, wrong["problem"])]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"timeline": []}, "set.timeline: can't be changed by a timeline"),
        ({"seed": 3}, "set.seed: can't be changed while the network runs"),
        ({"colour": 3}, "set.colour: unknown key"),
    ],
)
def test_what_no_entry_can_change_is_told(keys: dict[str, Any], problem: str) -> None:
    assert network_problems(NetworkConfig(timeline=(NetworkEntry(set=keys),))) == [(0, problem)]


def test_an_entry_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing happens: it has no set"):
        NetworkEntry(for_s=3)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30), st.integers(1, 99)), max_size=5))
def test_looking_more_often_changes_nothing(entries: list[tuple[int, int, int]]) -> None:
    made = [NetworkEntry(at_s=at, for_s=s, set={"validity_s": float(value)}) for at, s, value in entries]
    often, seldom = agenda(*made), agenda(*made)
    seen = [often.tick(100.0 + tick / 2).validity_s for tick in range(200)]
    at = 0
    while at < 200:
        value = seldom.tick(100.0 + at / 2).validity_s
        until = min(200, 2 * (seldom.next_at - 100.0))
        while at < until:
            assert seen[at] == value
            at += 1
