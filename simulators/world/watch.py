# Watching the wires of a world: who is who in what passes, and whether windows and rates keep their bounds.
"""Watching what passes on a world's wires."""

import math
import struct
from collections.abc import Callable
from typing import Final

from simulators.control.cutter import Cutter
from simulators.world.addresses import number_in
from simulators.world.lives import Copy, Lives
from simulators.world.replies import Replies, Reply
from simulators.world.verdict import Troubles, Violations
from simulators.world.wires import Wire
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.pdu import CancelSm, DataSm, DeliverSm
from smpp_router.wire.receipt import parse_receipt

RATE_SLACK: Final = 1.05
"""A paced link may catch up a twentieth of a second."""
ID_OCTETS_MAX: Final = 65
"""message_id, with its NUL (SMPP 3.4 section 4.4.2)."""

_id_status_number = struct.Struct(">III").unpack_from
_DELIVERS: Final = (c.DELIVER_SM, c.DATA_SM)
_ANSWERS: Final = (c.SUBMIT_SM_RESP, c.GENERIC_NACK)


def _number(pdu: bytes) -> int | None:
    """The message's number in a submit_sm: service_type, source_addr_ton and _npi, and source_addr."""
    start = pdu.index(0, 16) + 3
    return number_in(pdu[start : pdu.index(0, start)], pdu[start - 2])


class Windows:
    """The requests of one side of one wire that the other side has not answered."""

    def __init__(self, window: int, timeout_s: float, complain: Callable[[float, int], None]) -> None:
        self._window = window
        self._timeout_s = timeout_s
        self._complain = complain
        self._sent: dict[int, float] = {}

    def sent(self, sequence_number: int, now: float) -> None:
        """A request has passed."""
        self._sent[sequence_number] = now
        if len(self._sent) > self._window:
            # Those that nobody waits for any more do not stand in a window.
            old = now - self._timeout_s
            self._sent = {number: at for number, at in self._sent.items() if at > old}
            if len(self._sent) > self._window:
                self._complain(now, len(self._sent))

    def answered(self, sequence_number: int) -> None:
        """Its response has passed."""
        self._sent.pop(sequence_number, None)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be asked for now."""
        return len(self._sent) >= self._window


class Rate:
    """How much the router sends to one carrier, over all wires, by the second."""

    def __init__(self, rate_per_s: float | None, violations: Violations, troubles: Troubles) -> None:
        self._rate_per_s = rate_per_s
        self._violations = violations
        self._troubles = troubles
        self._second = -1
        self._count = 0

    def sent(self, carrier: str, now: float) -> None:
        """One submit_sm has passed."""
        if self._rate_per_s is None:
            return
        if int(now) != self._second:
            self._second, self._count = int(now), 0
        self._count += 1
        if self._count > self._rate_per_s * RATE_SLACK + 1 and not self._troubles.died_between(now - 2, now):
            text = f"{self._count} submit_sm to {carrier} within a second, {self._rate_per_s:g} are allowed"
            self._violations.add(now, "rates", text)


class CarrierWatch:
    """One wire between the router, its near end, and a carrier."""

    def __init__(
        self,
        carrier: str,
        judges: tuple[Lives, Replies],
        windows: Windows,
        rate: Rate,
        timeout_s: float,
    ) -> None:
        self._carrier = carrier
        self._lives, self._replies = judges
        self._windows = windows
        self._rate = rate
        self._timeout_s = timeout_s
        self._cutters = {True: Cutter(), False: Cutter()}
        self._copies: dict[int, Copy] = {}
        self._replied: dict[int, Reply] = {}
        """Replies on this wire that the router has not answered, by sequence_number."""

    def passed(self, wire: Wire, is_near: bool, data: bytes, now: float) -> list[bytes]:
        """Take note of one write; return the PDUs that it ended."""
        cutter = self._cutters[is_near]
        _, pdus = cutter.feed(data)
        for pdu in pdus:
            command_id, status, sequence_number = _id_status_number(pdu, 4)
            if is_near:
                if command_id == c.SUBMIT_SM:
                    self._submitted(wire, pdu, sequence_number, now)
                elif command_id == c.CANCEL_SM:
                    self._asked(wire, sequence_number, now)
                    self._recalled(pdu)
                elif command_id & c.RESPONSE_BIT and self._replied:
                    reply = self._replied.pop(sequence_number, None)
                    if reply is not None and not status:
                        self._replies.taken(reply, now)
            elif command_id & c.RESPONSE_BIT:
                self._answered(wire, pdu, now)
            elif command_id in _DELIVERS:
                self._delivers(wire, pdu, now)
        if cutter.is_lost:
            # Nobody can tell what the router makes of it.
            wire.lost_from[is_near] = min(wire.lost_from[is_near], now)
        return pdus

    def _asked(self, wire: Wire, sequence_number: int, now: float) -> None:
        """A request has taken its place in the window."""
        self._windows.sent(sequence_number, now)
        if self._windows.is_full:
            wire.full_until = math.inf

    def _submitted(self, wire: Wire, pdu: bytes, sequence_number: int, now: float) -> None:
        self._asked(wire, sequence_number, now)
        self._rate.sent(self._carrier, now)
        number = _number(pdu)
        if number is None:
            return
        life = self._lives.get(number, "a submit_sm", now)
        if life is not None:
            copy = Copy(self._carrier, wire, now, now + self._timeout_s)
            self._lives.copied(life, copy)
            self._copies[sequence_number] = copy

    def _recalled(self, pdu: bytes) -> None:
        cancel = decode(c.CANCEL_SM, 0, 0, pdu[16:])
        number = (
            number_in(cancel.source_addr, cancel.source_addr_ton) if isinstance(cancel, CancelSm) else None
        )
        life = None if number is None else self._lives.find(number)
        if life is not None:
            life.recalled.add(self._carrier)

    def _answered(self, wire: Wire, pdu: bytes, now: float) -> None:
        command_id, status, sequence_number = _id_status_number(pdu, 4)
        self._windows.answered(sequence_number)
        if wire.full_until == math.inf and not self._windows.is_full:
            wire.full_until = now
        if command_id not in _ANSWERS:
            # Of a kind that answers no submit_sm, or that nobody knows: the router goes on waiting.
            return
        copy = self._copies.pop(sequence_number, None)
        if copy is None:
            return
        if command_id == c.SUBMIT_SM_RESP and not status and not _has_id(pdu):
            # Taken, under an id that nobody can read: no receipt will find it.
            copy.late_at = now
        copy.status, copy.answered_at = status, now

    def _delivers(self, wire: Wire, pdu: bytes, now: float) -> None:
        command_id, status, sequence_number = _id_status_number(pdu, 4)
        delivered = decode(command_id, status, sequence_number, pdu[16:])
        if not isinstance(delivered, (DeliverSm, DataSm)):
            return
        receipt = parse_receipt(delivered)
        if receipt is None:
            reply = self._replies.sent(delivered.source_addr, delivered.destination_addr, now)
            if reply is not None:
                self._replied[sequence_number] = reply
            return
        number = number_in(delivered.destination_addr, delivered.dest_addr_ton)
        if number is None:
            # Some dialects leave the addresses as they were submitted.
            number = number_in(delivered.source_addr, delivered.source_addr_ton)
        if number is not None:
            life = self._lives.find(number)
            if life is not None:
                self._lives.reported(life, receipt.message_state, self._carrier, wire, now)


def _has_id(pdu: bytes) -> bool:
    return 0 <= pdu.find(0, 16) - 16 < ID_OCTETS_MAX


class EsmeWatch:
    """One wire between a customer, its near end, and the router."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._cutters = {True: Cutter(), False: Cutter()}

    def passed(self, wire: Wire, is_near: bool, data: bytes, now: float) -> list[bytes]:
        """Take note of one write; return the PDUs that it ended."""
        del wire
        _, pdus = self._cutters[is_near].feed(data)
        for pdu in pdus:
            command_id, _, sequence_number = _id_status_number(pdu, 4)
            if is_near and command_id & c.RESPONSE_BIT:
                self._windows.answered(sequence_number)
            elif not is_near and command_id in _DELIVERS:
                self._windows.sent(sequence_number, now)
        return pdus
