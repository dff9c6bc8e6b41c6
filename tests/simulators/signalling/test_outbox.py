"""What waits for carriers."""

import math

import pytest

from simulators.radio import MobileOriginated, Signal
from simulators.signalling.outbox import Outbox


def test_each_carrier_takes_its_own_events_once_and_in_order() -> None:
    outbox = Outbox()
    events = [Signal(float(at), at, "final", "", 0, 2) for at in range(3)]
    for carrier, event in zip(("a", "b", "a"), events, strict=True):
        outbox.tell(carrier, event)
    assert outbox.next_at() == 0.0
    assert outbox.take("a") == [events[0], events[2]]
    assert outbox.take("a") == []
    assert outbox.next_at() == 1.0
    assert outbox.take("b") == [events[1]]
    assert outbox.next_at() == math.inf


def test_what_ends_a_message_is_kept_and_the_rest_is_not_when_there_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulators.signalling.outbox.WAITING_MAX", 1)
    outbox = Outbox()
    outbox.tell("a", Signal(0.0, 1, "final", "", 0, 2))
    outbox.tell("a", Signal(0.0, 2, "alert_sc", "", 0, 0))
    outbox.tell("a", MobileOriginated(0.0, b"1", b"2", b"", 0, 0))
    outbox.tell("a", Signal(0.0, 3, "final", "", 0, 2))
    signals = [event for event in outbox.take("a") if isinstance(event, Signal)]
    assert ([signal.token for signal in signals], outbox.lost) == ([1, 3], 2)
