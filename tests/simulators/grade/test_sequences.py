import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.pdu import DeliverSmResp
from tests.simulators.grade.wires import Wire, submit_sm


@pytest.mark.parametrize("last", [0x7FFFFFFF, 0x7FFFFFF0])
def test_numbers_may_begin_anew_at_their_end(last: int) -> None:
    wire = Wire().bound()
    wire.message(submit_sm(sequence_number=last))
    wire.message(submit_sm(sequence_number=1))
    wire.number = 1
    assert wire.end() == set()


def test_numbers_may_leave_gaps() -> None:
    wire = Wire().bound()
    wire.message(submit_sm(sequence_number=500))
    wire.number = 500
    assert wire.end() == set()


def test_a_number_may_be_used_again_when_it_has_been_answered() -> None:
    wire = Wire().bound()
    for _ in range(2):
        wire.message(submit_sm(sequence_number=2))
    assert wire.found() == {"sequence-not-ascending"}


def test_each_direction_and_each_session_has_numbers_of_its_own() -> None:
    wire = Wire()
    for _ in range(2):
        wire.bound().submit()
        wire.carrier_number = 0
        wire.deliver()
        wire.deliver()
        wire.submit()
        wire.unbind().close()
    assert wire.bound().end() == set()


def test_responses_may_come_in_any_order() -> None:
    wire = Wire().bound()
    numbers = [wire.deliver(is_answered=False) for _ in range(5)]
    for number in reversed(numbers):
        wire.send(encode(DeliverSmResp(sequence_number=number)))
    assert wire.end() == set()


def test_a_generic_nack_may_have_no_number() -> None:
    wire = Wire().bound()
    wire.send(header_only(c.GENERIC_NACK, c.ESME_RINVCMDLEN, 0))
    assert wire.end() == set()


def test_a_thousand_answers_later_a_second_answer_is_not_called_one_to_nothing() -> None:
    wire = Wire().bound()
    for _ in range(1_100):
        wire.deliver(after=0.0)
    wire.send(encode(DeliverSmResp(sequence_number=1)))
    assert wire.end() == set()
    wire = Wire().bound()
    wire.deliver()
    wire.send(encode(DeliverSmResp(sequence_number=1)))
    assert wire.end() == {"response-twice"}
