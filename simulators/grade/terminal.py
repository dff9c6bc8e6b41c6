"""The report for a terminal, by rich."""

from typing import Final

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from simulators.grade.dissect import MASK, Shown
from simulators.grade.findings import Example, Finding
from simulators.grade.report import NOTHING_SEEN, SEVERITY_NAMES, Report, moment
from simulators.grade.rule import Rule, Severity

COLOURS: Final[dict[Severity, str]] = {"violation": "red", "manners": "yellow", "note": "cyan"}
MARKS: Final[dict[Severity, str]] = {"violation": "✗", "manners": "!", "note": "i"}
_LETTER_COLOURS: Final = {"A": "green", "B": "green", "C": "yellow", "D": "yellow", "F": "red"}
_HEX_SHOWN: Final = 512
"""Hex digits of a PDU; all of them stand in the other reports."""
_VALUE_SHOWN: Final = 60
_OCTETS_A_GROUP: Final = 4


def show(report: Report, console: Console) -> None:
    """Print the report."""
    console.print(_head(report))
    for finding in report.findings:
        console.print(_finding(finding, report))
    console.print(_tail(report))


def _head(report: Report) -> RenderableType:
    colour = _LETTER_COLOURS.get(report.letter, "white")
    letter = Text(f"\n  {report.letter}  \n", style=f"bold white on {colour}", justify="center")
    seen = report.counters
    lines = Table.grid(padding=(0, 1))
    lines.add_column(style="dim", justify="right")
    lines.add_column()
    if report.letter == NOTHING_SEEN:
        lines.add_row("score", "nothing was seen: no client has bound")
    else:
        lines.add_row("score", report.sum_words)
    lines.add_row(
        "broken",
        f"[red]{report.count('violation')} of the specification[/]  "
        f"[yellow]{report.count('manners')} of good manners[/]  [cyan]{report.count('note')} notes[/]",
    )
    lines.add_row("kept", f"[green]{len(report.kept)}[/] rules, {len(report.not_seen)} not seen")
    lines.add_row(
        "seen",
        f"{seen['connections']:,} connections, {seen['binds']:,} binds, {seen['messages']:,} messages, "
        f"{seen['deliveries']:,} deliveries in {report.ended_at - report.started_at:,.1f} s",
    )
    grid = Table.grid(padding=(0, 3))
    grid.add_row(letter, lines)
    return Panel(grid, title="[bold]SMPP client report[/]", title_align="left", border_style=colour)


def _finding(finding: Finding, report: Report) -> RenderableType:
    rule = finding.rule
    colour = COLOURS[rule.severity]
    title = Text.assemble(
        (f" {MARKS[rule.severity]} ", f"bold reverse {colour}"),
        (f" {rule.title}", f"bold {colour}"),
        (f"   {rule.id}", "dim"),
    )
    checked = report.checks.get(rule.id, finding.count)
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="dim", justify="right")
    facts.add_column()
    facts.add_row("severity", f"[{colour}]{SEVERITY_NAMES[rule.severity]}[/], {escape(rule.section)}")
    facts.add_row("how often", f"{finding.count:,} of {checked:,} times, {_when(finding)}")
    facts.add_row("advice", escape(rule.advice))
    example = finding.first[0]
    who = " ".join(part for part in (example.system_id, example.peer) if part)
    facts.add_row("example", f"[bold]{escape(example.detail)}[/] [dim]({escape(_printable(who))})[/]")
    parts: list[RenderableType] = [title, Padding(facts, (0, 0, 0, 4))]
    if example.raw:
        parts.append(Padding(_pdu(example), (0, 0, 0, 4)))
    return Padding(Group(*parts), (1, 0, 0, 0))


def _when(finding: Finding) -> str:
    if finding.count == 1:
        return f"at {moment(finding.first_at)}"
    return f"first {moment(finding.first_at)}, last {moment(finding.last_at)[11:]}"


def _pdu(example: Example) -> RenderableType:
    fields = example.fields
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", justify="right")
    grid.add_column(overflow="fold")
    grid.add_row("hex", Text(_grouped(fields), style="grey62"))
    words = [
        Text.assemble((f"{field.name} ", "dim"), _short(_printable(field.value) or field.hex))
        for field in fields
    ]
    grid.add_row("    PDU", Columns(words, padding=(0, 3), column_first=True))
    return grid


def _grouped(fields: list[Shown]) -> str:
    """Hex in groups, a mask left whole."""
    digits = 2 * _OCTETS_A_GROUP
    pieces: list[str] = []
    run = ""
    for field in fields:
        if field.hex == MASK:
            pieces += [*_cut(run, digits), MASK]
            run = ""
        else:
            run += field.hex
    pieces += _cut(run, digits)
    text = " ".join(pieces)
    return text if len(text) <= _HEX_SHOWN else text[:_HEX_SHOWN] + " …"


def _cut(run: str, digits: int) -> list[str]:
    return [run[at : at + digits] for at in range(0, len(run), digits)]


def _tail(report: Report) -> RenderableType:
    parts: list[RenderableType] = [Text(), Line("[dim]not seen: nothing is known of these[/]", align="left")]
    parts.append(_names(report.not_seen, "dim"))
    parts.append(Line("[dim]put to the test and kept[/]", align="left"))
    parts.append(_names(report.kept, "green"))
    return Group(*parts)


def _names(rules: tuple[Rule, ...], style: str) -> Text:
    return Text("  ".join(rule.id for rule in rules) or "none", style=style)


def _short(text: str) -> str:
    return text if len(text) <= _VALUE_SHOWN else text[: _VALUE_SHOWN - 1] + "…"


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in text)
