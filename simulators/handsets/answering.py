"""What subscribers send back."""

import random
from typing import NamedTuple

from simulators.distributions import draw_s
from simulators.handsets.config import Habits
from simulators.handsets.inbox import Text


class Reply(NamedTuple):
    """An answer on its way: `at` is when its subscriber sends it, unix seconds."""

    at: float
    to: bytes
    text: str


def reply_to(text: Text, habits: Habits, rng: random.Random) -> Reply | None:
    """Return what a subscriber answers a text that was just shown, None for nothing."""
    said: str | None = None
    for answer in habits.answers:
        if not text.source.startswith(answer.source.encode()) or not (answer.to or text.source):
            # A text from nobody can't be answered.
            continue
        if answer.text:
            if said is None:
                said = text.text.casefold()
            if answer.text.casefold() not in said:
                continue
        if answer.share < 1.0 and rng.random() >= answer.share:
            continue
        reply = answer.replies[0] if len(answer.replies) == 1 else rng.choice(answer.replies)
        return Reply(text.at + draw_s(answer.delay, rng, text.at), answer.to.encode() or text.source, reply)
    return None
