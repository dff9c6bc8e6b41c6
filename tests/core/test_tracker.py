from smpp_router.core import tracker
from smpp_router.core.commit import Commit
from smpp_router.core.tracker import NOTES_MAX, Tracker, ended_as
from smpp_router.message.lifecycle import (
    CONTRADICTED,
    DUPLICATE,
    HANDED,
    OVERDUE,
    PLANNED,
    REFUSED,
    RESTARTED,
    RETURNED,
    SENT,
    SIGNAL,
    UNANSWERED,
    State,
)
from smpp_router.message.message import HELD_FROM, Message, Pending
from smpp_router.store.seam import Note
from smpp_router.wire import constants as c
from tests.core.talk import Talk


def told(talk: Talk) -> list[int]:
    """What happened to the only message, with the notes that still wait for company."""
    talk.wait(2.0)
    (steps,) = talk.lives().values()
    return [step.event[0] for step in steps]


def overdue_events(talk: Talk) -> list[list[tuple[int, bytes]]]:
    """What each message was told to be overdue of: the seconds, and the deadline with its carrier."""
    return [
        [(step.event[2], step.event[3]) for step in steps if step.event[0] == OVERDUE]
        for _, steps in sorted(talk.lives().items())
    ]


def delivered(talk: Talk) -> None:
    talk.esme("bank").submit()
    link = talk.links[0] if talk.links else talk.link("mobile")
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()


def test_a_message_is_told_of_from_its_way_to_the_answer_of_its_receipt() -> None:
    talk = Talk()
    delivered(talk)
    told(talk)
    (steps,) = talk.lives().values()
    states = [step.state.value for step in steps]
    assert states == ["received", "planned", "sent", "taken", "owed", "handed", "settled"]
    sent = next(step.event for step in steps if step.event[0] == SENT)
    assert sent[3] == b"mobile"
    planned = next(step.event for step in steps if step.event[0] == PLANNED)
    assert planned[3].startswith(b"mobile > unicom")


def test_a_refusal_and_what_follows_are_told() -> None:
    talk = Talk()
    first, second = talk.link("mobile"), talk.link("unicom")
    talk.esme("bank").submit()
    talk.settle()
    first.refuse(c.ESME_RSYSERR)
    talk.settle()
    second.cut()
    kinds = told(talk)
    assert kinds[2:6] == [SENT, REFUSED, SENT, UNANSWERED]


def test_a_duplicate_receipt_is_told_and_is_nothing_illegal() -> None:
    talk = Talk()
    delivered(talk)
    talk.links[0].receipt(b"5")
    talk.settle()
    assert told(talk)[-1] == DUPLICATE
    assert talk.exchange.tracker.statistics().duplicates == 1


def test_a_late_receipt_that_contradicts_the_first_is_counted_and_kept() -> None:
    talk = Talk()
    delivered(talk)
    talk.links[0].receipt(b"5", c.UNDELIVERABLE, b"034")
    talk.settle()
    told(talk)
    (steps,) = talk.lives().values()
    assert (steps[-1].event[0], steps[-1].is_illegal) == (CONTRADICTED, True)
    assert steps[-1].event[2] == c.UNDELIVERABLE | 34 << 8
    assert steps[-1].state is State.SETTLED
    assert talk.exchange.tracker.statistics().contradicted == 1


def test_an_intermediate_receipt_is_a_signal_and_after_the_end_an_illegal_one() -> None:
    talk = Talk()
    link = talk.link("mobile")
    talk.esme("bank").submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5", c.ENROUTE)
    talk.wait(1.0)
    link.receipt(b"5")
    talk.wait(1.0)
    link.receipt(b"5", c.ENROUTE)
    talk.wait(2.0)
    (steps,) = talk.lives().values()
    assert [step.is_illegal for step in steps if step.event[0] == SIGNAL] == [False, True]
    assert talk.exchange.tracker.statistics().late_signals == 1


def test_a_receipt_that_the_esme_refuses_is_returned_and_handed_over_again() -> None:
    talk = Talk()
    link = talk.link("mobile")
    esme = talk.esme("bank")
    esme.deliver_status = c.ESME_RX_T_APPN
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.wait(1.0)
    esme.deliver_status = c.ESME_ROK
    talk.wait(15.0)
    kinds = told(talk)
    assert kinds[-4:-1] == [HANDED, RETURNED, HANDED]


def test_notes_alone_are_durable_within_a_second_or_so() -> None:
    talk = Talk()
    talk.link("mobile")
    talk.esme("bank").submit()
    talk.settle()
    assert SENT not in [note[0] for batch in talk.journal for note in batch.notes]
    talk.wait(1.5)
    assert SENT in [note[0] for batch in talk.journal for note in batch.notes]


def test_what_a_full_store_refused_leaves_no_notes_and_the_others_are_kept() -> None:
    notes: list[Note] = [(PLANNED, [1, 2], 5.0, 0, b"x"), (SENT, [3], 5.0, 0, b"y"), (SENT, [1], 5.0, 0, b"")]
    kept = Tracker().after_refusal(notes, {1})
    assert kept == [(PLANNED, [2], 5.0, 0, b"x"), (SENT, [3], 5.0, 0, b"y")]


def test_notes_that_a_full_store_does_not_take_are_bounded_and_counted() -> None:
    watched = Tracker()
    notes: list[Note] = [(SENT, [n], 5.0, 0, b"") for n in range(NOTES_MAX + 3)]
    assert watched.after_refusal(notes, set()) == notes[3:]
    assert watched.statistics().notes_dropped == 3


def test_ended_messages_are_remembered_for_two_generations_and_no_longer() -> None:
    watched = Tracker()
    limit = tracker.RECENT_MAX
    for generation in range(3):
        recent = watched.recent("north")
        for n in range(limit):
            recent[b"%d-%d" % (generation, n)] = ended_as(n, c.DELIVERED)
        watched.is_due([], 0.0)
    assert watched.late("north", [b"0-1"], c.DELIVERED, 1.0) is None
    assert watched.late("north", [b"2-7"], c.DELIVERED, 1.0) == (DUPLICATE, [7], 1.0, c.DELIVERED, b"north")


def test_messages_that_were_queued_at_a_stop_are_told_to_be_in_doubt_and_no_others() -> None:
    once = Message(2, 2, "shop", "once", None, b"\0\0\0\0\0\0", 1, 9.0, plan=("mobile",), is_sent_once=True)
    queued = [
        Message(n, n, "bank", "default", None, b"\0\0\0\0\0\0", 1, 9.0, plan=("mobile",)) for n in (1, 3)
    ]
    notes = Tracker().taken_up([queued[0], once, queued[1]], 5.0)
    assert [(kind, ids) for kind, ids, *_ in notes] == [(RESTARTED, [1, 3]), (PLANNED, [1, 2, 3])]
    assert Tracker().taken_up([], 5.0) == []


def test_a_million_messages_that_were_queued_make_many_notes_of_some_size() -> None:
    message = Message(1, 1, "bank", "default", None, b"\0\0\0\0\0\0", 1, 9.0, plan=("mobile",))
    notes = Tracker().taken_up([message] * 25_000, 5.0)
    assert [len(ids) for kind, ids, *_ in notes if kind == RESTARTED] == [10_000, 10_000, 5_000]


def test_a_held_message_has_no_way_yet() -> None:
    message = Message(1, 1, "bank", "default", None, b"\0\0\0\0\0\0", 1, 9.0, HELD_FROM, plan=("mobile",))
    other = Message(2, 2, "bank", "default", None, b"\0\0\0\0\0\0", 1, 9.0, plan=("mobile",))
    assert Tracker().planned([message], 5.0) == []
    assert [note[1] for note in Tracker().planned([message, other], 5.0)] == [[2]]


def test_a_message_whose_receipt_is_not_there_when_its_validity_ends_is_told_to_be_overdue_once() -> None:
    talk = Talk()
    talk.esme("bank").submit(validity_period=b"000000000100000R")
    link = talk.link("mobile")
    talk.settle()
    link.accept(b"5")
    talk.wait(120.0)
    assert overdue_events(talk) == [[(40, b"receipt mobile"), (60, b"validity mobile")]]


def test_a_message_without_a_receipt_in_the_time_that_its_carrier_takes_is_told_to_be_overdue_once() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    for number in range(3):
        esme.submit()
        talk.settle()
        link.accept(b"%d" % number)
    talk.wait(2.0)
    link.receipt(b"1")
    link.receipt(b"2", c.ENROUTE)
    talk.wait(35.0)
    assert overdue_events(talk) == [[], [], []]
    talk.wait(35.0)
    late = [(40, b"receipt mobile")]
    assert overdue_events(talk) == [late, [], late]
    link.receipt(b"0")
    talk.wait(2.0)
    assert [step.is_illegal for steps in talk.lives().values() for step in steps if step.is_illegal] == []


def test_very_many_messages_without_receipts_are_told_of_in_notes_of_some_size() -> None:
    talk = Talk()
    pending = Pending(1, 1, "bank", "mobile", b"1", b"", 1, 9.0)
    talk.exchange.flight.messages.update(dict.fromkeys(range(25_000), pending))
    commit = Commit()
    talk.exchange.settle.note_missing([("mobile", 39.6, [*range(25_001)])], 5.0, commit)
    assert [(note[0], len(note[1]), note[3]) for note in commit.batch.notes] == [
        (OVERDUE, 10_000, 40),
        (OVERDUE, 10_000, 40),
        (OVERDUE, 5_000, 40),
    ]
