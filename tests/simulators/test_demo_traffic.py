"""What the demo's customers count, and what they show of it."""

import random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import demo_traffic
from simulators.demo_traffic import CustomerAtWork, Recent, Sent, masked_number
from simulators.demo_world import CUSTOMERS
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DeliverSm, SubmitSmResp

NUMBER = "8613900000017"


@attrs.define
class Time:
    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds


def at_work(time: Time) -> CustomerAtWork:
    return CustomerAtWork(CUSTOMERS[0], 1.0, random.Random(1), time.now)


def taken(message_id: bytes) -> SubmitSmResp:
    return SubmitSmResp(message_id=message_id)


def receipt(message_id: bytes, stat: bytes = b"DELIVRD") -> DeliverSm:
    return DeliverSm(esm_class=0x04, short_message=b"id:%b stat:%b err:000" % (message_id, stat))


@given(order=st.permutations(["answer", b"1", b"2", b"3"]))
def test_a_text_ends_with_its_last_part_whatever_comes_first(order: list[str | bytes]) -> None:
    time = Time()
    customer = at_work(time)
    for step, what in enumerate(order, 1):
        assert not customer.recent
        time.seconds = float(step)
        if isinstance(what, bytes):
            customer._delivered(receipt(what))
        else:
            customer._answered(Sent(NUMBER, 0.0), [taken(b"1"), taken(b"2"), taken(b"3")])
    [recent] = customer.recent
    assert (recent.parts, recent.stat) == (3, "DELIVRD")
    counters = customer.counters
    assert (counters.texts, counters.long_texts, counters.parts, counters.receipts) == (1, 1, 3, 3)
    assert (counters.submit.count, counters.receipt.count) == (3, 3)
    assert not customer._awaiting
    assert not customer._early


def test_one_part_that_failed_is_what_became_of_a_text() -> None:
    time = Time()
    customer = at_work(time)
    customer._answered(Sent(NUMBER, 0.0), [taken(b"1"), taken(b"2")])
    customer._delivered(receipt(b"1", b"UNDELIV"))
    time.seconds = 2.5
    customer._delivered(receipt(b"2"))
    assert list(customer.recent) == [
        Recent(
            ended_at=2.5,
            traffic_class="verification",
            number="86139******17",
            parts=2,
            stat="UNDELIV",
            took_s=2.5,
        )
    ]
    assert customer.counters.stats == {"UNDELIV": 1, "DELIVRD": 1}


def test_a_refused_part_has_ended() -> None:
    customer = at_work(Time())
    customer._answered(Sent(NUMBER, 0.0), [SubmitSmResp(command_status=c.ESME_RTHROTTLED)])
    assert customer.recent[0].stat == "ESME_RTHROTTLED"
    assert (customer.counters.accepted, customer.counters.refused) == (0, 1)


@pytest.mark.parametrize(
    "pdu", [DeliverSm(short_message=b"hello"), receipt(b"1", b"ENROUTE")], ids=["a message", "under way"]
)
def test_only_final_receipts_count(pdu: DeliverSm) -> None:
    customer = at_work(Time())
    customer._answered(Sent(NUMBER, 0.0), [taken(b"1")])
    customer._delivered(pdu)
    assert customer.counters.receipts == 0
    assert not customer.recent


def test_what_it_waits_for_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_traffic, "AWAITING_MAX", 2)
    customer = at_work(Time())
    for message_id in (b"1", b"2", b"3"):
        customer._answered(Sent(NUMBER, 0.0), [taken(message_id)])
        customer._delivered(receipt(b"x" + message_id))
    assert list(customer._awaiting) == [b"2", b"3"]
    assert list(customer._early) == [b"x2", b"x3"]


@given(number=st.text("0123456789", min_size=9, max_size=15))
def test_a_number_is_shown_by_its_ends(number: str) -> None:
    shown = masked_number(number)
    assert len(shown) == len(number)
    assert (shown[:5], set(shown[5:-2]), shown[-2:]) == (number[:5], {"*"}, number[-2:])
    assert number not in repr(Sent(number, 0.0))
