# A Grader is a tap: it is given the octets of both directions as they were on the wire, with the time, and
# says what the client did wrong. It does no I/O, reads no clock, and changes nothing that it sees.
#
#   octets --frames.py--> PDUs --> every rule looks (catalog.py) --> then conversation.py remembers
#
# Rule 1: whatever the octets, nothing raises: a client under test may send anything.
# Rule 2: rules look before the conversation changes: "is this number outstanding" asks of what was before.
# Rule 3: time is looked at when octets come and when tick() is called: what is late is seen without timers.
# Rule 4: memory is bounded by CONVERSATIONS_MAX, ACCOUNTS_MAX and the bounds of conversation.py; what did not
#         fit is counted and reported, since what was not looked at must not look good.
"""Judging an SMPP client by what passes on the wire."""

from collections import OrderedDict
from typing import Final

import attrs

from simulators.grade import conversation as conv
from simulators.grade.catalog import BY_EVENT
from simulators.grade.conversation import (
    BINDS,
    Account,
    Conversation,
    Limits,
    Message,
    Pending,
    Seen,
    Slowdown,
    remember,
)
from simulators.grade.findings import Example, Finding
from simulators.grade.frames import Frames
from simulators.grade.parts import track, untrack
from simulators.grade.rule import GOOD, On, Rule
from simulators.grade.windows import RATE_SECOND_S, SLOW_DOWN, is_submit
from smpp_router.wire import constants as c
from smpp_router.wire.codec import DECODERS, HEADER_OCTETS, decode_unknown
from smpp_router.wire.pdu import Bind, DataSm, Malformed, Pdu, SubmitMulti, SubmitSm

CONVERSATIONS_MAX: Final = 10_000
"""Connections at a time; one more is not looked at."""
ACCOUNTS_MAX: Final = 1_000
"""Accounts that are remembered; the one that bound longest ago is forgotten."""

_MESSAGES: Final = (SubmitSm, DataSm, SubmitMulti)


@attrs.define(eq=False)
class Counters:
    """What was looked at."""

    connections: int = 0
    binds: int = 0
    pdus_in: int = 0
    pdus_out: int = 0
    messages: int = 0
    deliveries: int = 0
    connections_not_looked_at: int = 0


@attrs.define(eq=False)
class _Watched:
    """A conversation and its two streams."""

    talk: Conversation
    client: Frames = attrs.Factory(Frames)
    carrier: Frames = attrs.Factory(Frames)


class Grader:
    """Finds what clients do wrong. `limits` holds by carrier name; what is not named has the default."""

    def __init__(self, limits: dict[str, Limits] | None = None) -> None:
        self.counters = Counters()
        self.findings: dict[str, Finding] = {}
        self.checked: dict[str, int] = {}
        """How often each rule was put to the test, by id."""
        self.started_at: float | None = None
        self.ended_at = 0.0
        self._limits = limits or {}
        self._watched: dict[int, _Watched] = {}
        self._accounts: OrderedDict[tuple[str, str], Account] = OrderedDict()

    @property
    def is_over(self) -> bool:
        """Whether clients have come, and all have gone."""
        return self.counters.connections > 0 and not self._watched

    # ------------------------------------------------------------------ what a tap is told

    def connected(self, connection: int, carrier: str, peer: str, now: float) -> None:
        """A client has connected."""
        self._at(now)
        if len(self._watched) >= CONVERSATIONS_MAX:
            self.counters.connections_not_looked_at += 1
            return
        self.counters.connections += 1
        limits = self._limits.get(carrier) or Limits()
        self._watched[connection] = _Watched(Conversation(connection, carrier, peer, now, limits))

    def octets(self, connection: int, is_from_peer: bool, data: bytes, now: float) -> None:
        """Octets have passed, from the client if `is_from_peer`."""
        watched = self._watched.get(connection)
        if watched is None:
            return
        self._at(now)
        talk = watched.talk
        self._time(talk, now)
        if not is_from_peer:
            for raw in watched.carrier.feed(bytes(data)):
                self.counters.pdus_out += 1
                self._from_carrier(talk, raw, now)
            return
        was_readable = not watched.client.problem
        for raw in watched.client.feed(bytes(data)):
            self.counters.pdus_in += 1
            self._from_client(talk, raw, now)
        if was_readable:
            seen = Seen(talk, now, watched.client.evidence, problem=watched.client.problem)
            self._judge(On.UNREADABLE, seen)
            talk.is_given_up |= bool(watched.client.problem)

    def closed(self, connection: int, now: float) -> None:
        """A connection has ended."""
        watched = self._watched.pop(connection, None)
        if watched is not None:
            self._at(now)
            self._end(watched, now)

    def tick(self, now: float) -> None:
        """Let time pass on all conversations."""
        self._at(now)
        for watched in self._watched.values():
            self._time(watched.talk, now)

    def finish(self, now: float) -> None:
        """Nothing more will come. Connections that are open are not held against the client."""
        self._at(now)
        for watched in self._watched.values():
            watched.talk.is_given_up = True
            self._end(watched, now)
        self._watched.clear()
        for (carrier, system_id), account in self._accounts.items():
            talk = Conversation(0, carrier, "", now, Limits(), account, "unbound", system_id, has_bound=True)
            while account.parted:
                before = len(account.parted)
                self._judge(On.TIME, Seen(talk, now, is_last=True))
                if len(account.parted) == before:
                    break

    def _at(self, now: float) -> None:
        if self.started_at is None:
            self.started_at = now
        self.ended_at = max(self.ended_at, now)

    # ------------------------------------------------------------------ judging

    def _judge(self, on: On, seen: Seen) -> None:
        raw = seen.raw
        for rule in BY_EVENT[on]:
            seen.raw = raw
            verdict = rule.check(seen)
            if verdict is None:
                continue
            self.checked[rule.id] = self.checked.get(rule.id, 0) + 1
            if verdict != GOOD:
                self._found(rule, seen, verdict)
        seen.raw = raw

    def _found(self, rule: Rule, seen: Seen, detail: str) -> None:
        talk = seen.talk
        finding = self.findings.get(rule.id)
        if finding is None:
            finding = self.findings[rule.id] = Finding(rule)
        masked_from = _masked_from(rule, seen)
        if masked_from == 0 and rule.on is On.UNREADABLE:
            detail = "octets behind a bind that could not be read"
        finding.add(
            Example(
                at=seen.now,
                connection=talk.connection,
                peer=talk.peer,
                system_id=talk.system_id,
                detail=detail,
                raw=seen.raw,
                masked_from=masked_from,
            )
        )

    def _time(self, talk: Conversation, now: float) -> None:
        """Judge what time alone makes wrong."""
        limit = now - talk.limits.unanswered_s
        self._give_up(talk, limit, now)
        self._judge(On.TIME, Seen(talk, now))
        if talk.slowdown is not None and now >= talk.slowdown.at + RATE_SECOND_S:
            talk.slowdown = None

    def _give_up(self, talk: Conversation, limit: float, now: float) -> None:
        """Judge requests of the carrier from before `limit`, once each."""
        for pending in talk.asked.values():
            if pending.at > limit:
                break  # the oldest is first
            if not pending.is_given_up:
                pending.is_given_up = True
                self._judge(On.UNANSWERED, Seen(talk, now, pending.raw, request=pending))

    def _end(self, watched: _Watched, now: float) -> None:
        talk = watched.talk
        self._time(talk, now)
        self._give_up(talk, now - talk.limits.slow_s, now)
        account = talk.account
        if talk.has_bound:
            account.short_sessions = account.short_sessions + 1 if talk.messages == 1 else 0
        problem = "" if not watched.client.buffered else f"{watched.client.buffered} octets of one"
        self._judge(On.CLOSED, Seen(talk, now, problem=problem))

    # ------------------------------------------------------------------ the client's PDUs

    def _from_client(self, talk: Conversation, raw: bytes, now: float) -> None:
        pdu = _decoded(raw)
        is_response = bool(pdu.command_id & c.RESPONSE_BIT)
        seen = Seen(talk, now, raw, pdu)
        if is_response:
            seen.request = talk.asked.get(pdu.sequence_number)
        elif pdu.command_id in BINDS:
            self._name(talk, pdu, now)
        self._judge(On.PDU, seen)
        if is_response:
            self._judge(On.RESPONSE, seen)
            self._answered_by_client(seen)
            return
        self._judge(On.REQUEST, seen)
        talk.busy(now)
        if pdu.command_id in BINDS:
            self._judge(On.BIND, seen)
        if isinstance(pdu, _MESSAGES):
            self.counters.messages += 1
            self._judge(On.MESSAGE, seen)
            track(seen)
        self._asked_by_client(seen)

    def _name(self, talk: Conversation, pdu: Pdu, now: float) -> None:
        """Learn who it is that binds; a bind on a bound connection changes nothing."""
        if not isinstance(pdu, Bind):
            talk.has_bad_bind |= isinstance(pdu, Malformed)
            return
        if talk.state != "open":
            return
        talk.system_id = pdu.system_id[:64].decode("latin-1")
        talk.interface_version = pdu.interface_version
        key = (talk.carrier, talk.system_id)
        account = self._accounts.pop(key, None) or Account()
        self._accounts[key] = talk.account = account
        if len(self._accounts) > ACCOUNTS_MAX:
            self._accounts.popitem(last=False)
        if account.refused_at:
            is_hasty = now - account.refused_at < talk.limits.rebind_s
            account.hasty_binds = account.hasty_binds + 1 if is_hasty else 0

    def _asked_by_client(self, seen: Seen) -> None:
        """Remember a request of the client."""
        talk, pdu, now = seen.talk, seen.pdu, seen.now
        assert pdu is not None
        talk.last_sequence = pdu.sequence_number
        command_id = pdu.command_id
        if command_id in BINDS:
            if talk.state == "open":
                talk.state = "binding"
        elif command_id == c.UNBIND:
            talk.unbind_at = now
            talk.state = "unbinding"
        elif command_id == c.ENQUIRE_LINK:
            if talk.last_enquire_at is not None:
                is_hasty = now - talk.last_enquire_at < talk.limits.enquire_every_s
                talk.hasty_enquires = talk.hasty_enquires + 1 if is_hasty else 0
            talk.last_enquire_at = now
        body_hash = 0
        if isinstance(pdu, _MESSAGES):
            self._submitted(talk, pdu, now)
            body_hash = hash(seen.raw[16:])
            talk.account.throttled.pop(body_hash, None)
        is_small = len(seen.raw) <= conv.KEPT_OCTETS_MAX
        kept = seen.raw[: conv.KEPT_OCTETS_MAX]
        pending = Pending(command_id, now, kept, body_hash, pdu=pdu if is_small else None)
        remember(talk.asks, pdu.sequence_number, pending)
        talk.asks_max = max(talk.asks_max, len(talk.asks))

    def _submitted(self, talk: Conversation, message: Message, now: float) -> None:
        talk.messages += 1
        talk.receipts_wanted += bool(message.registered_delivery & c.SMSC_DELIVERY_RECEIPT_BITMASK)
        talk.submits.append(now)
        if talk.slowdown is not None:
            talk.slowdown.after += 1

    def _answered_by_client(self, seen: Seen) -> None:
        """Forget a request of the carrier that has been answered."""
        talk, pdu, request = seen.talk, seen.pdu, seen.request
        assert pdu is not None
        if request is None:
            return
        del talk.asked[pdu.sequence_number]
        talk.answered[pdu.sequence_number] = pdu.command_status
        if len(talk.answered) > conv.ANSWERED_MAX:
            talk.answered.popitem(last=False)
            talk.forgotten += 1
        if request.command_id == c.UNBIND:
            talk.state = "unbound"

    # ------------------------------------------------------------------ the carrier's PDUs

    def _from_carrier(self, talk: Conversation, raw: bytes, now: float) -> None:
        command_id = int.from_bytes(raw[4:8], "big")
        status = int.from_bytes(raw[8:12], "big")
        sequence_number = int.from_bytes(raw[12:16], "big")
        if command_id & ~c.RESPONSE_BIT != c.ENQUIRE_LINK:
            talk.busy(now)
        if command_id & c.RESPONSE_BIT:
            request = talk.asks.pop(sequence_number, None)
            if request is not None:
                self._answered_by_carrier(talk, request, status, now)
            elif command_id == c.GENERIC_NACK:
                talk.is_given_up = True
            return
        if command_id == c.OUTBIND:
            talk.outbind_at, talk.outbind_raw = now, raw
            return
        if command_id == c.ALERT_NOTIFICATION:
            return
        if command_id == c.UNBIND:
            talk.carrier_unbind_at = now
        elif command_id in (c.DELIVER_SM, c.DATA_SM):
            self.counters.deliveries += 1
        talk.asked.pop(sequence_number, None)
        talk.answered.pop(sequence_number, None)
        talk.last_asked = max(talk.last_asked, sequence_number)
        talk.forgotten += remember(
            talk.asked, sequence_number, Pending(command_id, now, raw[: conv.KEPT_OCTETS_MAX])
        )

    def _answered_by_carrier(self, talk: Conversation, request: Pending, status: int, now: float) -> None:
        account = talk.account
        if request.command_id in BINDS:
            self._bind_answered(talk, request, status, now)
        elif request.command_id == c.UNBIND:
            talk.state = "unbound"
        elif is_submit(request.command_id):
            talk.slowest_answer_s = max(talk.slowest_answer_s, now - request.at)
            if status and isinstance(request.pdu, _MESSAGES):
                untrack(account, Seen(talk, now, request.raw, request.pdu), status in SLOW_DOWN)
            if status in SLOW_DOWN:
                self._throttled(talk, request, now)
        self._judge(On.ANSWERED, Seen(talk, now, request.raw, request=request))

    def _bind_answered(self, talk: Conversation, request: Pending, status: int, now: float) -> None:
        if talk.state != "binding":
            return
        if status:
            talk.state = "open"
            talk.account.refused_at = now
            return
        self.counters.binds += 1
        talk.state = BINDS[request.command_id]
        talk.has_bound = True
        talk.account.refused_at = 0.0
        talk.account.hasty_binds = 0

    def _throttled(self, talk: Conversation, request: Pending, now: float) -> None:
        throttled = talk.account.throttled
        throttled[request.body_hash] = now
        if len(throttled) > conv.THROTTLED_MAX:
            throttled.popitem(last=False)
        if talk.slowdown is None:
            before = sum(at > now - RATE_SECOND_S for at in talk.submits)
            talk.slowdown = Slowdown(now, before, raw=request.raw)


def _masked_from(rule: Rule, seen: Seen) -> int | None:
    """Say from where on octets may hold a password: what can't be read before a bind was accepted may."""
    talk = seen.talk
    if talk.has_bound or not (talk.has_bad_bind or rule.on is On.UNREADABLE):
        return None
    is_bind = int.from_bytes(seen.raw[4:8], "big") in BINDS
    return 0 if talk.has_bad_bind and not is_bind else HEADER_OCTETS


def _decoded(raw: bytes) -> Pdu:
    command_id, status, sequence_number = (int.from_bytes(raw[at : at + 4], "big") for at in (4, 8, 12))
    return DECODERS.get(command_id, decode_unknown)(command_id, status, sequence_number, raw[16:])
