import re

import pytest

from smpp_router.trace.ladder import Paper, ladder, lanes_of, span
from smpp_router.trace.words import lines_of
from tests.trace.lives import REFUSED_ONCE, conversation


@pytest.mark.parametrize("width", [80, 100, 130, 200])
def test_a_ladder_keeps_within_its_paper_and_says_everything(width: int) -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[REFUSED_ONCE])])
    drawn = ladder(lines, Paper(width))
    assert max(map(len, drawn)) <= width
    words = re.sub(r"\s+", " ", " ".join(drawn))
    for text in ("ESME_RSYSERR", "attempt 2", "its id 77", "error 34", "! contradicts"):
        assert text in words
    assert "+200 ms" in words
    assert "\x1b" not in words


def test_lanes_stand_in_the_order_in_which_a_message_passes_them() -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[REFUSED_ONCE])])
    assert lanes_of(lines) == ["ESME", "router", "mobile", "unicom", "handset"]


def test_an_arrow_leads_from_who_sends_to_who_gets() -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[REFUSED_ONCE])])
    drawn = ladder(lines, Paper(150))
    assert re.search(r"├─+submit_sm─+▶│", drawn[1])
    assert any(re.search(r"│◀─*submit_sm_resp─+┤ .*ESME_RSYSERR", row) for row in drawn)


def test_colours_are_for_those_who_want_them() -> None:
    talk, ids = conversation()
    lines = lines_of(talk.lives()[int(ids[REFUSED_ONCE])])
    drawn = ladder(lines, Paper(120, has_colour=True))
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", row) for row in drawn]
    assert plain == ladder(lines, Paper(120))
    assert any("\x1b[31m" in row for row in drawn)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.004, "4 ms"), (2.5, "2.5 s"), (600, "10 min"), (9_000, "2.5 h"), (200_000, "2.3 days")],
)
def test_spans_are_written_as_people_read_them(seconds: float, text: str) -> None:
    assert span(seconds) == text
