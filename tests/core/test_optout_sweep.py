"""What waits for those who have refused it."""

from typing import Any

import attrs
import pytest

from smpp_router.compliance.screener import Screener
from smpp_router.compliance.symbols import Action
from smpp_router.config import ClassConfig, PathsConfig, RoutesConfig
from smpp_router.config_routes import RouteConfig
from smpp_router.core import optout_sweep
from smpp_router.core.commit import Commit
from smpp_router.core.restart import take_up
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm
from smpp_router.wire.times import format_absolute
from tests.core.talk import Esme, Talk, carrier, configuration
from tests.core.test_screening import COMPLIANCE, NOON, talk_of, ucs2

OFFER = ucs2("【示例商城】全场五折，拒收请回复R")


@pytest.fixture(autouse=True)
def _few_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optout_sweep, "SWEEP_MAX", 2)


def refuse(talk: Talk, number: str, word: str = "TD") -> None:
    screening = talk.exchange.screening
    assert screening is not None
    heard = screening.screener.optouts.heard("shop", number, word, talk.now)
    assert heard is not None
    screening.consent(heard, talk.exchange.commit)


def consent(talk: Talk, number: str) -> None:
    refuse(talk, number, "START")


def waiting(count: int, **fields: Any) -> tuple[Talk, Esme, list[str]]:
    """A shop's offers to so many numbers, while no carrier is there."""
    talk = talk_of()
    esme = talk.esme("shop")
    numbers = [f"86139000000{number:02d}" for number in range(count)]
    for number in numbers:
        esme.submit(number.encode(), **OFFER, **fields)
    talk.settle()
    return talk, esme, numbers


def is_sweeping(talk: Talk) -> bool:
    screening = talk.exchange.screening
    assert screening is not None
    return bool(screening._sweep)


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
    assert not is_sweeping(talk)


def test_who_refuses_while_others_are_looked_for_is_looked_for_next() -> None:
    talk, _, numbers = waiting(4)
    refuse(talk, numbers[3])
    tick(talk, 1)
    refuse(talk, numbers[0])
    tick(talk, 1)
    assert len(talk.exchange.flight) == 3
    tick(talk, 2)
    assert len(talk.exchange.flight) == 2


@pytest.mark.parametrize(
    ("action", "left"), [("accept", 1), ("tag", 1), ("hold", 0), ("throttle", 0), ("refuse", 0)]
)
def test_what_configuration_lets_go_in_spite_of_a_refusal_waits_on(action: Action, left: int) -> None:
    classes = (attrs.evolve(COMPLIANCE.classes[1], actions={"OPTED_OUT": action}), COMPLIANCE.classes[0])
    talk = talk_of(attrs.evolve(COMPLIANCE, classes=classes))
    esme = talk.esme("shop")
    esme.submit(**OFFER)
    talk.settle()
    refuse(talk, "8613900000001")
    tick(talk, 2)
    assert not is_sweeping(talk)
    assert len(talk.exchange.flight) == left
    link = talk.link("mobile")
    talk.settle()
    assert len(link.submits) == left


def test_what_is_scheduled_is_found_too() -> None:
    talk, _, numbers = waiting(3, schedule_delivery_time=format_absolute(talk_of().now + 3_600.0))
    assert talk.exchange.retries.paused == 3
    refuse(talk, numbers[1])
    tick(talk, 2)
    assert len(talk.exchange.flight) == 2


def test_what_is_on_a_link_is_left_alone() -> None:
    talk, esme, numbers = waiting(5)
    link = talk.link("mobile")
    talk.settle()
    assert len(link.submits) == 5
    refuse(talk, numbers[4])
    tick(talk, 3)
    for number in range(5):
        link.accept(b"%d" % number)
    talk.settle()
    assert len(talk.exchange.flight) == 5
    assert esme.receipts == []


def test_nothing_leaves_before_its_turn_has_come() -> None:
    talk, esme, numbers = waiting(5)
    refuse(talk, numbers[4])
    link = talk.link("mobile")
    talk.settle()
    tick(talk, 1)
    assert len(link.submits) == 4
    assert [one.message_state for one in esme.receipts] == [c.REJECTED]
    assert talk.exchange.flight.messages.keys() == {int(found) for found in esme.message_ids[:4]}
    tick(talk, 3)
    assert {carrier.unwanted for carrier in talk.exchange.carriers.values()} == {None}


@pytest.mark.parametrize("ticks", [0, 1, 3])
def test_what_is_being_committed_does_not_leave(ticks: int) -> None:
    talk = talk_of()
    esme, link = talk.esme("shop"), talk.link("mobile")
    esme.submit(**OFFER)
    talk.hand_over()
    commit = talk.exchange.open_commit()
    assert commit is not None
    assert commit.releases
    refuse(talk, "8613900000001")
    for _ in range(ticks):
        talk.exchange.tick(talk.now)
    assert is_sweeping(talk)
    talk.exchange.committed(commit, talk.now)
    talk.settle()
    assert link.submits == []
    tick(talk, 2)
    assert [one.message_state for one in esme.receipts] == [c.REJECTED]
    assert esme.statuses == [c.ESME_ROK]
    assert not is_sweeping(talk)


def test_what_waits_to_be_committed_does_not_leave() -> None:
    talk = talk_of()
    esme, link = talk.esme("shop"), talk.link("mobile")
    esme.submit(**OFFER)
    talk.hand_over()
    refuse(talk, "8613900000001")
    talk.settle()
    assert link.submits == []
    tick(talk, 2)
    assert [one.message_state for one in esme.receipts] == [c.REJECTED]


def test_a_full_store_does_not_keep_a_sweep_from_ending() -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    esme.submit(**OFFER)
    talk.hand_over()
    refuse(talk, "8613900000001")
    talk.store_is_full = True
    talk.commit()
    tick(talk, 2)
    assert not is_sweeping(talk)


def test_other_messages_leave_at_once() -> None:
    talk, _, numbers = waiting(1)
    bank = talk.esme("bank")
    # Two ends that are alike, and a number that does not end in digits.
    for number in (numbers[0], "86139111100" + numbers[0][-2:], "86-139-1111-00-" + numbers[0][-1:]):
        bank.submit(number.encode(), **ucs2("【示例银行】您的账单已生成"))
    talk.settle()
    assert bank.statuses == [c.ESME_ROK] * 3
    refuse(talk, numbers[0])
    link = talk.link("mobile")
    link.far.window.size = 10
    talk.settle()
    assert len(link.submits) == 3


@pytest.mark.parametrize("destination", [b"86139000000001", b"+86 139 0000 0000 1 "])
def test_a_number_is_known_however_it_is_written(destination: bytes) -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    esme.submit(destination, **OFFER)
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    refuse(talk, "86139000000001")
    link = talk.link("mobile")
    talk.settle()
    assert link.submits == []


def test_consent_again_lets_go_what_was_stopped() -> None:
    talk, esme, numbers = waiting(3)
    refuse(talk, numbers[2])
    link = talk.link("mobile")
    talk.settle()
    assert len(link.submits) == 2
    consent(talk, numbers[2])
    tick(talk, 3)
    assert len(link.submits) == 3
    assert [getattr(one, "attempts", None) for one in talk.exchange.flight.messages.values()] == [1, 1, 1]
    link.accept(b"1", index=2)
    talk.settle()
    assert esme.receipts == []


def test_what_was_stopped_may_have_been_cancelled_before_it_is_ended() -> None:
    talk, esme, numbers = waiting(1)
    refuse(talk, numbers[0])
    talk.link("mobile")
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    tick(talk, 2)
    assert [one.message_state for one in esme.receipts] == [c.DELETED]


@pytest.mark.parametrize("begun", [0, 1, 2, 3])
@pytest.mark.parametrize("mode", ["parallel", "failover"])
def test_of_a_message_with_paths_no_copy_leaves(mode: Any, begun: int) -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="once", paths=PathsConfig(mode=mode, count=2)),
        ClassConfig(name="urgent"),
    )
    talk = Talk(configuration(classes=classes), screener=Screener(COMPLIANCE, None, lambda: 0.0))
    talk.now = NOON
    esme, links = talk.esme("shop"), [talk.link("mobile"), talk.link("unicom")]
    esme.submit(**OFFER)
    talk.hand_over()
    # It waits for its commit; is committed; its copies wait for theirs; are committed.
    under_way: Commit | None = None
    for step in range(begun):
        if step % 2:
            assert under_way is not None
            talk.exchange.committed(under_way, talk.now)
        else:
            under_way = talk.exchange.open_commit()
    refuse(talk, "8613900000001")
    if begun % 2:
        assert under_way is not None
        talk.exchange.committed(under_way, talk.now)
    talk.settle()
    tick(talk, 3)
    assert [link.submits for link in links] == [[], []]
    assert len(talk.exchange.flight) == 0
    assert [one.message_state for one in esme.receipts] == [c.REJECTED]
    assert not is_sweeping(talk)


def test_consent_again_before_its_turn_ends_nothing() -> None:
    talk, _, numbers = waiting(5)
    refuse(talk, numbers[4])
    tick(talk, 1)
    consent(talk, numbers[4])
    tick(talk, 3)
    assert len(talk.exchange.flight) == 5


def test_of_a_message_with_paths_a_copy_on_a_link_is_left_alone() -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="once", paths=PathsConfig(mode="parallel", count=2)),
        ClassConfig(name="urgent"),
    )
    talk = Talk(configuration(classes=classes), screener=Screener(COMPLIANCE, None, lambda: 0.0))
    talk.now = NOON
    esme, links = talk.esme("shop"), [talk.link("mobile"), talk.link("unicom")]
    esme.submit(**OFFER)
    talk.settle()
    refuse(talk, "8613900000001")
    tick(talk, 3)
    assert esme.receipts == []
    (link,) = [one for one in links if one.submits]
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert [one.message_state for one in esme.receipts] == [c.DELIVERED]


def test_nothing_leaves_for_a_carrier_that_comes_in_the_middle_of_a_sweep() -> None:
    talk, esme, numbers = waiting(9)
    refuse(talk, numbers[8])
    tick(talk, 1)
    telecom = carrier("telecom")
    routes = RoutesConfig(prefixes=(RouteConfig(prefix="86139", carriers=("telecom",)),))
    talk.reload(carriers=(*talk.config.carriers, telecom), routes=routes)
    link = talk.link("telecom", window=20)
    for name in ("mobile", "unicom"):
        talk.exchange.carriers[name].unbound_since = 0.0
    tick(talk, 1)
    assert numbers[0].encode() in [pdu.destination_addr for pdu in link.submits]
    tick(talk, 6)
    assert {pdu.destination_addr.decode() for pdu in link.submits} == set(numbers[:8])
    assert [one.message_state for one in esme.receipts] == [c.REJECTED]


def test_a_crash_before_a_sweep_has_come_to_its_end_lets_nothing_go() -> None:
    before, _, numbers = waiting(6)
    refuse(before, numbers[0])
    refuse(before, numbers[5])
    before.settle()
    stored = [message for batch in before.journal for message in batch.accepted]
    consents = [consent for batch in before.journal for consent in batch.consents]
    after = talk_of()
    take_up(after.exchange, Recovered(queued=stored, consents=consents, message_id_last=2**40), NOON)
    esme, link = after.esme("shop"), after.link("mobile", window=20)
    after.settle()
    tick(after, 5)
    assert [pdu.destination_addr.decode() for pdu in link.submits] == numbers[1:5]
    assert [one.message_state for one in esme.receipts] == [c.REJECTED] * 2
    assert not is_sweeping(after)
