# What handsets send. An answer that comes due while its handset is away is sent when it is back; one whose
# handset never comes back is lost, as if its owner had thought better of it.
"""Mobile-originated messages on their way to carriers."""

import math
import random
from collections.abc import Callable
from typing import Any, Final

from simulators.handsets.answering import Reply
from simulators.handsets.population import Population
from simulators.radio import MobileOriginated
from simulators.schedule import Schedule
from simulators.signalling.outbox import Outbox
from simulators.signalling.record import Record
from smpp_router.wire.multipart import split_text

ANSWERS_MAX: Final = 100_000
"""Answers that wait for their time; one more is lost, and counted."""

Step = tuple[Callable[[Any, int, float], None], Any, int]
"""What is done, to what, and of which generation that is."""


class Answers:
    """Answers that wait for their time."""

    def __init__(
        self,
        schedule: Schedule[Step],
        handsets: Population,
        record: Record,
        outbox: Outbox,
        rng: random.Random,
    ) -> None:
        self.waiting = 0
        self._schedule = schedule
        self._handsets = handsets
        self._record = record
        self._outbox = outbox
        self._rng = rng

    def add(self, number: bytes, reply: Reply, carrier: str, alphabet: str) -> None:
        """Have a handset send a text at its time; `alphabet` is the default one of the carrier it goes by."""
        if self.waiting >= ANSWERS_MAX:
            self._handsets.counters.answers_lost += 1
            return
        self.waiting += 1
        self._schedule.add(reply.at, (self._due, (number, reply, carrier, alphabet), 0))

    def _due(self, what: tuple[bytes, Reply, str, str], _: int, at: float) -> None:
        number, reply, carrier, alphabet = what
        self.waiting -= 1
        back_at = self._handsets.get(number).back_at(at)
        if back_at == math.inf:
            self._handsets.counters.answers_lost += 1
        elif back_at > at:
            self.add(number, reply._replace(at=back_at), carrier, alphabet)
        else:
            self._send(number, reply, carrier, alphabet, at)

    def _send(self, number: bytes, reply: Reply, carrier: str, alphabet: str, at: float) -> None:
        self._handsets.counters.answers += 1
        self._record.add((at, "mo_forward_sm", carrier, number, "", "", 1))
        reference = self._rng.randrange(256)
        for segment in split_text(reply.text, reference=reference, default_alphabet=alphabet):
            sent = MobileOriginated(
                at, number, reply.to, segment.short_message, segment.data_coding, segment.esm_class
            )
            self._outbox.tell(carrier, sent)
