# A client that shares no code with the router: sockets and struct, SMPP 3.4 as it reads. It keeps its own
# books of what it was promised and what it was told, so that it can say what a router has lost.
"""An independent SMPP client that keeps count."""

import select
import socket
import struct
import time
from collections import Counter

HEADER = struct.Struct(">IIII")
BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK, UNBIND = 9, 4, 5, 0x15, 6
RESPONSE = 0x80000000
TEXT = "【速达快递】您的包裹已到达幸福路驿站，请凭取件码领取。".encode("utf-16-be")


class Witness:
    """Books over several connections: `promised` ids, and the final states told for each id."""

    def __init__(self) -> None:
        self.promised: set[bytes] = set()
        self.promised_twice = 0
        self.told: dict[bytes, Counter[bytes]] = {}
        self.submitted = 0
        self.refused = 0
        self._socket: socket.socket | None = None
        self._tail = b""
        self._sequence_number = 0
        self._open: set[int] = set()

    @property
    def missing(self) -> set[bytes]:
        """Promised messages of whose end nothing was told."""
        return self.promised - set(self.told)

    @property
    def contradicted(self) -> int:
        """Messages that were told to have ended in two different ways."""
        return sum(len(states) > 1 for states in self.told.values())

    def connect(self, port: int, system_id: str, password: str) -> None:
        """Bind as a transceiver. Raises OSError."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10.0)
        self._tail = b""
        self._open.clear()
        body = b"%b\0%b\0\0\x34\0\0\0" % (system_id.encode(), password.encode())
        self._send(self._pdu(BIND_TRANSCEIVER, body))
        if self._read(10.0, has_bound=False) != 0:
            raise ConnectionError("the bind was refused")

    def _pdu(self, command_id: int, body: bytes) -> bytes:
        self._sequence_number = self._sequence_number % 0x7FFFFFFF + 1
        return HEADER.pack(16 + len(body), command_id, 0, self._sequence_number) + body

    def _send(self, data: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(data)

    def submit_for(self, seconds: float, window: int) -> bool:
        """Keep a window full for a while; tell whether the connection lasted."""
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                pdus: list[bytes] = []
                while len(self._open) < window:
                    number = b"86139%08d" % (self.submitted % 10**8)
                    body = b"\0\0\x01106900\0\x01\x01%b\0\0\0\0\0\0\x01\0\x08\0%c%b" % (
                        number,
                        len(TEXT),
                        TEXT,
                    )
                    pdus.append(self._pdu(SUBMIT_SM, body))
                    self._open.add(self._sequence_number)
                    self.submitted += 1
                if pdus:
                    self._send(b"".join(pdus))
                self._read(min(left, 0.05))
        except OSError:
            return False
        return True

    def wait_for_receipts(self, seconds: float) -> None:
        """Take receipts until none is missing or the time is up."""
        end = time.monotonic() + seconds
        while self.missing and time.monotonic() < end:
            self._read(0.2)

    def _read(self, seconds: float, *, has_bound: bool = True) -> int | None:
        """Deal with what comes; return a bind's status."""
        assert self._socket is not None
        if not select.select([self._socket], [], [], seconds)[0]:
            return None
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionError("closed")
        data = self._tail + data
        at = 0
        answers: list[bytes] = []
        status: int | None = None
        while len(data) - at >= HEADER.size:
            length, command_id, command_status, sequence_number = HEADER.unpack_from(data, at)
            if len(data) - at < length:
                break
            body = data[at + HEADER.size : at + length]
            at += length
            if command_id == SUBMIT_SM | RESPONSE:
                self._answered(sequence_number, command_status, body)
            elif command_id == DELIVER_SM:
                self._told(body)
                answers.append(HEADER.pack(17, DELIVER_SM | RESPONSE, 0, sequence_number) + b"\0")
            elif command_id == BIND_TRANSCEIVER | RESPONSE and not has_bound:
                status = command_status
            elif command_id in (ENQUIRE_LINK, UNBIND):
                answers.append(HEADER.pack(16, command_id | RESPONSE, 0, sequence_number))
        self._tail = data[at:]
        if answers:
            self._send(b"".join(answers))
        return status

    def _answered(self, sequence_number: int, command_status: int, body: bytes) -> None:
        self._open.discard(sequence_number)
        if command_status:
            self.refused += 1
            return
        message_id = body.partition(b"\0")[0]
        self.promised_twice += message_id in self.promised
        self.promised.add(message_id)

    def _told(self, body: bytes) -> None:
        start = body.index(b"id:") + 3
        message_id = body[start : body.index(b" ", start)]
        start = body.index(b"stat:") + 5
        self.told.setdefault(message_id, Counter())[body[start : start + 7]] += 1

    def close(self) -> None:
        """Drop the connection."""
        if self._socket is not None:
            self._socket.close()
