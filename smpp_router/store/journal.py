# The journal appends frames to the last segment and begins a new one when that is full.
#
# A frame that can't be written whole is taken back, so that the file always ends where the last durable
# frame does. There are two kinds of failure: no room, after which everything goes on as before, and the rest,
# after which nobody knows what is on the medium. The page cache may have dropped what an fdatasync could not
# write, so that a second one would succeed and mean nothing: a journal that failed once refuses for good.
"""Appending frames durably."""

import contextlib
import errno
import os
from pathlib import Path
from typing import Final

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.seam import StoreFailedError, StoreFullError
from smpp_router.store.segments import Head, create, log_path

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

FREE_CHECK_S: Final = 1.0
"""Between two looks at the free space; what is written between them is subtracted."""


class Journal:
    """The growing end of a directory of segments. All that blocks is sync; the caller chooses the thread."""

    def __init__(
        self, directory: Path, segment_bytes: int, disk_free_min_bytes: int, disk: Disk = DISK
    ) -> None:
        self._disk = disk
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._disk_free_min_bytes = disk_free_min_bytes
        self._fd = -1
        self._has_failed = False
        self._free_bytes = 0
        self._free_checked_at = float("-inf")
        self.number = 0
        self.salt = 0
        self.size = 0

    @property
    def path(self) -> Path:
        """The segment that grows."""
        return log_path(self._directory, self.number)

    @property
    def is_due(self) -> bool:
        """Whether the next frame belongs into a new segment."""
        return self.size >= self._segment_bytes

    def resume(self, head: Head, size: int) -> None:
        """Go on at `size` in an existing segment, cutting off the rest. Raises StoreFailedError."""
        self.number, self.salt, self.size = head.number, head.salt, size
        try:
            self._fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            if os.fstat(self._fd).st_size != size:
                self._undo()
        except OSError as error:
            raise self._failure(error) from error

    def roll(self, message_id_last: int) -> None:
        """Begin the next segment. Raises StoreFullError, StoreFailedError."""
        self.check()
        salt = int.from_bytes(os.urandom(4), "big")
        head = Head(self.number + 1, salt, self.size, message_id_last)
        try:
            fd = create(self._directory, head, self._disk)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise StoreFullError(f"{self._directory}: {error.strerror}") from error
            raise self._failure(error) from error
        self.close()
        self._fd = fd
        self.number, self.salt = head.number, salt
        self.size = os.fstat(fd).st_size

    def append(self, data: bytearray) -> None:
        """Make a frame durable. Raises StoreFullError, StoreFailedError."""
        self.check()
        try:
            self._disk.write_all(self._fd, data)
            self._disk.sync_data(self._fd)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise self._failure(error) from error
            try:
                self._undo()
            except OSError as undo_error:
                raise self._failure(undo_error) from error
            raise StoreFullError(f"{self.path}: {error.strerror}") from error
        self.size += len(data)
        self._free_bytes -= len(data)

    def _undo(self) -> None:
        self._disk.truncate(self._fd, self.size)
        self._disk.sync_data(self._fd)

    def is_short_of_room(self, now: float) -> bool:
        """Whether less is free than must stay free, by a look at most FREE_CHECK_S before `now`.

        Raises StoreFailedError.
        """
        if now >= self._free_checked_at + FREE_CHECK_S:
            self._free_checked_at = now
            try:
                found = os.statvfs(self._directory)
            except OSError as error:
                raise self._failure(error) from error
            self._free_bytes = found.f_bavail * found.f_frsize
        return self._free_bytes < self._disk_free_min_bytes

    def check(self) -> None:
        """Raise StoreFailedError if the journal has failed before."""
        if self._has_failed:
            raise StoreFailedError(f"{self._directory}: the store has failed before")

    def close(self) -> None:
        """Release the file."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)
            self._fd = -1

    def _failure(self, error: OSError) -> StoreFailedError:
        self._has_failed = True
        return StoreFailedError(f"{self.path}: {error.strerror}")
