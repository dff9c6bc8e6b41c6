"""What a timeline makes of a carrier: entries over a profile, and nothing left of them when they are gone."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.profile import CarrierProfile
from simulators.timeline.agenda import Agenda, does, laid_over, problems_of
from simulators.timeline.entry import BrownOut, Entry
from tests.simulators.customers import profile


def agenda(*entries: Entry, **keys: Any) -> Agenda:
    return Agenda(profile(timeline=entries, **keys), 0.0)


def at(one: Agenda, now: float) -> CarrierProfile:
    return one.tick(now).profile


def test_keys_have_another_value_for_a_while() -> None:
    one = agenda(Entry(at_s=10, for_s=5, set={"response_s": 2, "faults": {"half_open": True}}))
    assert at(one, 0.0) == one.base
    assert one.next_at == 10.0
    during = at(one, 10.0)
    assert (during.response_s, during.faults.half_open) == (2.0, True)
    assert one.next_at == 15.0
    assert at(one, 15.0) == one.base
    assert one.next_at == float("inf")


def test_entries_overlap_and_the_one_that_began_last_wins() -> None:
    one = agenda(
        Entry(at_s=20, for_s=10, set={"response_s": 9.0}),
        Entry(at_s=0, for_s=100, set={"response_s": 1.0, "faults.silent": True}),
        Entry(at_s=50, for_s=10, set={"receipt_s": 3.0}),
    )
    assert (at(one, 5.0).response_s, at(one, 25.0).response_s, at(one, 35.0).response_s) == (1.0, 9.0, 1.0)
    both = at(one, 55.0)
    assert (both.response_s, both.receipt_s, both.faults.silent) == (1.0, 3.0, True)
    assert at(one, 100.0) == one.base


def test_an_order_given_meanwhile_is_there_when_the_entry_is_gone() -> None:
    one = agenda(Entry(for_s=10, set={"response_s": 9.0}))
    assert at(one, 0.0).response_s == 9.0
    one.become(attrs.evolve(one.base, response_s=4.0, receipt_s=7.0), 5.0)
    assert (at(one, 5.0).response_s, at(one, 5.0).receipt_s) == (9.0, 7.0)
    assert at(one, 10.0).response_s == 4.0


def test_another_timeline_begins_when_it_is_given() -> None:
    one = agenda()
    assert one.tick(100.0).is_down is False
    one.become(attrs.evolve(one.base, timeline=(Entry(at_s=5, for_s=5, down=True),)), 100.0)
    assert [one.tick(now).is_down for now in (100.0, 105.0, 109.0, 110.0)] == [False, True, True, False]


def test_connections_end_once_each_time_the_pattern_says_on() -> None:
    one = agenda(Entry(at_s=1, for_s=10, pattern_s=(1.0, 4.0), disconnect="unbind"))
    seen = [one.tick(quarter / 4).disconnects for quarter in range(60)]
    assert [quarter / 4 for quarter, ways in enumerate(seen) if ways] == [1.0, 6.0]
    assert set(seen) == {(), ("unbind",)}


def test_packs_hold_for_a_while() -> None:
    one = agenda(Entry(at_s=1, for_s=1, packs=("receipt-as-data-sm", "slow-responses")))
    before, during = at(one, 0.0), at(one, 1.0)
    assert (before.dialect.receipt_pdu, during.dialect.receipt_pdu) == ("deliver_sm", "data_sm")
    assert during != before
    assert at(one, 2.0) == before


def test_a_brown_out_refuses_a_share_of_what_is_not_refused_anyway_and_answers_late() -> None:
    out = BrownOut(errors={"ESME_RSYSERR": 0.5, "ESME_RMSGQFUL": 0.5}, latency_s=4.0, ramp_s=10.0)
    one = agenda(Entry(for_s=40, brown_out=out), errors={"ESME_RSYSERR": 0.2}, response_s=1.0)
    half, full = at(one, 4.6), at(one, 20.0)
    assert half.errors == pytest.approx({"ESME_RSYSERR": 0.4, "ESME_RMSGQFUL": 0.2})
    assert half.delay_of_response().s == pytest.approx(3.0)
    assert full.errors == pytest.approx({"ESME_RSYSERR": 0.6, "ESME_RMSGQFUL": 0.4})
    assert full.delay_of_response().s == 5.0
    assert at(one, 40.0) == one.base


def test_an_entry_that_no_longer_fits_is_left_out_and_says_why() -> None:
    one = agenda(Entry(set={"anomalies.late": 0.1}), Entry(set={"errors": {"ESME_RSYSERR": 2.0}}))
    assert at(one, 0.0).anomalies.late == 0.1
    problems = [entry["problem"] for entry in one.state(0.0)]
    assert problems == ["", "set.errors: the shares must not be more than 1 together"]
    assert problems_of(one.base) == [(1, problems[1])]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (Entry(set={"colour": 1}), "set.colour: unknown key"),
        (Entry(set={"port": 1}), "set.port: can't be changed"),
        (Entry(set={"timeline": []}), "set.timeline: can't be changed by a timeline"),
        (Entry(set={"faults": {"half_opne": True}}), "set.faults.half_opne: unknown key"),
        (Entry(packs=("slow-respones",)), 'packs: there is no pack "slow-respones"; did you mean'),
    ],
)
def test_what_can_not_be_is_named_by_its_key(entry: Entry, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        laid_over(profile(), entry, 1.0)


def test_the_state_says_what_each_entry_does_and_when() -> None:
    one = agenda(
        Entry(name="night", at_s=5, for_s=5, every_s=20, down=True, disconnect="close"),
        Entry(set={"faults": {"silent": True}}, brown_out=BrownOut(latency_s=1), packs=("throttles",)),
    )
    one.tick(27.0)
    night, always = one.state(27.0)
    assert (night["name"], night["is_on"], night["begins_at"], night["ends_at"]) == (
        "night",
        True,
        25.0,
        30.0,
    )
    assert (night["does"], one.why_down) == ("down, disconnect close", "night")
    assert (always["name"], always["ends_at"]) == ("timeline[1]", None)
    assert always["does"] == "packs throttles, set faults.silent, brown-out"
    assert does(Entry(down=True)) == "down"


MOMENTS = st.floats(0.0, 300.0)


@given(
    st.lists(
        st.tuples(MOMENTS, st.floats(0.1, 100.0), st.sampled_from(["response_s", "receipt_s"])), max_size=6
    ),
    st.lists(MOMENTS, max_size=10),
)
def test_what_was_asked_before_makes_no_difference(
    wanted: list[tuple[float, float, str]], moments: list[float]
) -> None:
    entries = [Entry(at_s=begin, for_s=for_s, set={key: for_s}) for begin, for_s, key in wanted]
    asked, fresh = agenda(*entries), agenda(*entries)
    for moment in sorted(moments):
        asked.tick(moment)
    assert asked.tick(300.0).profile == fresh.tick(300.0).profile
    assert asked.tick(1_000.0).profile == asked.base
