"""What becomes of held messages when people decide, as conversations."""

import pytest

from smpp_router.core.commit import Commit
from smpp_router.core.restart import take_up
from smpp_router.core.reviewing import Decision, Reviewing
from smpp_router.message.consent import Consent
from smpp_router.message.lifecycle import State
from smpp_router.message.message import Message
from smpp_router.message.review import Review
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from tests.core.talk import Talk
from tests.core.test_screening import part, talk_of, ucs2

TEXT = "【示例商城】全场五折"
YES = Decision(is_accepted=True, reviewer="李四", reason="老客户", operator="ops")
NO = Decision(is_accepted=False, reviewer="李四", reason="没有退订方式")


def reviewing(talk: Talk) -> Reviewing:
    exchange = talk.exchange
    assert exchange.screening is not None
    return Reviewing(exchange.screening.holding, exchange.retries, exchange.accounts)


def decide(talk: Talk, held: Reviewing, message_id: int, decision: Decision) -> bool:
    """A decision from its word to its end."""
    talk.wait(1.0)
    made = held.stage(message_id, decision, talk.now, talk.exchange.commit)
    if made is None:
        return False
    talk.settle()
    assert talk.journal[-1].reviews == made, "durable before anything comes of it"
    is_done = held.carry_out(made, talk.now, talk.exchange.commit)
    held.forget(made)
    talk.wait(1.0)
    return is_done


def test_an_accepted_message_goes_on_and_its_life_tells_who_said_so() -> None:
    talk = talk_of()
    esme, link, held = talk.esme("shop"), talk.link("mobile"), reviewing(talk)
    esme.submit(**ucs2(TEXT))
    talk.settle()
    _, (item,) = held.listed()
    assert (item.text, item.account, item.destination) == (TEXT, "shop", "8613900000001")
    assert item.verdict.decisive is not None
    assert item.verdict.decisive.name == "UNSUBSCRIBE_MISSING"
    assert decide(talk, held, item.message_ids[0], YES)
    assert len(link.submits) == 1
    assert held.listed() == (0, [])
    steps = talk.lives()[item.message_ids[0]]
    assert [step.state for step in steps if step.is_illegal] == []
    assert State.HELD in [step.state for step in steps]
    assert "李四: 老客户".encode() in [step.event[3] for step in steps]


def test_a_refused_message_ends_with_the_receipt_that_it_is_owed() -> None:
    talk = talk_of()
    esme, link, held = talk.esme("shop"), talk.link("mobile"), reviewing(talk)
    esme.submit(**ucs2(TEXT))
    talk.settle()
    _, (item,) = held.listed()
    assert decide(talk, held, item.message_ids[0], NO)
    assert link.submits == []
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]
    assert not decide(talk, held, item.message_ids[0], YES), "a decision comes once"


def test_parts_are_one_item_and_are_decided_as_one() -> None:
    talk = talk_of()
    esme, link, held = talk.esme("shop"), talk.link("mobile"), reviewing(talk)
    esme.submit(**part(2, 2, "全场五折"))
    esme.submit(**part(1, 2, "【示例商城】"))
    esme.submit(**ucs2(TEXT))
    talk.settle()
    count, (first, second) = held.listed()
    assert count == 2
    assert (first.text, len(first.message_ids)) == (TEXT, 2)
    assert held.listed(limit=1) == (2, [first])
    count, later = held.listed(after=first.message_ids[0])
    assert (count, [one.message_ids for one in later]) == (2, [second.message_ids])
    assert held.listed(account="bank") == (0, [])
    assert held.item(first.message_ids[1]) == first
    assert decide(talk, held, first.message_ids[1], YES)
    assert len(link.submits) == 2
    assert [one.message_ids for one in held.listed()[1]] == [second.message_ids]
    illegal = [step for steps in talk.lives().values() for step in steps if step.is_illegal]
    assert illegal == []


def test_what_nobody_decides_about_expires_and_is_told() -> None:
    talk = talk_of()
    esme, held = talk.esme("shop"), reviewing(talk)
    esme.submit(**ucs2(TEXT), validity_period=b"000000000100000R")
    talk.settle()
    _, (item,) = held.listed()
    talk.wait(70.0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.EXPIRED]
    screening = talk.exchange.screening
    assert screening is not None
    (lapsed,) = screening.holding.lapsed
    assert (lapsed.message_id, lapsed.why) == (item.message_ids[0], "expired")
    assert held.listed() == (0, [])
    assert talk.exchange.retries.held == {}, "what has ended is held no longer"
    assert held.stage(item.message_ids[0], YES, talk.now, Commit()) is None


def test_what_its_recipient_refuses_meanwhile_ends_and_is_told() -> None:
    talk = talk_of()
    esme, held = talk.esme("shop"), reviewing(talk)
    esme.submit(**ucs2(TEXT))
    talk.settle()
    screening = talk.exchange.screening
    assert screening is not None
    screening.consent(Consent(talk.now, "shop", "8613900000001", is_refusal=True), talk.exchange.commit)
    talk.wait(1.0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]
    assert [lapsed.why for lapsed in screening.holding.lapsed] == ["opted out"]
    assert held.listed() == (0, [])


def test_nobody_else_decides_while_a_decision_becomes_durable() -> None:
    talk = talk_of()
    held = reviewing(talk)
    talk.esme("shop").submit(**ucs2(TEXT))
    talk.settle()
    _, (item,) = held.listed()
    made = held.stage(item.message_ids[0], YES, talk.now, Commit())
    assert made is not None
    assert held.stage(item.message_ids[0], NO, talk.now, Commit()) is None
    held.forget(made)
    assert held.stage(item.message_ids[0], NO, talk.now, Commit()) is not None


def crashed(decisions: list[bool], *, is_screened: bool = True) -> tuple[Talk, list[Message]]:
    """A router after a crash that came between a decision and what was to come of it."""
    before = talk_of()
    before.esme("shop").submit(**ucs2(TEXT))
    before.settle()
    stored = [message for batch in before.journal for message in batch.accepted]
    bodies = {message.message_id: message.body or b"" for message in stored}
    for message in stored:
        message.body, message.handle, message.decision = None, 1, None
    reviews = [Review(1.0, stored[0].message_id, "shop", said, "li", "why") for said in decisions]
    after = talk_of() if is_screened else Talk()
    after.now = before.now
    recovered = Recovered(queued=stored, reviews=reviews, message_id_last=stored[-1].message_id)
    take_up(after.exchange, recovered, after.now)
    after.link("mobile")
    wanted = after.exchange.to_read_back()
    after.exchange.read_back(wanted, [bodies[message.message_id] for message in wanted], after.now)
    after.wait(1.0)
    return after, stored


def test_what_was_accepted_before_a_crash_is_not_held_again() -> None:
    talk, _ = crashed([False, True])
    assert len(talk.links[0].submits) == 1, "the last word counts"
    assert reviewing(talk).listed() == (0, [])


@pytest.mark.parametrize("is_screened", [True, False])
def test_what_was_refused_before_a_crash_does_not_go_and_ends(is_screened: bool) -> None:
    talk, stored = crashed([True, False], is_screened=is_screened)
    assert talk.links[0].submits == []
    assert len(talk.exchange.flight) == 0
    assert talk.exchange.retries.held == {}
    assert stored[0].is_ended
    esme = talk.esme("shop")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]


def test_what_nobody_has_decided_about_goes_once_screening_is_switched_off() -> None:
    talk, _ = crashed([], is_screened=False)
    assert len(talk.links[0].submits) == 1
