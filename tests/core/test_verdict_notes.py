from smpp_router.compliance.symbols import Symbol
from smpp_router.compliance.verdict import ACCEPTED, Verdict
from smpp_router.compliance.verdict_record import from_octets
from smpp_router.core import verdict_notes
from smpp_router.core.verdict_notes import KNOWN_MAX, TURNED_AWAY_PER_S, VerdictNotes
from smpp_router.message.lifecycle import HELD, SCREENED, TURNED_AWAY, VERDICTS
from smpp_router.message.message import Message
from smpp_router.store.history_events import turned_away_of
from smpp_router.wire.pdu import SubmitSm

TERM = Symbol("TERM", 1.0, "a term", 0, 2)


def message(message_id: int) -> Message:
    return Message(message_id, message_id, "bank", "otp", b"", b"\0\0\0\0\0\0", 1, 9.0)


def test_messages_of_one_verdict_share_a_note() -> None:
    notes = VerdictNotes()
    tagged, held = Verdict("tag", (TERM,), TERM, 0.3), Verdict("hold", (TERM,), TERM, 0.3)
    verdicts = [ACCEPTED, Verdict("accept"), tagged, held, ACCEPTED]
    told = notes.screened([(message(n), verdict) for n, verdict in enumerate(verdicts)], 5.0)
    assert [(kind, ids, at, VERDICTS[code]) for kind, ids, at, code, _ in told] == [
        (SCREENED, [0, 1, 4], 5.0, "allowed"),
        (SCREENED, [2], 5.0, "allowed and marked"),
        (HELD, [3], 5.0, "held"),
    ]
    assert [from_octets(note[4]).action for note in told] == ["accept", "tag", "hold"]


def test_verdicts_that_are_known_are_limited() -> None:
    notes = VerdictNotes()
    for n in range(KNOWN_MAX + 5):
        assert from_octets(notes.octets(Verdict("accept", illicit=n / 100_000))).action == "accept"
    assert len(notes._known) <= KNOWN_MAX


def test_a_refusal_tells_who_wanted_to_say_something_to_whom() -> None:
    pdu = SubmitSm(
        service_type=b"CMT", source_addr_ton=5, source_addr=b"Bank", dest_addr_ton=1, dest_addr_npi=1,
        destination_addr=b"8613900000001", sequence_number=1,
    )  # fmt: skip
    (note,) = VerdictNotes().turned_away("bank", "otp", [(pdu, 77, 0x58, b"{verdict}")], 5.0)
    assert note[:4] == (TURNED_AWAY, [77], 5.0, 0x58)
    source, destination, verdict = turned_away_of(note[4])
    assert source == b"bank\0otp\0CMT\0\x05\0Bank\0"
    assert (destination, verdict) == (b"\1\1" + b"8613900000001", b"{verdict}")


def test_an_account_that_is_refused_without_end_fills_no_disk_and_hides_no_other() -> None:
    notes = VerdictNotes()
    flood = [(SubmitSm(sequence_number=n), n, 0x58, b"") for n in range(TURNED_AWAY_PER_S)]
    assert len(notes.turned_away("bad", "otp", flood[:150], 5.0)) == 150
    assert len(notes.turned_away("bad", "otp", flood, 5.5)) == TURNED_AWAY_PER_S - 150
    assert notes.dropped == 150
    assert len(notes.turned_away("good", "otp", flood[:3], 5.6)) == 3
    assert len(notes.turned_away("bad", "otp", flood[:3], 6.0)) == 3


def test_every_action_has_its_word() -> None:
    assert set(verdict_notes._CODES) == {"accept", "tag", "throttle", "hold", "refuse"}
