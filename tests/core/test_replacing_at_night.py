"""What has to wait for the morning can be replaced meanwhile."""

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import ReplaceSm
from tests.core.ministry import recover
from tests.core.test_quiet_hours import EVENING, HOUR, MORNING, talk_of, until
from tests.core.test_screening import OFFER, ucs2


def test_what_waits_for_the_morning_can_be_replaced_at_night_and_that_is_no_schedule() -> None:
    talk = talk_of()
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING + HOUR)
    link = talk.link("mobile")
    talk.settle()
    other = OFFER.replace("回T退订", "拒收请回复T")
    text = ucs2(other)["short_message"]
    for validity in (b"000000120000000R", b"000000020000000R"):
        shop.send(ReplaceSm(message_id=shop.message_ids[0], short_message=text, validity_period=validity))
        talk.settle()
        # Two hours end before the morning: nobody has asked to wait for that.
        assert shop.statuses[-1] == c.ESME_ROK
        assert link.submits == []
        (message,) = talk.exchange.flight.messages.values()
        assert recover(talk).queued[0].not_before == 0.0
        assert recover(talk).queued[0].expires_at == message.expires_at
    until(talk, MORNING)
    assert link.submits == []
