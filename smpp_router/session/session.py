# One SMPP session, either end of it, without I/O.
#
#   bytes --receive()--> requests for the owner, and responses that carry the context of their request
#   owner --request()/respond()/write()--> outbox --take_output()--> bytes
#   clock --tick()--> requests that nobody answered, enquire_link, and the wish to close
#
# Rule 1: everything that the protocol decides by itself is decided here or in replies.py: framing errors,
#         PDUs that the state does not allow, malformed and unknown PDUs, enquire_link, unbind, responses to
#         nothing.
# Rule 2: the session never calls anybody. One whose outbox becomes non-empty joins `writable`, the list
#         that it was given; whoever owns the I/O empties that list after each batch.
# Rule 3: a bind is undecided until its owner says so; what comes behind it waits in `_held`.
# Rule 4: a session whose end has begun (ending.py) ends when the owner has answered every request that came
#         before; nothing new is sent meanwhile (can_submit, can_deliver).
# Rule 5: once it wishes to close, nothing more that comes is looked at.
"""The sans-IO SMPP session (SMPP 3.4 sections 2.2 to 2.9)."""

from collections.abc import Sequence
from typing import Final

from smpp_router.session import replies
from smpp_router.session.binding import INTERFACE_VERSION, acceptance, agreed_version
from smpp_router.session.ending import LAST_ANSWERS_S, Ending
from smpp_router.session.replies import response
from smpp_router.session.states import (
    BOUND_BY,
    BOUND_STATES,
    DELIVERING_STATES,
    SUBMITTING_STATES,
    WITHOUT_RESPONSE,
    Role,
    State,
    allowed_from,
)
from smpp_router.session.timers import Due, TimerLimits, Timers
from smpp_router.session.window import ENQUIRE_LINK, UNBIND, Window, of_owner
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, HEADER_OCTETS, encode, encode_body, framed, header_only
from smpp_router.wire.framing import Framer
from smpp_router.wire.layouts import LAYOUTS
from smpp_router.wire.pdu import Bind, Malformed, Pdu

_RESPONSES: Final = frozenset(command_id for command_id in LAYOUTS if command_id & c.RESPONSE_BIT)

_HELD_MAX: Final = 1000
"""PDUs behind an undecided bind that are kept, a few windows' worth; the others are refused unseen."""

_NOT_MESSAGES: Final = frozenset({c.ENQUIRE_LINK, c.UNBIND, c.GENERIC_NACK, *BOUND_BY}) | WITHOUT_RESPONSE

_ERROR_BODIES: Final = frozenset({c.SUBMIT_MULTI_RESP})
"""Which error responses have one (SMPP 3.4 section 4.5.2): it tells which destinations failed."""


class Session:
    """One end of one SMPP session. Times are unix seconds.

    `bind` is the bind, the peer's or ours, that is undecided or stands; None before it and if it was refused.
    `window` holds our requests; `unanswered` counts the peer's requests that the owner still owes a response.
    `close_reason` says why the session should be closed once its outbox is empty, None while it should not.
    `peer_version` is the interface_version that both sides understand. `framer` cuts what comes into PDUs.
    `counters` counts, by replies.COUNTED, what came that was none of the owner's business.
    `owner` is whatever the session's owner hangs on it; the session never looks at it.
    """

    __slots__ = (
        "_allowed",
        "_allowed_messages",
        "_ending",
        "_held",
        "_notifications",
        "_outbox",
        "bind",
        "close_reason",
        "counters",
        "framer",
        "name",
        "outbox_bytes",
        "owner",
        "peer_version",
        "role",
        "state",
        "timers",
        "unanswered",
        "window",
        "writable",
    )

    def __init__(
        self,
        role: Role,
        *,
        now: float,
        writable: list["Session"],
        window_size: int,
        limits: TimerLimits,
        name: str = "",
    ) -> None:
        self.role = role
        self.name = name
        self.writable = writable
        self.window = Window(window_size)
        self.timers = Timers(limits, now)
        self.bind: Bind | None = None
        self.peer_version = INTERFACE_VERSION
        self.unanswered = 0
        self.outbox_bytes = 0
        self.close_reason: str | None = None
        self.owner: object = None
        self.counters: dict[str, int] = dict.fromkeys(replies.COUNTED, 0)
        self.framer = Framer()
        self._outbox: list[bytes] = []
        self._held: list[Pdu] = []
        self._ending = Ending()
        self._enter(State.OPEN)

    # ------------------------------------------------------------------ what it is

    @property
    def is_bound(self) -> bool:
        """Whether a bind stands."""
        return self.state in BOUND_STATES

    @property
    def can_submit(self) -> bool:
        """Whether submit_sm may cross this session now, from the ESME to the MC."""
        return self.state in SUBMITTING_STATES and not self._ending.is_begun

    @property
    def can_deliver(self) -> bool:
        """Whether deliver_sm may cross this session now, from the MC to the ESME."""
        return self.state in DELIVERING_STATES and not self._ending.is_begun

    @property
    def speaks_tlvs(self) -> bool:
        """Whether the peer knows optional parameters at all (SMPP 3.4 section 3.3: 3.4 and later)."""
        return self.peer_version >= INTERFACE_VERSION

    def _enter(self, state: State) -> None:
        self.state = state
        peer = Role.ESME if self.role is Role.MC else Role.MC
        self._allowed = allowed_from(peer, state)
        self._allowed_messages = self._allowed - _NOT_MESSAGES
        self._notifications = self._allowed & WITHOUT_RESPONSE

    # ------------------------------------------------------------------ bytes in

    def receive(self, data: bytes, now: float) -> list[Pdu]:
        """Take what one read brought; return requests and matched responses for the owner, in order."""
        if self.close_reason is not None:
            return []
        self.timers.heard_at = now
        pdus = self.framer.feed(data)
        if self.state is State.BINDING and self.role is Role.MC:
            pdus = self._hold(pdus)
        arrivals = self._sort(pdus)
        if self._ending.awaits_answers:
            self._end_if_settled(self.unanswered)
        error = self.framer.error
        if error is not None and self.close_reason is None:
            self.write(header_only(c.GENERIC_NACK, error.command_status, error.sequence_number))
            self.close(error.problem)
        if arrivals:
            self.timers.message_at = now
        return arrivals

    def _sort(self, pdus: list[Pdu]) -> list[Pdu]:
        arrivals: list[Pdu] = []
        answer = self.window.answer
        requests = 0
        for index, pdu in enumerate(pdus):
            command_id = pdu.command_id
            if command_id in _RESPONSES:
                context = answer(pdu.sequence_number)
                if context is None:
                    self.counters[replies.STRAY] += 1
                elif context is ENQUIRE_LINK:
                    pass
                elif context is UNBIND:
                    self._enter(State.UNBOUND)
                    if self._end_if_settled(self.unanswered + requests):
                        break
                else:
                    pdu.request = context
                    if context is self.bind:
                        self._bound_by_peer(pdu)
                    arrivals.append(pdu)
            elif command_id in self._allowed_messages and type(pdu) is not Malformed:
                arrivals.append(pdu)
                requests += 1
            elif type(pdu) is Bind and command_id in self._allowed:
                self._enter(State.BINDING)
                self.bind = pdu
                arrivals.append(pdu)
                self._sort(self._hold(pdus[index + 1 :]))
                break
            elif command_id in self._notifications and type(pdu) is not Malformed:
                arrivals.append(pdu)
            elif self._deal_with(pdu, self.unanswered + requests):
                break
        self.unanswered += requests
        return arrivals

    def _hold(self, pdus: list[Pdu]) -> list[Pdu]:
        """Keep what comes behind an undecided bind; return what is too much."""
        room = _HELD_MAX - len(self._held)
        self._held += pdus[:room]
        return pdus[room:]

    def _deal_with(self, pdu: Pdu, unanswered: int) -> bool:
        """Do what the protocol settles by itself; tell whether that was the end of the session.

        `unanswered` is the number of requests before it that the owner has not answered.
        """
        if (
            pdu.command_id == c.UNBIND
            and c.UNBIND in self._allowed
            and not self._ending.owes_unbind_resp
            and type(pdu) is not Malformed
        ):
            patience_s = min(LAST_ANSWERS_S, self.timers.limits.response_s)
            until = self.timers.heard_at + patience_s if self.role is Role.ESME else None
            self._ending.peer_unbinds(pdu, until)
            return self._end_if_settled(unanswered)
        counted, octets = replies.reply(pdu, self._allowed, self.is_bound)
        if counted:
            self.counters[counted] += 1
        if octets:
            self.write(octets)
        return False

    def _end_if_settled(self, unanswered: int) -> bool:
        """End a session whose end has begun, if nothing is owed (rule 4); tell whether it is over."""
        ending = self._ending
        if unanswered or (ending.awaits_answers and self.window.is_awaited):
            return False
        unbind, reason = ending.settle(self.state is State.UNBOUND)
        if unbind is not None:
            self.write(response(unbind, c.ESME_ROK))
            self._enter(State.UNBOUND)
        if reason:
            self.close(reason)
        return self.close_reason is not None

    # ------------------------------------------------------------------ binding

    def accept_bind(
        self,
        system_id: bytes,
        now: float,
        window_size: int,
        limits: TimerLimits,
        sc_interface_version: int = INTERFACE_VERSION,
    ) -> list[Pdu]:
        """Answer the undecided bind with ESME_ROK; return what had come glued behind it.

        `window_size` and `limits` are those of whoever has bound; sc_interface_version is told to peers that
        know of it (binding.acceptance).
        """
        bind = self.bind
        assert bind is not None and self.state is State.BINDING, "no bind to accept"
        self.peer_version = bind.interface_version
        self.window.size = window_size
        self.timers.limits = limits
        self.write(acceptance(bind, system_id, sc_interface_version))
        self._enter(BOUND_BY[bind.command_id])
        return self._release_held(now)

    def reject_bind(self, status: int, now: float) -> list[Pdu]:
        """Answer the undecided bind with an error; the peer may try again on the same connection."""
        bind = self.bind
        assert bind is not None and self.state is State.BINDING, "no bind to reject"
        self.write(response(bind, status))
        self.bind = None
        self._enter(State.OPEN)
        return self._release_held(now)

    def _release_held(self, now: float) -> list[Pdu]:
        held, self._held = self._held, []
        if self.close_reason is not None:
            return []
        arrivals = self._sort(held)
        if arrivals:
            self.timers.message_at = now
        return arrivals

    def start_bind(self, bind: Bind, now: float) -> None:
        """Ask the MC to bind us; the BindResp comes out of receive()."""
        assert self.state is State.OPEN, "a bind is sent once, on an open session"
        # Carriers hand out passwords longer than the 8 characters of the specification: they know best.
        body = encode_body(bind, strict=False)
        self._enter(State.BINDING)
        self.bind = bind
        bind.sequence_number = self.window.open(bind)
        self.write(framed(bind.command_id, c.ESME_ROK, bind.sequence_number, body))
        self.timers.message_at = now

    def _bound_by_peer(self, resp: Pdu) -> None:
        """Take what answered our bind."""
        bind = self.bind
        assert bind is not None
        version = agreed_version(bind, resp)
        if version is None:
            self.bind = None
            self._enter(State.OPEN)
            return
        self.peer_version = version
        self._enter(BOUND_BY[bind.command_id])

    # ------------------------------------------------------------------ bytes out

    def request(self, pdu: Pdu, context: object, now: float) -> int:
        """Send a request; its response comes out of receive() with `context`, not None, as its `request`.

        Raises ValueError for a field that breaks a limit of the specification; then nothing is sent.
        """
        body = encode_body(pdu)
        pdu.sequence_number = self.window.open(context)
        octets = framed(pdu.command_id, pdu.command_status, pdu.sequence_number, body)
        self._put((octets,), len(octets))
        self.timers.message_at = now
        return pdu.sequence_number

    def request_bodies(
        self, command_id: int, bodies: Sequence[bytes], contexts: Sequence[object], now: float
    ) -> None:
        """Send ready-made bodies, one request each. The caller has checked `window.room`."""
        open_ = self.window.open
        pack = HEADER.pack
        parts: list[bytes] = []
        size = 0
        for body, context in zip(bodies, contexts, strict=True):
            length = HEADER_OCTETS + len(body)
            parts.append(pack(length, command_id, 0, open_(context)))
            parts.append(body)
            size += length
        self._put(parts, size)
        self.timers.message_at = now

    def respond(self, pdu: Pdu) -> None:
        """Answer one of the peer's requests; but for submit_multi_resp, an error response has no body.

        SMPP 3.4 section 4.4.2. Raises ValueError for a field that breaks a limit of the specification.
        """
        if pdu.command_status != c.ESME_ROK and pdu.command_id not in _ERROR_BODIES:
            self.answer([header_only(pdu.command_id, pdu.command_status, pdu.sequence_number)], 1)
        else:
            self.answer([encode(pdu)], 1)

    def answer(self, encoded: list[bytes], count: int) -> None:
        """Write `count` encoded responses to requests that receive() had handed out."""
        self.unanswered -= count
        self._put(encoded, sum(map(len, encoded)))
        if self._ending.is_begun and self.state is not State.CLOSED:
            self._end_if_settled(self.unanswered)

    def write(self, data: bytes) -> None:
        """Put bytes into the outbox as they are."""
        self._put((data,), len(data))

    def _put(self, parts: Sequence[bytes], size: int) -> None:
        """Have parts of `size` bytes in all written (rule 2); a lost session writes no more."""
        if self.state is State.CLOSED:
            return
        if not self._outbox:
            self.writable.append(self)
        self._outbox += parts
        self.outbox_bytes += size

    def take_output(self) -> bytes:
        """Take everything that waits to be written, in order."""
        output = b"".join(self._outbox)
        self._outbox = []
        self.outbox_bytes = 0
        return output

    # ------------------------------------------------------------------ time and end

    def tick(self, now: float) -> list[object]:
        """Return the contexts of requests that nobody answered in time; do what the timers ask."""
        if self.close_reason is not None:
            return []
        response_s = self.timers.limits.response_s
        expired = of_owner(self.window.expire(now, response_s))
        if self._ending.has_waited(now) and self._end_if_settled(self.unanswered):
            return expired
        due = self.timers.due(now, self.is_bound)
        if due is Due.NOTHING:
            return expired
        if due is Due.ENQUIRE_LINK:
            self.timers.enquired_at = now
            self.write(header_only(c.ENQUIRE_LINK, c.ESME_ROK, self.window.open(ENQUIRE_LINK)))
        elif due is Due.UNBIND_IDLE:
            self.unbind(now)
        else:
            if due is Due.CLOSE_SILENT and self.is_bound:
                self.write(header_only(c.UNBIND, c.ESME_ROK, self.window.open(UNBIND)))
            self.close(due.value)
        return expired

    def unbind(self, now: float) -> None:
        """Ask the peer to end the session; what it still answers is taken until its unbind_resp."""
        if self.is_bound and self.timers.unbind_at is None:
            self._ending.is_begun = True
            self.timers.unbind_at = now
            self.write(header_only(c.UNBIND, c.ESME_ROK, self.window.open(UNBIND)))
        elif not self.is_bound:
            self.close("closed before a bind")

    def stream_ended(self, reason: str) -> None:
        """The peer sends no more: close, for that reason, once the owner has answered what came before."""
        self._ending.stream_ended(reason)
        self._end_if_settled(self.unanswered)

    def close(self, reason: str) -> None:
        """Wish the connection closed once the outbox is written; the first reason stands."""
        self._ending.is_begun = True
        if self.close_reason is None:
            self.close_reason = reason
            if not self._outbox:
                self.writable.append(self)

    def lose(self) -> list[object]:
        """The connection is gone: return the contexts of all requests that were never answered."""
        self._enter(State.CLOSED)
        self._outbox = []
        self.outbox_bytes = 0
        self.close("connection lost")
        return of_owner(self.window.lose())
