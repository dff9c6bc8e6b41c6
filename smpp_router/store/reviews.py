"""reviews.log in the store's directory: what people have decided about held messages (lines.py)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.message.review import Review
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.lines import LineLog, read_beside
from smpp_router.store.seam import StoreFailedError

NAME: Final = "reviews.log"


class ReviewLog:
    """The file, open for appending."""

    def __init__(self, directory: Path, disk: Disk = DISK) -> None:
        self._path = directory / NAME
        self._lines = LineLog(self._path, "review", disk)

    def load(self) -> list[Review]:
        """Read all that is there and cut off what a crash left half written. Raises StoreFailedError."""
        return [review for value in self._lines.load() for review in _reviews(value, self._path)]

    def append(self, reviews: Iterable[Review]) -> None:
        """Make decisions durable, all of them or none. Raises StoreFailedError."""
        values = [attrs.astuple(review) for review in reviews]
        if values:
            self._lines.append(values)

    def close(self) -> None:
        """Release the file."""
        self._lines.close()


def read_reviews(directory: Path) -> Iterator[Review]:
    """Read the decisions of a store that others may use meanwhile. Raises StoreFailedError."""
    path = directory / NAME
    for value in read_beside(path):
        yield from _reviews(value, path)


def _reviews(value: Any, path: Path) -> Iterator[Review]:
    try:
        for one in value:
            yield Review(*one)
    except TypeError:
        raise StoreFailedError(f"{path}: a line that is no review") from None
