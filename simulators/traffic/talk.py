# An SMPP connection without manners of its own: it sends what it is told to, right or wrong, and counts what
# the MC says to it. It doesn't use the project's sessions, since those can't be brought to break rules.
"""A raw connection that counts what comes."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import attrs
import trio

from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, HEADER_OCTETS, deliver_sm_resp, encode, header_only
from smpp_router.wire.pdu import Bind, DataSmResp, SubmitSm

READ_BYTES: Final = 65_536
PDU_BYTES_MAX: Final = 1 << 20
"""What the MC sends is not above suspicion either."""
SEND_S: Final = 5.0
"""An MC that reads nothing for so long has stopped listening."""
NUMBERS_MAX: Final = 100_000
"""Requests whose response is still waited for."""


@attrs.define(eq=False)
class Answers:
    """What the MC did in answer to one misbehaviour, over all its connections."""

    rounds: int = 0
    connections: int = 0
    no_connection: int = 0
    sent: int = 0
    """PDUs, or what passes for one."""
    answers: Counter[str] = attrs.Factory(Counter[str])
    """Responses, by name and status."""
    requests: Counter[str] = attrs.Factory(Counter[str])
    """What the MC asked by itself."""
    closed_by_mc: int = 0
    unanswered: int = 0
    """Requests without a response when their connection ended."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "rounds": self.rounds,
            "connections": self.connections,
            "no_connection": self.no_connection,
            "sent": self.sent,
            "answers": dict(sorted(self.answers.items())),
            "requests": dict(sorted(self.requests.items())),
            "closed_by_mc": self.closed_by_mc,
            "unanswered": self.unanswered,
        }


@attrs.define(eq=False)
class Talk:
    """One connection. `on_request` is told what the MC asks, and answers or not."""

    stream: trio.abc.Stream
    system_id: bytes
    password: bytes
    found: Answers
    stopping: trio.Event
    on_request: Callable[["Talk", int, int], None] | None = None
    number: int = 0
    is_closed: bool = False
    is_bound: bool = False
    status: int = 0
    """Of the last response."""
    outbox: bytearray = attrs.Factory(bytearray)
    _waiting: set[int] = attrs.Factory(set[int])
    _rest: bytes = b""

    # ------------------------------------------------------------------ sending

    async def send(self, octets: bytes, pdus: int = 1) -> None:
        """Send octets as they are; nothing any more once the connection is gone."""
        if self.is_closed:
            return
        self.found.sent += pdus
        try:
            with trio.fail_after(SEND_S):
                await self.stream.send_all(octets)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._ended()
        except trio.TooSlowError:
            self.is_closed = True

    async def request(self, pdus: list[bytes]) -> None:
        """Send requests at once, and wait for none of their responses."""
        for pdu in pdus:
            if len(self._waiting) < NUMBERS_MAX:
                self._waiting.add(int.from_bytes(pdu[12:16], "big"))
        await self.send(b"".join(pdus), len(pdus))

    def next_number(self) -> int:
        """Return a sequence_number that was not used."""
        self.number += 1
        return self.number

    def bind_pdu(self, command_id: int = c.BIND_TRANSCEIVER, password: bytes | None = None) -> bytes:
        """Return a bind."""
        given = self.password if password is None else password
        bind = Bind(command_id=command_id, system_id=self.system_id, password=given)
        bind.sequence_number = self.next_number()
        return encode(bind)

    def submit_pdu(self, number: int | None = None, **fields: Any) -> bytes:
        """Return a submit_sm that wants a receipt."""
        settings: dict[str, Any] = {
            "source_addr": b"106900",
            "dest_addr_ton": c.TON_INTL,
            "dest_addr_npi": c.NPI_ISDN,
            "destination_addr": b"86139%08d" % (self.number % 100_000_000),
            "registered_delivery": 1,
            "short_message": b"hello",
        }
        pdu = SubmitSm(**(settings | fields))
        pdu.sequence_number = self.next_number() if number is None else number
        return encode(pdu, strict=False)

    async def bind(self, command_id: int = c.BIND_TRANSCEIVER, password: bytes | None = None) -> bool:
        """Bind and wait for the answer; tell whether it was a yes."""
        await self.request([self.bind_pdu(command_id, password)])
        await self.listen(10.0, until_answered=True)
        self.is_bound = not self._waiting and not self.is_closed and self.status == c.ESME_ROK
        return self.is_bound

    # ------------------------------------------------------------------ listening

    async def listen(
        self, seconds: float, *, until_answered: bool = False, read_bytes: int = READ_BYTES
    ) -> None:
        """Take in what comes for so long, or until every request has its response."""
        with trio.move_on_after(seconds):
            while not self.is_closed and not (until_answered and not self._waiting):
                try:
                    data = await self.stream.receive_some(read_bytes)
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    data = b""
                if not data:
                    self._ended()
                    return
                self._take(bytes(data))
                if self.outbox:
                    octets = bytes(self.outbox)
                    self.outbox.clear()
                    await self.send(octets, 0)

    async def hold(self) -> None:
        """Listen until the MC ends it, or the run does."""
        while not self.is_closed and not self.stopping.is_set():
            await self.listen(0.25)

    def _ended(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.found.closed_by_mc += 1

    def finish(self) -> None:
        """Count what was left without an answer."""
        self.found.unanswered += len(self._waiting)
        self._waiting.clear()

    def _take(self, data: bytes) -> None:
        octets = self._rest + data
        at = 0
        while len(octets) - at >= HEADER_OCTETS:
            length, command_id, status, number = HEADER.unpack_from(octets, at)
            if not HEADER_OCTETS <= length <= PDU_BYTES_MAX:
                self.found.answers["not SMPP"] += 1
                self.is_closed = True
                return
            if len(octets) - at < length:
                break
            self._taken(command_id, status, number)
            at += length
        self._rest = octets[at:]

    def _taken(self, command_id: int, status: int, number: int) -> None:
        name = c.command_name(command_id)
        if command_id & c.RESPONSE_BIT:
            self.found.answers[f"{name} {c.status_name(status)}"] += 1
            self._waiting.discard(number)
            self.status = status
        else:
            self.found.requests[name] += 1
            (self.on_request or answer_all)(self, command_id, number)


def answer_all(talk: Talk, command_id: int, number: int) -> None:
    """Answer what the MC asks as one should."""
    if command_id == c.DELIVER_SM:
        talk.outbox += deliver_sm_resp(number)
    elif command_id == c.DATA_SM:
        talk.outbox += encode(DataSmResp(sequence_number=number))
    elif command_id in (c.ENQUIRE_LINK, c.UNBIND):
        talk.outbox += header_only(command_id | c.RESPONSE_BIT, c.ESME_ROK, number)
