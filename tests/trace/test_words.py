from smpp_router.message import lifecycle as life
from smpp_router.message.lifecycle import EVENTS, FINAL_OWED, Cause, replay
from smpp_router.store.seam import TIMES
from smpp_router.trace.words import ESME, HANDSET, ROUTER, lines_of
from tests.trace.lives import FAILED, REFUSED_ONCE, conversation


def test_a_life_is_told_as_who_said_what_to_whom() -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[REFUSED_ONCE])])
    assert [(line.source, line.target, line.label) for line in lines] == [
        (ESME, ROUTER, "submit_sm"),
        (ROUTER, ROUTER, "planned"),
        (ROUTER, "mobile", "submit_sm"),
        ("mobile", ROUTER, "submit_sm_resp"),
        (ROUTER, "unicom", "submit_sm"),
        ("unicom", ROUTER, "submit_sm_resp"),
        ("unicom", ROUTER, "deliver_sm"),
        ("unicom", HANDSET, "SMS"),
        ("unicom", ROUTER, "deliver_sm"),
        (ROUTER, ESME, "deliver_sm"),
        (ESME, ROUTER, "deliver_sm_resp"),
        ("unicom", ROUTER, "deliver_sm"),
    ]
    texts = [line.text for line in lines]
    assert texts[1].startswith("mobile > unicom: ")
    assert texts[3:6] == ["ESME_RSYSERR", "attempt 2", "ESME_ROK, its id 77"]
    assert texts[6] == "ENROUTE"
    assert texts[-1] == "contradicts: UNDELIVERABLE, error 34"
    assert [line.is_illegal for line in lines] == [False] * 11 + [True]


def test_a_failure_is_told_with_its_error_and_reaches_no_handset() -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[FAILED])])
    assert "UNDELIVERABLE, error 27" in [line.text for line in lines]
    assert HANDSET not in [line.target for line in lines]


def test_who_ended_a_message_is_told() -> None:
    for cause in Cause:
        code = 3 | cause << life.CAUSE_SHIFT
        (line,) = lines_of(replay([(life.FINAL, 5.0, code, b"")]))
        assert life.CAUSES[cause] in line.text
        assert line.is_bad


def test_other_times_are_told_as_times() -> None:
    told = [
        lines_of(replay([(life.RECEIVED, 4.0, 0, b""), (life.RETIMED, 5.0, 0, TIMES.pack(*times))]))[-1]
        for times in ((1_790_000_000.0, 1_780_000_000.0), (1_790_000_000.0, 0.0))
    ]
    assert [line.text for line in told] == [
        "goes out at 2026-05-28 20:26:40, ends at 2026-09-21 14:13:20",
        "ends at 2026-09-21 14:13:20",
    ]
    assert not any(line.is_illegal for line in told)


def test_every_event_there_is_can_be_told_whatever_is_in_it() -> None:
    for kind in EVENTS.keys() - {FINAL_OWED}:
        for code in (0, 2, 0xFFFFFFFF):
            for detail in (b"", b"north", bytes(12), bytes(16), b"\xff\xfe"):
                assert lines_of(replay([(kind, 5.0, code, detail)]))
