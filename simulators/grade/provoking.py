# A client shows how it behaves only when it is given occasion. The built-in carrier gives it, in this way:
#
#   responses                late by a log-normal delay, so out of order
#   some submit_sm           ESME_RTHROTTLED, ESME_RMSGQFUL; a window of 10, and a throughput cap
#   receipts                 all final states; some before the response, some out of order, some twice
#   messages to the client   GSM, UCS2, a long one in two parts, one without a text; then a long silence, in
#                            which a client should ask whether the link is there
#   enquire_link             after 20 s of silence
#   a deliver_sm             that is not answered comes again after 15 s
"""The carrier that a client is graded against if no other is named."""

from typing import Final

import attrs

from simulators.anomalies import Anomalies
from simulators.profile import CarrierProfile
from smpp_router.wire import constants as c
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
        anomalies=Anomalies(duplicated=0.2, duplicated_s=2.0, reordered=0.1, early=0.1),
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
    """Says which messages of its own the carrier is to deliver, and when."""

    _messages: tuple[DeliverSm, ...] = attrs.field(factory=_messages, init=False)
    _next_at: float = attrs.field(default=0.0, init=False)
    _turn: int = attrs.field(default=0, init=False)

    def due(self, now: float) -> list[DeliverSm]:
        """Return what is to be delivered now."""
        if now < self._next_at:
            return []
        pdus: list[DeliverSm] = []
        if self._next_at:
            pdus.append(self._messages[self._turn % len(self._messages)])
            self._turn += 1
        self._next_at = now + (EVERY_S if self._turn % SOON or not self._turn else PAUSE_S)
        return pdus
