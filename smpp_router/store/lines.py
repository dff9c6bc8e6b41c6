# What is kept for years and is little has a file of its own, one line for each commit, which nothing is ever
# taken out of. A regulator can read it.
#
#   crc32 of the rest, 8 hexadecimal digits, a space, a JSON value, a line end
#
# Rule 1: a line is durable when append() returns, all of it or nothing.
# Rule 2: a line that a crash left half written is cut off at the start; a damaged line before others is an
#         error, for it would mean that what people said is lost.
# Rule 3: others may read the file while it grows: what is not a whole line yet is not there yet.
"""Files of lines with a checksum, for appending."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast
from zlib import crc32

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.seam import StoreFailedError

_HEAD: Final = 9
PIECE_ROWS: Final = 500
"""Of a long list, made octets at once: 100 kB, in well under a millisecond of the interpreter's."""
_DECODER: Final = json.JSONDecoder()


class LineLog:
    """One such file, open for appending."""

    def __init__(self, path: Path, noun: str, disk: Disk = DISK) -> None:
        """`noun`: what a line is, for what is said of a damaged one."""
        self._path = path
        self._noun = noun
        self._disk = disk
        self._fd = -1

    def load(self) -> list[Any]:
        """Read all that is there and cut off what a crash left half written. Raises StoreFailedError."""
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            data = self._path.read_bytes()
            values, end = self._read(data)
            if end < len(data):
                self._disk.truncate(self._fd, end)
                self._disk.sync(self._fd)
            self._disk.sync_directory(self._path.parent)
        except OSError as error:
            raise StoreFailedError(f"{self._path}: {error.strerror}") from error
        return values

    def append(self, value: Any) -> None:
        """Make a value durable. Raises StoreFailedError: what somebody said may not be lost quietly."""
        self._write(_pieces(value))

    def append_all(self, rows: Iterable[Sequence[Any]]) -> None:
        """Make a list of lists durable, in one line, as append() does; there is one at least."""
        self._write(_long_pieces(rows))

    def _write(self, pieces: Iterable[bytes]) -> None:
        assert self._fd >= 0, "load() comes first"
        try:
            for piece in pieces:
                self._disk.write_all(self._fd, piece)
            self._disk.sync_data(self._fd)
        except OSError as error:
            raise StoreFailedError(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        """Release the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self, data: bytes) -> tuple[list[Any], int]:
        values: list[Any] = []
        at = 0
        while at < len(data):
            end = data.find(b"\n", at)
            if end < 0:
                break
            try:
                values.append(decoded(data[at:end]))
            except ValueError:
                if data.find(b"\n", end + 1) >= 0:
                    raise StoreFailedError(
                        f"{self._path}: damaged at offset {at}: not a {self._noun}"
                    ) from None
                break
            at = end + 1
        return values, at


def encoded(value: Any) -> bytes:
    """Write a value as a line."""
    return b"".join(_pieces(value))


def _pieces(value: Any) -> list[bytes]:
    """A value as a line, in pieces: one, unless it is long."""
    if _is_long(value):
        return _long_pieces(value)
    octets = _text(value).encode()
    return [b"%08x %b\n" % (crc32(octets), octets)]


def _long_pieces(rows: Iterable[Sequence[Any]]) -> list[bytes]:
    """A list of lists as a line, in pieces.

    A megabyte at once is a millisecond in which no other thread runs, and json holds the interpreter for as
    long as one value takes.
    """
    pieces: list[bytes] = []
    left = iter(rows)
    crc = 0
    while texts := list(map(_text, islice(left, PIECE_ROWS))):
        pieces.append(f"{',' if pieces else '['}{','.join(texts)}".encode())
        crc = crc32(pieces[-1], crc)
    assert pieces, "of no rows there is no line"
    # The checksum stands before what it is of, so all of it is there before any of it is written.
    return [b"%08x " % crc32(b"]", crc), *pieces, b"]\n"]


def _is_long(value: Any) -> bool:
    return bool(value) and isinstance(value, list) and isinstance(cast("list[Any]", value)[0], list | tuple)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decoded(line: bytes) -> Any:
    """Read a line, without its end. Raises ValueError for a damaged one."""
    text = line[_HEAD:]
    if int(line[: _HEAD - 1], 16) != crc32(text):
        raise ValueError("the checksum is another one")
    return _long(text.decode()) if text.startswith(b"[[") else json.loads(text)


def _long(text: str) -> list[Any]:
    """Read a list of lists, one by one. Raises ValueError."""
    values: list[Any] = []
    at = 1
    while at < len(text) - 1:
        value, at = _DECODER.raw_decode(text, at)
        values.append(value)
        if text[at] == "]":
            return values
        at += 1
    raise ValueError("the list has no end")


def read_beside(path: Path, needles: Sequence[str] = ()) -> Iterator[Any]:
    """Read the lines in which all `needles` stand, while others may append; of no file, none.

    Raises StoreFailedError.
    """
    wanted = [json.dumps(needle, ensure_ascii=False).encode() for needle in needles]
    try:
        with path.open("rb") as file:
            at = 0
            for line in file:
                if not line.endswith(b"\n"):
                    return
                if all(needle in line for needle in wanted):
                    try:
                        yield decoded(line[:-1])
                    except ValueError:
                        if file.read(1):
                            raise StoreFailedError(f"{path}: damaged at offset {at}") from None
                        return
                at += len(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreFailedError(f"{path}: {error.strerror}") from error
