"""The lock of a store's directory: one process at a time."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from smpp_router.store import opening
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.seam import StoreFailedError

LOCK_NAME: Final = "lock"


class StoreBusyError(StoreFailedError):
    """Another process uses the store."""


def lock(path: Path, disk: Disk = DISK) -> int:
    """Take a directory for this process; return the descriptor that holds it.

    Raises StoreBusyError, or StoreFailedError where the directory can't be had.
    """
    try:
        opening.prepare(path, disk)
        fd = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StoreFailedError(f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise StoreBusyError(f"{path}: used by another process") from error
    return fd


@contextmanager
def locked(path: Path) -> Generator[None, None, None]:
    """Have a directory to oneself. Raises as lock() does."""
    fd = lock(path)
    try:
        yield
    finally:
        os.close(fd)
