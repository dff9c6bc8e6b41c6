"""Answers of subscribers."""

import random

from simulators.distributions import Delay
from simulators.handsets.answering import Reply, reply_to
from simulators.handsets.config import Answer, Habits
from simulators.handsets.counters import HandsetCounters
from simulators.handsets.inbox import Inbox, Text
from tests.simulators.signalling.air import START, short_message


def shown(octets: bytes = b"Reply Y") -> Text:
    text = Inbox(Habits(), 50, HandsetCounters()).receive(short_message(octets), START)
    assert isinstance(text, Text)
    return text


def replies(*answers: Answer, count: int = 1, octets: bytes = b"Reply Y") -> list[Reply | None]:
    rng = random.Random(1)
    return [reply_to(shown(octets), Habits(answers=answers), rng) for _ in range(count)]


def test_the_first_answer_that_fits_is_sent_after_its_delay_to_whom_it_says() -> None:
    answers = (
        Answer(source="955", replies=("bank",)),
        Answer(text="reply Y", replies=("Y",), delay=Delay(s=7.0)),
        Answer(replies=("hello",)),
    )
    assert replies(*answers) == [Reply(START + 7.0, b"106900", "Y")]
    (other,) = replies(*answers, octets=b"sale")
    assert other is not None
    assert (other.to, other.text) == (b"106900", "hello")
    assert replies(Answer(replies=("x",), to="12321", delay=Delay())) == [Reply(START, b"12321", "x")]


def test_shares_are_of_texts_that_fit_and_replies_are_drawn_evenly() -> None:
    found = replies(Answer(share=0.5, replies=("TD", "N")), count=1_000)
    said = [reply.text for reply in found if reply is not None]
    assert 430 < len(said) < 570
    assert 0.4 < said.count("TD") / len(said) < 0.6


def test_a_text_from_nobody_is_answered_only_to_somebody_else() -> None:
    text = shown()
    text.source = b""
    answers = (Answer(replies=("x",)), Answer(replies=("y",), to="12321"))
    reply = reply_to(text, Habits(answers=answers), random.Random(1))
    assert reply is not None
    assert (reply.to, reply.text) == (b"12321", "y")


def test_nobody_answers_what_nothing_fits() -> None:
    assert replies(Answer(text="sale", replies=("x",))) == [None]
    assert replies() == [None]
