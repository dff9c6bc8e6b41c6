# History keeps what happened to every message for months, long after the journal has forgotten it.
#
#   store/history/
#     manifest          which files there are, up to which segment the journal is in them, a key for hashes
#     0000000012.smh    files (history_file.py); made of segments, and of each other (history_compaction.py)
#     0000000007.tail   where messages are in a segment that is not in them yet (history_tail.py)
#
# Rule 1: a file counts once the manifest names it. What a crash left beside is removed at the next start.
# Rule 2: a segment may be deleted once `compacted_to` has passed it, and not before.
# Rule 3: files are replaced by bigger ones and deleted when all in them is older than retention; a reader
#         that finds one gone reads the manifest again.
# Rule 4: a closed segment goes before a merge, which waits meanwhile: what is only in the journal is slow to
#         find. Files are merged if what they are made of lies within SPAN_SHARE of retention, so that a file
#         can go when its time has come, and there are some dozens of files after months.
# All files are readable by their owner only, since phone numbers stand in them.
"""The history of a store: its files, and the work on them."""

import contextlib
import json
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_compaction import FANOUT, LEVEL_MAX, Made, compact, merge
from smpp_router.store.history_events import Keeping
from smpp_router.store.history_file import Reader
from smpp_router.store.history_rows import Entry
from smpp_router.store.history_tail import SUFFIX as TAIL_SUFFIX
from smpp_router.store.history_tail import TailWriter
from smpp_router.store.index import replace_file
from smpp_router.store.seam import StoreFailedError

FOLDER: Final = "history"
NAME: Final = "manifest"
SUFFIX: Final = ".smh"
KEY_BYTES: Final = 16

SPAN_SHARE: Final = 8
"""A file spans an eighth of retention at most."""


@attrs.frozen
class FileEntry:
    """What the manifest says of a file. Nothing in it happened after `closed_at`, in unix seconds."""

    number: int
    level: int
    rows: int
    first_id: int
    last_id: int
    closed_at: float


@attrs.frozen
class Contents:
    """A manifest: all segments up to `compacted_to` are in `files`, which are in the order of the journal."""

    key: bytes
    compacted_to: int = 0
    next_number: int = 1
    files: tuple[FileEntry, ...] = ()

    def write(self, folder: Path, disk: Disk) -> None:
        """Make it durable, in the place of the last one. Raises OSError."""
        told = attrs.asdict(self) | {"key": self.key.hex()}
        replace_file(folder / NAME, json.dumps(told).encode(), disk, 0o600)


def file_path(folder: Path, number: int) -> Path:
    """The place of a file."""
    return folder / f"{number:010d}{SUFFIX}"


def read_contents(folder: Path) -> Contents | None:
    """Read the manifest; None if there is no history yet. Raises StoreFailedError."""
    path = folder / NAME
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        files = tuple(FileEntry(**entry) for entry in told["files"])
        return Contents(bytes.fromhex(told["key"]), told["compacted_to"], told["next_number"], files)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreFailedError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreFailedError(f"{path}: damaged: not a manifest of a history") from error


@attrs.frozen
class _Work:
    """What is being made: by which steps, as which file, in the place of which, from which segment."""

    steps: Generator[None, None, Made | None]
    number: int
    level: int
    sources: tuple[FileEntry, ...] = ()
    segment: int | None = None


class History:
    """The history of one store, as its owner has it. step() and find() block, each in a thread of its own."""

    def __init__(
        self,
        directory: Path,
        keeping: Keeping,
        disk: Disk = DISK,
    ) -> None:
        """Open it, or begin it. Raises StoreFailedError."""
        self._directory = directory
        self._folder = directory / FOLDER
        self._keeping = keeping
        self._disk = disk
        self._compaction: _Work | None = None
        self._merge: _Work | None = None
        self._readers: dict[int, Reader] = {}
        try:
            self._contents = self._open()
        except OSError as error:
            raise StoreFailedError(f"{self._folder}: {error.strerror}") from error
        self._marks = Marks(self._contents.key)
        self._next_number = self._contents.next_number
        self._tail = TailWriter(directory, self._folder, self._marks)

    def _open(self) -> Contents:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        contents = read_contents(self._folder)
        if contents is None:
            self._disk.sync_directory(self._directory)
            contents = Contents(os.urandom(KEY_BYTES))
            contents.write(self._folder, self._disk)
        known = {file_path(self._folder, entry.number) for entry in contents.files}
        left = ("*.new", f"*{SUFFIX}", f"*{TAIL_SUFFIX}")
        for path in [path for pattern in left for path in self._folder.glob(pattern)]:
            if path not in known:
                self._disk.unlink(path)
        for path in sorted(known):
            if not path.exists():
                raise StoreFailedError(f"{path}: missing")
        return contents

    @property
    def compacted_to(self) -> int:
        """The last segment whose messages are all in here."""
        return self._contents.compacted_to

    # ------------------------------------------------------------------ work

    def follow(self, sizes: Mapping[int, int], growing: int) -> None:
        """Index what has come to segments that are not in here yet. Raises OSError, StoreFailedError."""
        for number, size in sizes.items():
            if number > self._contents.compacted_to:
                self._tail.follow(number, size, is_closed=number != growing)

    def step(self, closed: Iterable[int], now: float) -> bool:
        """Do a slice of work, some milliseconds; tell whether there is more. `closed` are closed segments.

        Raises OSError, StoreFailedError; what was being done is begun again then.
        """
        if self._compaction is None:
            self._compaction = self._next_compaction(closed)
        if self._compaction is None and self._merge is None:
            self._merge = self._next_merge()
        work = self._compaction or self._merge
        if work is None:
            return self._remove_old(now)
        try:
            next(work.steps)
        except StopIteration as stopped:
            self._put_down(work)
            self._done(work, stopped.value, now)
        except BaseException:
            self._put_down(work)
            raise
        return True

    def _put_down(self, work: _Work) -> None:
        if work is self._compaction:
            self._compaction = None
        else:
            self._merge = None

    def _new_file(self) -> tuple[int, Path]:
        number = self._next_number
        self._next_number += 1
        return number, file_path(self._folder, number)

    def _next_compaction(self, closed: Iterable[int]) -> _Work | None:
        segment = min((one for one in closed if one > self._contents.compacted_to), default=None)
        if segment is None:
            return None
        number, target = self._new_file()
        steps = compact(self._directory, segment, target, self._marks, self._keeping, self._disk)
        return _Work(steps, number, 0, (), segment)

    def _next_merge(self) -> _Work | None:
        span_s = self._keeping.retention_s / SPAN_SHARE
        for level in range(LEVEL_MAX):
            files = [entry for entry in self._contents.files if entry.level == level]
            for first in range(len(files) - FANOUT + 1):
                sources = tuple(files[first : first + FANOUT])
                if sources[-1].closed_at - sources[0].closed_at <= span_s:
                    number, target = self._new_file()
                    paths = [file_path(self._folder, entry.number) for entry in sources]
                    return _Work(merge(paths, target, self._marks, self._disk), number, level + 1, sources)
        return None

    def _done(self, work: _Work, made: Made | None, now: float) -> None:
        contents = self._contents
        files = [entry for entry in contents.files if entry not in work.sources]
        if made is not None:
            closed_at = max((entry.closed_at for entry in work.sources), default=now)
            files.append(
                FileEntry(work.number, work.level, made.rows, made.first_id, made.last_id, closed_at)
            )
        files.sort(key=lambda entry: (-entry.level, entry.number))
        compacted_to = contents.compacted_to if work.segment is None else work.segment
        self._enter(Contents(contents.key, compacted_to, self._next_number, tuple(files)), work.sources)
        if work.segment is not None:
            self._tail.forget(work.segment)

    def _remove_old(self, now: float) -> bool:
        """Remove the files of which everything is older than retention."""
        before = now - self._keeping.retention_s
        old = tuple(entry for entry in self._contents.files if entry.closed_at <= before)
        if old:
            kept = tuple(entry for entry in self._contents.files if entry not in old)
            self._enter(attrs.evolve(self._contents, files=kept), old)
        return bool(old)

    def _enter(self, contents: Contents, gone: Sequence[FileEntry]) -> None:
        contents.write(self._folder, self._disk)
        self._contents = contents
        for entry in gone:
            # Readers that another thread still uses go when it lets them go.
            self._readers.pop(entry.number, None)
            with contextlib.suppress(FileNotFoundError):
                self._disk.unlink(file_path(self._folder, entry.number))

    # ------------------------------------------------------------------ reading

    def find(self, message_id: int) -> list[Entry]:
        """The entries of a message. Raises StoreFailedError."""
        while True:
            contents = self._contents
            try:
                return [
                    entry
                    for file in contents.files
                    if file.first_id <= message_id <= file.last_id
                    for entry in self._reader(file.number).find(message_id) or ()
                ]
            except FileNotFoundError as error:
                if contents is self._contents:
                    raise StoreFailedError(f"{error.filename}: missing") from error

    def _reader(self, number: int) -> Reader:
        reader = self._readers.get(number)
        if reader is None:
            reader = self._readers[number] = Reader(file_path(self._folder, number))
        return reader

    def statistics(self) -> dict[str, float]:
        """Numbers for the console."""
        files = self._contents.files
        return {
            "history_files": len(files),
            "history_rows": sum(entry.rows for entry in files),
            "history_compacted_to": self._contents.compacted_to,
        }

    def close(self) -> None:
        """Give up what is being made; it is begun again at the next start."""
        for work in (self._compaction, self._merge):
            if work is not None:
                work.steps.close()
        self._compaction = self._merge = None
        self._readers.clear()
