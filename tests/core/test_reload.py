# The pass over the exchange that a reload is; whole routers are reloaded in tests/net/test_reloading.py.
from typing import Any

import attrs
import pytest

from smpp_router.compliance.screener import Screener
from smpp_router.config import ClassConfig, LimitsConfig, MarkConfig, RoutesConfig
from smpp_router.config_compliance import (
    CapConfig,
    ComplianceConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)
from smpp_router.config_routes import PriceConfig, RouteConfig
from smpp_router.core.reload import needs_router
from smpp_router.message.lifecycle import PLANNED
from smpp_router.wire import constants as c
from tests.core.talk import Talk, account, carrier, configuration


def routes(*carriers: str) -> RoutesConfig:
    return RoutesConfig(prefixes=(RouteConfig(prefix="86139", carriers=carriers),))


def accounts(*changed: object) -> tuple[object, ...]:
    return (*changed, account("shop", traffic_class="once"), account("ministry", traffic_class="urgent"))


# ---------------------------------------------------------------------- routes


def test_every_part_that_asks_the_router_asks_the_new_one() -> None:
    talk = Talk()
    exchange, before = talk.exchange, talk.exchange.router
    talk.reload(routes=routes("unicom"))
    asked = {exchange.router, exchange.retries.router, exchange.intake.router, exchange.paths.plans.router}
    assert asked == {exchange.router}
    assert exchange.router is not before


def test_a_reload_of_something_else_keeps_the_router_and_its_memory() -> None:
    talk = Talk()
    before = talk.exchange.router
    talk.reload(limits=LimitsConfig(in_flight_max=7))
    assert talk.exchange.router is before


def test_rules_and_prices_need_another_router_and_windows_do_not() -> None:
    old = configuration()
    cheap = carrier("mobile", prices=(PriceConfig(prefix="86", price_per_part=0.5),))
    assert needs_router(old, attrs.evolve(old, routes=routes("mobile")))
    assert needs_router(old, attrs.evolve(old, carriers=(cheap, carrier("unicom"))))
    assert not needs_router(old, attrs.evolve(old, carriers=(carrier("mobile", window=3), carrier("unicom"))))


def test_what_is_scheduled_follows_the_rules_of_its_time() -> None:
    talk = Talk()
    esme, old, new = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit(schedule_delivery_time=b"000000000100000R")
    talk.settle()
    talk.reload(routes=routes("unicom"))
    talk.wait(65.0)
    assert not old.submits
    assert len(new.submits) == 1


def test_what_waits_for_a_carrier_that_stays_keeps_its_place() -> None:
    talk = Talk()
    esme, old, new = talk.esme("bank"), talk.link("mobile", window=1), talk.link("unicom")
    for _ in range(3):
        esme.submit()
    talk.settle()
    talk.reload(routes=routes("unicom"))
    for number in range(3):
        old.accept(b"%d" % number)
        talk.settle()
    assert not new.submits
    assert talk.exchange.carriers["mobile"].counters.taken == 3


def test_a_retry_after_a_reload_goes_by_the_new_rules_and_not_back_to_who_refused() -> None:
    talk = Talk()
    esme, refusing, other = talk.esme("bank"), talk.link("unicom"), talk.link("mobile")
    esme.submit(b"8613000000001")
    talk.settle()
    talk.reload(routes=RoutesConfig(prefixes=(RouteConfig(prefix="86130", carriers=("unicom", "mobile")),)))
    refusing.refuse(c.ESME_RSYSERR)
    talk.settle()
    assert not refusing.submits
    assert len(other.submits) == 1


def test_a_retry_does_not_go_back_to_who_refused_in_its_round_where_the_new_plan_is_longer() -> None:
    names = ("mobile", "unicom", "third", "new")
    talk = Talk(configuration(carriers=tuple(map(carrier, names)), routes=routes(*names[:3])))
    links = {name: talk.link(name) for name in names}
    talk.esme("bank").submit()
    talk.settle()
    for name in names[:3]:
        links[name].refuse(c.ESME_RSYSERR)
        talk.settle()
    talk.wait(2.0)
    links["mobile"].refuse(c.ESME_RSYSERR)
    talk.settle()
    talk.reload(routes=routes(*names))
    links["unicom"].refuse(c.ESME_RSYSERR)
    talk.settle()
    (followed,) = (name for name in names if links[name].submits)
    assert followed in {"third", "new"}


def test_a_message_that_is_planned_again_is_so_once_and_its_life_tells_of_it() -> None:
    talk = Talk()
    links = {name: talk.link(name) for name in ("mobile", "unicom")}
    talk.esme("bank").submit()
    talk.settle()

    def planned_when_refused() -> int:
        next(link for link in links.values() if link.submits).refuse(c.ESME_RSYSERR)
        talk.wait(3.0)
        ((_, steps),) = talk.lives().items()
        assert not any(step.is_illegal for step in steps)
        return sum(step.event[0] == PLANNED for step in steps)

    assert planned_when_refused() == 1
    talk.reload(routes=routes("mobile", "unicom"))
    assert planned_when_refused() == 2
    assert planned_when_refused() == 2
    # Two reloads with nothing between them are two.
    talk.reload(routes=routes("unicom", "mobile"))
    talk.reload(routes=routes("mobile"))
    assert planned_when_refused() == 3


def test_a_carrier_that_comes_or_goes_changes_ways() -> None:
    old = configuration()
    assert needs_router(old, attrs.evolve(old, carriers=old.carriers[:1]))
    assert needs_router(old, attrs.evolve(old, carriers=(*old.carriers, carrier("new"))))


# ---------------------------------------------------------------------- accounts


def test_a_new_account_submits_and_gets_its_receipts() -> None:
    talk = Talk()
    link = talk.link("mobile")
    talk.reload(accounts=(*talk.exchange.config.accounts, account("new")))
    esme = talk.esme("new")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    link.receipt(b"1")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.DELIVERED]


def test_throughput_and_windows_hold_for_sessions_that_are_bound() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    talk.reload(accounts=accounts(account("bank", throughput_per_s=1.0, burst=2, deliver_window=3)))
    for _ in range(5):
        esme.submit()
    talk.settle()
    assert esme.statuses.count(c.ESME_ROK) == 2
    assert esme.statuses.count(c.ESME_RTHROTTLED) == 3
    assert esme.far.window.size == 3
    assert esme.far.is_bound


def test_an_account_that_is_taken_out_is_unbound_and_refused_and_its_messages_go_on() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    esme.submit()
    talk.reload(accounts=accounts())
    talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_RINVSYSID]
    talk.wait(1.0)
    assert not esme.near.is_bound
    esme.cut()
    link.receipt(b"1")
    talk.settle()
    assert talk.exchange.ending.ended == {c.DELIVERED: 1}


def test_an_account_that_is_put_back_finds_its_receipts() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    before = talk.exchange.config.accounts
    talk.reload(accounts=accounts())
    talk.wait(1.0)
    esme.cut()
    link.receipt(b"1")
    talk.wait(60.0)
    talk.reload(accounts=before)
    again = talk.esme("bank")
    talk.settle()
    assert [receipt.message_state for receipt in again.receipts] == [c.DELIVERED]
    assert talk.exchange.accounts["bank"].counters.accepted == 1
    assert talk.exchange.leaving.accounts == {}


def test_what_subscribers_write_goes_to_whoever_has_the_number_now() -> None:
    talk = Talk()
    link = talk.link("mobile")
    bank, shop = talk.esme("bank"), talk.esme("shop")
    talk.reload(
        accounts=(
            account("bank"),
            account("shop", traffic_class="once", mo_addresses=("10690001",)),
            account("ministry", traffic_class="urgent"),
        )
    )
    link.deliver(b"10690001", b"hello")
    talk.settle()
    assert not bank.inbox
    assert [pdu.short_message for pdu in shop.inbox] == [b"hello"]


# ---------------------------------------------------------------------- classes and limits


def test_a_class_changes_for_messages_to_come() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    marked = ClassConfig(name="default", required_marks=(MarkConfig(name="filing", pattern="F-1"),))
    talk.reload(classes=(marked, *talk.exchange.config.classes[1:]))
    esme.submit()
    esme.submit(short_message=b"F-1 hello")
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK, c.ESME_RSUBMITFAIL]
    talk.reload(limits=LimitsConfig(in_flight_max=1_000))
    assert talk.exchange.intake.marks["default"].missing == {"filing": 1}


def test_messages_of_a_class_that_is_no_more_go_on() -> None:
    talk = Talk()
    esme = talk.esme("ministry")
    link = talk.link("mobile", window=1)
    for _ in range(3):
        esme.submit()
    talk.settle()
    talk.reload(
        classes=talk.exchange.config.classes[:2],
        accounts=(account("bank"), account("ministry"), account("shop", traffic_class="once")),
    )
    link.refuse(c.ESME_RTHROTTLED)
    talk.wait(5.0)
    for number in range(3):
        talk.wait(5.0)
        link.accept(b"%d" % number)
        link.receipt(b"%d" % number)
    talk.settle()
    assert talk.exchange.ending.ended == {c.DELIVERED: 3}


@pytest.mark.parametrize("room", [0, 1])
def test_limits_hold_from_the_reload_on(room: int) -> None:
    talk = Talk()
    esme = talk.esme("bank")
    talk.settle()
    talk.reload(limits=LimitsConfig(in_flight_max=1, orphan_receipts_max=2, pinned_parts_max=3))
    for _ in range(1 + room):
        esme.submit()
        talk.settle()
    assert esme.statuses.count(c.ESME_RMSGQFUL) == room
    assert talk.exchange.orphans._orphans_max == 2
    assert talk.exchange.retries.pins._entries_max == 3
    assert talk.exchange.paths.plans.orders._entries_max == 3
    assert talk.exchange.alarm_watch.in_flight_max == 1


# ---------------------------------------------------------------------- screening


def screener(**changes: Any) -> Screener:
    values: dict[str, Any] = {
        "registrations": (RegistrationConfig(account="bank", kind="bank"),),
        "classes": (
            ScreenedClassConfig(
                name="default", kind="notification", caps=(CapConfig(count=2, period_s=3600.0),)
            ),
        ),
        "parts_wait_s": 10.0,
    }
    return Screener(ComplianceConfig(**(values | changes)), None, lambda: 0.0)


def signed(text: str) -> dict[str, Any]:
    return {"data_coding": 8, "short_message": f"【示例银行】{text}".encode("utf-16-be")}


def test_rules_change_between_two_batches_and_what_was_counted_stays() -> None:
    talk = Talk(screener=screener())
    esme = talk.esme("bank")
    esme.submit(**signed("账单"))
    talk.settle()
    before = talk.exchange.screening
    talk.reload(screener=screener(signatures_required=False))
    esme.submit(data_coding=8, short_message="账单".encode("utf-16-be"))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK]
    # The cap of two an hour counts on from before the reload.
    esme.submit(**signed("账单"))
    talk.settle()
    assert esme.statuses[-1] != c.ESME_ROK
    assert talk.exchange.screening is before
    assert before is not None
    assert before.screener.counters.screened == 3


def test_what_recipients_have_refused_survives_with_other_words_for_it() -> None:
    talk = Talk(screener=screener())
    esme, link = talk.esme("bank"), talk.link("mobile")
    link.deliver(b"10690001", b"STOP")
    talk.settle()
    talk.reload(screener=screener(optout_words=("ENOUGH",), optin_words=("AGAIN",)))
    screening = talk.exchange.screening
    assert screening is not None
    optouts = screening.screener.optouts
    assert optouts.refusal("bank", "8613900000001", "106900", "marketing") is not None
    link.deliver(b"10690001", b"AGAIN")
    talk.settle()
    assert optouts.refusal("bank", "8613900000001", "106900", "marketing") is None
    assert len(esme.inbox) == 2


def test_what_is_held_stays_held_and_is_decided_by_its_own_verdict() -> None:
    talk = Talk(screener=screener(actions={"SIGNATURE_MISSING": "hold"}))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(data_coding=8, short_message="账单".encode("utf-16-be"))
    talk.settle()
    screening = talk.exchange.screening
    assert screening is not None
    (held,) = screening.holding.reviews
    talk.reload(screener=screener())
    talk.wait(5.0)
    assert not link.submits
    assert list(screening.holding.reviews) == [held]


def test_parts_of_a_long_message_meet_across_a_reload() -> None:
    talk = Talk(screener=screener())
    esme, link = talk.esme("bank"), talk.link("mobile")
    halves = ["【示例银行】您的", "账单"]
    for number, text in enumerate(halves, 1):
        header = bytes([5, 0, 3, 9, 2, number])
        esme.submit(esm_class=0x40, data_coding=8, short_message=header + text.encode("utf-16-be"))
        talk.settle()
        assert len(link.submits) == (2 if number == 2 else 0)
        talk.reload(screener=screener())
