"""Answers that wait."""

import pytest

from simulators.handsets.answering import Reply
from tests.simulators.signalling.air import NUMBER, START, Air


def test_no_more_answers_wait_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.signalling.answers.ANSWERS_MAX", 1)
    air = Air()
    for text in ("one", "two"):
        air.network.send(NUMBER, Reply(START + 1.0, b"10690", text), "mobile")
    assert air.network.statistics()["answers_waiting"] == 1
    air.wait(2.0)
    assert [sent.octets for sent in air.sent] == [b"one"]
    assert air.network.handsets.counters.answers_lost == 1
    assert air.network.statistics()["answers_waiting"] == 0
