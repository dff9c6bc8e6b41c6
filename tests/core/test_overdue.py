from smpp_router.config import RoutesConfig
from smpp_router.core.overdue import RECEIPT, RESPONSE, VALIDITY, Overdue, overdue
from smpp_router.message.message import Pending
from tests.core.talk import START, Link, Talk, carrier


def found(talk: Talk) -> list[Overdue]:
    return list(overdue(talk.exchange.flight, talk.exchange.carriers, talk.now))


def silent_for_days() -> tuple[Talk, Link]:
    """Two messages that a carrier has taken and said nothing of since."""
    talk = Talk()
    link, esme = talk.link("mobile"), talk.esme("bank")
    for number in range(2):
        esme.submit()
        talk.settle()
        link.accept(b"%d" % number)
        talk.settle()
    talk.now += 3 * 86_400.0
    return talk, link


def test_a_message_without_an_answer_is_overdue_when_its_carrier_has_had_its_time() -> None:
    talk = Talk()
    talk.link("mobile")
    talk.esme("bank").submit()
    talk.settle()
    (message_id,) = talk.exchange.flight.messages
    talk.now += 29.0
    assert found(talk) == []
    talk.now += 2.0
    assert found(talk) == [Overdue(message_id, RESPONSE, "mobile", START)]


def test_a_message_without_a_receipt_is_overdue_by_what_its_carrier_takes_and_by_its_validity() -> None:
    talk = Talk()
    link = talk.link("mobile")
    talk.esme("bank").submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    (pending,) = talk.exchange.flight.messages.values()
    assert isinstance(pending, Pending)
    assert pending.cohort is not None
    assert found(talk) == []
    pending.cohort.is_overdue = True
    (late,) = found(talk)
    assert (late.message_id, late.deadline, late.carrier) == (pending.message_id, RECEIPT, "mobile")
    talk.now = pending.expires_at
    assert found(talk) == [Overdue(pending.message_id, VALIDITY, "mobile", pending.expires_at)]
    link.receipt(b"5")
    talk.settle()
    assert found(talk) == []


def test_what_ends_while_somebody_looks_is_passed_over() -> None:
    talk, link = silent_for_days()
    looking = overdue(talk.exchange.flight, talk.exchange.carriers, talk.now)
    next(looking)
    link.receipt(b"1")
    talk.settle()
    assert list(looking) == []


def test_carriers_may_come_and_go_while_somebody_looks() -> None:
    talk, link = silent_for_days()
    looking = overdue(talk.exchange.flight, talk.exchange.carriers, talk.now)
    next(looking)
    talk.reload(carriers=(carrier("new"),), routes=RoutesConfig(default=("new",)))
    for number in range(2):
        link.receipt(b"%d" % number)
    talk.wait(1.0)
    link.cut()
    talk.wait(1.0)
    assert set(talk.exchange.carriers) == {"new"}
    assert list(looking) == []
