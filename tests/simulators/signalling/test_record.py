"""The record of events."""

from typing import Any

from simulators.signalling.record import Event, Record


def step(at: float, kind: Any = "sri_sm", number: bytes = b"1", cause: str = "") -> Event:
    return Event(at, kind, "mobile", number, cause, "", 1)


def test_the_latest_events_are_found_by_number_and_kind() -> None:
    record = Record(3)
    for event in (step(1.0), step(2.0), step(3.0, number=b"2"), step(4.0, "final", cause="callBarred")):
        record.add(event)
    assert [event.at for event in record.events()] == [4.0, 3.0, 2.0]
    assert [event.at for event in record.events(b"1", "sri_sm")] == [2.0]
    assert record.failures == {("final", "callBarred"): 1}
    record.configure(1)
    assert [event.at for event in record.events()] == [4.0]
    record.clear()
    assert (len(record), record.failures) == (0, {})
