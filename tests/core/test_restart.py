"""What a crash left is taken up, and goes on."""

from typing import Any

from smpp_router.core.restart import take_up
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from tests.core.talk import Talk


def test_what_was_recovered_goes_on_where_it_stood() -> None:
    before = Talk()
    esme, link = before.esme("bank", c.BIND_TRANSMITTER), before.link("mobile", window=2)
    for _ in range(3):
        esme.submit()
    before.settle()
    link.accept(b"1")
    before.settle()
    messages = before.exchange.flight.messages.values()
    queued = [m for batch in before.journal for m in batch.accepted if m in messages]
    awaiting: list[Any] = [m for m in messages if m not in queued]
    recovered = Recovered(
        queued=queued,
        awaiting=awaiting,
        message_id_last=max(before.exchange.flight.messages),
    )
    after = Talk()
    for message in queued:
        message.attempts, message.is_on_link = 0, False
    take_up(after.exchange, recovered, after.now)
    esme, link = after.esme("bank"), after.link("mobile")
    after.settle()
    assert len(link.submits) == 2
    link.accept(b"2")
    link.accept(b"3")
    after.settle()
    for number in (b"1", b"2", b"3"):
        link.receipt(number)
    after.settle()
    assert len({receipt.message_id for receipt in esme.receipts}) == 3
    esme.submit()
    after.settle()
    assert int(esme.message_ids[-1]) > recovered.message_id_last


def test_a_message_that_may_be_sent_once_and_was_recorded_as_sent_ends_unknown_after_a_crash() -> None:
    before = Talk()
    before.esme("shop").submit()
    before.settle()
    (message,) = before.journal[0].accepted
    message.is_recorded = True
    after = Talk()
    take_up(after.exchange, Recovered(queued=[message]), after.now)
    esme, link = after.esme("shop"), after.link("mobile")
    after.settle()
    assert link.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]
