"""A load's result as text."""

import io

from rich.console import Console

from simulators.load_result import LoadResult
from simulators.load_view import report


def shown(result: LoadResult) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(report(result))
    return console.export_text()


def test_counts_and_statuses_are_shown() -> None:
    text = shown(LoadResult(sent=1_234, accepted=1_000, answered=1_234, statuses={"ESME_RTHROTTLED": 234}))
    assert "1,234" in text
    assert "ESME_RTHROTTLED" in text
    assert "overdue" not in text


def test_what_is_rare_is_shown_when_it_is_there() -> None:
    text = shown(LoadResult(sent=5, answered=3, overdue=7, sent_as={"a": 3, "b": 2}))
    for words in ("overdue", "unanswered", "sent as b"):
        assert words in text


def test_latencies_are_shown_as_bars() -> None:
    result = LoadResult(sent=3, accepted=3, answered=3)
    for seconds in (0.015, 0.016, 0.3):
        result.submit.add(seconds)
    text = shown(result)
    assert "10 - 20 ms" in text
    assert "200 - 500 ms" in text
    assert "█" in text


def test_misbehaviours_tell_what_they_met() -> None:
    found = {"connections": 3, "sent": 9, "closed_by_mc": 2, "unanswered": 4, "no_connection": 1}
    more = {"answers": {"generic_nack ESME_RINVCMDLEN": 2}, "requests": {"deliver_sm": 5}}
    text = shown(LoadResult(sent=1, misbehaved={"garbage": found | more}))
    for words in (
        "garbage",
        "2 closed by the MC",
        "4 unanswered",
        "2 generic_nack ESME_RINVCMDLEN",
        "5 deliver_sm",
    ):
        assert words in text
