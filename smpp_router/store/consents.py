# consents.log in the store's directory (lines.py): what recipients have said, in the order in which it was
# heard. A line is one consent, or a list of them where one commit has several: an import is one line, so that
# a crash leaves all of it or nothing.
"""The file of opt-outs and renewed consent."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.message.consent import Consent
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.lines import LineLog, read_beside
from smpp_router.store.seam import StoreFailedError

NAME: Final = "consents.log"
_VALUES: Final = tuple(field.name for field in attrs.fields(Consent))


class ConsentLog:
    """The file, open for appending."""

    def __init__(self, directory: Path, disk: Disk = DISK) -> None:
        self._path = directory / NAME
        self._lines = LineLog(self._path, "consent", disk)

    def load(self) -> list[Consent]:
        """Read all that is there and cut off what a crash left half written. Raises StoreFailedError."""
        return [consent for value in self._lines.load() for consent in _consents(value, self._path)]

    def append(self, consents: Sequence[Consent]) -> None:
        """Make consents durable, all of them or none. Raises StoreFailedError."""
        if len(consents) == 1:
            self._lines.append(_row(consents[0]))
        elif consents:
            self._lines.append_all(map(_row, consents))

    def close(self) -> None:
        """Release the file."""
        self._lines.close()


def _row(consent: Consent) -> list[Any]:
    return [getattr(consent, name) for name in _VALUES]


def read_consents(directory: Path, needles: Iterable[str] = ()) -> Iterator[Consent]:
    """Read the consents of a store that others may use meanwhile.

    `needles` are values that a consent must have, such as its number: lines without them are not looked
    into. What comes may be more than was asked for. Raises StoreFailedError.
    """
    path = directory / NAME
    for value in read_beside(path, tuple(needles)):
        yield from _consents(value, path)


def _consents(value: Any, path: Path) -> Iterator[Consent]:
    try:
        for one in value if isinstance(value[0], list) else (value,):
            yield Consent(*one)
    except (TypeError, IndexError, KeyError):
        raise StoreFailedError(f"{path}: a line that is no consent") from None
