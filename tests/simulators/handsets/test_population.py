"""All handsets."""

from typing import Any

import pytest

from simulators.handsets.config import HandsetConfig, HandsetGroup
from simulators.handsets.population import Population
from simulators.signalling.config import NetworkConfig
from tests.simulators.signalling.air import START, short_message


def population(**keys: Any) -> Population:
    return Population(NetworkConfig(**keys), 1, START)


def test_any_number_has_a_handset_from_the_first_time_it_is_asked_for() -> None:
    people = population()
    assert len(people) == 0
    assert people.get(b"8613900000001") is people.get(b"8613900000001")
    assert len(people) == 1


def test_a_number_goes_by_its_own_table_else_by_the_first_group_that_it_is_in() -> None:
    people = population(
        handsets=(HandsetConfig(number="8613900000001", memory=1),),
        handset_groups=(
            HandsetGroup(prefix="86139", share=0.25, memory=2),
            HandsetGroup(prefix="8613", memory=3),
        ),
    )
    assert people.habits_of(b"8613900000001").memory == 1
    found = [people.habits_of(b"86139%08d" % n).memory for n in range(1_000, 2_000)]
    assert 200 < found.count(2) < 300
    assert found.count(2) + found.count(3) == 1_000
    assert people.habits_of(b"8615000000000").memory is None


def test_the_handset_that_was_unused_for_longest_is_forgotten() -> None:
    people = population(handsets_max=2)
    first = people.get(b"1")
    people.get(b"2")
    people.get(b"1")
    people.get(b"3")
    assert (len(people), people.counters.handsets_forgotten) == (2, 1)
    assert people.get(b"1") is first


def test_handsets_are_forgotten_when_they_hold_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.handsets.population.ROOM_MAX", 10)
    people = population()
    for number in range(6):
        # In the inbox, and in what was shown.
        people.get(b"%d" % number).inbox.receive(short_message(b"x" * 150), START)
    assert people.counters.room_kept == 12
    people.get(b"6")
    assert (people.counters.handsets_forgotten, people.counters.room_kept) == (1, 10)


def test_a_handset_with_orders_is_not_forgotten_and_they_are_not_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulators.handsets.population.ORDERED_MAX", 1)
    people = population(handsets_max=1)
    ordered = people.get_to_order(b"1")
    ordered.order("off")
    for n in range(5):
        people.get(b"2%d" % n)
    assert people.get(b"1") is ordered
    assert people.may_be_away
    with pytest.raises(ValueError, match="no more than 1 handsets"):
        people.get_to_order(b"2")


def test_handsets_are_not_made_anew_for_what_does_not_concern_them() -> None:
    people = population()
    handset = people.get(b"1")
    people.configure(NetworkConfig(validity_s=5.0, handsets_max=5))
    assert people.get(b"1") is handset
    for number in range(10, 20):
        people.get(b"%d" % number)
    assert len(people) == 5


def test_other_tables_hold_at_once_and_inboxes_and_orders_stay() -> None:
    people = population()
    people.get(b"1").inbox.receive(short_message(), START)
    people.get_to_order(b"2").order("off")
    groups = (HandsetGroup(state="out_of_coverage", memory=1),)
    people.configure(NetworkConfig(handset_groups=groups))
    assert people.may_be_away
    assert people.get(b"1").state_at(START) == "out_of_coverage"
    assert people.get(b"1").inbox.receive(short_message(), START) is False
    assert people.get(b"2").state_at(START) == "off"
