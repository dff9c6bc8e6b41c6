# Where lexicons lie: the package's own files, and a folder of the operator's whose files override them.
# Files are taken in the order of their names.
#
# A folder may hold its lexicons compiled, too, as `smpp-router lexicon` leaves them: as long as that was made
# of the tables as they are, it is read in their place, in hundredths of a second.
#
# Every change of the folder by a command keeps what was there before in versions/NUMBER/, so that it can
# be compared and brought back. A file is replaced by renaming, so a reader has the old one or the new
# one.
"""Lexicon files on disk, and their versions."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router import __version__
from smpp_router.compliance.compiled import CompiledError, compiled, read_compiled
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.learning import Labelled
from smpp_router.compliance.lexicon import HEAD_LINE, LexiconError, Term, as_line, read_terms
from smpp_router.compliance.model import Model, ModelError, load_model, shipped_model

VERSIONS: Final = "versions"
VERSIONS_MAX: Final = 200
"""Versions that are kept: more than half a year of daily updates."""
LOCAL_FILE: Final = "local.tsv"
"""What `lexicon add` writes to."""


COMPILED_FILE: Final = "compiled.npz"
"""All that is in force with a folder, compiled; it is made anew whenever it is missing or another's."""
MODEL_FILE: Final = "model.npz"
"""The model that `lexicon update` made; without it the package's is in force."""


@attrs.frozen
class Version:
    """What a folder held before a change."""

    number: int
    made: str
    """When it was put aside, in UTC."""
    note: str
    """What changed it."""


def shipped_files() -> list[tuple[str, str]]:
    """The package's lexicons, as name and text."""
    folder = files("smpp_router.compliance") / "lexicons"
    found = [one for one in folder.iterdir() if one.name.endswith(".tsv")]
    return [(one.name, one.read_text("utf-8")) for one in sorted(found, key=lambda one: one.name)]


def folder_files(folder: Path) -> list[tuple[str, str]]:
    """The lexicons of a folder.

    Raises:
        LexiconError: if a file cannot be read.
    """
    found: list[tuple[str, str]] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.tsv")):
        try:
            # With a mark in front, as spreadsheets write it, or without.
            found.append((str(path), path.read_text("utf-8-sig")))
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            problems.append(f"{path}: is not UTF-8, from byte {error.start} on")
    if not folder.is_dir():
        problems.append(f"{folder}: is no folder")
    if problems:
        raise LexiconError(problems)
    return found


def load_terms(folder: Path | None = None) -> list[Term]:
    """Read the package's lexicons and a folder's over them.

    Raises:
        LexiconError: with every problem found.
    """
    return read_terms([*shipped_files(), *(folder_files(folder) if folder is not None else ())])


def load_keywords(folder: Path | None = None, pause: Callable[[], None] | None = None) -> Keywords:
    """Make what is in force with a folder ready to be found, from its compiled file if that is of its tables.

    `pause` is called now and then, to let others run, while tables are made ready.

    Raises:
        LexiconError: with every problem found.
    """
    tables = [*shipped_files(), *(folder_files(folder) if folder is not None else ())]
    path = None if folder is None else folder / COMPILED_FILE
    if path is not None and path.exists():
        # A file that is damaged or of another version is as good as none: the tables have all.
        with suppress(CompiledError, OSError):
            sources, keywords = read_compiled(path.read_bytes())
            if sources == _sources(tables):
                return keywords
    return Keywords(read_terms(tables), pause)


def compile_folder(folder: Path) -> Keywords:
    """Leave a folder's lexicons, over the package's, compiled beside them.

    Raises:
        LexiconError: with every problem found.
    """
    tables = [*shipped_files(), *folder_files(folder)]
    keywords = Keywords(read_terms(tables))
    replace(folder / COMPILED_FILE, compiled(keywords, _sources(tables)))
    return keywords


def _sources(tables: Sequence[tuple[str, str]]) -> str:
    """What tells tables, and how they are read, from others."""
    digest = hashlib.sha256(__version__.encode())
    digest.update((files("smpp_router.compliance") / "glyphs.npz").read_bytes())
    for name, text in tables:
        body = text.encode("utf-8", "surrogatepass")
        digest.update(f"\n{Path(name).name} {len(body)}\n".encode("utf-8", "surrogatepass"))
        digest.update(body)
    return digest.hexdigest()


def versions(folder: Path) -> list[Version]:
    """What can be brought back, the oldest first."""
    found: list[Version] = []
    for path in (folder / VERSIONS).glob("*/about.json"):
        about: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found.append(Version(int(path.parent.name), str(about["made"]), str(about["note"])))
    return sorted(found, key=lambda version: version.number)


def version_terms(folder: Path, number: int) -> list[Term]:
    """Read the terms of a version as they were, over the package's.

    Raises:
        LexiconError: if there is no such version, or it cannot be read.
    """
    path = folder / VERSIONS / f"{number:04d}"
    if not path.is_dir():
        known = ", ".join(str(version.number) for version in versions(folder)) or "none"
        raise LexiconError([f"{folder}: no version {number}; known: {known}"])
    return load_terms(path)


def put_aside(folder: Path, made: str, note: str) -> Version:
    """Keep what a folder holds now as a version."""
    known = versions(folder)
    version = Version(known[-1].number + 1 if known else 1, made, note)
    target = folder / VERSIONS / f"{version.number:04d}"
    target.mkdir(parents=True)
    for path in _kept(folder):
        shutil.copy2(path, target / path.name)
    (target / "about.json").write_text(json.dumps({"made": made, "note": note}), "utf-8")
    for old in known[: max(0, len(known) + 1 - VERSIONS_MAX)]:
        shutil.rmtree(folder / VERSIONS / f"{old.number:04d}")
    return version


def bring_back(folder: Path, number: int, made: str) -> Version:
    """Make a version the folder's present, and keep the present as a version.

    Raises:
        LexiconError: if there is no such version, or it cannot be read.
    """
    version_terms(folder, number)
    kept = put_aside(folder, made, f"rollback to {number}")
    source = folder / VERSIONS / f"{number:04d}"
    names = {path.name for path in _kept(source)}
    for path in _kept(source):
        replace(folder / path.name, path.read_bytes())
    for path in _kept(folder):
        if path.name not in names:
            path.unlink()
    return kept


def _kept(folder: Path) -> list[Path]:
    """The files that a version is made of."""
    return [*sorted(folder.glob("*.tsv")), *folder.glob(MODEL_FILE)]


def replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    beside.replace(path)


def load_text_model(folder: Path | None = None) -> Model:
    """Read the model of a folder, or the package's if it has none.

    Raises:
        ModelError: if the folder's cannot be used.
    """
    path = None if folder is None else folder / MODEL_FILE
    if path is None or not path.exists():
        return shipped_model()
    return read_model(path)


def read_model(path: Path) -> Model:
    """Read a model.

    Raises:
        ModelError: if it cannot be used; names the file.
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        try:
            return load_model(file)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error


def canary_texts() -> list[Labelled]:
    """The package's own texts, legitimate and illicit, on which no update may do worse."""
    lines = (files("smpp_router.compliance") / "canary.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [Labelled(text, word == "illicit", category) for word, category, text in rows]


def with_terms(text: str, terms: list[Term]) -> str:
    """The text of a file with terms added; a term that it has already is replaced."""
    new = {term.key: term for term in terms}
    old = read_terms([("file", text)]) if text.strip() else []
    lines = [as_line(new.pop(term.key, term)) for term in old]
    comments = [line for line in text.splitlines() if line.startswith("#")]
    return "\n".join([*comments, HEAD_LINE, *lines, *map(as_line, new.values()), ""])
