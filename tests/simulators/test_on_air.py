"""A carrier in front of a radio network that does as it is told."""

import math
from typing import Any

import attrs
import pytest

from simulators.carrier import SimulatedCarrier
from simulators.interception import Interception
from simulators.profile import SimulatedAccount
from simulators.radio import MobileOriginated, ShortMessage, Signal
from simulators.rules import Rule
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import AlertNotification, CancelSm, ReplaceSm
from smpp_router.wire.times import format_relative
from tests.simulators.customers import START, World, message, profile


@attrs.define(eq=False)
class Network:
    """Keeps messages and says what the test has it say."""

    messages: list[ShortMessage] = attrs.Factory(list[ShortMessage])
    events: list[Signal | MobileOriginated] = attrs.Factory(list[Signal | MobileOriginated])
    texts: list[bytes] = attrs.Factory(list[bytes])
    has_gone: bool = False

    def submit(self, message: ShortMessage, now: float) -> None:
        assert now == message.submitted_at
        self.messages.append(message)

    def cancel(self, token: object, now: float) -> bool:
        assert now >= START
        return not self.has_gone and token is self.messages[-1].token

    def replace(
        self, token: object, octets: bytes, data_coding: int | None, expires_at: float | None, now: float
    ) -> bool:
        assert (data_coding, expires_at) == (None, math.inf)
        self.texts.append(octets)
        return self.cancel(token, now)

    def tick(self, now: float) -> None:
        assert now >= START

    def next_at(self) -> float:
        return START if self.events else math.inf

    def take(self, carrier: str) -> list[Signal | MobileOriginated]:
        assert carrier == "carrier"
        events, self.events = self.events, []
        return events

    def says(self, kind: str, cause: str = "", error_code: int = 0, state: int = 0) -> None:
        self.events.append(Signal(START, self.messages[-1].token, kind, cause, error_code, state))


class Air(World):
    """A conversation with a carrier that has a network behind it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.network = Network()
        self.carrier = SimulatedCarrier(profile(**settings), self.network)


@pytest.fixture
def air() -> Air:
    return Air()


def test_the_network_decides_when_and_how_a_message_ends(air: Air) -> None:
    customer = air.bind()
    air.say(customer, message(validity_period=format_relative(60)))
    assert customer.statuses == ["ESME_ROK"]
    (sent,) = air.network.messages
    assert (sent.destination, sent.octets, sent.starts_at) == ((1, 1, b"8613900000001"), b"hello", START)
    assert abs(sent.expires_at - START - 60) < 1.0
    air.wait(100.0, 1.0)
    assert customer.receipts == []
    air.network.says("final", "absentSubscriber", 27, c.EXPIRED)
    assert not air.carrier.is_idle
    air.wait(0.01)
    assert [(receipt.stat, receipt.error) for receipt in customer.receipts] == [(b"EXPIRED", b"027")]
    assert air.carrier.is_idle


def test_the_first_failure_is_told_to_who_wants_to_know(air: Air) -> None:
    customer = air.bind()
    air.say(customer, message(registered_delivery=0x11))
    for _ in range(2):
        air.network.says("mt_forward_sm", "absentSubscriber", 27)
    air.wait(0.01)
    air.network.says("final", "", 0, c.DELIVERED)
    air.wait(0.01)
    assert [receipt.stat for receipt in customer.receipts] == [b"ENROUTE", b"DELIVRD"]


@pytest.mark.parametrize("wants", [0, 1])
def test_who_set_the_delivery_pending_flag_is_alerted(air: Air, wants: int) -> None:
    customer = air.bind()
    air.say(customer, message(tlvs=((c.TAG_SET_DPF, bytes((wants,))),)))
    air.network.says("alert_sc")
    air.wait(0.01)
    alerts = [pdu for pdu in customer.responses if isinstance(pdu, AlertNotification)]
    assert [(alert.source_addr, alert.esme_addr) for alert in alerts] == [
        (b"8613900000001", b"106900")
    ] * wants
    assert air.carrier.counters.alerts == wants


@pytest.mark.parametrize("has_gone", [False, True])
def test_what_a_handset_has_can_not_be_cancelled_or_replaced(air: Air, has_gone: bool) -> None:
    customer = air.bind()
    air.say(customer, message())
    air.network.has_gone = has_gone
    given: Any = {"message_id": customer.message_ids[0], "source_addr": b"106900"}
    air.say(customer, ReplaceSm(short_message=b"bye", registered_delivery=1, **given), CancelSm(**given))
    expected = ["ESME_RREPLACEFAIL", "ESME_RCANCELFAIL"] if has_gone else ["ESME_ROK"] * 2
    assert customer.statuses[1:] == expected
    assert air.network.texts == [b"bye"]
    assert [receipt.stat for receipt in customer.receipts] == ([] if has_gone else [b"DELETED"])


def test_what_a_rule_decides_does_not_go_to_the_network() -> None:
    air = Air(rules=(Rule(destination="86138", outcome="UNDELIV"),))
    customer = air.bind()
    air.say(customer, message(b"8613800000001"), message())
    assert [receipt.stat for receipt in customer.receipts] == [b"UNDELIV"]
    assert [sent.destination[2] for sent in air.network.messages] == [b"8613900000001"]


@pytest.mark.parametrize(
    ("settings", "receiver"),
    [
        ({}, "two"),
        ({"mo_routes": {"1": "two", "106": "one"}}, "one"),
        ({"mo_routes": {"955": "one"}}, "two"),
    ],
)
def test_an_answer_goes_where_it_belongs(settings: dict[str, Any], receiver: str) -> None:
    accounts = (SimulatedAccount(system_id="one"), SimulatedAccount(system_id="two"))
    air = Air(accounts=accounts, **settings)
    customers = {name: air.bind(name) for name in ("one", "two")}
    air.say(customers["one"], message())
    air.say(customers["two"], message())
    air.network.events.append(MobileOriginated(START, b"8613900000001", b"106900", b"yes", 0, 0))
    air.wait(0.01)
    (delivery,) = customers[receiver].deliveries
    assert (delivery.source_addr, delivery.short_message) == (b"8613900000001", b"yes")


def test_an_answer_to_nobody_is_lost_and_counted(air: Air) -> None:
    air.network.events.append(MobileOriginated(START, b"8613900000001", b"106900", b"yes", 0, 0))
    air.wait(0.01)
    assert air.carrier.counters.mobile_originated_lost == 1


def test_an_answer_may_be_a_complaint() -> None:
    air = Air(interception=Interception(complaint_words=("spam",)))
    air.say(air.bind(), message())
    air.network.events.append(MobileOriginated(START, b"8613900000001", b"106900", b"SPAM", 0, 0))
    air.wait(0.01)
    assert air.carrier.statistics()["complaints"] == 1


def test_sources_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.on_air.SOURCES_MAX", 1)
    air = Air(accounts=(SimulatedAccount(system_id="one"), SimulatedAccount(system_id="two")))
    two = air.bind("two")
    air.say(two, message(source_addr=b"1"), message(source_addr=b"2"))
    for number in (b"1", b"2"):
        air.network.events.append(MobileOriginated(START, b"8613900000001", number, b"yes", 0, 0))
    air.wait(0.01)
    assert [delivery.destination_addr for delivery in two.deliveries] == [b"2"]
