"""What the router can know of a delivery."""

import pytest

from simulators.world.handed import RESPONSE_S, Handed
from simulators.world.verdict import Troubles
from simulators.world.wires import Wire
from smpp_router.wire import constants as c


def wire(now: float = 5.0) -> Wire:
    return Wire(1, "bank", lambda: now, lambda *_: None)


def answered(on: Wire, at: float = 6.0, answered_at: float = 6.0, status: int = c.ESME_ROK) -> Handed:
    return Handed(c.DELIVERED, at, on, answered_at, status)


def test_what_was_answered_in_time_is_received_once_that_is_settled() -> None:
    handed = answered(wire())
    assert handed.is_received(20.0, Troubles())
    assert not handed.is_received(6.5, Troubles())


@pytest.mark.parametrize(
    "handed",
    [
        answered(wire(), status=c.ESME_RX_T_APPN),
        Handed(c.DELIVERED, 6.0, wire()),
        answered(wire(), answered_at=6.0 + RESPONSE_S),
    ],
)
def test_what_was_refused_ignored_or_answered_late_is_not(handed: Handed) -> None:
    assert not handed.is_received(60.0, Troubles())


def test_an_answer_that_was_lost_or_that_the_router_forgot_is_not() -> None:
    silent = wire()
    silent.silence()
    assert not answered(silent).is_received(60.0, Troubles())
    assert not answered(wire()).is_received(60.0, Troubles(deaths=[6.5]))


def test_again_on_the_same_wire_with_time_left_is_hasty() -> None:
    on = wire()
    assert Handed(c.DELIVERED, 6.0, on).is_hasty(Handed(c.DELIVERED, 8.0, on))
    assert not Handed(c.DELIVERED, 6.0, on).is_hasty(Handed(c.DELIVERED, 6.0 + RESPONSE_S, on))
    assert not Handed(c.DELIVERED, 6.0, on).is_hasty(Handed(c.DELIVERED, 8.0, wire()))
    assert not answered(on).is_hasty(Handed(c.DELIVERED, 8.0, on))


def test_two_that_a_standstill_has_held_back_together_are_not_hasty() -> None:
    stalled = wire(7.0)
    stalled.hold()
    stalled.release()
    assert not Handed(c.DELIVERED, 7.0, stalled).is_hasty(Handed(c.DELIVERED, 7.0, stalled))
    assert Handed(c.DELIVERED, 8.0, stalled).is_hasty(Handed(c.DELIVERED, 8.5, stalled))


def test_one_that_stood_still_on_its_way_may_be_the_elder() -> None:
    stalled = wire(7.0)
    stalled.hold()
    stalled.release()
    assert Handed(c.DELIVERED, 7.0, stalled).may_have_waited(answered(wire()))
    assert not Handed(c.DELIVERED, 7.0, wire()).may_have_waited(answered(wire()))
