# A disk that loses power, or runs full, when it is told to.
#
# Rule 1: the cut comes at a counted change to the disk, before it, after it, or in the middle of a write.
# Rule 2: what was written and not synced may be lost from any byte on; a name that was replaced, and whose
#         directory was not synced, may be the old one again. What was synced stays.
# Rule 3: after the cut nothing is changed any more: whoever tries is dead too.
"""Power cuts for the store of a simulated world."""

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from smpp_router.store.disk import Disk

EVEN: Final = 0.5
"""How often what can go one way or the other goes the one."""


class PowerCutError(Exception):
    """The machine has lost its power; the router on it is no more."""


class FailingDisk(Disk):
    """A disk of a machine whose power can be cut. Syncs are noted and not done: nobody pulls our plug."""

    def __init__(self, rng: random.Random, on_death: Callable[[], None] | None = None) -> None:
        self.is_dead = False
        self.is_full = False
        self.changes = 0
        self._rng = rng
        self._on_death = on_death
        self._countdown = 0
        self._unsynced: dict[int, tuple[int, int]] = {}
        """Of files by descriptor: the inode, and how much of it is durable."""
        self._replaced: list[tuple[Path, bytes | None]] = []

    def cut_after(self, changes: int) -> None:
        """Have the power cut at that change, counted from now; 1 is the next one."""
        self._countdown = changes

    def kill(self) -> None:
        """Have whoever uses the disk be dead from now on; what was written stays."""
        self.is_dead = True

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> int:
        """See Disk."""
        is_last = self._begins()
        file = os.fstat(fd)
        if self._unsynced.get(fd, (0, 0))[0] != file.st_ino:
            self._unsynced[fd] = file.st_ino, file.st_size
        if self.is_full and not is_last:
            if len(data) > 1 and self._coin():
                return os.write(fd, data[: self._rng.randrange(1, len(data))])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if is_last:
            os.write(fd, data[: self._rng.randint(0, len(data))])
            self._die()
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """See Disk."""
        is_last = self._begins()
        if not is_last or self._coin():
            self._unsynced.pop(fd, None)
        if is_last:
            self._die()

    def sync_data(self, fd: int) -> None:
        """See Disk."""
        self.sync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """See Disk."""
        is_last = self._begins()
        if not is_last or self._coin():
            os.ftruncate(fd, size)
            inode = os.fstat(fd).st_ino
            known, synced = self._unsynced.get(fd, (0, 0))
            self._unsynced[fd] = inode, min(size, synced) if known == inode else size
        if is_last:
            self._die()

    def replace(self, new: Path, path: Path) -> None:
        """See Disk."""
        is_last = self._begins()
        if not is_last or self._coin():
            self._replaced.append((path, path.read_bytes() if path.exists() else None))
            new.replace(path)
        if is_last:
            self._die()

    def unlink(self, path: Path) -> None:
        """See Disk."""
        is_last = self._begins()
        if not is_last or self._coin():
            path.unlink()
        if is_last:
            self._die()

    def sync_directory(self, directory: Path) -> None:
        """See Disk."""
        is_last = self._begins()
        if not is_last or self._coin():
            self._replaced = [(path, old) for path, old in self._replaced if path.parent != directory]
        if is_last:
            self._die()

    def _coin(self) -> bool:
        return self._rng.random() < EVEN

    def _begins(self) -> bool:
        """Whether this change is the one that the power is cut at."""
        if self.is_dead:
            raise PowerCutError
        self.changes += 1
        self._countdown -= 1
        return self._countdown == 0

    def _die(self) -> None:
        self.is_dead = True
        if self._coin():  # else it was kill -9, which loses nothing that was written
            for fd, (inode, synced) in self._unsynced.items():
                file = _stat(fd)
                if file is not None and file.st_ino == inode:
                    os.ftruncate(fd, self._rng.randint(synced, max(synced, file.st_size)))
            for path, old in reversed(self._replaced):
                if old is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(old)
        if self._on_death is not None:
            self._on_death()
        raise PowerCutError


def _stat(fd: int) -> os.stat_result | None:
    """Return what a descriptor stands for, None if it has been closed."""
    try:
        return os.fstat(fd)
    except OSError as error:
        if error.errno == errno.EBADF:
            return None
        raise
