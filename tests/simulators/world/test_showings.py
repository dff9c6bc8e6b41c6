"""The judge of handsets: what they show was sent to them, whole, in order, and not too often."""

import pytest

from simulators.world.lives import KEEP_S, Life
from simulators.world.showings import Showings
from smpp_router.wire import constants as c
from tests.simulators.world.judged import Case

READER = b"8613900000001"


class Shown(Case):
    """The same, with a handset for the message; message 2 and 3 are two parts of one."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.log: list[str] = []
        self.showings = Showings(
            self.lives, self.violations, self.troubles, lambda _, text: self.log.append(text)
        )
        self.life.destination, self.life.shown_max = READER, 2
        parts = [Life(number, "bank", False, 1.0, part=number - 2) for number in (2, 3)]
        for part in parts:
            part.group, part.destination, part.shown_max = parts, READER, 2
            self.lives.offered(part)
            self.lives.answered(part, 0, b"id", 1.0)

    def show(self, *pieces: bytes, handset: bytes = READER) -> None:
        self.showings.shown(handset, pieces, 4.0)

    def end(self, state: int) -> None:
        self.told(state)
        self.receipt(state)
        self.lives.forget(6 + KEEP_S)


def test_a_message_that_is_shown_and_called_delivered_breaks_nothing() -> None:
    case = Shown()
    case.show(b"message 1")
    case.show(b"message 2", b"message 3")
    case.end(c.DELIVERED)
    assert case.broken == []
    assert case.log == ["shown 1", "shown 2+3"]


def test_one_that_is_called_delivered_and_was_never_shown_is_found() -> None:
    case = Shown()
    case.end(c.DELIVERED)
    assert case.broken == ["truth"]


@pytest.mark.parametrize("state", [c.UNDELIVERABLE, c.EXPIRED, c.REJECTED, c.DELETED])
def test_one_that_is_called_failed_and_was_shown_is_found(state: int) -> None:
    case = Shown()
    case.show(b"message 1")
    case.end(state)
    assert case.broken == ["truth"]


def test_one_that_is_called_unknown_may_have_been_shown_or_not() -> None:
    for pieces in ([], [b"message 1"]):
        case = Shown()
        case.life.copies[0].answered_at = 99.0
        for piece in pieces:
            case.show(piece)
        case.receipt(c.UNKNOWN)
        case.lives.forget(6 + KEEP_S)
        assert case.broken == []


@pytest.mark.parametrize(
    "pieces", [(b"message 3", b"message 2"), (b"message 2",), (b"message 2", b"message 1")]
)
def test_parts_that_are_shown_in_another_order_or_alone_are_found(pieces: tuple[bytes, ...]) -> None:
    case = Shown()
    case.show(*pieces)
    assert case.broken == ["parts in order"]


def test_it_may_be_shown_once_more_for_each_death_of_the_router_unless_it_is_sent_once() -> None:
    case = Shown()
    case.troubles.died(0.5)
    case.troubles.died(3.0)
    for _ in range(3):
        case.show(b"message 1")
    assert case.broken == []
    case.show(b"message 1")
    assert case.broken == ["shown at most so often"]
    once = Shown()
    once.troubles.died(3.0)
    once.life.is_sent_once, once.life.shown_max = True, 1
    once.show(b"message 1")
    once.show(b"message 1")
    assert once.broken == ["shown at most so often"]


def test_a_message_may_be_shown_so_often_and_no_more() -> None:
    case = Shown()
    case.show(b"message 1")
    case.show(b"message 1")
    assert case.broken == []
    case.show(b"message 1")
    assert case.broken == ["shown at most so often"]


def test_a_text_on_another_handset_is_found() -> None:
    case = Shown()
    case.show(b"message 1", handset=b"8613900000002")
    assert case.broken == ["texts find their way"]


@pytest.mark.parametrize("text", [b"message 99", b"hello"])
def test_a_text_that_nobody_sent_is_found(text: bytes) -> None:
    case = Shown()
    case.show(text)
    assert case.broken == ["no ghosts"]


def test_a_text_that_was_refused_is_found() -> None:
    case = Shown()
    life = Life(4, "bank", False, 1.0, destination=READER, shown_max=2)
    case.lives.offered(life)
    case.lives.answered(life, c.ESME_RTHROTTLED, b"", 1.0)
    case.show(b"message 4")
    assert case.broken == ["refused is refused"]


def test_a_text_that_comes_long_after_its_message_is_over_is_counted() -> None:
    case = Shown()
    case.show(b"message 1")
    case.end(c.DELIVERED)
    case.show(b"message 1")
    assert case.broken == []
    assert case.lives.counts["shown_late"] == 1
