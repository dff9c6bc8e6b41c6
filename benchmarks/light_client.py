# A customer that costs as little as Python allows, so that a carrier on the other core is what is measured.
# It knows nothing of the project's code: one submit_sm is made by hand as SMPP 3.4 section 4.4.1 says, and
# each message is that one with its sequence_number and eight digits put in. What comes back is looked at for
# four things only: command_id, command_status, sequence_number, message_id.
"""A light SMPP customer: full windows, receipts matched by message_id, enquire_link now and then."""

import argparse
import json
import resource
import selectors
import socket
import struct
import sys
import time
from collections.abc import Sequence
from typing import Final

import attrs

READ_BYTES: Final = 1 << 18
SILENCE_S: Final = 10.0
"""After it nothing more is waited for."""
_HEADER: Final = struct.Struct(">IIII")
_BIND_TRANSCEIVER: Final = 0x00000009
_SUBMIT_SM: Final = 0x00000004
_SUBMIT_SM_RESP: Final = 0x80000004
_DELIVER_SM: Final = 0x00000005
_DELIVER_SM_RESP: Final = 0x80000005
_ENQUIRE_LINK: Final = 0x00000015
_ENQUIRE_LINK_RESP: Final = 0x80000015
_DELIVER_ANSWER: Final = struct.pack(">II", 17, _DELIVER_SM_RESP) + b"\0\0\0\0"
_ENQUIRE_NUMBER: Final = 0x7000_0000
"""Sequence numbers of enquire_link begin here, those of messages at 1."""
_TEXT: Final = "您的包裹已到驿站，凭取件码领取。".encode("utf-16-be")


@attrs.define(eq=False)
class Tally:
    """What came back, for all binds together. Latencies are exact: a run is bounded by its count."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    unmatched: int = 0
    response_s: list[float] = attrs.Factory(list[float])
    enquire_s: list[float] = attrs.Factory(list[float])
    lacking: set[bytes] = attrs.Factory(set[bytes])
    early: set[bytes] = attrs.Factory(set[bytes])

    def has_all(self, count: int) -> bool:
        """Whether every message is answered and has its receipt."""
        return self.accepted + self.refused >= count and not self.lacking


class Bind:
    """One connection, bound, with its window."""

    def __init__(self, port: int, window: int, tally: Tally) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = b"bench\0\0\0\x34\0\0\0"
        self.socket.sendall(_HEADER.pack(16 + len(body), _BIND_TRANSCEIVER, 0, 1) + body)
        answer = self.socket.recv(READ_BYTES)
        if _HEADER.unpack_from(answer)[2] != 0:
            raise RuntimeError("the carrier refused the bind")
        self.window = window
        self.tally = tally
        self.under_way: dict[int, float] = {}
        self.enquired: dict[int, float] = {}
        self.number = 1
        self.enquire_number = _ENQUIRE_NUMBER
        self.rest = b""
        before = b"\0\0\0" + b"106900\0" + b"\1\1" + b"86139"
        after = b"\0" + b"\0\0\0" + b"\0\0" + b"\1\0" + b"\x08\0" + bytes([len(_TEXT)]) + _TEXT
        length = 16 + len(before) + 8 + len(after)
        self.head = struct.pack(">III", length, _SUBMIT_SM, 0)
        self.before, self.after = before, after

    def submit(self, count: int, now: float) -> None:
        """Fill the window, as far as `count` messages in all allow."""
        room = min(self.window - len(self.under_way), count - self.tally.sent)
        if room <= 0:
            return
        head, before, after = self.head, self.before, self.after
        first = self.number
        self.number += room
        out = [
            b"%b%b%b%08d%b" % (head, number.to_bytes(4, "big"), before, number, after)
            for number in range(first, first + room)
        ]
        self.under_way.update(dict.fromkeys(range(first, first + room), now))
        self.tally.sent += room
        self.socket.sendall(b"".join(out))

    def enquire(self, now: float) -> None:
        """Send an enquire_link."""
        self.enquire_number += 1
        self.enquired[self.enquire_number] = now
        self.socket.sendall(_HEADER.pack(16, _ENQUIRE_LINK, 0, self.enquire_number))

    def receive(self) -> bool:
        """Take in what has come; tell whether the connection goes on."""
        data = self.socket.recv(READ_BYTES)
        now = time.monotonic()
        octets = self.rest + data
        tally = self.tally
        answers: list[bytes] = []
        at, end = 0, len(octets)
        unpack = _HEADER.unpack_from
        while end - at >= 16:
            length, command, status, number = unpack(octets, at)
            if end - at < length:
                break
            if command == _SUBMIT_SM_RESP:
                tally.response_s.append(now - self.under_way.pop(number))
                if status:
                    tally.refused += 1
                else:
                    tally.accepted += 1
                    self._match(octets[at + 16 : at + length - 1], tally.early, tally.lacking)
            elif command == _DELIVER_SM:
                start = octets.index(b"id:", at + 16) + 3
                self._match(octets[start : octets.index(b" ", start)], tally.lacking, tally.early)
                answers.append(_DELIVER_ANSWER + octets[at + 12 : at + 16] + b"\0")
            elif command == _ENQUIRE_LINK_RESP:
                tally.enquire_s.append(now - self.enquired.pop(number))
            elif command == _ENQUIRE_LINK:
                answers.append(_HEADER.pack(16, _ENQUIRE_LINK_RESP, 0, number))
            at += length
        self.rest = octets[at:]
        if answers:
            self.socket.sendall(b"".join(answers))
        return bool(data)

    def _match(self, message_id: bytes, others: set[bytes], own: set[bytes]) -> None:
        if message_id in others:
            others.remove(message_id)
            self.tally.receipts += 1
        else:
            own.add(message_id)


def offer(port: int, *, binds: int, window: int, count: int, enquire_every_s: float) -> tuple[Tally, float]:
    """Offer `count` messages over `binds` full windows; return what came back and the seconds it took."""
    tally = Tally()
    selector = selectors.DefaultSelector()
    sessions = [Bind(port, window, tally) for _ in range(binds)]
    for session in sessions:
        selector.register(session.socket, selectors.EVENT_READ, session)
    started_at = last_at = time.monotonic()
    enquire_at = started_at
    for session in sessions:
        session.submit(count, started_at)
    while not tally.has_all(count) and last_at + SILENCE_S > time.monotonic():
        timeout_s = 1.0 if enquire_every_s <= 0 else max(0.0, enquire_at - time.monotonic())
        for key, _ in selector.select(timeout_s):
            session: Bind = key.data
            if not session.receive():
                raise RuntimeError("the carrier has hung up")
            last_at = time.monotonic()
            session.submit(count, last_at)
        if enquire_every_s > 0 and enquire_at <= time.monotonic():
            enquire_at += enquire_every_s
            sessions[0].enquire(time.monotonic())
    for session in sessions:
        session.socket.close()
    tally.unmatched = len(tally.early)
    return tally, last_at - started_at


def share_ms(values: list[float], share: float) -> float:
    """The value in milliseconds that `share` of the values do not exceed; 0 without any."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000.0, 3)


def main(argv: Sequence[str] | None = None) -> int:
    """Offer a load and print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.light_client", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--binds", type=int, default=4)
    parser.add_argument("--window", type=int, default=250)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--enquire-every-s", type=float, default=0.0, help="on the first bind; 0: none")
    given = parser.parse_args(argv)
    tally, elapsed_s = offer(
        given.port,
        binds=given.binds,
        window=given.window,
        count=given.count,
        enquire_every_s=given.enquire_every_s,
    )
    usage = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "sent": tally.sent,
        "accepted": tally.accepted,
        "refused": tally.refused,
        "receipts": tally.receipts,
        "missing": len(tally.lacking),
        "unmatched": tally.unmatched,
        "elapsed_s": round(elapsed_s, 3),
        "messages_per_s": round(tally.accepted / max(elapsed_s, 1e-9), 1),
        "p50_ms": share_ms(tally.response_s, 0.50),
        "p99_ms": share_ms(tally.response_s, 0.99),
        "enquire_links": len(tally.enquire_s),
        "enquire_p99_ms": share_ms(tally.enquire_s, 0.99),
        "enquire_max_ms": share_ms(tally.enquire_s, 1.0),
        "client_cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
    }
    print(json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
