# The sessions of a carrier, each measured by itself: of two links one may be dead while the carrier is well.
#
# A session has the parts of a score that are its own: submit, throttle, latency, and the stability of its
# link. Receipts are not: they come by any session. Its breaker is the carrier's in small, and it restrains
# dispatch only while another session of the same carrier is better; if all are bad, the carrier is, and
# routing knows.
#
#   CLOSED      as much as the window has room for
#   OPEN        nothing
#   HALF_OPEN   probes_per_s messages a second
#   RECOVERING  a part of the room that rises to all of it
#
# What is known of a session goes with it; the losses of its link stay, for its stability.
"""Health of single sessions."""

from collections.abc import Iterable, Sequence
from math import ceil, exp
from typing import Final

import attrs

from smpp_router.config_health import HealthConfig
from smpp_router.message.tally import Tally
from smpp_router.routing.health_baseline import Latency
from smpp_router.routing.health_breaker import Breaker, BreakerLimits, State
from smpp_router.routing.health_estimates import fading
from smpp_router.routing.health_gauge import Gauge
from smpp_router.routing.health_score import Counts, Parts, stability_part

LOSSES_S: Final = 300.0
"""Time constant in which a lost session is forgotten."""


@attrs.define(eq=False)
class SessionHealth:
    """One session. `link` is the number of its link in the configuration, from 1; 0 if it is not known."""

    link: int
    gauge: Gauge
    looked_at: float
    tally: Tally
    latency: Latency = attrs.Factory(Latency)
    is_restrained: bool = False
    budget: int = 0

    def room(self, room: int) -> int:
        """How many of `room` messages may be sent over it now."""
        if not self.is_restrained:
            return room
        state = self.gauge.breaker.state
        if state is State.CLOSED:
            return room
        if state is State.RECOVERING:
            return ceil(room * self.gauge.share)
        return min(room, self.budget)

    def sent(self, count: int) -> None:
        """Count what was sent."""
        self.tally.sent += count
        self.budget = max(0, self.budget - count)

    def answered(self, statuses: Sequence[int], latency_s: float) -> None:
        """Count the responses of one read; `latency_s` is that of the first, and stands for all."""
        refused = [status for status in statuses if status]
        accepted = len(statuses) - len(refused)
        self.tally.accepted += accepted
        self.tally.latency_sum_s += accepted * latency_s
        for status in refused:
            self.tally.refuse(status)


class LinksHealth:
    """All sessions of one carrier that take messages."""

    def __init__(self) -> None:
        self.sessions: list[SessionHealth] = []
        self._losses: dict[int, float] = {}

    def attach(self, link: int, limits: BreakerLimits, now: float) -> SessionHealth:
        """Begin to measure a session that has bound."""
        session = SessionHealth(link, Gauge(Breaker(limits, now)), now, Tally(now))
        self.sessions.append(session)
        return session

    def detach(self, session: SessionHealth) -> None:
        """A session is gone; links are as many as the configuration has."""
        self.sessions.remove(session)
        self._losses[session.link] = self._losses.get(session.link, 0.0) + 1.0

    def rest(self, session: SessionHealth) -> None:
        """A session is used no more, which is nobody's fault."""
        self.sessions.remove(session)

    def look(self, config: HealthConfig, now: float, dt_s: float) -> None:
        """Take the numbers out, score, judge, and say who is restrained."""
        kept = exp(-max(0.0, dt_s) / LOSSES_S)
        self._losses = {link: losses * kept for link, losses in self._losses.items()}
        for session in self.sessions:
            self._judge(session, config, now)
        best = max((session.gauge.share for session in self.sessions), default=0.0)
        for session in self.sessions:
            session.is_restrained = session.gauge.share < best
            is_probed = session.gauge.breaker.state is State.HALF_OPEN
            session.budget = ceil(config.probes_per_s) if is_probed else 0

    def _judge(self, session: SessionHealth, config: HealthConfig, now: float) -> None:
        tally, gauge = session.tally, session.gauge
        counts = Counts(
            tally.accepted,
            tally.latency_sum_s,
            tally.errors,
            tally.silent,
            tally.throttled,
            tally.overdue,
        )
        sent = tally.sent
        tally.take()
        dt_s = now - session.looked_at
        session.looked_at = now
        by = fading(dt_s, config.window_s, config.messages_min)
        gauge.add(counts, sent, dt_s, by)
        session.latency.add(counts.accepted, counts.latency_sum_s, dt_s, by)
        estimates = gauge.estimates
        parts = Parts(
            submit=estimates.submit_part(),
            throttle=estimates.throttle_part(),
            latency=session.latency.part(),
            stability=stability_part(self._losses.get(session.link, 0.0)),
        )
        if gauge.judge(parts, 1.0, 0.0, now):
            session.latency.forget()

    def plain(self) -> list[dict[str, object]]:
        """Return what statistics show."""
        return [
            {
                "link": session.link,
                "score": round(session.gauge.score, 1),
                "breaker": session.gauge.breaker.state.value,
                "latency_s": round(session.latency.mean_s, 3),
            }
            for session in self.sessions
        ]

    def are_all_out(self) -> bool:
        """Whether every session's breaker is open or half open, so that none tells on another."""
        return all(_is_out(session) for session in self.sessions)

    def tells_of_carrier(self, session: SessionHealth | None) -> bool:
        """Whether what happens on a session says something of the carrier as a whole."""
        return session is None or not _is_out(session) or self.are_all_out()


def _is_out(session: SessionHealth) -> bool:
    return session.gauge.breaker.state in (State.OPEN, State.HALF_OPEN)


def lines(sessions: Iterable[SessionHealth]) -> list[str]:
    """A line on each session, for explanations in detail."""
    return [
        f"  session        link {session.link}: {session.gauge.score:.0f} of 100, "
        f"{session.gauge.breaker.state.value}, {session.latency.mean_s:.2f} s, "
        f"usually {session.latency.baseline_s:.2f} s"
        for session in sessions
    ]
