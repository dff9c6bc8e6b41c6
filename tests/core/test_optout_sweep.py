"""What waits for those who have refused it."""

from typing import Any

import pytest

from smpp_router.core import optout_sweep
from smpp_router.wire import constants as c
from smpp_router.wire.times import format_absolute
from tests.core.talk import Esme, Talk
from tests.core.test_screening import talk_of, ucs2

OFFER = ucs2("【示例商城】全场五折，拒收请回复R")


@pytest.fixture(autouse=True)
def _few_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optout_sweep, "SWEEP_MAX", 2)


def refuse(talk: Talk, number: str) -> None:
    screening = talk.exchange.screening
    assert screening is not None
    consent = screening.screener.optouts.heard("shop", number, "TD", talk.now)
    assert consent is not None
    screening.consent(consent, talk.exchange.commit)


def waiting(count: int, **fields: Any) -> tuple[Talk, Esme, list[str]]:
    """A shop's offers to so many numbers, while no carrier is there."""
    talk = talk_of()
    esme = talk.esme("shop")
    numbers = [f"86139000000{number:02d}" for number in range(count)]
    for number in numbers:
        esme.submit(number.encode(), **OFFER, **fields)
    talk.settle()
    return talk, esme, numbers


def tick(talk: Talk, count: int) -> None:
    for _ in range(count):
        talk.exchange.tick(talk.now)
        talk.settle()


def test_so_many_are_looked_at_in_a_tick_until_all_are() -> None:
    talk, esme, numbers = waiting(7)
    refuse(talk, numbers[0])
    refuse(talk, numbers[6])
    tick(talk, 1)
    assert len(talk.exchange.flight) == 6, "the next to go come first"
    tick(talk, 2)
    assert len(talk.exchange.flight) == 6
    tick(talk, 1)
    assert len(talk.exchange.flight) == 5
    assert [one.message_state for one in esme.receipts] == [c.REJECTED] * 2
    assert not talk.exchange.screening._sweep  # type: ignore[union-attr] - it screens


def test_who_refuses_while_others_are_looked_for_is_looked_for_next() -> None:
    talk, _, numbers = waiting(4)
    refuse(talk, numbers[3])
    tick(talk, 1)
    refuse(talk, numbers[0])
    tick(talk, 1)
    assert len(talk.exchange.flight) == 3
    tick(talk, 2)
    assert len(talk.exchange.flight) == 2


def test_what_is_scheduled_is_found_too() -> None:
    talk, _, numbers = waiting(3, schedule_delivery_time=format_absolute(talk_of().now + 3_600.0))
    assert talk.exchange.retries.paused == 3
    refuse(talk, numbers[1])
    tick(talk, 2)
    assert len(talk.exchange.flight) == 2


def test_what_has_gone_before_its_turn_is_left_alone() -> None:
    talk, esme, numbers = waiting(5)
    refuse(talk, numbers[4])
    tick(talk, 1)
    link = talk.link("mobile")
    talk.settle()
    assert len(link.submits) == 5
    tick(talk, 3)
    for number in range(5):
        link.accept(b"%d" % number)
    talk.settle()
    assert len(talk.exchange.flight) == 5
    assert esme.receipts == []


def test_consent_again_before_its_turn_ends_nothing() -> None:
    talk, _, numbers = waiting(5)
    refuse(talk, numbers[4])
    tick(talk, 1)
    screening = talk.exchange.screening
    assert screening is not None
    consent = screening.screener.optouts.heard("shop", numbers[4], "START", talk.now)
    assert consent is not None
    screening.consent(consent, talk.exchange.commit)
    tick(talk, 3)
    assert len(talk.exchange.flight) == 5
