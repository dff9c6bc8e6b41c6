"""A reader of capture files that believes nothing: it checks every checksum and number, and reassembles."""

import ipaddress
import struct
from typing import Any

import attrs

FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10


@attrs.define
class Side:
    """One direction of a connection."""

    next_sequence: int | None = None
    octets: bytes = b""
    is_finished: bool = False


@attrs.define
class Frame:
    at: float
    source: tuple[str, int]
    target: tuple[str, int]
    flags: int
    payload: bytes


def words(octets: bytes) -> int:
    """The one's complement sum, the slow way that the specification has it; 0xFFFF for what is sound."""
    total = 0
    for (word,) in struct.iter_unpack(">H", octets + b"\0" * (len(octets) % 2)):
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total


def frames(file: bytes) -> list[Frame]:
    """Read a file, checking lengths and checksums."""
    magic, major, minor, _, _, snaplen, link_type = struct.unpack_from("<IHHiIII", file)
    assert (magic, major, minor, link_type) == (0xA1B2C3D4, 2, 4, 1)
    found: list[Frame] = []
    offset = 24
    while offset < len(file):
        seconds, microseconds, kept, wire = struct.unpack_from("<IIII", file, offset)
        assert kept == wire <= snaplen
        assert microseconds < 1_000_000
        frame = file[offset + 16 : offset + 16 + kept]
        assert len(frame) == kept
        found.append(read_frame(frame, seconds + microseconds / 1e6))
        offset += 16 + kept
    return found


def read_frame(frame: bytes, at: float) -> Frame:
    kind = frame[12:14]
    packet = frame[14:]
    if kind == b"\x08\x00":
        assert packet[0] == 0x45
        assert words(packet[:20]) == 0xFFFF
        assert struct.unpack_from(">H", packet, 2)[0] == len(packet)
        assert packet[9] == 6
        source, target, segment = packet[12:16], packet[16:20], packet[20:]
    else:
        assert kind == b"\x86\xdd"
        assert packet[0] >> 4 == 6
        assert struct.unpack_from(">H", packet, 4)[0] == len(packet) - 40
        assert packet[6] == 6
        source, target, segment = packet[8:24], packet[24:40], packet[40:]
    assert len(packet) <= 1_500
    assert words(source + target + struct.pack(">II", len(segment), 6) + segment) == 0xFFFF
    source_port, target_port = struct.unpack_from(">HH", segment)
    assert segment[12] == 0x50
    return Frame(
        at,
        (str(ipaddress.ip_address(source)), source_port),
        (str(ipaddress.ip_address(target)), target_port),
        segment[13],
        segment[20:],
    )


def conversations(file: bytes) -> dict[tuple[Any, Any], tuple[bytes, bytes, bool]]:
    """By (peer, carrier), what each of them said and whether it ended; every number is checked on the way."""
    sides: dict[tuple[Any, Any], Side] = {}
    ends: dict[tuple[Any, Any], None] = {}
    last = 0.0
    for frame, (sequence, acknowledgement) in zip(frames(file), numbers(file), strict=True):
        assert frame.at >= last
        last = frame.at
        here, there = (frame.source, frame.target), (frame.target, frame.source)
        if frame.flags == SYN:
            ends[here] = None
            sides[here], sides[there] = Side(), Side()
        side, other = sides[here], sides[there]
        if frame.flags & SYN:
            side.next_sequence = sequence
        assert sequence == side.next_sequence
        if frame.flags & ACK:
            assert acknowledgement == other.next_sequence
        assert not (side.is_finished and frame.payload)
        side.octets += frame.payload
        side.is_finished |= bool(frame.flags & FIN)
        side.next_sequence = (sequence + len(frame.payload) + bool(frame.flags & (SYN | FIN))) % 2**32
    return {
        (here, there): (
            sides[here, there].octets,
            sides[there, here].octets,
            sides[here, there].is_finished and sides[there, here].is_finished,
        )
        for here, there in ends
    }


def numbers(file: bytes) -> list[tuple[int, int]]:
    """Sequence and acknowledgement number of each frame."""
    found: list[tuple[int, int]] = []
    offset = 24
    while offset < len(file):
        (kept,) = struct.unpack_from("<I", file, offset + 8)
        frame = file[offset + 16 : offset + 16 + kept]
        start = 14 + (20 if frame[12:14] == b"\x08\x00" else 40) + 4
        found.append(struct.unpack_from(">II", frame, start))
        offset += 16 + kept
    return found
