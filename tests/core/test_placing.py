from smpp_router.wire import constants as c
from tests.core.talk import Talk


def test_what_is_freed_goes_to_its_carrier_once_and_what_has_ended_does_not() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    esme.submit()
    talk.settle()
    first, second = list(talk.exchange.retries.waiting())
    talk.exchange.carriers["mobile"].empty()
    second.is_ended = True
    talk.exchange.retries.freed += [first, second]
    talk.exchange.placing.place_freed(talk.now, talk.exchange.commit)
    link = talk.link("mobile")
    talk.settle()
    assert len(link.submits) == 1
    assert talk.exchange.retries.freed == []
    assert esme.statuses == [c.ESME_ROK] * 2
