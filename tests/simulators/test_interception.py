"""What a carrier filters by itself, and whom it blocks."""

import random
from typing import Any

import pytest

from simulators import interception as interception_module
from simulators.interception import Interception, Interceptor
from smpp_router.wire.pdu import DeliverSm
from tests.simulators.customers import START, World, message


def interceptor(**settings: Any) -> Interceptor:
    return Interceptor(Interception(**settings), random.Random(1))


@pytest.mark.parametrize(
    ("source", "text", "is_intercepted"),
    [
        (b"10690001", "You WON a prize", True),
        (b"10690001", "call 400-123-456", True),
        (b"10690001", "see you at eight", False),
        (b"BANK", "you won a prize", False),
    ],
)
def test_words_and_patterns_of_watched_senders_are_found(
    source: bytes, text: str, is_intercepted: bool
) -> None:
    watching = interceptor(words=("won a",), patterns=(r"400-\d{3}",))
    assert watching.intercepts(source, text, START) is is_intercepted
    assert watching.counters["intercepted"] == is_intercepted


@pytest.mark.parametrize(
    ("action", "stats"), [("swallow", []), ("pretend", [b"DELIVRD"]), ("report", [b"REJECTD"])]
)
def test_what_is_intercepted_is_answered_like_any_other_message(action: Any, stats: list[bytes]) -> None:
    world = World(interception=Interception(words=("prize",), action=action))
    customer = world.bind()
    world.say(customer, message(short_message=b"a prize"))
    assert customer.statuses == ["ESME_ROK"]
    assert [receipt.stat for receipt in customer.receipts] == stats
    assert world.carrier.statistics()["intercepted"] == 1
    world.say(customer, message(short_message=b"hello"))
    assert customer.receipts[-1].stat == b"DELIVRD"


def test_a_sender_with_too_many_complaints_is_blocked_for_a_time() -> None:
    config = Interception(
        complaint_share=0.5, complaints_max_share=0.1, complaints_after=20, block_s=60.0, action="report"
    )
    world = World(interception=config)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(100)))
    world.say(customer, message())
    assert customer.receipts[-1].stat == b"REJECTD"
    statistics = world.carrier.statistics()
    assert statistics["complaints"] > 10
    assert statistics["senders_blocked"] >= 1
    world.wait(61.0, 1.0)
    world.say(customer, message())
    assert customer.receipts[-1].stat == b"DELIVRD"


def test_few_complaints_are_borne() -> None:
    watching = interceptor(complaints_max_share=0.1, complaints_after=10)
    for number in range(100):
        assert not watching.intercepts(b"1069", "hello", START)
        if number % 20 == 19:
            watching.complain(b"1069", START)
    assert watching.counters["senders_blocked"] == 0


def test_an_answer_may_be_a_complaint() -> None:
    watching = interceptor(complaint_words=("spam",))
    watching.answered(b"1069", "This is SPAM", START)
    watching.answered(b"1069", "thanks", START)
    assert watching.counters["complaints"] == 1


def test_senders_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interception_module, "SENDERS_MAX", 2)
    watching = interceptor(complaints_max_share=0.1, complaints_after=1, block_s=60.0)
    watching.intercepts(b"1061", "", START)
    watching.complain(b"1061", START)
    assert watching.intercepts(b"1061", "", START)
    for sender in (b"1062", b"1063"):
        watching.intercepts(sender, "", START)
    assert not watching.intercepts(b"1061", "", START)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"patterns": ("(",)}, "patterns: .* is no regular expression"),
        ({"patterns": ("x" * 501,)}, "patterns: must have 1 to 500 characters each"),
        ({"words": ("",)}, "words: must not be empty"),
        ({"complaints_max_share": 0.0}, "complaints_max_share: must be above 0"),
        ({"senders": ("106", "106")}, "senders: .* stands there twice"),
    ],
)
def test_what_can_not_be_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Interception(**settings)


def test_an_injected_message_may_be_a_complaint() -> None:
    world = World(interception=Interception(complaint_words=("spam",)))
    world.bind("shop")
    for text in (b"this is SPAM", b"thanks"):
        answer = DeliverSm(source_addr=b"8613900000001", destination_addr=b"10690", short_message=text)
        world.carrier.inject("shop", answer, world.now)
    assert world.carrier.statistics()["complaints"] == 1
