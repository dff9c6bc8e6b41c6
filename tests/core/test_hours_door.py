"""The last door before a carrier's links."""

import attrs

from smpp_router.compliance.screener import Screener
from smpp_router.config_compliance import ComplianceConfig, HoursConfig, ScreenedClassConfig
from smpp_router.core.hours_door import Door, HoursKept
from smpp_router.message.message import UNREPORTED, Message
from tests.core.test_quiet_hours import COMPLIANCE, EVENING, HOUR, MORNING


def message(message_id: int, traffic_class: str = "offers", reported_id: int = 1) -> Message:
    addresses = b"\x00\x00106900\x00\x01\x018613900000001\x00"
    return Message(message_id, reported_id, "shop", traffic_class, b"", addresses, 1, MORNING)


def door(own_hours: HoursConfig | None = None, compliance: ComplianceConfig = COMPLIANCE) -> Door:
    return Door(HoursKept(Screener(compliance, None, lambda: 0.0), {}), own_hours)


def test_by_day_nobody_is_asked_and_at_night_who_has_hours() -> None:
    shut = door()
    assert not shut.is_asked(EVENING - 0.001)
    assert shut.is_asked(EVENING)
    offer, notice = message(1), message(2, "default")
    assert shut.without([offer, notice], EVENING) == [notice]
    assert shut.stopped == [offer]
    assert shut.opens_at(offer, EVENING) == MORNING
    assert shut.opens_at(notice, EVENING) == EVENING


def test_a_clock_that_is_put_back_is_believed() -> None:
    shut = door()
    assert shut.is_asked(EVENING)
    assert not shut.is_asked(EVENING - HOUR)


def test_each_hour_that_strikes_is_heard_also_by_who_was_let_through_before() -> None:
    late = ScreenedClassConfig(name="default", kind="notification", hours=HoursConfig(until="22:00"))
    shut = door(compliance=attrs.evolve(COMPLIANCE, classes=(late, *COMPLIANCE.classes[1:])))
    notice = message(1, "default")
    assert shut.is_asked(EVENING)
    assert shut.without([notice], EVENING) == [notice]
    assert shut.is_asked(EVENING + HOUR)
    assert shut.without([notice], EVENING + HOUR) == []
    assert shut.stopped == [notice]


def test_by_the_recipients_clock_it_may_be_night_while_it_is_day_by_that_of_the_hours() -> None:
    hours = HoursConfig(zone="America/New_York", by_recipient=True)
    shut = door(compliance=attrs.evolve(COMPLIANCE, marketing_hours=hours, regime="none"))
    offer = message(1)
    offer.addresses = b"\x00\x00106900\x00\x01\x0112135550100\x00"
    # Half past nine in New York, half past six in Los Angeles.
    now = MORNING + 14.5 * HOUR
    assert shut.is_asked(now)
    assert shut.without([offer], now) == []
    assert shut.opens_at(offer, now) == now + 1.5 * HOUR


def test_what_the_router_answers_itself_has_no_hours() -> None:
    shut = door()
    assert shut.is_asked(EVENING)
    own = message(1, reported_id=UNREPORTED)
    assert shut.without([own], EVENING) == [own]


def test_a_carriers_own_hours_hold_beside_the_others_and_for_marketing_alone() -> None:
    shut = door(HoursConfig(since="10:00", until="19:00"))
    now = EVENING - HOUR
    assert shut.is_asked(now)
    offer, notice = message(1), message(2, "default")
    assert shut.without([offer, notice], now) == [notice]
    assert shut.opens_at(offer, now) == MORNING + 2 * HOUR
