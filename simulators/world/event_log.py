"""The log of a simulated world: a line an event, and the digest of all lines."""

import hashlib
import struct
import zlib
from collections.abc import Iterable
from typing import Final, TextIO

from smpp_router.wire import constants as c

FLUSH_LINES: Final = 1_000
"""Lines digested and written at a time."""

_id_status_number = struct.Struct(">III").unpack_from


class EventLog:
    """Takes lines, in order; equal worlds make equal logs, octet by octet."""

    def __init__(self, started_at: float, file: TextIO | None = None) -> None:
        self._started_at = started_at
        self._file = file
        self._digest = hashlib.sha256()
        self._lines: list[str] = []
        self.events = 0

    def add(self, now: float, text: str) -> None:
        """Log one event at `now`, in unix seconds."""
        self._lines.append(f"{now - self._started_at:.6f} {text}\n")
        self.events += 1
        if len(self._lines) >= FLUSH_LINES:
            self.flush()

    def write(self, now: float, arrow: str, data: bytes, pdus: Iterable[bytes]) -> None:
        """Log one write: on which wire and which way, its check sum, and the PDUs that it ended."""
        shown: list[str] = []
        for pdu in pdus:
            command_id, status, sequence_number = _id_status_number(pdu, 4)
            name = c.COMMAND_NAMES.get(command_id) or f"{command_id:08x}"
            shown.append(f"{name}:{sequence_number}:{status:x}" if status else f"{name}:{sequence_number}")
        self.add(now, f"{arrow} {len(data)} {zlib.crc32(data):08x} {' '.join(shown)}")

    def flush(self) -> None:
        """Digest and write what was added."""
        text = "".join(self._lines)
        self._lines.clear()
        self._digest.update(text.encode())
        if self._file is not None:
            self._file.write(text)

    def sha256(self) -> str:
        """Return the digest of everything so far."""
        self.flush()
        return self._digest.hexdigest()
