# A simulated mobile network between carriers and handsets, without I/O.
#
#   submit --> line of (carrier, number) --sri_sm--> HLR: served by? --mt_forward_sm--> handset --> DELIVERED
#                     ^                               | cause              | cause
#                     |                               +---------+----------+
#                     +-- alert_sc, or retry_s <-- temporary? --+-- permanent, or too often --> final state
#                                                       | validity ends --> EXPIRED
#
# Rule 1: a message that was submitted ends once: by a final signal, or by cancel().
# Rule 2: what is due is done at its own time, one moment after the other, however seldom tick() is called.
# Rule 3: the same seed, configuration and calls give the same events. What numbers are like is drawn by
#         number (handsets/lots.py), the rest from one Random in the order of events.
# Rule 4: everything is bounded: messages under way, each line's queue, handsets, inboxes, events, answers.
"""The signalling network."""

import math
from collections.abc import Callable
from typing import Any, Final

import attrs

from simulators.handsets.answering import Reply
from simulators.handsets.handset import Handset
from simulators.handsets.inbox import Text
from simulators.handsets.population import Population
from simulators.radio import MobileOriginated, ShortMessage, Signal
from simulators.signalling.attempts import Attempts
from simulators.signalling.config import NetworkConfig
from simulators.signalling.counters import NetworkCounters
from simulators.signalling.hlr import Hlr
from simulators.signalling.lines import Stage, Transit
from simulators.signalling.record import Record
from simulators.timeline.network_agenda import NetworkAgenda

UNDER_WAY_MAX: Final = 2_000_000
"""Messages in the network, as many as one carrier holds; one more ends with the cause queueFull."""


class Network:
    """The network that the carriers of a process share: see simulators.radio.Radio.

    `started_at` is the unix time that the intervals of handsets count from.
    """

    def __init__(self, config: NetworkConfig, seed: int | None = None, started_at: float = 0.0) -> None:
        self.config = config
        """How it is now, with what its timeline makes of it."""
        self._agenda = NetworkAgenda(config, started_at)
        self.counters = NetworkCounters()
        self._attempts = Attempts(config, config.seed if seed is None else seed, started_at, self.counters)
        self._transits = self._attempts.transits
        self._schedule = self._attempts.schedule
        self._outbox = self._attempts.outbox

    def __len__(self) -> int:
        """Messages under way."""
        return len(self._transits)

    @property
    def hlr(self) -> Hlr:
        """Who serves a number."""
        return self._attempts.hlr

    @property
    def handsets(self) -> Population:
        """The handsets."""
        return self._attempts.handsets

    @property
    def record(self) -> Record:
        """What happened lately."""
        return self._attempts.record

    @property
    def on_shown(self) -> Callable[[Handset, Text], None] | None:
        """Told of each whole text that a handset shows, in order; the text has its tokens only then."""
        return self._attempts.on_shown

    @on_shown.setter
    def on_shown(self, hook: Callable[[Handset, Text], None] | None) -> None:
        self._attempts.on_shown = hook

    @property
    def base(self) -> NetworkConfig:
        """What its file and orders say of it, below its timeline."""
        return self._agenda.base

    def timeline(self, now: float) -> list[dict[str, Any]]:
        """Return the entries of its timeline, and which of them hold now."""
        return self._agenda.state(now)

    def configure(self, config: NetworkConfig, now: float) -> None:
        """Go by another configuration from `now` on; its seed stays, and what is planned comes as it was.

        Entries of the timeline lie over it. Another timeline begins now.
        """
        self._agenda.become(config, now)
        self._become(self._agenda.tick(now), now)

    def _become(self, config: NetworkConfig, now: float) -> None:
        self.config = config
        self.hlr.configure(config)
        self.record.configure(config.events_max)
        self.handsets.configure(config)
        self._attempts.configure(config)
        self._attempts.all_changed(now)

    # ------------------------------------------------------------------ what carriers ask for

    def submit(self, message: ShortMessage, now: float) -> None:
        """Take a message to its handset."""
        config = self.config
        self.counters.submitted += 1
        starts_at, expires_at = message.starts_at, message.expires_at
        if expires_at == math.inf:
            expires_at = starts_at + config.validity_s
        elif expires_at > starts_at + config.validity_s_max:
            expires_at = starts_at + config.validity_s_max
        transit = Transit(message, self.hlr.number_of(message.destination), expires_at)
        if len(self._transits) >= UNDER_WAY_MAX:
            self._attempts.refuse(transit, now)
            return
        self._transits[message.token] = transit
        if starts_at > now:
            self._schedule.add(starts_at, (self._attempts.start, transit, 0))
        else:
            self._attempts.start(transit, 0, now)

    def cancel(self, token: object, now: float) -> bool:
        """Stop a message; False if the handset has it already."""
        transit = self._transits.pop(token, None)
        if transit is None:
            return False
        self.counters.cancelled += 1
        self._attempts.withdraw(transit, now)
        return True

    def replace(
        self, token: object, octets: bytes, data_coding: int | None, expires_at: float | None, now: float
    ) -> bool:
        """Give a message another text; False if the handset has it already."""
        transit = self._transits.get(token)
        if transit is None:
            return False
        self.counters.replaced += 1
        message = transit.message
        message.octets = octets
        if data_coding is not None:
            message.data_coding = data_coding
        if expires_at is not None and expires_at != math.inf:
            transit.expires_at = min(expires_at, message.starts_at + self.config.validity_s_max)
            line = transit.line
            if line is not None and line.stage is Stage.WAITING:
                self._attempts.wait(line, now)
        return True

    def tick(self, now: float) -> None:
        """Do what is due."""
        schedule, agenda = self._schedule, self._agenda
        while True:
            at = schedule.next_at()
            if agenda.next_at <= min(at, now):
                # A timeline that has just been given begins as of now.
                begins_at = now if agenda.next_at == -math.inf else agenda.next_at
                self._become(agenda.tick(begins_at), begins_at)
            elif at <= now:
                for do, subject, generation in schedule.due(at):
                    do(subject, generation, at)
            else:
                return

    def next_at(self) -> float:
        """Return when something is due next, or waits to be taken; math.inf for never."""
        return min(self._schedule.next_at(), self._outbox.next_at(), self._agenda.next_at)

    def take(self, carrier: str) -> list[Signal | MobileOriginated]:
        """Return what happened since for a carrier, in order."""
        return self._outbox.take(carrier)

    # ------------------------------------------------------------------ what handsets are told to do

    def changed(self, number: bytes, now: float) -> None:
        """Have those who wait for a handset hear that it is otherwise now, by order."""
        self._attempts.changed(number, now)

    def send(self, number: bytes, reply: Reply, carrier: str, alphabet: str = "gsm") -> None:
        """Have a handset send a text by way of a carrier, when its time has come and the handset is there."""
        self._attempts.answers.add(number, reply, carrier, alphabet)

    # ------------------------------------------------------------------ what is known

    def reset(self) -> None:
        """Count from nothing, and forget events; handsets keep what they have."""
        for counters in (self.counters, self.handsets.counters):
            for field in attrs.fields(type(counters)):
                if field.name != "room_kept":
                    setattr(counters, field.name, 0)
        self.record.clear()

    def waiting_for(self, number: bytes) -> int:
        """Return how many messages are on their way to a handset."""
        return self._attempts.waiting_for(number)

    def statistics(self) -> dict[str, int]:
        """Return what has happened so far, and what is under way."""
        causes: dict[str, int] = {}
        for (kind, cause), count in sorted(self.record.failures.items()):
            if kind != "final":
                causes[cause] = causes.get(cause, 0) + count
        return {
            **attrs.asdict(self.counters),
            **attrs.asdict(self.handsets.counters),
            **causes,
            "signals_lost": self._outbox.lost,
            "answers_waiting": self._attempts.answers.waiting,
            "under_way": len(self._transits),
            "handsets": len(self.handsets),
        }
