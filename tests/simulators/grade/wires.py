# One client and one carrier, by hand, with a grader that listens:
#
#   wire = Wire().bound()          a connection, a bind, its response
#   wire.submit(data_coding=8)     a submit_sm with its response
#   wire.end()                     unbinds, closes; returns the ids of the rules that were broken
"""Conversations for the tests of the grader."""

from typing import Any

import attrs

from simulators.grade.conversation import Limits
from simulators.grade.grader import Grader
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode, framed, header_only, submit_sm_resp
from smpp_router.wire.pdu import Bind, BindResp, DeliverSm, Pdu, SubmitSm

START = 1_800_000_000.0
NUMBER = b"8613900000001"
SECRET = b"hunter22"


def submit_sm(**fields: Any) -> SubmitSm:
    """A submit_sm with which nothing is wrong, but for `fields`."""
    values: dict[str, Any] = {
        "sequence_number": 0,
        "source_addr_ton": c.TON_ALNUM,
        "source_addr": b"bank",
        "dest_addr_ton": c.TON_INTL,
        "dest_addr_npi": c.NPI_ISDN,
        "destination_addr": NUMBER,
        "registered_delivery": 1,
        "short_message": b"Hello",
    }
    return SubmitSm(**(values | fields))


@attrs.define(eq=False)
class Wire:
    """A client, a carrier and a grader between them."""

    limits: Limits = attrs.Factory(Limits)
    grader: Grader = attrs.field(init=False)
    now: float = START
    connection: int = 0
    number: int = 0
    carrier_number: int = 0

    def __attrs_post_init__(self) -> None:
        self.grader = Grader({"c": self.limits})

    def connect(self) -> "Wire":
        """Another connection; what is sent from now on is sent on it."""
        self.connection += 1
        self.number = 0
        self.grader.connected(self.connection, "c", "192.0.2.1:4711", self.now)
        return self

    def wait(self, seconds: float) -> "Wire":
        """Let time pass, and have the grader see it."""
        self.now += seconds
        self.grader.tick(self.now)
        return self

    def send(self, pdu: Pdu | bytes, after: float = 0.01) -> int:
        """The client sends; a PDU without a sequence_number gets the next one."""
        self.now += after
        if isinstance(pdu, Pdu) and not pdu.sequence_number:
            self.number += 1
            pdu = attrs.evolve(pdu, sequence_number=self.number)
        octets = pdu if isinstance(pdu, bytes) else encode(pdu, strict=False)
        self.grader.octets(self.connection, True, octets, self.now)
        return int.from_bytes(octets[12:16], "big")

    def reply(self, octets: bytes, after: float = 0.001) -> None:
        """The carrier sends."""
        self.now += after
        self.grader.octets(self.connection, False, octets, self.now)

    def bind(self, status: int = 0, **fields: Any) -> "Wire":
        values: dict[str, Any] = {"system_id": b"bank", "password": SECRET} | fields
        command_id = values.setdefault("command_id", c.BIND_TRANSCEIVER)
        number = self.send(Bind(**values))
        resp = BindResp(
            sequence_number=number, command_id=command_id | 0x80000000, command_status=status, system_id=b"c"
        )
        self.reply(encode(resp))
        return self

    def bound(self, **fields: Any) -> "Wire":
        return self.connect().bind(**fields)

    def submit(self, status: int | None = 0, **fields: Any) -> int:
        """A submit_sm with its response; None: without one."""
        return self.message(submit_sm(**fields), status)

    def message(self, pdu: Pdu | bytes, status: int | None = 0) -> int:
        number = self.send(pdu)
        if status is not None:
            self.answer(number, status)
        return number

    def answer(self, number: int, status: int = 0) -> None:
        """The carrier's submit_sm_resp."""
        self.reply(header_only(c.SUBMIT_SM_RESP, status, number) if status else submit_sm_resp(number, b"77"))

    def deliver(self, answer: bytes | None = None, is_answered: bool = True, after: float = 0.01) -> int:
        """A deliver_sm, answered with `answer` behind the header or as it should be."""
        self.carrier_number += 1
        pdu = DeliverSm(sequence_number=self.carrier_number, source_addr=NUMBER, short_message=b"Hi")
        self.reply(encode(pdu))
        if is_answered:
            good = deliver_sm_resp(self.carrier_number)
            self.send(good if answer is None else answer, after)
        return self.carrier_number

    def ask(self, command_id: int) -> int:
        """A request of the carrier without a body."""
        self.carrier_number += 1
        self.reply(header_only(command_id, 0, self.carrier_number))
        return self.carrier_number

    def unbind(self) -> "Wire":
        number = self.send(header_only(c.UNBIND, 0, self.number + 1))
        self.reply(header_only(c.UNBIND_RESP, 0, number))
        return self

    def close(self) -> "Wire":
        self.now += 0.01
        self.grader.closed(self.connection, self.now)
        return self

    def found(self) -> set[str]:
        """The rules that were broken so far."""
        return set(self.grader.findings)

    def end(self) -> set[str]:
        """Unbind as one should, and sum up."""
        self.unbind().close()
        self.grader.finish(self.now)
        return self.found()


def raw(command_id: int, body: bytes, number: int, status: int = 0) -> bytes:
    """A PDU from its body."""
    return framed(command_id, status, number, body)
