"""Carriers in front of the network: what ESMEs see of it."""

from typing import Any

import pytest

from simulators.carrier import SimulatedCarrier
from simulators.distributions import Delay
from simulators.handsets.config import Answer, HandsetConfig, Interval
from simulators.rules import Rule
from simulators.signalling.config import NetworkConfig, Subscribers
from simulators.signalling.network import Network
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import AlertNotification, CancelSm, DataSm, QuerySm, QuerySmResp
from smpp_router.wire.times import format_relative
from tests.simulators.customers import START, World, message, profile
from tests.simulators.signalling.air import NUMBER, network_config


class OnAir(World):
    """A conversation with a carrier in front of a network."""

    def __init__(self, network: NetworkConfig | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.network = Network(network or network_config(), started_at=START)
        self.carrier = SimulatedCarrier(profile(**settings), self.network)

    def shown(self, number: bytes = NUMBER) -> list[str]:
        return [text.text for text in self.network.handsets.get(number).inbox.texts]


def handset(**habits: Any) -> tuple[HandsetConfig]:
    return (HandsetConfig(number=NUMBER.decode(), **habits),)


def test_a_receipt_says_what_the_handset_did() -> None:
    air = OnAir()
    customer = air.bind()
    air.say(customer, message())
    air.wait(0.02)
    assert [(receipt.stat, receipt.error) for receipt in customer.receipts] == [(b"DELIVRD", b"000")]
    assert air.shown() == ["hello"]


@pytest.mark.parametrize(
    ("network", "stat", "error"),
    [
        ({"barred": Subscribers(share=1.0)}, b"UNDELIV", b"013"),
        ({"unknown": Subscribers(share=1.0)}, b"UNDELIV", b"001"),
        ({"handsets": handset(state="off")}, b"EXPIRED", b"006"),
        ({"handsets": handset(memory=0)}, b"EXPIRED", b"032"),
    ],
)
def test_a_cause_comes_to_stat_and_err_and_network_error_code(
    network: dict[str, Any], stat: bytes, error: bytes
) -> None:
    air = OnAir(network_config(**network))
    customer = air.bind()
    air.say(customer, message(validity_period=format_relative(60)))
    air.wait(61.0, 1.0)
    (receipt,) = customer.receipts
    assert (receipt.stat, receipt.error) == (stat, error)
    (delivery,) = customer.deliveries
    codes = [value for tag, value in delivery.tlvs if tag == c.TAG_NETWORK_ERROR_CODE]
    assert codes == [b"\x03" + int(error).to_bytes(2, "big")]


def test_the_network_begins_when_the_message_has_been_answered() -> None:
    air = OnAir(response_s=2.0)
    customer = air.bind()
    air.say(customer, message())
    air.wait(1.9)
    assert air.shown() == []
    air.wait(0.2)
    air.wait(0.02)
    assert customer.statuses == ["ESME_ROK"]
    assert air.shown() == ["hello"]


def test_a_message_that_waits_is_enroute_and_can_be_cancelled() -> None:
    air = OnAir(network_config(handsets=handset(state="off")))
    customer = air.bind()
    air.say(customer, message())
    given: Any = {"message_id": customer.message_ids[0], "source_addr": b"106900"}
    air.wait(1.0)
    air.say(customer, QuerySm(**given), CancelSm(**given))
    query = [pdu for pdu in customer.responses if isinstance(pdu, QuerySmResp)]
    assert [pdu.message_state for pdu in query] == [c.ENROUTE]
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED"]
    assert len(air.network) == 0


def test_an_intermediate_notification_and_an_alert_come_before_the_receipt() -> None:
    away = (Interval(state="off", for_s=100.0),)
    air = OnAir(network_config(handsets=handset(intervals=away)))
    customer = air.bind()
    data_sm = DataSm(
        source_addr=b"106900",
        destination_addr=NUMBER,
        dest_addr_ton=1,
        registered_delivery=0x11,
        tlvs=((c.TAG_MESSAGE_PAYLOAD, b"hello"), (c.TAG_SET_DPF, b"\1")),
    )
    air.say(customer, data_sm)
    air.wait(102.0, 1.0)
    assert [receipt.stat for receipt in customer.receipts] == [b"ENROUTE", b"DELIVRD"]
    assert sum(isinstance(pdu, AlertNotification) for pdu in customer.responses) == 1


def test_rules_decide_before_the_network_does() -> None:
    air = OnAir(network_config(), rules=(Rule(text="hello", outcome="REJECTD"),))
    customer = air.bind()
    air.say(customer, message(), message(short_message=b"other"))
    air.wait(0.02)
    assert [receipt.stat for receipt in customer.receipts] == [b"REJECTD", b"DELIVRD"]
    assert air.shown() == ["other"]


def test_parts_with_sar_tlvs_are_one_text_on_the_handset() -> None:
    air, text = OnAir(), "0123456789" * 40
    customer = air.bind()
    parts = [
        message(short_message=part.short_message, tlvs=part.tlvs) for part in split_text(text, 0, "sar", 300)
    ]
    air.say(customer, *parts)
    air.wait(0.02)
    assert air.shown() == [text]
    assert [receipt.stat for receipt in customer.receipts] == [b"DELIVRD"] * 3


def test_a_subscriber_answers_the_account_that_wrote() -> None:
    answers = (Answer(text="hello", replies=("TD",), delay=Delay(s=3.0)),)
    air = OnAir(network_config(handsets=handset(answers=answers)))
    customer = air.bind()
    air.say(customer, message())
    air.wait(4.0, 0.5)
    answer = customer.deliveries[-1]
    assert (answer.source_addr, answer.destination_addr, answer.short_message) == (NUMBER, b"106900", b"TD")


def test_carriers_share_one_network_and_each_hears_of_its_own_messages_only() -> None:
    air = OnAir(network_config(number_plan={"other": ("86139",)}))
    customer = air.bind()
    other = SimulatedCarrier(profile(name="other"), air.network)
    air.say(customer, message())
    other.tick(air.now)
    assert air.network.counters.inter_carrier == 1
    assert customer.receipts == []
    air.wait(0.02)
    assert [receipt.stat for receipt in customer.receipts] == [b"DELIVRD"]
