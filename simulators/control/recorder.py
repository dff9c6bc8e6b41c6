# What the carriers' connections carried, kept for whoever asks: the last PDUs, and the last octets for a
# capture file. A tap of the server: it is called with whole reads and writes, before they are understood.
#
#   octets --> Cutter, without passwords --+--> PDUs, undecoded, in a ring of pdus_max
#                                          +--> octets, in a ring of capture_octets_max --> capture.pcap
#                                          +--> PcapFile, if there is one
#
# Rule 1: a PDU is decoded when somebody asks for it, not when it passes: recording is cheap, asking is rare.
# Rule 2: both rings are bounded, drop their oldest, and count what they dropped.
# Rule 3: a capture begins with a whole PDU in each direction. What the ring has kept of one that was cut off
#         is left out, since a reader could make nothing of it.
# Rule 4: no segment of a capture ends within a header: its first octets wait for the rest. Wireshark takes a
#         segment of less than a header for something else than SMPP, and does not look at it again.
"""Recording PDUs and captures."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import attrs

from simulators.control.config import ControlConfig
from simulators.control.cutter import Cutter
from simulators.control.pcap import PCAP_HEADER, Conversation, parse_address
from simulators.server import CarrierServer

EVENT_OCTETS: Final = 64
"""What an event counts for in the ring of octets besides its own: many empty connections fill it too."""
PEER_PORT_BASE: Final = 49_152
"""The first dynamic port: given in captures to peers that have none, as on a stream in memory."""

PortOf = Callable[[str], int]


@attrs.define(eq=False)
class Line:
    """One connection."""

    number: int
    carrier: str
    peer: str
    cutters: tuple[Cutter, Cutter] = attrs.Factory(lambda: (Cutter(), Cutter()))
    """Of what the carrier sends, and of what the peer sends: indexed by is_from_peer."""


@attrs.define(eq=False)
class Recorded:
    """A PDU that passed. `number` counts all PDUs of the recorder."""

    number: int
    at: float
    line: Line
    is_from_peer: bool
    octets: bytes = attrs.field(repr=False)


@attrs.define(eq=False)
class _Event:
    """Something for a capture. Without octets: the connection opened, or closed."""

    at: float
    line: Line
    octets: bytes | None = None
    is_from_peer: bool = False
    begins_pdu: bool = False
    header_octets: int = 0
    """How many at the end are a header that is not whole."""
    opens: bool = False

    @property
    def weight(self) -> int:
        """What it takes of the ring."""
        return EVENT_OCTETS + len(self.octets or b"")


@attrs.define(eq=False)
class RecorderCounters:
    """What a recorder has seen and dropped."""

    connections: int = 0
    pdus: int = 0
    octets: int = 0
    pdus_dropped: int = 0
    capture_dropped_octets: int = 0
    capture_file_dropped_octets: int = 0


class Recorder:
    """A tap that remembers. `port_of` tells a carrier's port for captures."""

    def __init__(self, pdus_max: int, capture_octets_max: int, port_of: PortOf) -> None:
        self.counters = RecorderCounters()
        self.file: PcapFile | None = None
        self._pdus: deque[Recorded] = deque(maxlen=pdus_max)
        self._octets_max = capture_octets_max
        self._events: deque[_Event] = deque()
        self._weight = 0
        self._lines: dict[int, Line] = {}
        self._port_of = port_of

    # ------------------------------------------------------------------ the tap

    def connected(self, connection: int, carrier: str, peer: str, now: float) -> None:
        """A connection to a carrier has opened."""
        line = self._lines[connection] = Line(connection, carrier, peer)
        self.counters.connections += 1
        self._remember(_Event(now, line, opens=True))

    def octets(self, connection: int, is_from_peer: bool, data: bytes, now: float) -> None:
        """A connection has carried these."""
        line = self._lines.get(connection)
        if line is None or not data:
            return
        cutter = line.cutters[is_from_peer]
        begins_pdu = cutter.is_between_pdus
        shown, pdus = cutter.feed(data)
        counters = self.counters
        counters.octets += len(shown)
        for octets in pdus:
            counters.pdus += 1
            if len(self._pdus) == self._pdus.maxlen:
                counters.pdus_dropped += 1
            self._pdus.append(Recorded(counters.pdus, now, line, is_from_peer, octets))
        self._remember(_Event(now, line, shown, is_from_peer, begins_pdu, cutter.header_octets))

    def closed(self, connection: int, now: float) -> None:
        """A connection has ended."""
        line = self._lines.pop(connection, None)
        if line is not None:
            self._remember(_Event(now, line))

    def _remember(self, event: _Event) -> None:
        if self.file is not None:
            self.counters.capture_file_dropped_octets += self.file.write(event, self._port_of)
        self._events.append(event)
        self._weight += event.weight
        while self._weight > self._octets_max:
            dropped = self._events.popleft()
            self._weight -= dropped.weight
            self.counters.capture_dropped_octets += len(dropped.octets or b"")

    # ------------------------------------------------------------------ questions

    def pdus(self) -> Iterator[Recorded]:
        """Go through the PDUs that are kept, the latest first."""
        return reversed(self._pdus)

    def forget(self) -> None:
        """Drop what is kept and count from nothing; connections that are open go on being recorded."""
        self._pdus.clear()
        self._events.clear()
        self._weight = 0
        self.counters = RecorderCounters()

    def capture(self, carrier: str | None = None) -> Iterator[bytes]:
        """Give the capture file of what is kept, of one carrier or of all, in pieces."""
        frames = Frames(self._port_of)
        yield PCAP_HEADER
        # A copy of references: what is recorded while somebody downloads is not part of the download.
        for event in tuple(self._events):
            if carrier in (None, event.line.carrier):
                yield from frames.of(event)


class Frames:
    """Events to frames, over all connections of one capture."""

    def __init__(self, port_of: PortOf) -> None:
        self._port_of = port_of
        self._conversations: dict[Line, Conversation] = {}
        self._pending: dict[tuple[Line, bool], bytes] = {}
        """The beginning of a header, by direction. Empty: a PDU has begun in this capture; none: not yet."""

    def of(self, event: _Event) -> Iterator[bytes]:
        """Give the frames of an event."""
        line = event.line
        if event.octets is None and not event.opens:
            yield from self._ended(line, event.at)
            return
        conversation = self._conversations.get(line)
        if conversation is None:
            peer = parse_address(line.peer, PEER_PORT_BASE + line.number % (65_536 - PEER_PORT_BASE))
            # The carrier is reached on an address of the peer's kind; which one no tap is told.
            local = "::1" if peer[0].version == 6 else "127.0.0.1"
            carrier = parse_address(local, self._port_of(line.carrier))
            conversation = self._conversations[line] = Conversation(peer, carrier)
            yield from conversation.opened(event.at)
        direction = (line, event.is_from_peer)
        pending = self._pending.get(direction)
        if event.octets is not None and (event.begins_pdu or pending is not None):
            octets = (pending or b"") + event.octets
            end = len(octets) - event.header_octets
            self._pending[direction] = octets[end:]
            yield from conversation.data(event.is_from_peer, octets[:end], event.at)

    def _ended(self, line: Line, now: float) -> Iterator[bytes]:
        conversation = self._conversations.pop(line, None)
        for is_from_peer in (True, False):
            pending = self._pending.pop((line, is_from_peer), None)
            if conversation is not None and pending:
                yield from conversation.data(is_from_peer, pending, now)
        if conversation is not None:
            yield from conversation.closed(now)


class PcapFile:
    """A capture that is written while it happens, up to a size."""

    def __init__(self, file: BinaryIO, octets_max: int) -> None:
        self._file = file
        self._room = octets_max - len(PCAP_HEADER)
        self._frames: Frames | None = None
        file.write(PCAP_HEADER)

    def write(self, event: _Event, port_of: PortOf) -> int:
        """Write the frames of an event; return how many octets of payload found no room."""
        if self._frames is None:
            self._frames = Frames(port_of)
        if self._room <= 0:
            return len(event.octets or b"")
        frames = b"".join(self._frames.of(event))
        if len(frames) > self._room:
            # Half a read would leave a hole that no reader can see past, so the file ends here.
            self._room = 0
            self._file.flush()
            return len(event.octets or b"")
        self._room -= len(frames)
        self._file.write(frames)
        return 0

    def close(self) -> None:
        """Write what is still in memory."""
        self._file.close()


def make_recorder(config: ControlConfig, server: CarrierServer) -> Recorder:
    """Have a server's connections recorded from now on."""
    default_ports = {name: carrier.profile.port for name, carrier in server.carriers.items()}

    def port_of(carrier: str) -> int:
        return server.ports.get(carrier, default_ports.get(carrier, 0))

    recorder = Recorder(config.pdus_max, config.capture_octets_max, port_of)
    server.taps.append(recorder)
    return recorder
