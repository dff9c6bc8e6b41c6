# A client shows how it behaves only when it is given occasion. The built-in carrier gives it, in this way:
#
#   responses                late by a log-normal delay, so out of order
#   some submit_sm           ESME_RTHROTTLED, ESME_RMSGQFUL; a window of 10, and a throughput cap
#   receipts                 all final states; some twice, two seconds apart
#   messages to the client   GSM, UCS2, a long one in two parts, one without a text; then a long silence, in
#                            which a client should ask whether the link is there
#   enquire_link             after 20 s of silence
#   a deliver_sm             that is not answered comes again after 15 s
"""The carrier that a client is graded against if no other is named."""

from collections import deque
from typing import Final

import attrs

from simulators.grade.frames import Frames
from simulators.profile import CarrierProfile
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import DeliverSm

NAME: Final = "grade"
PORT: Final = 2775
"""The port that IANA has for SMPP."""
EVERY_S: Final = 4.0
"""A message to each account so often, SOON of them."""
SOON: Final = 10
PAUSE_S: Final = 300.0
"""And then so seldom."""
AGAIN_S: Final = 2.0
AGAIN_EVERY: Final = 5
"""Each fifth receipt comes twice."""
AGAIN_MAX: Final = 1_000
"""Receipts that wait to come a second time; above it they come once."""

_FROM: Final = b"8613800138000"
_TO: Final = b"10690000"


def provoking_profile(port: int = PORT, host: str = "127.0.0.1") -> CarrierProfile:
    """Return the profile of a carrier that lets any account bind and is difficult in every allowed way."""
    return CarrierProfile(
        name=NAME,
        host=host,
        port=port,
        window_max=10,
        throughput_per_s=100.0,
        response_s=0.02,
        response_jitter_s=0.05,
        response_shape="lognormal",
        receipt_s=0.2,
        receipt_jitter_s=0.5,
        receipt_shape="lognormal",
        outcomes={"DELIVRD": 0.7, "UNDELIV": 0.1, "EXPIRED": 0.1, "REJECTD": 0.1},
        errors={"ESME_RTHROTTLED": 0.03, "ESME_RMSGQFUL": 0.01},
        deliver_timeout_s=15.0,
        deliver_retry_s=1.0,
        enquire_link_s=20.0,
    )


def _messages() -> tuple[DeliverSm, ...]:
    texts = ("STOP", "退订", "", "A text that is longer than one short message holds. " * 4)
    return tuple(
        DeliverSm(
            source_addr_ton=c.TON_INTL,
            source_addr_npi=c.NPI_ISDN,
            source_addr=_FROM,
            destination_addr=_TO,
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
        )
        for text in texts
        for segment in split_text(text, reference=7)
    )


@attrs.define(eq=False)
class Provoker:
    """A tap that says what else to deliver, and to whom: messages of its own, and receipts again."""

    _messages: tuple[DeliverSm, ...] = attrs.field(factory=_messages, init=False)
    _streams: dict[int, Frames] = attrs.field(factory=dict[int, Frames], init=False)
    _again: deque[tuple[float, DeliverSm]] = attrs.field(factory=deque[tuple[float, DeliverSm]], init=False)
    _receipts: int = attrs.field(default=0, init=False)
    _next_at: float = attrs.field(default=0.0, init=False)
    _turn: int = attrs.field(default=0, init=False)

    def connected(self, connection: int, carrier: str, peer: str, now: float) -> None:  # noqa: ARG002
        """A client has connected."""
        self._streams[connection] = Frames()

    def octets(self, connection: int, is_from_peer: bool, data: bytes, now: float) -> None:
        """Octets have passed: of receipts, some are to come again."""
        stream = self._streams.get(connection)
        if is_from_peer or stream is None:
            return
        for raw in stream.feed(bytes(data)):
            if int.from_bytes(raw[4:8], "big") == c.DELIVER_SM:
                self._delivered(raw, now)

    def closed(self, connection: int, now: float) -> None:  # noqa: ARG002
        """A connection has ended."""
        self._streams.pop(connection, None)

    def _delivered(self, raw: bytes, now: float) -> None:
        pdu = decode(c.DELIVER_SM, 0, 0, raw[16:])
        if not isinstance(pdu, DeliverSm) or pdu.esm_class != c.MSGTYPE_DELIVERY_RECEIPT:
            return
        self._receipts += 1
        if self._receipts % AGAIN_EVERY == 1 and len(self._again) < AGAIN_MAX:
            self._again.append((now + AGAIN_S, pdu))

    def due(self, now: float) -> list[DeliverSm]:
        """Return what is to be delivered now."""
        pdus: list[DeliverSm] = []
        while self._again and self._again[0][0] <= now:
            pdus.append(self._again.popleft()[1])
        if now >= self._next_at:
            if self._next_at:
                pdus.append(self._messages[self._turn % len(self._messages)])
                self._turn += 1
            self._next_at = now + (EVERY_S if self._turn % SOON or not self._turn else PAUSE_S)
        return pdus
