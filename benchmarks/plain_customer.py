# A customer that knows nothing of the router's code: it writes and reads octets as SMPP 3.4 says, so that a
# mistake of ours is not made twice. It submits all the time, and remembers what it was promised.
"""A plain SMPP customer, with a memory."""

import re
import struct
from typing import Final

import attrs
import trio

HOST: Final = "127.0.0.1"
PASSWORD: Final = "plainpwd"  # noqa: S105 - good for the routers of benchmarks only

BURST: Final = 8
PAUSE_S: Final = 0.005
"""It submits that many, then waits that long: 1,600 a second at most."""
WINDOW: Final = 64

_HEADER: Final = struct.Struct(">IIII")
_BIND_TRANSCEIVER: Final = 0x00000009
_SUBMIT_SM: Final = 0x00000004
_DELIVER_SM: Final = 0x00000005
_ENQUIRE_LINK: Final = 0x00000015
_UNBIND: Final = 0x00000006
_RESPONSE: Final = 0x80000000
_RECEIPT: Final = re.compile(rb"id:(\S+) .*?stat:(\S+)")


@attrs.define(eq=False)
class Customer:
    """One account, and what it was told. It binds again whenever it is cut off."""

    system_id: str
    number_prefix: str
    answered: dict[bytes, bytes] = attrs.Factory(dict[bytes, bytes])
    """The number that each message was sent to, by message_id."""
    receipts: dict[bytes, set[bytes]] = attrs.Factory(dict[bytes, set[bytes]])
    received: int = 0
    refused: int = 0
    unanswered: int = 0
    submitted: int = 0
    problems: list[str] = attrs.Factory(list[str])
    bound: trio.Event = attrs.Factory(trio.Event)
    is_submitting: bool = True

    def missing(self) -> set[bytes]:
        """Messages whose final receipt has not come."""
        return self.answered.keys() - self.receipts.keys()

    async def serve(self, port: int) -> None:
        """Bind, submit and take receipts until the connection is gone."""
        try:
            stream = await trio.open_tcp_stream(HOST, port)
        except OSError:
            return
        waiting: dict[int, bytes] = {}
        answers: list[bytes] = []
        try:
            async with stream, trio.open_nursery() as nursery:
                body = f"{self.system_id}\0{PASSWORD}\0\0\x34\0\0\0".encode()
                await stream.send_all(_pdu(_BIND_TRANSCEIVER, 1, body))
                nursery.start_soon(self._write, stream, waiting, answers)
                await self._read(stream, waiting, answers)
                nursery.cancel_scope.cancel()
        except* (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        self.unanswered += len(waiting)

    async def _write(
        self, stream: trio.SocketStream, waiting: dict[int, bytes], answers: list[bytes]
    ) -> None:
        """Send what the reader has to answer, and submit_sm as the window allows."""
        await self.bound.wait()
        sequence_number = 1
        while True:
            burst, answers[:] = answers[:], []
            for _ in range(min(BURST, WINDOW - len(waiting)) if self.is_submitting else 0):
                sequence_number += 1
                self.submitted += 1
                number = f"{self.number_prefix}{self.submitted:08d}".encode()
                waiting[sequence_number] = number
                body = b"\0\0\000106900\0\1\1%s\0\0\0\0\0\0\1\0\0\0\5hello" % number
                burst.append(_pdu(_SUBMIT_SM, sequence_number, body))
            if any(burst):
                await stream.send_all(b"".join(burst))
            await trio.sleep(PAUSE_S)

    async def _read(self, stream: trio.SocketStream, waiting: dict[int, bytes], answers: list[bytes]) -> None:
        data = b""
        while received := await stream.receive_some():
            data += received
            while len(data) >= _HEADER.size:
                length, command_id, status, sequence_number = _HEADER.unpack_from(data)
                if len(data) < length:
                    break
                answers.append(self._take(command_id, status, sequence_number, data[16:length], waiting))
                data = data[length:]

    def _take(
        self, command_id: int, status: int, sequence_number: int, body: bytes, waiting: dict[int, bytes]
    ) -> bytes:
        """Note what a PDU says; return what to answer."""
        if command_id == _SUBMIT_SM | _RESPONSE:
            number = waiting.pop(sequence_number)
            if status:
                self.refused += 1
            else:
                self._answered(body.rstrip(b"\0"), number)
        elif command_id == _DELIVER_SM:
            self._received(body)
            return _pdu(_DELIVER_SM | _RESPONSE, sequence_number, b"\0")
        elif command_id in (_ENQUIRE_LINK, _UNBIND):
            return _pdu(command_id | _RESPONSE, sequence_number, b"")
        elif command_id == _BIND_TRANSCEIVER | _RESPONSE and not status:
            self.bound.set()
        elif command_id != _ENQUIRE_LINK | _RESPONSE:
            self.problems.append(f"{self.system_id}: {command_id:#x} with status {status}")
        return b""

    def _answered(self, message_id: bytes, number: bytes) -> None:
        if message_id in self.answered:
            self.problems.append(f"{self.system_id}: two messages have the id {message_id!r}")
        self.answered[message_id] = number

    def _received(self, body: bytes) -> None:
        found = _RECEIPT.search(body)
        if found is None:
            self.problems.append(f"{self.system_id}: no receipt: {body!r}")
            return
        self.received += 1
        self.receipts.setdefault(found[1], set()).add(found[2])


def _pdu(command_id: int, sequence_number: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), command_id, 0, sequence_number) + body
