# `smpp-router lexicon`: an operator's folder of lexicons, looked at and changed. Nothing is written that
# could not be read again: a change is checked as a whole with everything it lies over, and only then
# made.
"""The command `lexicon`."""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from smpp_router import cli_update
from smpp_router.compliance.lexicon import Difference, LexiconError, Term, as_line, difference, read_terms
from smpp_router.lexicon_files import (
    LOCAL_FILE,
    bring_back,
    canary_texts,
    compile_folder,
    folder_files,
    load_terms,
    put_aside,
    replace,
    shipped_files,
    version_terms,
    versions,
    with_terms,
)

EXIT_OK: Final = 0
EXIT_BAD: Final = 1
EXIT_USAGE: Final = 2
_LINE: Final = "--term"
"""What problems name in the place of a file."""
HELD_SHARE_MAX: Final = 0.02
"""Of legitimate texts that a new term may hold: more is a slip, and would stop everybody's traffic."""
SHOWN_MAX: Final = 40
"""Lines of a difference that are printed without --all."""


def run(options: argparse.Namespace, now: str) -> int:
    """Run a subcommand; `now` is the time that versions are marked with."""
    try:
        return _run(options, now)
    except LexiconError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    return EXIT_BAD


def _run(options: argparse.Namespace, now: str) -> int:
    what = {
        "add": lambda: _add(options, now),
        "check": lambda: _check(options.folder),
        "compile": lambda: _compile(options.folder),
        "diff": lambda: _diff(options),
        "rollback": lambda: _rollback(options, now),
        "update": lambda: cli_update.run(options, now),
        "versions": lambda: _versions(options.folder),
    }
    return what[options.what]()


def _add(options: argparse.Namespace, now: str) -> int:
    folder: Path = options.folder
    if options.file is not None:
        new = read_terms([(str(options.file), _text(options.file))])
    elif not options.category:
        print("lexicon add: --term needs --category", file=sys.stderr)
        return EXIT_USAGE
    else:
        row = "\t".join(
            (
                options.term,
                options.category,
                options.classes,
                options.action,
                str(options.weight),
                options.source,
            )
        )
        try:
            new = read_terms([(_LINE, f"term\tcategory\tclasses\taction\tweight\tsource\n{row}\n")])
        except LexiconError as error:
            # There is no file that its line could stand in: the keys are the options.
            raise LexiconError([line.replace(f"{_LINE}:2: ", "--", 1) for line in error.lines]) from None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCAL_FILE
    text = with_terms(path.read_text("utf-8-sig") if path.exists() else "", new)
    others = [(name, body) for name, body in folder_files(folder) if Path(name) != path]
    before = load_terms(folder)
    # As the folder will be read: in the order of the names.
    after = read_terms([*shipped_files(), *sorted([*others, (str(path), text)])])
    _check_harmless(before, after)
    put_aside(folder, now, f"add {len(new)} terms")
    replace(path, text.encode())
    compile_folder(folder)
    _show(difference(before, after), everything=False)
    return EXIT_OK


def _check_harmless(before: list[Term], after: list[Term]) -> None:
    """Tell which new terms hold legitimate texts of the package. Raises LexiconError where one holds many."""
    legitimate = [one.text for one in canary_texts() if not one.illicit]
    problems: list[str] = []
    for term, count in cli_update.worse_terms(before, after, legitimate).items():
        told = f"{term!r} would hold {count:,} of {len(legitimate):,} legitimate texts"
        if count > len(legitimate) * HELD_SHARE_MAX:
            problems.append(f"{told}; who means it writes it into {LOCAL_FILE} by hand")
        else:
            print(told, file=sys.stderr)
    if problems:
        raise LexiconError(problems)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LexiconError([f"{path}: is not UTF-8, from byte {error.start} on"]) from error


def _compile(folder: Path) -> int:
    keywords = compile_folder(folder)
    print(f"{keywords.size:,} terms are compiled: {keywords.version}")
    return EXIT_OK


def _check(folder: Path | None) -> int:
    terms = load_terms(folder)
    categories = Counter(term.category for term in terms)
    actions = Counter(term.action for term in terms)
    print(f"{len(terms):,} terms in {len(categories)} categories are good.")
    print("  " + ", ".join(f"{count:,} {action}" for action, count in actions.most_common()))
    for category, count in sorted(categories.items()):
        print(f"  {category:32} {count:5,}")
    return EXIT_OK


def _diff(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    before = version_terms(folder, options.version) if options.version is not None else load_terms()
    after = version_terms(folder, options.to) if options.to is not None else load_terms(folder)
    _show(difference(before, after), everything=options.all)
    return EXIT_OK


def _show(found: Difference, *, everything: bool) -> None:
    lines = [f"- {_shown(term)}" for term in found.removed]
    for old, new in found.changed:
        lines += (f"- {_shown(old)}", f"+ {_shown(new)}")
    lines += [f"+ {_shown(term)}" for term in found.added]
    shown = lines if everything else lines[:SHOWN_MAX]
    if shown:
        print(*shown, sep="\n")
    if len(shown) < len(lines):
        print(f"... and {len(lines) - len(shown):,} more lines; --all shows them")
    print(f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} changed")


def _shown(term: Term) -> str:
    return as_line(term).replace("\t", "  ")


def _versions(folder: Path) -> int:
    known = versions(folder)
    for version in known:
        print(f"{version.number:5}  {version.made}  before: {version.note}")
    if not known:
        print(f"{folder}: {'no versions yet' if folder.is_dir() else 'is no folder'}", file=sys.stderr)
    return EXIT_OK if folder.is_dir() else EXIT_BAD


def _rollback(options: argparse.Namespace, now: str) -> int:
    folder: Path = options.folder
    before = load_terms(folder)
    kept = bring_back(folder, options.version, now)
    compile_folder(folder)
    _show(difference(before, load_terms(folder)), everything=False)
    print(f"version {options.version} is in force; what was before is version {kept.number}")
    return EXIT_OK
