# A disk that loses its power when it is told to.
#
# Rule 1: the cut comes at a counted change to the disk, before it, after it, or in the middle of a write.
# Rule 2: what was written and not synced may be lost from any byte on; a name that was replaced, and whose
#         directory was not synced, may be the old one again. What was synced stays.
# Rule 3: after the cut nothing is changed any more: whoever tries is dead too.
"""Power cuts."""

import os
import random
from pathlib import Path

from smpp_router.store.disk import Disk


class PowerCutError(Exception):
    """The machine has lost its power, and the store on it is no more."""


class CutDisk(Disk):
    """A disk whose power is cut at change number `at`. Syncs are noted, not done: nobody pulls our plug."""

    def __init__(self, at: int, rng: random.Random) -> None:
        self._left = at
        self._rng = rng
        self._unsynced: dict[int, int] = {}
        self._replaced: list[tuple[Path, bytes | None]] = []

    @property
    def is_dead(self) -> bool:
        return self._left <= 0

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> int:
        is_last = self._begins()
        self._unsynced.setdefault(fd, os.fstat(fd).st_size)
        if is_last:
            os.write(fd, data[: self._rng.randint(0, len(data))])
            self._die()
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        is_last = self._begins()
        if not is_last or self._coin():
            self._unsynced.pop(fd, None)
        if is_last:
            self._die()

    def sync_data(self, fd: int) -> None:
        self.sync(fd)

    def truncate(self, fd: int, size: int) -> None:
        is_last = self._begins()
        if not is_last or self._coin():
            os.ftruncate(fd, size)
            self._unsynced[fd] = min(size, self._unsynced.get(fd, size))
        if is_last:
            self._die()

    def replace(self, new: Path, path: Path) -> None:
        is_last = self._begins()
        if not is_last or self._coin():
            self._replaced.append((path, path.read_bytes() if path.exists() else None))
            new.replace(path)
        if is_last:
            self._die()

    def unlink(self, path: Path) -> None:
        is_last = self._begins()
        if not is_last or self._coin():
            path.unlink()
        if is_last:
            self._die()

    def sync_directory(self, directory: Path) -> None:
        is_last = self._begins()
        if not is_last or self._coin():
            self._replaced = [(path, old) for path, old in self._replaced if path.parent != directory]
        if is_last:
            self._die()

    def _coin(self) -> bool:
        return self._rng.random() < 0.5

    def _begins(self) -> bool:
        """Whether this change is the one that the power is cut at."""
        if self.is_dead:
            raise PowerCutError
        self._left -= 1
        return self._left == 0

    def _die(self) -> None:
        if self._coin():  # else it was kill -9, which loses nothing that was written
            for fd, synced in self._unsynced.items():
                os.ftruncate(fd, self._rng.randint(synced, max(synced, os.fstat(fd).st_size)))
            for path, old in reversed(self._replaced):
                if old is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(old)
        raise PowerCutError
