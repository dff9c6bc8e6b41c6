import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import header_only
from smpp_router.wire.pdu import HeaderOnly
from tests.simulators.grade.wires import Wire


@pytest.mark.parametrize(("every_s", "found"), [(1.0, {"enquire-link-too-often"}), (6.0, set[str]())])
def test_enquire_links_come_as_often_as_is_decent(every_s: float, found: set[str]) -> None:
    wire = Wire().bound()
    for _ in range(10):
        number = wire.send(HeaderOnly(), after=every_s)
        wire.reply(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    assert wire.end() == found


def test_two_enquire_links_close_together_are_an_accident() -> None:
    wire = Wire().bound()
    for pause_s in (30.0, 1.0, 30.0, 1.0, 30.0):
        number = wire.send(HeaderOnly(), after=pause_s)
        wire.reply(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    assert wire.end() == set()


def test_one_silence_is_found_once_and_the_next_one_again() -> None:
    wire = Wire().bound()
    for _ in range(5):
        wire.wait(60.0)
    assert wire.grader.findings["no-enquire-link"].count == 1
    wire.submit()
    for _ in range(5):
        wire.wait(60.0)
    assert wire.grader.findings["no-enquire-link"].count == 2


def test_a_client_that_only_answers_the_carriers_enquire_links_does_not_know_of_the_link() -> None:
    wire = Wire().bound()
    for _ in range(13):
        number = wire.wait(10.0).ask(c.ENQUIRE_LINK)
        wire.send(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    assert wire.end() == {"no-enquire-link"}


def test_what_the_carrier_delivers_breaks_the_silence() -> None:
    wire = Wire().bound()
    for _ in range(5):
        wire.wait(100.0).deliver()
    assert wire.end() == set()


def test_any_request_of_the_client_breaks_the_silence() -> None:
    wire = Wire().bound()
    for _ in range(5):
        wire.wait(100.0)
        wire.submit()
    assert wire.end() == set()


def test_an_enquire_link_that_was_missed_and_comes_after_all_is_late_too() -> None:
    wire = Wire().bound()
    number = wire.ask(c.ENQUIRE_LINK)
    wire.wait(31.0)
    wire.send(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    assert wire.end() == {"enquire-link-unanswered", "enquire-link-late"}
    assert wire.grader.findings["enquire-link-unanswered"].count == 1
