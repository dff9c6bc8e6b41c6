import pytest

from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending, final_date, wants_receipt
from smpp_router.core.flight import Flight
from smpp_router.core.message_ids import MessageIdIssuer
from smpp_router.message.lifecycle import CAUSE_SHIFT, ERROR_SHIFT, RECEIPT_OWED, Cause
from smpp_router.message.message import Message, Pending
from smpp_router.store.seam import FINAL
from smpp_router.wire import constants as c

NOW = 1_800_000_000.0
ADDRESSES = b"\x00\x01106900\x00\x01\x018613900000001\x00"


def message(registered_delivery: int) -> Message:
    issued = MessageIdIssuer(1).issue(NOW)
    return Message(issued, issued, "bank", "default", b"", ADDRESSES, registered_delivery, NOW + 60)


def pending(taken: Message) -> Pending:
    fields = taken.message_id, taken.reported_id, taken.account, "mobile", b"77", ADDRESSES
    return Pending(*fields, taken.registered_delivery, taken.expires_at)


@pytest.mark.parametrize("state", [c.DELIVERED, c.EXPIRED, c.DELETED, c.UNDELIVERABLE, c.UNKNOWN, c.REJECTED])
@pytest.mark.parametrize("asked", range(4))
def test_a_receipt_is_wanted_on_success_failure_both_or_neither(asked: int, state: int) -> None:
    is_success = state == c.DELIVERED
    assert wants_receipt(asked, state) == {0: False, 1: True, 2: not is_success, 3: is_success}[asked]
    assert wants_receipt(asked | 0x1C, state) == wants_receipt(asked, state)


@pytest.mark.parametrize("status", [0x10000, 0x1FFFFFF, 0xFFFFFFFF])
def test_a_status_beyond_what_an_error_code_can_say_is_the_highest_error_code(status: int) -> None:
    flight, commit = Flight([]), Commit()
    entry = message(1)
    flight.accept(entry)
    Ending(flight, MessageIdIssuer(1)).end(entry, c.UNDELIVERABLE, status, NOW + 1, commit, Cause.REFUSAL)
    ((_, _, _, code, body),) = commit.batch.facts
    assert code == c.UNDELIVERABLE | 0xFFFF << ERROR_SHIFT | Cause.REFUSAL << CAUSE_SHIFT | RECEIPT_OWED
    assert b"stat:UNDELIV" in body


@pytest.mark.parametrize("asked", [0, 1])
def test_the_end_is_one_fact_that_carries_what_is_owed(asked: int) -> None:
    flight, commit = Flight([]), Commit()
    ending = Ending(flight, MessageIdIssuer(1))
    entry = message(asked)
    flight.accept(entry)
    ending.end(entry, c.UNDELIVERABLE, 34, NOW + 1, commit)
    ((kind, message_id, at, code, body),) = commit.batch.facts
    assert (kind, message_id, at) == (FINAL, entry.message_id, NOW + 1)
    assert code & 0xFFFFFF == c.UNDELIVERABLE | 34 << 8
    assert code >> CAUSE_SHIFT & 0x7F == Cause.RECEIPT
    assert bool(code & RECEIPT_OWED) == bool(asked)
    assert [delivery.body for delivery in commit.deliveries] == ([body] if asked else [])
    assert (body != b"") == bool(asked)
    assert entry.is_ended
    assert len(flight) == 0
    assert ending.ended[c.UNDELIVERABLE] == 1


@pytest.mark.parametrize("asked", range(4))
def test_those_that_are_delivered_together_end_as_one_by_one(asked: int) -> None:
    ended: list[Commit] = []
    for is_together in (True, False):
        flight, commit = Flight([]), Commit()
        ending = Ending(flight, MessageIdIssuer(1))
        flight.accept_all([message(asked)] * 2)
        entries = [pending(message(asked)) for _ in range(2)]
        if is_together:
            ending.delivered(entries, NOW + 61, commit)
        else:
            for entry in entries:
                ending.end(entry, c.DELIVERED, 0, NOW + 61, commit)
        assert (len(flight), ending.ended[c.DELIVERED]) == (0, 2)
        ended.append(commit)
    assert ended[0].batch.facts == ended[1].batch.facts
    assert ended[0].deliveries == ended[1].deliveries
    assert len(ended[0].batch.facts) == 2
    assert len(ended[0].deliveries) == (2 if asked & 1 else 0)


def test_a_final_date_is_absolute_and_in_utc() -> None:
    assert final_date(NOW + 0.37) == b"270115080000300+"
