# One SMPP session, either end of it, without I/O.
#
#   bytes --receive()--> requests for the owner, and responses that carry the context of their request
#   owner --request()/respond()/write()--> outbox --take_output()--> bytes
#   clock --tick()--> requests that nobody answered, enquire_link, and the wish to close
#
# Rule 1: everything that the protocol decides by itself is decided here: framing errors, PDUs that the
#         state does not allow, malformed and unknown PDUs, enquire_link, unbind, responses to nothing.
# Rule 2: the session never calls anybody. One whose outbox becomes non-empty joins `writable`, the list
#         that it was given; whoever owns the I/O empties that list after each batch.
# Rule 3: a bind is undecided until its owner says so; what comes behind it waits in `_held`.
# Rule 4: an unbind, either side's, ends the session when the owner has answered every request that came
#         before the end; nothing new is sent meanwhile (can_submit, can_deliver).
# Rule 5: once it wishes to close, nothing more that comes is looked at.
"""The sans-IO SMPP session (SMPP 3.4 sections 2.2 to 2.9)."""

from collections.abc import Sequence
from typing import Final

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
from smpp_router.session.window import Window
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import HEADER, encode, encode_body, framed, header_only
from smpp_router.wire.framing import Framer
from smpp_router.wire.layouts import LAYOUTS
from smpp_router.wire.pdu import Bind, BindResp, Malformed, Pdu, UnknownPdu

_RESPONSE_BIT: Final = 0x80000000
_RESPONSES: Final = frozenset(command_id for command_id in LAYOUTS if command_id & _RESPONSE_BIT)
_ENQUIRE_LINK: Final = object()
_UNBIND: Final = object()
"""The contexts of the session's own requests."""

_HELD_MAX: Final = 1000
"""PDUs behind an undecided bind that are kept, a few windows' worth; the others are refused unseen."""

INTERFACE_VERSION: Final = 0x34


class Session:
    """One end of one SMPP session.

    `window` holds our requests; `unanswered` counts the peer's requests that the owner still owes a response.
    `close_reason` says why the session should be closed once its outbox is empty, None while it should not.
    `peer_version` is the interface_version that both sides understand. `framer` cuts what comes into PDUs.
    `owner` is whatever the session's owner hangs on it; the session never looks at it.
    """

    __slots__ = (
        "_allowed",
        "_allowed_messages",
        "_held",
        "_is_ending",
        "_notifications",
        "_outbox",
        "_unbind_sequence_number",
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
        self.counters = {"stray_responses": 0, "refused": 0, "malformed": 0, "unknown": 0}
        self.framer = Framer()
        self._outbox: list[bytes] = []
        self._held: list[Pdu] = []
        self._is_ending = False
        self._unbind_sequence_number: int | None = None
        self._enter(State.OPEN)

    # ------------------------------------------------------------------ what it is

    @property
    def is_bound(self) -> bool:
        """Whether a bind stands."""
        return self.state in BOUND_STATES

    @property
    def can_submit(self) -> bool:
        """Whether submit_sm may cross this session now, from the ESME to the MC."""
        return self.state in SUBMITTING_STATES and not self._is_ending

    @property
    def can_deliver(self) -> bool:
        """Whether deliver_sm may cross this session now, from the MC to the ESME."""
        return self.state in DELIVERING_STATES and not self._is_ending

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
                    self.counters["stray_responses"] += 1
                elif context is _ENQUIRE_LINK:
                    pass
                elif context is _UNBIND:
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
        """Answer what the protocol settles by itself; tell whether that was the end of the session.

        `unanswered` is the number of requests before it that the owner has not answered.
        """
        command_id = pdu.command_id
        if type(pdu) is UnknownPdu:
            self._deal_with_unknown(pdu)
        elif type(pdu) is Malformed:
            self.counters["malformed"] += 1
            if command_id not in WITHOUT_RESPONSE:
                self._answer(command_id, pdu.answer_status, pdu.sequence_number)
        elif command_id == c.ENQUIRE_LINK and command_id in self._allowed:
            self._answer(command_id, c.ESME_ROK, pdu.sequence_number)
        elif command_id == c.UNBIND and command_id in self._allowed and self._unbind_sequence_number is None:
            self._is_ending = True
            self._unbind_sequence_number = pdu.sequence_number
            return self._end_if_settled(unanswered)
        else:
            self.counters["refused"] += 1
            if command_id not in WITHOUT_RESPONSE:
                is_second_bind = command_id in BOUND_BY and self.is_bound
                status = c.ESME_RALYBND if is_second_bind else c.ESME_RINVBNDSTS
                self._answer(command_id, status, pdu.sequence_number)
        return False

    def _deal_with_unknown(self, pdu: Pdu) -> None:
        if pdu.command_id & _RESPONSE_BIT:
            # Two peers that nacked each other's responses would never come to an end.
            self.counters["stray_responses"] += 1
            return
        self.counters["unknown"] += 1
        self.write(header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, pdu.sequence_number))

    def _answer(self, command_id: int, status: int, sequence_number: int) -> None:
        self.write(header_only(command_id | _RESPONSE_BIT, status, sequence_number))

    def _end_if_settled(self, unanswered: int) -> bool:
        """End an unbinding session (rule 4): answer the peer's unbind, or close behind the answer to ours."""
        if unanswered:
            return False
        if self._unbind_sequence_number is not None:
            self._answer(c.UNBIND, c.ESME_ROK, self._unbind_sequence_number)
            self._unbind_sequence_number = None
            self._enter(State.UNBOUND)
            self.close("unbound by peer")
        elif self.state is State.UNBOUND:
            self.close("unbound")
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

        sc_interface_version is told to 3.4 and later only (SMPP 3.4 section 4.1.2): 3.3 has no TLVs. 0 is not
        told at all.
        """
        bind = self.bind
        assert bind is not None and self.state is State.BINDING, "no bind to accept"
        self.peer_version = bind.interface_version
        self.window.size = window_size
        self.timers.limits = limits
        is_told = self.speaks_tlvs and sc_interface_version
        tlvs = ((c.TAG_SC_INTERFACE_VERSION, bytes([sc_interface_version])),) if is_told else ()
        self.write(
            encode(
                BindResp(
                    command_id=bind.command_id | _RESPONSE_BIT,
                    sequence_number=bind.sequence_number,
                    system_id=system_id,
                    tlvs=tlvs,
                )
            )
        )
        self._enter(BOUND_BY[bind.command_id])
        return self._release_held(now)

    def reject_bind(self, status: int, now: float) -> list[Pdu]:
        """Answer the undecided bind with an error; the peer may try again on the same connection."""
        bind = self.bind
        assert bind is not None and self.state is State.BINDING, "no bind to reject"
        self._answer(bind.command_id, status, bind.sequence_number)
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
        """Take what answered our bind. Without an sc_interface_version the version is the one we named."""
        bind = self.bind
        assert bind is not None
        if resp.command_id not in _BIND_RESPS or resp.command_status != c.ESME_ROK:
            self.bind = None
            self._enter(State.OPEN)
            return
        version = tlv.find_int(resp.tlvs, c.TAG_SC_INTERFACE_VERSION) if isinstance(resp, BindResp) else None
        ours = bind.interface_version
        self.peer_version = ours if version is None else min(version, ours)
        self._enter(BOUND_BY[bind.command_id])

    # ------------------------------------------------------------------ bytes out

    def request(self, pdu: Pdu, context: object, now: float) -> int:
        """Send a request; its response comes out of receive() with `context`, not None, as its `request`.

        Raises ValueError for a field that breaks a limit of the specification; then nothing is sent.
        """
        body = encode_body(pdu)
        pdu.sequence_number = self.window.open(context)
        self.write(framed(pdu.command_id, pdu.command_status, pdu.sequence_number, body))
        self.timers.message_at = now
        return pdu.sequence_number

    def request_bodies(
        self, command_id: int, bodies: Sequence[bytes], contexts: Sequence[object], now: float
    ) -> None:
        """Send ready-made bodies, one request each. The caller has checked `window.room`."""
        open_ = self.window.open
        pack = HEADER.pack
        if not self._outbox:
            self.writable.append(self)
        outbox = self._outbox
        size = 0
        for body, context in zip(bodies, contexts, strict=True):
            length = 16 + len(body)
            outbox.append(pack(length, command_id, 0, open_(context)))
            outbox.append(body)
            size += length
        self.outbox_bytes += size
        self.timers.message_at = now

    def respond(self, pdu: Pdu) -> None:
        """Answer one of the peer's requests; an error response has no body (SMPP 3.4 section 4.4.2)."""
        if pdu.command_status != c.ESME_ROK and pdu.command_id not in _ERROR_BODIES:
            self.answer([header_only(pdu.command_id, pdu.command_status, pdu.sequence_number)], 1)
        else:
            self.answer([encode(pdu)], 1)

    def answer(self, encoded: list[bytes], count: int) -> None:
        """Write `count` encoded responses to requests that receive() had handed out."""
        self.unanswered -= count
        if self.state is State.CLOSED:
            return
        if not self._outbox:
            self.writable.append(self)
        self._outbox += encoded
        self.outbox_bytes += sum(map(len, encoded))
        if self._is_ending:
            self._end_if_settled(self.unanswered)

    def write(self, data: bytes) -> None:
        """Put bytes into the outbox as they are."""
        if self.state is State.CLOSED:
            return
        if not self._outbox:
            self.writable.append(self)
        self._outbox.append(data)
        self.outbox_bytes += len(data)

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
        expired = [
            x for x in self.window.expire(now, response_s) if x is not _ENQUIRE_LINK and x is not _UNBIND
        ]
        due = self.timers.due(now, self.is_bound)
        if due is Due.NOTHING:
            return expired
        if due is Due.ENQUIRE_LINK:
            self.timers.enquired_at = now
            self.write(header_only(c.ENQUIRE_LINK, c.ESME_ROK, self.window.open(_ENQUIRE_LINK)))
        elif due is Due.UNBIND_IDLE:
            self.unbind(now)
        else:
            if due is Due.CLOSE_SILENT and self.is_bound:
                self.write(header_only(c.UNBIND, c.ESME_ROK, self.window.open(_UNBIND)))
            self.close(due.value)
        return expired

    def unbind(self, now: float) -> None:
        """Ask the peer to end the session; what it still answers is taken until its unbind_resp."""
        if self.is_bound and self.timers.unbind_at is None:
            self._is_ending = True
            self.timers.unbind_at = now
            self.write(header_only(c.UNBIND, c.ESME_ROK, self.window.open(_UNBIND)))
        elif not self.is_bound:
            self.close("closed before a bind")

    def close(self, reason: str) -> None:
        """Wish the connection closed once the outbox is written; the first reason stands."""
        self._is_ending = True
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
        return [x for x in self.window.lose() if x is not _ENQUIRE_LINK and x is not _UNBIND]


_NOT_MESSAGES: Final = frozenset({c.ENQUIRE_LINK, c.UNBIND, c.GENERIC_NACK, *BOUND_BY}) | WITHOUT_RESPONSE
_BIND_RESPS: Final = frozenset(command_id | _RESPONSE_BIT for command_id in BOUND_BY)
# SMPP 3.4 section 4.5.2: a submit_multi_resp tells which destinations failed; query_sm_resp has no such rule.
_ERROR_BODIES: Final = frozenset({c.SUBMIT_MULTI_RESP})
