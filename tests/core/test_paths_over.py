"""Copies of messages that have ended, and copies whose carrier is gone or closed."""

import pytest

from smpp_router.wire import constants as c
from tests.core.ministry import NAMES, Ministry


@pytest.mark.parametrize("mode", ["hedged", "parallel"])
def test_a_copy_that_is_throttled_or_refused_after_the_end_is_not_sent_again(mode: str) -> None:
    for status in (c.ESME_RTHROTTLED, c.ESME_RSYSERR):
        talk = Ministry(mode)
        talk.submit()
        talk.wait(11)
        talk.accept("unicom")
        talk.receipt("unicom")
        talk.refuse("mobile", status)
        talk.wait(20)
        assert talk.sent().get("mobile") is None
        assert talk.told == [c.DELIVERED]


def test_a_parallel_copy_that_nobody_answered_is_not_sent_again_after_the_end() -> None:
    talk = Ministry("parallel")
    talk.submit()
    talk.accept("unicom")
    talk.receipt("unicom")
    for name in ("mobile", "telecom"):
        talk.carrier_links[name].cut()
        talk.carrier_links[name] = talk.link(name)
    talk.wait(60)
    assert talk.sent() == {}
    assert talk.in_flight() == []


def test_a_carrier_is_asked_once_to_cancel_a_copy() -> None:
    talk = Ministry("parallel")
    talk.submit()
    for name in NAMES:
        talk.accept(name)
    talk.receipt("mobile")
    talk.wait(21)
    assert talk.recalled("unicom") == [b"id"]
    talk.receipt("telecom")
    talk.wait(5)
    assert talk.recalled("unicom") == [b"id"]


def test_a_carrier_that_is_lost_to_the_configuration_is_passed_over() -> None:
    talk = Ministry()
    talk.submit()
    del talk.exchange.carriers["unicom"]
    talk.refuse("mobile")
    assert talk.sent() == {"telecom": 1}
    talk.accept("telecom")
    talk.receipt("telecom")
    assert talk.told == [c.DELIVERED]


def test_a_copy_that_waits_for_a_carrier_that_health_has_closed_goes_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk = Ministry()
    for name in NAMES:
        talk.carrier_links[name].cut()
    talk.submit()
    router = talk.exchange.router
    monkeypatch.setattr(router, "share", lambda _, carrier: float(carrier != "mobile"))
    monkeypatch.setattr(router, "is_closed_somewhere", lambda carrier: carrier == "mobile")
    talk.carrier_links["unicom"] = talk.link("unicom")
    talk.wait(5)
    assert talk.sent() == {"unicom": 1}
