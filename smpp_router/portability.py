# Numbers that keep their digits when they change their network. There can be millions of them, so they are
# packed: sorted integers and a small one each for the network, 9 bytes a number, found by bisection. (A dict
# would take 130.) Numbers of one length share a pair of arrays, and the longest entry counts.
"""Which network a number has moved to."""

import hashlib
import tomllib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final, cast

ENTRIES_MAX: Final = 20_000_000
"""Entries of a table: 180 MB. A larger one belongs into a service that is asked, not into this process."""

NETWORKS_MAX: Final = 255
"""Distinct networks of a table: one byte an entry tells which."""

DIGITS_MAX: Final = 15
"""Digits of an international number (E.164)."""

Entry = tuple[int, str, str]
"""Where it stands (a line, or its place in the file), its digits, its network."""


class Portability:
    """The network of numbers, and of all numbers below prefixes, that have moved."""

    __slots__ = ("_digest", "_lengths", "_names")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take entries in any order. Raise ValueError on the first bad one, without its number."""
        names: dict[str, int] = {}
        by_length: dict[int, array[int]] = {}
        for count, (at, digits, network) in enumerate(entries, 1):
            problem = _problem(digits, network)
            place = names.setdefault(network, len(names))
            if len(names) > NETWORKS_MAX:
                problem = problem or f"is the first of more than {NETWORKS_MAX} networks"
            if count > ENTRIES_MAX:
                problem = problem or f"is one more than {ENTRIES_MAX:,} entries"
            if problem is not None:
                raise ValueError(f"entry {at} {problem}")
            # Number and network in one integer, so that they are sorted together.
            by_length.setdefault(len(digits), array("Q")).append(int(digits) << 8 | place)
        self._names = list(names)
        self._lengths: list[tuple[int, array[int], bytes]] = []
        for length in sorted(by_length, reverse=True):
            packed = sorted(by_length.pop(length))
            numbers = array("Q", (entry >> 8 for entry in packed))
            if any(one == next_one for one, next_one in pairwise(numbers)):
                raise ValueError(f"a number of {length} digits stands there twice")
            self._lengths.append((length, numbers, bytes(entry & 0xFF for entry in packed)))
        # Twenty million numbers are compared at every reload, beside a loop that must not wait for it.
        digest = hashlib.blake2b(repr(self._names).encode(), digest_size=32)
        for length, numbers, networks in self._lengths:
            digest.update(b"%d," % length)
            digest.update(numbers)
            digest.update(networks)
        self._digest = digest.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Portability) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __len__(self) -> int:
        return sum(len(numbers) for _, numbers, _ in self._lengths)

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that numbers have moved to."""
        return tuple(self._names)

    def network(self, number: bytes) -> str | None:
        """Return the network that a number has moved to; None: it is with the one of its block."""
        for length, numbers, networks in self._lengths:
            if len(number) < length:
                continue
            if not number.isdigit():
                return None
            wanted = int(number[:length])
            place = bisect_left(numbers, wanted)
            if place < len(numbers) and numbers[place] == wanted:
                return self._names[networks[place]]
        return None


def _problem(digits: str, network: str) -> str | None:
    """Tell what is wrong with an entry, without showing the number."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX and digits[0] != "0"):
        return f"must have 1 to {DIGITS_MAX} digits in international form, without + or 00"
    if not (network.isascii() and network.replace("-", "").isalnum()):
        return "must have a network such as china-mobile beside its number"
    return None


def from_csv(lines: Iterable[str]) -> Portability:
    """Read lines of `8613900000001,china-unicom`; # begins a comment. Raise ValueError."""
    return Portability(_csv_entries(lines))


def _csv_entries(lines: Iterable[str]) -> Iterator[Entry]:
    for at, line in enumerate(lines, 1):
        text = line.partition("#")[0]
        if not text.isspace() and text:
            digits, _, network = text.partition(",")
            yield at, digits.strip(), network.strip()


def from_toml(text: str) -> Portability:
    """Read a table `ported` of numbers and their networks. Raise ValueError."""
    table: dict[str, Any] = tomllib.loads(text)
    ported = table.pop("ported", None)
    if not isinstance(ported, dict) or table:
        raise ValueError("must have a table `ported`, and nothing else")
    entries = cast("dict[str, object]", ported).items()
    return Portability(
        (at, digits, network if isinstance(network, str) else "")
        for at, (digits, network) in enumerate(entries, 1)
    )
