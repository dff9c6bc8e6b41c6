# Attempts to bring messages to their handsets, one line at a time.
#
#   start -> begin -> routed --> forwarded --> delivered -> next
#              ^        |            |
#              |        +--> failed <+--> permanent, or too often: end -> next
#              |               | temporary
#   alert, retry <---------- wait --> validity ends: expire
#
# Rule 1: a message ends once, by deliver, end, or cancel; then `transits` does not have it any more.
# Rule 2: chance is drawn from one Random, in the order of events.
# Rule 3: a flagged subscriber (lines.py) has one alert planned, for when its handset can be reached and has
#         room. An alert makes every line of it try at once.
"""Forwarding, failing, waiting, trying again."""

import math
import random
from collections.abc import Callable

from simulators.distributions import Delay, draw_s
from simulators.handsets.answering import reply_to
from simulators.handsets.handset import Handset
from simulators.handsets.inbox import Text
from simulators.handsets.population import Population
from simulators.radio import Signal
from simulators.schedule import Schedule
from simulators.signalling import causes as names
from simulators.signalling.answers import Answers, Step
from simulators.signalling.config import NetworkConfig
from simulators.signalling.counters import NetworkCounters
from simulators.signalling.hlr import Hlr
from simulators.signalling.lines import Line, Stage, Subscriber, Transit
from simulators.signalling.outbox import Outbox
from simulators.signalling.record import Kind, Record
from smpp_router.wire import constants as c

# Asked for several times a message: as attributes of their class they cost a call each.
_IDLE, _ROUTING, _FORWARDING, _WAITING = Stage


class Attempts:
    """All messages under way, by number and carrier."""

    def __init__(
        self, config: NetworkConfig, seed: int, started_at: float, counters: NetworkCounters
    ) -> None:
        self.transits: dict[object, Transit] = {}
        """Messages that have not ended, by the token that their carrier gave."""
        self.on_shown: Callable[[Handset, Text], None] | None = None
        self.schedule: Schedule[Step] = Schedule()
        self.outbox = Outbox()
        self.record = Record(config.events_max)
        self.hlr = Hlr(config, seed)
        self.handsets = Population(config, seed, started_at)
        self._counters = counters
        self._rng = random.Random(f"{seed} network")
        self._answering = random.Random(f"{seed} answers")
        self.answers = Answers(self.schedule, self.handsets, self.record, self.outbox, self._answering)
        self._subscribers: dict[bytes, Subscriber] = {}
        self.configure(config)

    def configure(self, config: NetworkConfig) -> None:
        """Go by another configuration from now on; what is planned comes as it was."""
        self._config = config
        self._causes = names.resolved(config.causes)
        self._sri, self._sri_s = config.sri_sm, config.sri_sm.fixed_s
        self._mt, self._mt_s = config.mt_forward_sm, config.mt_forward_sm.fixed_s
        self._may_fail = bool(config.mt_failures or config.interworking_failures)

    # ------------------------------------------------------------------ in and out

    def start(self, transit: Transit, _: int, at: float) -> None:
        """Put a message into its line, now that its time has come."""
        message = transit.message
        if self.transits.get(message.token) is not transit:
            return
        subscriber = self._subscribers.get(transit.number)
        if subscriber is None:
            subscriber = self._subscribers[transit.number] = Subscriber(transit.number)
        line = subscriber.lines.get(message.carrier)
        if line is None:
            line = subscriber.lines[message.carrier] = Line(subscriber, message.carrier)
        if len(line.queue) >= self._config.queue_max:
            self.refuse(transit, at)
            return
        transit.line = line
        line.queue.append(transit)
        if line.stage is _IDLE and transit.expires_at > at:
            self._begin(line, at)
        elif line.stage is _IDLE:
            self._next(line, at)
        elif line.stage is _WAITING:
            self.wait(line, at)

    def refuse(self, transit: Transit, at: float) -> None:
        """End a message for which there is no room."""
        self._counters.queue_full += 1
        self._end(transit, self._causes[names.QUEUE_FULL].state, names.QUEUE_FULL, at)

    def withdraw(self, transit: Transit, at: float) -> None:
        """Take a message out of its line; its carrier has ended it."""
        line = transit.line
        if line is None:
            return
        is_first = line.queue[0] is transit
        line.queue.remove(transit)
        if is_first and line.stage is not _WAITING:
            self._next(line, at)
        elif not line.queue:
            self._close(line)

    def changed(self, number: bytes, now: float) -> None:
        """Have those who wait for a handset hear of it, after an order, as if it had come back by itself."""
        subscriber = self._subscribers.get(number)
        if subscriber is not None and (subscriber.is_unreachable or subscriber.is_full):
            self._plan_alert(subscriber, now)

    def all_changed(self, now: float) -> None:
        """Plan all alerts anew: handsets have other habits now."""
        for number in list(self._subscribers):
            self.changed(number, now)

    def waiting_for(self, number: bytes) -> int:
        """Return how many messages are on their way to a handset."""
        subscriber = self._subscribers.get(number)
        return 0 if subscriber is None else sum(len(line.queue) for line in subscriber.lines.values())

    # ------------------------------------------------------------------ one attempt

    def _begin(self, line: Line, at: float) -> None:
        """Ask the HLR about a line's first message; its queue is not empty."""
        line.stage = _ROUTING
        line.generation = generation = line.generation + 1
        seconds = self._sri_s
        if seconds is None:
            seconds = draw_s(self._sri, self._rng, at)
        if seconds:
            self.schedule.add(at + seconds, (self._routed, line, generation))
        else:
            self._routed(line, generation, at)

    def _routed(self, line: Line, generation: int, at: float) -> None:
        if line.generation != generation:
            return
        transit, subscriber, config = line.queue[0], line.subscriber, self._config
        serving, cause = self.hlr.route(transit.number, line.carrier)
        if not cause and config.sri_failures:
            cause = self._failure(config.sri_failures)
        is_known = subscriber.is_unreachable and config.message_waiting
        if is_known and not cause and not transit.message.priority:
            # The HLR knows, and says so; an urgent message is tried even so (TS 23.040 section 3.2.5).
            cause = names.ABSENT
        self.record.add((at, "sri_sm", line.carrier, transit.number, cause, "", transit.attempts + 1))
        if cause:
            self._failed(line, cause, at, "sri_sm")
            return
        line.stage = _FORWARDING
        seconds = self._mt_s
        if seconds is None:
            seconds = draw_s(self._mt, self._rng, at)
        line.is_foreign = serving != line.carrier
        if line.is_foreign:
            self._counters.inter_carrier += 1
            seconds += self._drawn_s(config.interworking, at)
        handsets = self.handsets
        if handsets.may_be_away and handsets.get(transit.number).state_at(at) == "out_of_coverage":
            seconds += self._drawn_s(config.paging, at)
        line.is_clashing = subscriber.forwarding is not None
        if not line.is_clashing:
            subscriber.forwarding = line
        if seconds:
            self.schedule.add(at + seconds, (self._forwarded, line, generation))
        else:
            self._forwarded(line, generation, at)

    def _forwarded(self, line: Line, generation: int, at: float) -> None:
        if line.generation != generation:
            return
        transit, subscriber = line.queue[0], line.subscriber
        if subscriber.forwarding is line:
            subscriber.forwarding = None
        handset = self.handsets.get(transit.number)
        cause = detail = ""
        if not handset.is_plain or self._may_fail or line.is_clashing:
            cause, detail = self._obstacle(line, handset, at)
        shown: Text | bool = True
        if not cause:
            shown = handset.inbox.receive(transit.message, at)
            if shown is False:
                cause = names.FULL
        self.record.add(
            (at, "mt_forward_sm", line.carrier, transit.number, cause, detail, transit.attempts + 1)
        )
        if cause:
            self._failed(line, cause, at, "mt_forward_sm")
            return
        self._counters.attempts += 1
        self._counters.delivered += 1
        token = transit.message.token
        del self.transits[token]
        del line.queue[0]
        self.outbox.tell(line.carrier, Signal(at, token, "final", "", 0, c.DELIVERED))
        if isinstance(shown, Text):
            self._shown(handset, shown, line.carrier)
        self._next(line, at)

    def _shown(self, handset: Handset, text: Text, carrier: str) -> None:
        if self.on_shown is not None:
            self.on_shown(handset, text)
        text.tokens = ()
        if handset.habits.answers:
            reply = reply_to(text, handset.habits, self._answering)
            if reply is not None:
                self.answers.add(handset.number, reply, carrier, text.alphabet)

    def _obstacle(self, line: Line, handset: Handset, at: float) -> tuple[str, str]:
        """Return why a message does not reach a handset that may have room, and what more is known of it."""
        config = self._config
        cause = self._failure(config.mt_failures)
        if cause:
            return cause, ""
        if line.is_foreign:
            cause = self._failure(config.interworking_failures)
            if cause:
                return cause, "interworking"
        state = handset.state_at(at)
        if state == "off":
            return names.ABSENT, "imsiDetached"
        if state == "out_of_coverage":
            return names.ABSENT, "noPagingResponseViaMSC"
        if line.is_clashing:
            return names.BUSY, "another message is under way"
        busy_share = handset.habits.busy_share
        return (names.BUSY, "") if busy_share and self._rng.random() < busy_share else ("", "")

    def _failure(self, shares: dict[str, float]) -> str:
        """Draw a cause by shares; empty: it goes well."""
        if not shares:
            return ""
        drawn = self._rng.random()
        for cause, share in shares.items():
            if drawn < share:
                return cause
            drawn -= share
        return ""

    def _drawn_s(self, delay: Delay, at: float) -> float:
        fixed_s = delay.fixed_s
        return draw_s(delay, self._rng, at) if fixed_s is None else fixed_s

    # ------------------------------------------------------------------ failures and waiting

    def _failed(self, line: Line, name: str, at: float, kind: Kind) -> None:
        """An attempt for a line's first message has come to nothing."""
        transit, cause = line.queue[0], self._causes[name]
        self._counters.attempts += 1
        transit.attempts += 1
        transit.cause = name
        if cause.is_permanent or 0 < cause.attempts_max <= transit.attempts:
            del line.queue[0]
            self._end(transit, cause.state, name, at)
            self._next(line, at)
            return
        signal = Signal(at, transit.message.token, kind, name, cause.error_code, 0)
        self.outbox.tell(line.carrier, signal)
        line.retry_at = at + cause.pause_s(transit.attempts)
        line.cause = name
        self.wait(line, at)
        if self._config.message_waiting:
            self._flag(line.subscriber, name, at)

    def wait(self, line: Line, at: float) -> None:
        """Have a line wait until its next attempt, or until one of its messages expires."""
        line.stage = _WAITING
        line.generation += 1
        due_at = max(at, min(line.retry_at, line.expires_at))
        self.schedule.add(due_at, (self._woken, line, line.generation))

    def _woken(self, line: Line, generation: int, at: float) -> None:
        if line.generation != generation:
            return
        for transit in [transit for transit in line.queue if transit.expires_at <= at]:
            line.queue.remove(transit)
            self._end(transit, c.EXPIRED, transit.cause or line.cause, at)
        if not line.queue:
            self._close(line)
        elif line.retry_at <= at:
            self._counters.retries += 1
            self._begin(line, at)
        else:
            self.wait(line, at)

    def _next(self, line: Line, at: float) -> None:
        """Go on with the first message of a queue that has not expired; forget a line without any."""
        if line.subscriber.forwarding is line:
            line.subscriber.forwarding = None
        queue = line.queue
        while queue and queue[0].expires_at <= at:
            transit = queue.pop(0)
            self._end(transit, c.EXPIRED, transit.cause or names.EXPIRED, at)
        if queue:
            self._begin(line, at)
        else:
            self._close(line)

    def _close(self, line: Line) -> None:
        line.generation += 1
        line.stage = _IDLE
        subscriber = line.subscriber
        del subscriber.lines[line.carrier]
        if not subscriber.lines:
            subscriber.alert_generation += 1
            del self._subscribers[subscriber.number]

    def _end(self, transit: Transit, state: int, name: str, at: float) -> None:
        """A message has come to its end without reaching its handset."""
        message = transit.message
        self.transits.pop(message.token, None)
        self._counters.expired += state == c.EXPIRED
        self._counters.undelivered += state != c.EXPIRED
        self.record.add((at, "final", message.carrier, transit.number, name, "", transit.attempts))
        code = self._causes[name].error_code
        self.outbox.tell(message.carrier, Signal(at, message.token, "final", name, code, state))

    # ------------------------------------------------------------------ messages waiting, and alerts

    def _flag(self, subscriber: Subscriber, name: str, at: float) -> None:
        """Set a flag of the messages-waiting data, and plan the alert for when it is cleared.

        With both flags set there is one alert, when both are cleared (TS 23.040 sections 3.2.6 and 10.3).
        """
        handset = self.handsets.get(subscriber.number)
        # A failure that was drawn, or a text too long for the room that there is, sets no flag: there would
        # be nothing to wait for, and attempts without an end.
        if name == names.ABSENT and not subscriber.is_unreachable and handset.back_at(at) > at:
            subscriber.is_unreachable = True
        elif name == names.FULL and not subscriber.is_full and handset.inbox.free_at(at) > at:
            subscriber.is_full = True
        else:
            return
        self._plan_alert(subscriber, at)

    def _plan_alert(self, subscriber: Subscriber, at: float) -> None:
        handset = self.handsets.get(subscriber.number)
        back_at = handset.back_at(at)
        if subscriber.is_full:
            back_at = max(back_at, handset.inbox.free_at(at))
        subscriber.alert_generation += 1
        if back_at < math.inf:
            alert_at = back_at + self._drawn_s(self._config.alert_sc, back_at)
            self.schedule.add(alert_at, (self._alert, subscriber, subscriber.alert_generation))

    def _alert(self, subscriber: Subscriber, generation: int, at: float) -> None:
        """Tell carriers that a handset can be reached again, and have them try at once."""
        if subscriber.alert_generation != generation:
            return
        subscriber.is_unreachable = subscriber.is_full = False
        for line in list(subscriber.lines.values()):
            if line.stage is not _WAITING:
                continue
            self._counters.alerts += 1
            self.record.add((at, "alert_sc", line.carrier, subscriber.number, "", "", 0))
            for transit in line.queue:
                self.outbox.tell(line.carrier, Signal(at, transit.message.token, "alert_sc", "", 0, 0))
            self._next(line, at)
