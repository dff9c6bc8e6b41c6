# A lexicon as a file that is ready to be searched. Reading a table of 100,000 terms and making automata of
# it takes seconds, in which a router must not wait; reading this takes a hundredth of that, most of it
# without the interpreter's lock. Terms stay as they lie in the file until a text has them.
#
# The file is an .npz of plain arrays (never pickle): for each automaton its bytes, and which terms each of
# its patterns stands for; the terms as lines of JSON. `sources` tells what it was made of: who reads it
# compares that with the tables as they are now. The zip's check sums keep a damaged file from being taken.
"""Compiled lexicons."""

import datetime
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.keywords import Automaton, Keywords, Parts, Patterns
from smpp_router.compliance.lexicon import Term

FORMAT: Final = 1


class CompiledError(Exception):
    """Bytes that are no compiled lexicon; says why."""


def compiled(keywords: Keywords, sources: str) -> bytes:
    """Write a lexicon that was made of `sources`."""
    parts = keywords.parts
    # Every term has a light view, so all terms are among these.
    terms = [term for number in range(parts.light.count) for term in parts.light.terms(number)]
    numbers = {term.key: i for i, term in enumerate(terms)}
    lines = [_line(term) for term in terms]
    arrays: dict[str, NDArray[Any]] = {
        "lines": np.frombuffer(b"".join(lines), np.uint8),
        "line_ends": np.array([*accumulate(map(len, lines))], np.int64),
        "digits": _automaton_bytes(parts.digits),
    }
    for name, patterns in (("light", parts.light), ("sound", parts.sound)):
        of_patterns = [
            [numbers[term.key] for term in patterns.terms(number)] for number in range(patterns.count)
        ]
        arrays |= {
            name: _automaton_bytes(patterns.automaton),
            f"{name}_ends": np.array([*accumulate(map(len, of_patterns))], np.int64),
            f"{name}_terms": np.array([one for some in of_patterns for one in some], np.int32),
            f"{name}_excuses": np.array(sorted(patterns.excuses), np.int32),
        }
    about = {"format": FORMAT, "sources": sources, "version": parts.version, "size": parts.size}
    file = io.BytesIO()
    np.savez(file, about=np.array(json.dumps(about)), **arrays)  # pyright: ignore[reportArgumentType] - its stub takes keys for options
    return file.getvalue()


def read_compiled(data: bytes) -> tuple[str, Keywords]:
    """Read a compiled lexicon, and what it was made of.

    Raises:
        CompiledError: if it is none, is damaged or is of another format.
    """
    try:
        stored: Any = np.load(io.BytesIO(data), allow_pickle=False)
        about: dict[str, Any] = json.loads(str(stored["about"]))
        if about["format"] != FORMAT:
            raise CompiledError(f"format {about['format']}, this is {FORMAT}")
        table = _Table(stored["lines"].tobytes(), stored["line_ends"])
        digits: bytes = stored["digits"].tobytes()
        parts = Parts(
            version=about["version"],
            size=about["size"],
            light=_patterns(stored, "light", table.term),
            sound=_patterns(stored, "sound", table.term),
            digits=Automaton.deserialize(digits) if digits else None,
        )
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile, zlib.error) as error:
        raise CompiledError(f"not a compiled lexicon: {error}") from error
    return about["sources"], Keywords(parts)


def _automaton_bytes(automaton: Automaton | None) -> NDArray[np.uint8]:
    return np.frombuffer(b"" if automaton is None else automaton.serialize(), np.uint8)


def _patterns(stored: Any, name: str, term: Callable[[int], Term]) -> Patterns:
    automaton: bytes = stored[name].tobytes()
    ends: NDArray[np.int64] = stored[f"{name}_ends"]
    return Patterns(
        automaton=Automaton.deserialize(automaton) if automaton else None,
        count=len(ends),
        terms=_OfPatterns(ends, stored[f"{name}_terms"], term).terms,
        excuses=frozenset(stored[f"{name}_excuses"].tolist()),
    )


@attrs.define(eq=False)
class _OfPatterns:
    """The terms of each pattern of an automaton; those that were asked for are kept."""

    _ends: NDArray[np.int64]
    _terms: NDArray[np.int32]
    _term: Callable[[int], Term]
    _known: dict[int, tuple[Term, ...]] = attrs.field(init=False, factory=dict[int, tuple[Term, ...]])
    """At most as many as there are patterns."""

    def terms(self, number: int) -> tuple[Term, ...]:
        found = self._known.get(number)
        if found is None:
            begin = int(self._ends[number - 1]) if number else 0
            numbers: list[int] = self._terms[begin : int(self._ends[number])].tolist()
            found = self._known[number] = tuple(map(self._term, numbers))
        return found


@attrs.define(eq=False)
class _Table:
    """The terms by number; those that were asked for are kept, so that equal ones are the same."""

    _lines: bytes
    _ends: NDArray[np.int64]
    _known: dict[int, Term] = attrs.field(init=False, factory=dict[int, Term])
    """At most as many as there are terms."""

    def term(self, number: int) -> Term:
        found = self._known.get(number)
        if found is None:
            begin = int(self._ends[number - 1]) if number else 0
            found = self._known[number] = _term(self._lines[begin : int(self._ends[number])])
        return found


def _line(term: Term) -> bytes:
    values = attrs.asdict(term)
    for name in ("valid_from", "valid_to"):
        values[name] = values[name].toordinal()
    return json.dumps(values, ensure_ascii=True).encode()


def _term(line: bytes) -> Term:
    values: dict[str, Any] = json.loads(line)
    for name in ("valid_from", "valid_to"):
        values[name] = datetime.date.fromordinal(values[name])
    for name in ("classes", "unless"):
        values[name] = tuple(values[name])
    return Term(**values)
