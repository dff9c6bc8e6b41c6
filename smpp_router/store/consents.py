# Consents are kept for years and are few: they have a file of their own, one line each, which nothing is
# ever taken out of. A regulator can read it.
#
#   crc32 of the rest, 8 hexadecimal digits, a space, a JSON object, a line end
#
# Rule 1: a line is durable when append() returns.
# Rule 2: a line that a crash left half written is cut off at the start; a damaged line before others is an
#         error, for it would mean that refusals are lost.
"""The file of opt-outs and renewed consent."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zlib import crc32

import attrs

from smpp_router.message.consent import Consent
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.seam import StoreFailedError

NAME: Final = "consents.log"
_HEAD: Final = 9


class ConsentLog:
    """The file, open for appending."""

    def __init__(self, directory: Path, disk: Disk = DISK) -> None:
        self._path = directory / NAME
        self._disk = disk
        self._fd = -1

    def load(self) -> list[Consent]:
        """Read all that is there and cut off what a crash left half written. Raises StoreFailedError."""
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            data = self._path.read_bytes()
            facts, end = _read(data, self._path)
            if end < len(data):
                self._disk.truncate(self._fd, end)
                self._disk.sync(self._fd)
            self._disk.sync_directory(self._path.parent)
        except OSError as error:
            raise StoreFailedError(f"{self._path}: {error.strerror}") from error
        return facts

    def append(self, facts: Iterable[Consent]) -> None:
        """Make consents durable. Raises StoreFailedError: what a recipient said may not be lost quietly."""
        assert self._fd >= 0, "load() comes first"
        data = b"".join(map(_line, facts))
        try:
            self._disk.write_all(self._fd, data)
            self._disk.sync_data(self._fd)
        except OSError as error:
            raise StoreFailedError(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Release the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _line(fact: Consent) -> bytes:
    text = json.dumps(attrs.astuple(fact), ensure_ascii=False, separators=(",", ":")).encode()
    return b"%08x %b\n" % (crc32(text), text)


def _read(data: bytes, path: Path) -> tuple[list[Consent], int]:
    facts: list[Consent] = []
    at = 0
    while at < len(data):
        end = data.find(b"\n", at)
        if end < 0:
            break
        line = data[at:end]
        fact = _fact(line)
        if fact is None:
            if data.find(b"\n", end + 1) >= 0:
                raise StoreFailedError(f"{path}: damaged at offset {at}: not a consent")
            break
        facts.append(fact)
        at = end + 1
    return facts, at


def _fact(line: bytes) -> Consent | None:
    text = line[_HEAD:]
    try:
        if int(line[: _HEAD - 1], 16) != crc32(text):
            return None
        return Consent(*json.loads(text))
    except (ValueError, TypeError):
        return None
