import pytest

from simulators.grade.conversation import Limits
from simulators.grade.windows import is_submit
from smpp_router.wire import constants as c
from tests.simulators.grade.wires import Wire


@pytest.mark.parametrize(("window", "found"), [(3, set[str]()), (2, {"window-overrun"})])
def test_the_window_is_what_the_carrier_says(window: int, found: set[str]) -> None:
    wire = Wire(Limits(window_max=window)).bound()
    for number in [wire.submit(status=None) for _ in range(3)]:
        wire.answer(number)
    assert wire.end() == found


@pytest.mark.parametrize(("after", "found"), [(14, {"throttling-ignored"}), (7, set[str]()), (0, set[str]())])
def test_a_client_slows_down_or_does_not(after: int, found: set[str]) -> None:
    wire = Wire().bound()
    for number in range(15):
        wire.now += 0.05
        wire.submit(short_message=b"%d" % number)
    wire.submit(c.ESME_RTHROTTLED)
    for number in range(after):
        wire.now += 0.9 / 15
        wire.submit(short_message=b"after %d" % number)
    wire.wait(1.0)
    assert wire.end() == found


def test_of_few_messages_nothing_is_said_about_their_rate() -> None:
    wire = Wire().bound()
    for _ in range(3):
        wire.submit(c.ESME_RTHROTTLED)
        wire.wait(0.5)
    wire.end()
    assert "throttling-ignored" not in wire.grader.checked


@pytest.mark.parametrize(("pause_s", "found"), [(0.05, {"retry-without-pause"}), (0.3, set[str]())])
def test_the_same_message_again_needs_a_pause(pause_s: float, found: set[str]) -> None:
    wire = Wire().bound()
    wire.submit(c.ESME_RTHROTTLED)
    wire.submit(short_message=b"Another")
    wire.wait(pause_s)
    wire.submit()
    assert wire.end() == found


def test_one_by_one_is_no_matter_where_responses_come_at_once() -> None:
    wire = Wire().bound()
    for _ in range(30):
        wire.submit()
    assert wire.end() == set()


def test_what_counts_for_the_rate() -> None:
    assert is_submit(c.SUBMIT_SM)
    assert not is_submit(c.ENQUIRE_LINK)
