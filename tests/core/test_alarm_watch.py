"""Each thing that goes wrong raises its own alarm, about its own subject, and nothing else does."""

import attrs
import pytest

from smpp_router.config import CarrierConfig, ClassConfig, LimitsConfig, LinkConfig, PathsConfig
from smpp_router.config_alarms import AlarmsConfig
from smpp_router.config_routes import RouteConfig, RoutesConfig
from smpp_router.core.alarm_watch import AlarmWatch
from smpp_router.core.alarms import FORGOTTEN_S
from smpp_router.wire import constants as c
from tests.core.talk import Esme, Link, Talk, account, carrier, configuration

FAST = AlarmsConfig(raise_s=2.0, clear_s=3.0, stuck_s=20.0)


def talked(**changes: object) -> tuple[Talk, Esme, Link]:
    talk = Talk(configuration(**{"alarms": FAST, **changes}))
    talk.link("unicom")
    return talk, talk.esme("bank"), talk.link("mobile")


def watch_of(talk: Talk) -> AlarmWatch:
    return talk.exchange.alarm_watch


def standing(talk: Talk) -> set[tuple[str, str]]:
    return {(alarm.kind, alarm.subject) for alarm in watch_of(talk).alarms.active()}


def test_a_healthy_router_has_no_alarms() -> None:
    talk, esme, link = talked()
    for number in range(20):
        esme.submit()
        talk.settle()
        link.accept(b"%d" % number)
        talk.settle()
        link.receipt(b"%d" % number)
        talk.wait(1.0)
    assert watch_of(talk).alarms.statistics().raised == 0


def test_a_carrier_without_a_session_is_down_until_it_is_back() -> None:
    talk, _, link = talked()
    talk.wait(3.0)
    assert standing(talk) == set()
    link.cut()
    talk.wait(4.0)
    assert ("carrier_down", "mobile") in standing(talk)
    talk.link("mobile")
    talk.wait(60.0)
    assert standing(talk) == set()
    kinds = [(event.kind, event.cleared_at is None) for event in watch_of(talk).alarms.take_events()]
    assert kinds.count(("carrier_down", True)) == kinds.count(("carrier_down", False)) == 1


def test_a_silent_carrier_is_told_of_until_it_has_its_traffic_back() -> None:
    talk, esme, _ = talked()
    for _ in range(8):
        esme.submit()
    talk.wait(8.0)
    assert {("carrier_silent", "mobile"), ("circuit_open", "mobile")} <= standing(talk)
    talk.wait(20.0)
    assert ("carrier_silent", "mobile") in standing(talk), "nothing is sent, and nothing has answered"


def test_messages_that_do_not_get_on_are_stuck() -> None:
    talk, esme, link = talked()
    for _ in range(15):
        esme.submit(b"8619900000001")
    talk.settle()
    assert link.carrier.queued == 5
    talk.wait(19.0)
    assert ("stuck_messages", "mobile") not in standing(talk)
    talk.wait(5.0)
    assert ("stuck_messages", "mobile") in standing(talk)
    while link.submits:
        link.accept(b"%d" % len(link.submits))
        talk.settle()
    talk.wait(5.0)
    assert ("stuck_messages", "mobile") not in standing(talk)


def test_a_message_for_later_is_not_stuck() -> None:
    talk, esme, _ = talked()
    esme.submit(schedule_delivery_time=b"000000001000000R")
    talk.wait(60.0)
    assert standing(talk) == set()


def test_receipts_that_fail_more_often_than_usual_are_told_of() -> None:
    talk, esme, link = talked()
    for number in range(40):
        esme.submit()
        talk.settle()
        link.accept(b"%d" % number)
        talk.settle()
        link.receipt(b"%d" % number, c.UNDELIVERABLE, b"001")
    talk.wait(4.0)
    assert ("receipts_falling", "mobile") in standing(talk)
    talk.wait(30.0)
    assert ("receipts_falling", "mobile") in standing(talk), "nothing is sent, so nothing speaks against it"


def test_receipts_for_nobody_are_told_of_if_they_are_many() -> None:
    talk, _, link = talked()
    for number in range(10):
        link.receipt(b"9%d" % number)
    talk.wait(5.0)
    assert standing(talk) == set(), "too few to tell"
    for number in range(30):
        link.receipt(b"8%d" % number)
    talk.wait(5.0)
    assert standing(talk) == {("unknown_ids", "mobile")}
    talk.wait(300.0)
    assert standing(talk) == set()


def test_a_queue_that_fills_up_is_told_of() -> None:
    talk, esme, _ = talked(carriers=(carrier("mobile", queue_max=10), carrier("unicom")))
    for _ in range(16):
        esme.submit(b"8619900000001")
    talk.wait(4.0)
    assert ("queue_growing", "mobile") in standing(talk)


def test_a_router_that_fills_up_is_told_of() -> None:
    talk, esme, _ = talked(limits=LimitsConfig(in_flight_max=10))
    for _ in range(6):
        esme.submit()
    talk.wait(3.0)
    assert ("router_full", "router") in standing(talk)


def test_an_account_that_sends_more_than_it_may_is_told_of() -> None:
    talk, esme, _ = talked(accounts=(account("bank", throughput_per_s=1.0, burst=5),))
    for _ in range(40):
        esme.submit()
    talk.wait(4.0)
    assert ("account_throttled", "bank") in standing(talk)


def test_an_account_whose_messages_have_to_be_refused_is_told_of() -> None:
    talk, esme, _ = talked()
    for _ in range(40):
        esme.submit(b"4")
    talk.wait(4.0)
    assert standing(talk) == {("account_refused", "bank")}


def test_an_account_that_sends_malformed_pdus_is_told_of() -> None:
    talk, esme, _ = talked()
    # A submit_sm whose body ends in the middle of its first field, 30 times.
    for sequence_number in range(1, 31):
        esme.near.write(
            b"\x00\x00\x00\x11" + b"\x00\x00\x00\x04" + bytes(4) + bytes([0, 0, 1, sequence_number]) + b"x"
        )
        esme.near.writable.append(esme.near)
    talk.wait(4.0)
    assert standing(talk) == {("account_malformed", "bank")}


def test_wrong_passwords_are_told_of() -> None:
    talk, esme, _ = talked()
    esme.account.counters.bad_passwords += 4
    talk.wait(3.0)
    assert standing(talk) == set()
    esme.account.counters.bad_passwords += 2
    talk.wait(3.0)
    assert standing(talk) == {("bad_passwords", "bank")}
    talk.wait(200.0)
    assert standing(talk) == set()


def unfetched() -> Talk:
    """An account has gone, and many receipts wait for it."""
    talk, esme, link = talked(accounts=(account("bank", receipts_max=10),))
    for number in range(8):
        esme.submit()
        talk.settle()
        link.accept(b"%d" % number)
        talk.settle()
    esme.cut()
    for number in range(8):
        link.receipt(b"%d" % number)
    talk.wait(4.0)
    return talk


def test_receipts_that_nobody_fetches_are_told_of() -> None:
    talk = unfetched()
    assert ("receipts_waiting", "bank") in standing(talk)


def test_receipts_that_nobody_fetches_are_told_of_as_long_as_nobody_does() -> None:
    talk = unfetched()
    alarms = watch_of(talk).alarms
    (before,) = [alarm for alarm in alarms.active() if alarm.kind == "receipts_waiting"]
    talk.wait(7_200.0)
    assert before in alarms.active()


def test_an_account_that_was_idle_for_hours_is_watched_again_when_it_does_something() -> None:
    talk, esme, _ = talked()
    talk.wait(7_200.0)
    for _ in range(40):
        esme.submit(b"4")
    talk.wait(4.0)
    assert ("account_refused", "bank") in standing(talk)


def test_a_disk_that_fills_up_is_told_of_once_somebody_has_asked() -> None:
    talk, _, _ = talked()
    watch = watch_of(talk)
    talk.wait(3.0)
    watch.disk_free_bytes = FAST.disk_free_bytes - 1
    talk.wait(2.0)
    assert standing(talk) == {("disk_low", "router")}
    watch.disk_free_bytes = FAST.disk_free_bytes * 2
    talk.wait(6.0)
    assert standing(talk) == set()


def test_who_leaves_with_a_configuration_has_no_alarms_any_more() -> None:
    talk, _, link = talked()
    link.cut()
    talk.wait(20.0)
    assert ("carrier_down", "mobile") in standing(talk)
    talk.reload(
        accounts=(*talk.config.accounts, account("mobile")),
        carriers=(carrier("unicom"),),
        routes=RoutesConfig(prefixes=(RouteConfig(prefix="86", carriers=("unicom",)),)),
    )
    esme = talk.esme("mobile")
    for _ in range(40):
        esme.submit(b"4")
    talk.wait(20.0)
    # An account of the same name is another thing.
    assert ("account_refused", "mobile") in standing(talk)
    talk.wait(FORGOTTEN_S)
    assert not {kind for kind, subject in standing(talk) if subject == "mobile"}


def apart(name: str, port: int) -> CarrierConfig:
    """A carrier that shares its link with nobody."""
    return carrier(name, links=(LinkConfig(host="127.0.0.1", port=port, system_id="r", password="p"),))


def test_a_class_with_fewer_healthy_paths_than_promised_is_told_of_before_it_sends_anything() -> None:
    whole = configuration(
        alarms=FAST,
        classes=(ClassConfig(name="default", paths=PathsConfig(count=2)),),
        accounts=(account("bank"),),
        carriers=(apart("mobile", 3001), apart("unicom", 3002)),
        routes=RoutesConfig(default=("mobile", "unicom")),
    )
    talk = Talk(whole)
    links = [talk.link("mobile"), talk.link("unicom")]
    talk.wait(10.0)
    assert standing(talk) == set()
    links[0].cut()
    talk.wait(1.0)
    assert standing(talk) == set()
    talk.wait(9.0)
    assert ("few_paths", "default") in standing(talk)
    talk.link("mobile")
    talk.wait(60.0)
    assert standing(talk) == set()


@pytest.mark.parametrize("percent", [40, 60])
def test_other_thresholds_hold_from_the_next_look(percent: int) -> None:
    talk, esme, _ = talked(carriers=(carrier("mobile", queue_max=10), carrier("unicom")))
    watch_of(talk).configure(attrs.evolve(FAST, queue_percent_max=percent))
    for _ in range(15):
        esme.submit(b"8619900000001")
    talk.wait(4.0)
    assert (("queue_growing", "mobile") in standing(talk)) == (percent <= 50)
