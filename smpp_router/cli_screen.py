# `smpp-router screen`: texts from the command line or from a file of JSON lines, judged as the router
# would judge their words.
"""The command `screen`."""

import argparse
import datetime
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

import attrs
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from smpp_router.cli_judge import Judge
from smpp_router.compliance.case import Subject
from smpp_router.compliance.lexicon import LexiconError
from smpp_router.compliance.model import ModelError
from smpp_router.compliance.symbols import ACTIONS
from smpp_router.compliance.templates import TemplateError
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.verdict import Verdict
from smpp_router.config_file import ConfigError
from smpp_router.lexicon_files import load_keywords, load_text_model, read_model
from smpp_router.own_rules import RuleError

EXIT_OK: Final = 0
EXIT_BAD: Final = 1
EXIT_USAGE: Final = 2
BATCH: Final = 256
LINE_MAX: Final = 1 << 20
"""Octets of one line: 255 parts of a long message are 34,000 characters."""
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 9000
"""Years whose days can be told in every zone."""
CATEGORIES_SHOWN: Final = 5


@attrs.define(eq=False)
class Row:
    """A line of a file that could be read."""

    number: int
    id: Any
    text: str
    traffic_class: str
    label: str | None
    account: str = ""
    sender: str = ""
    to: str = ""
    at: float = 0.0
    """Unix seconds; 0: no time is known, and hours are not asked."""
    tlvs: tuple[tuple[int, bytes], ...] = ()

    @property
    def subject(self) -> Subject:
        """What is screened."""
        return Subject(self.text, self.account, self.traffic_class, self.sender, self.to, self.tlvs, self.at)


@attrs.define(eq=False)
class BadLine:
    """A line of a file that could not."""

    number: int
    problem: str


def run(options: argparse.Namespace, today: datetime.date) -> int:
    """Run the command."""
    if bool(options.text) == bool(options.file):
        print("Give either texts or --file.", file=sys.stderr)
        return EXIT_USAGE
    try:
        day = datetime.date.fromisoformat(options.day) if options.day else today
    except ValueError:
        print(f"--day: {options.day!r} is no day such as 2026-05-01", file=sys.stderr)
        return EXIT_USAGE
    try:
        screen = _screen(options, day)
    except (LexiconError, ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD
    try:
        judge = Judge.of(screen, day, options.config)
    except (ConfigError, RuleError, TemplateError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD
    if options.file:
        return _run_file(options, judge)
    try:
        at = _time(options.at, "--at") if options.at else 0.0
        tlvs = _tlvs(dict(_halves(options.tlv)), "--tlv")
    except ValueError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    of_all = (options.account, options.sender, options.to, at, tlvs)
    rows: list[Row | BadLine] = [
        Row(number, number, text, options.traffic_class, None, *of_all)
        for number, text in enumerate(options.text, 1)
    ]
    console = Console()
    for row, verdict in _verdicts(rows, judge):
        assert isinstance(row, Row) and verdict is not None
        if options.json:
            print(json.dumps(record(row, verdict)))
        else:
            show(console, row.text, verdict, explain=options.explain)
    if options.explain and not options.json:
        _show_not_judged(console, judge.not_judged())
    return EXIT_OK


def _screen(options: argparse.Namespace, day: datetime.date) -> TextScreen:
    keywords = load_keywords(options.lexicons)
    model = load_text_model(options.lexicons) if options.model is None else read_model(options.model)
    return TextScreen(keywords, model, day)


def read_rows(file: IO[bytes], traffic_class: str = "") -> Iterator[Row | BadLine]:
    """Read JSON lines; what is no usable line comes as such, with its number."""
    number = 0
    while line := file.readline(LINE_MAX + 1):
        number += 1
        if len(line) > LINE_MAX and not line.endswith(b"\n"):
            while rest := file.readline(LINE_MAX):
                if rest.endswith(b"\n"):
                    break
            yield BadLine(number, f"longer than {LINE_MAX:,} octets")
        elif line.strip():
            yield _row(number, line, traffic_class)


def _row(number: int, line: bytes, traffic_class: str) -> Row | BadLine:
    try:
        values: Any = json.loads(line)
    except UnicodeDecodeError:
        return BadLine(number, "not UTF-8")
    except (ValueError, RecursionError) as error:
        return BadLine(number, f"not JSON: {error}"[:200])
    if not isinstance(values, dict):
        return BadLine(number, "not a JSON object")
    found = cast("dict[str, Any]", values)
    text = found.get("text")
    if not isinstance(text, str):
        return BadLine(number, "text: missing" if text is None else "text: not a text")
    try:
        at = _time(found["at"], "at") if found.get("at") is not None else 0.0
        tlvs = _tlvs(found.get("tlvs") or {}, "tlvs")
    except ValueError as error:
        return BadLine(number, str(error))
    label = found.get("label")
    of_class = found.get("class")
    return Row(
        number,
        found.get("id", number),
        text,
        of_class if isinstance(of_class, str) else traffic_class,
        None if label is None else str(label),
        _word(found.get("account")),
        _word(found.get("sender")),
        _word(found.get("to")),
        at,
        tlvs,
    )


def _time(text: object, key: str) -> float:
    """Unix seconds of a time with its zone. Raises ValueError."""
    try:
        time_ = datetime.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        time_ = None
    if time_ is None or time_.tzinfo is None or not _FIRST_YEAR <= time_.year <= _LAST_YEAR:
        raise ValueError(f"{key}: must be a time such as 2026-05-01T22:30+08:00")
    return time_.timestamp()


def _tlvs(values: Any, key: str) -> tuple[tuple[int, bytes], ...]:
    """Optional parameters by their tags. Raises ValueError."""
    try:
        pairs = [(int(tag, 0), value.encode("utf-8")) for tag, value in values.items()]
    except (AttributeError, TypeError, ValueError):
        pairs = [(-1, b"")]
    if not all(0 <= tag <= 0xFFFF for tag, _ in pairs):
        example = '{"0x1400": "1101234567890123456"}' if key == "tlvs" else "0x1400=1101234567890123456"
        raise ValueError(f"{key}: must be {'an object ' if key == 'tlvs' else ''}such as {example}")
    return tuple(pairs)


def _halves(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        tag, equals, value = text.partition("=")
        yield tag if equals else "", value


def _word(value: Any) -> str:
    """A name or number as text; nothing for what is neither."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _verdicts(rows: Iterable[Row | BadLine], judge: Judge) -> Iterator[tuple[Row | BadLine, Verdict | None]]:
    batch: list[Row | BadLine] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield from _judged(batch, judge)
            batch = []
    yield from _judged(batch, judge)


def _judged(batch: list[Row | BadLine], judge: Judge) -> Iterator[tuple[Row | BadLine, Verdict | None]]:
    found = iter(judge.verdicts([row.subject for row in batch if isinstance(row, Row)]))
    for row in batch:
        yield row, next(found) if isinstance(row, Row) else None


def record(row: Row, verdict: Verdict) -> dict[str, Any]:
    """A verdict as an object of JSON."""
    return {
        "id": row.id,
        "action": verdict.action,
        "illicit": verdict.illicit,
        "categories": dict(verdict.categories),
        "symbols": [symbol.as_json() for symbol in verdict.symbols],
        "reason": verdict.reason,
        "command_status": verdict.command_status,
        "status_text": verdict.status_text,
        "lexicon_version": verdict.lexicon_version,
        "model_version": verdict.model_version,
        "configuration_version": verdict.configuration_version,
    }


def show(console: Console, text: str, verdict: Verdict, *, explain: bool) -> None:
    """Print a verdict for people."""
    colour = {"accept": "green", "tag": "cyan"}.get(
        verdict.action, "yellow" if verdict.action != "refuse" else "red"
    )
    shown = Text(_printable(text))
    for symbol in verdict.symbols:
        if symbol.start >= 0:
            shown.stylize("reverse", symbol.start, symbol.end)
    console.print(shown)
    line = Text.assemble((verdict.action, f"bold {colour}"), f"  illicit {verdict.illicit:.1%}  ")
    likeliest = sorted(verdict.categories, key=lambda pair: -pair[1])[:CATEGORIES_SHOWN]
    line.append(", ".join(f"{name} {value:.0%}" for name, value in likeliest if value >= 0.05))
    console.print(line)
    if not explain:
        return
    # Whole, however narrow the terminal: it is what configuration calls the finding.
    longest = max((len(symbol.name) for symbol in verdict.symbols), default=0)
    table = Table(box=None, pad_edge=False)
    table.add_column("symbol", no_wrap=True, overflow="ignore", min_width=longest)
    for head in ("score", "where", "why", "rests on"):
        table.add_column(head)
    for symbol in verdict.symbols:
        where = (
            ""
            if symbol.start < 0
            else f"{symbol.start}-{symbol.end} {_printable(text[symbol.start : symbol.end])}"
        )
        table.add_row(
            symbol.name, f"{symbol.score:+.2f}", Text(where), Text(symbol.reason), Text(symbol.source)
        )
    console.print(table)
    versions = (
        f"lexicon {verdict.lexicon_version}, model {verdict.model_version}, "
        f"configuration {verdict.configuration_version}"
    )
    console.print(versions, style="dim", highlight=False)


def _show_not_judged(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, style="dim", markup=False, highlight=False)


def _printable(text: str) -> str:
    """A text of the same length that does nothing to a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )


# --- files


@attrs.define(eq=False)
class _Tally:
    actions: Counter[str] = attrs.Factory(Counter[str])
    labels: Counter[tuple[str, str]] = attrs.Factory(Counter[tuple[str, str]])
    """By label and action."""
    categories: Counter[tuple[str, str]] = attrs.Factory(Counter[tuple[str, str]])
    """By label and likeliest category."""
    bad: int = 0

    def add(self, row: Row, verdict: Verdict) -> None:
        self.actions[verdict.action] += 1
        if row.label is not None:
            self.labels[row.label, verdict.action] += 1
            likeliest = max(verdict.categories, key=lambda pair: pair[1], default=("", 0.0))
            self.categories[row.label, likeliest[0]] += 1


def _run_file(options: argparse.Namespace, judge: Judge) -> int:
    errors = Console(stderr=True)
    try:
        file = sys.stdin.buffer if options.file == "-" else Path(options.file).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        print(f"{options.file}: cannot be read: {error.strerror}", file=sys.stderr)
        return EXIT_BAD
    tally = _Tally()
    size = None if options.file == "-" else Path(options.file).stat().st_size
    with file, _progress(errors) as progress:
        task = progress.add_task("screening", total=size)
        rows = read_rows(file, options.traffic_class)
        for row, verdict in _verdicts(rows, judge):
            if isinstance(row, BadLine):
                tally.bad += 1
                progress.console.print(
                    f"{options.file}:{row.number}: {row.problem}", markup=False, highlight=False
                )
                answer: dict[str, Any] = {"line": row.number, "error": row.problem}
            else:
                assert verdict is not None
                tally.add(row, verdict)
                answer = record(row, verdict)
            if options.json:
                sys.stdout.write(json.dumps(answer) + "\n")
            if size is not None:
                progress.update(task, completed=file.tell())
    _show_tally(errors, tally)
    _show_not_judged(errors, judge.not_judged())
    return EXIT_BAD if tally.bad else EXIT_OK


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _show_tally(console: Console, tally: _Tally) -> None:
    total = sum(tally.actions.values())
    parts = [f"{tally.actions[action]:,} {action}" for action in ACTIONS if tally.actions[action]]
    console.print(f"{total:,} texts: {', '.join(parts) or 'none'}; {tally.bad:,} bad lines", highlight=False)
    if tally.labels:
        _show_confusion(console, "by label and action", tally.labels, list(ACTIONS))
        columns = [
            name for name, _ in Counter(name for _, name in tally.categories.elements()).most_common(12)
        ]
        _show_confusion(console, "by label and likeliest category", tally.categories, columns)


def _show_confusion(
    console: Console, title: str, counts: Counter[tuple[str, str]], columns: list[str]
) -> None:
    table = Table("label", *map(escape, columns), title=title, title_justify="left", box=None)
    for label in sorted({label for label, _ in counts}):
        table.add_row(
            Text(label),
            *(f"{counts[label, column]:,}" if counts[label, column] else "" for column in columns),
        )
    console.print(table)
