# One file without scripts, pictures or anything from elsewhere: it can be mailed and looked at in ten years.
# Everything that came from a client goes through html.escape, since a client may call itself <script>.
"""The report as one HTML page."""

from collections.abc import Iterable
from html import escape
from typing import Final

from simulators.grade.dissect import MASK, Shown
from simulators.grade.findings import Example, Finding
from simulators.grade.report import NOTHING_SEEN, SEVERITY_NAMES, Report, moment
from simulators.grade.rule import Rule

_STYLE: Final = """
:root { color-scheme: light dark; --back: #f5f6f8; --card: #fff; --ink: #1d2430; --dim: #687386;
  --line: #e1e5eb; --red: #c62f2f; --amber: #a86b00; --blue: #1f6fb2; --green: #21803f; --code: #f2f4f7; }
@media (prefers-color-scheme: dark) { :root { --back: #14171c; --card: #1d2129; --ink: #e3e7ee;
  --dim: #98a3b5; --line: #323946; --red: #ff7d75; --amber: #e5b04d; --blue: #6fb4ee; --green: #63c784;
  --code: #161a20; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 0; } p { margin: .35rem 0; } .dim { color: var(--dim); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem;
  margin: .75rem 0; }
.head { display: flex; gap: 1.5rem; align-items: center; flex-wrap: wrap; }
.letter { font-size: 4rem; font-weight: 700; line-height: 1; width: 7rem; height: 7rem; display: grid;
  place-items: center; border-radius: .8rem; color: #fff; background: #59657a; flex: none; }
.letter.A, .letter.B { background: #21803f; } .letter.C, .letter.D { background: #b97700; }
.letter.F { background: #c62f2f; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
  margin: 1rem 0; } .tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .7rem 1rem; } .tile b { display: block; font-size: 1.5rem; line-height: 1.2; }
.finding { border-left: .35rem solid var(--tone); } .violation { --tone: var(--red); }
.manners { --tone: var(--amber); } .note { --tone: var(--blue); } .tag { color: var(--tone);
  font-weight: 600; } .facts { display: flex; flex-wrap: wrap; gap: 0 1.25rem; font-size: .9rem; }
.advice { border-left: 2px solid var(--line); padding-left: .75rem; margin: .6rem 0; }
details { margin: .5rem 0 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
code, .hex, td { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .82rem; }
.hex { background: var(--code); border-radius: .4rem; padding: .6rem .75rem; overflow-wrap: anywhere;
  margin: .5rem 0; line-height: 1.65; }
.hex span { border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .15rem .75rem .15rem 0;
  border-bottom: 1px solid var(--line); } th { font-size: .8rem; color: var(--dim); font-weight: 500; }
td:nth-child(3) { overflow-wrap: anywhere; min-width: 9rem; color: var(--dim); }
td:nth-child(4) { overflow-wrap: anywhere; min-width: 10rem; }
.rules { columns: 20rem; column-gap: 2rem; list-style: none; padding: 0; margin: 0; font-size: .9rem; }
.rules li { break-inside: avoid; padding: .15rem 0; } .ok { color: var(--green); }
@media print { body { background: #fff; } .card { break-inside: avoid; } }
"""


def as_html(report: Report) -> str:
    """Write the report as a page that needs nothing else."""
    body = "\n".join(
        (
            _head(report),
            _tiles(report),
            *_findings(report),
            _rules("Not seen", _NOT_SEEN_WORDS, report.not_seen, "dim"),
            _rules("Kept", "Put to the test, and never broken.", report.kept, "ok"),
            _how(report),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>SMPP client report: {report.letter}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


_NOT_SEEN_WORDS: Final = (
    "The run gave no occasion for these. That nothing was found here says nothing good about the client."
)


def _head(report: Report) -> str:
    said = "Nothing was seen: no client has bound." if report.letter == NOTHING_SEEN else report.sum_words
    letter_class = report.letter if report.letter != NOTHING_SEEN else "none"
    return (
        f'<header class="card head"><div class="letter {letter_class}">{report.letter}</div><div>'
        f'<h1>SMPP client report</h1><p>{escape(said)}</p><p class="dim">{moment(report.started_at)} to '
        f"{moment(report.ended_at)}, judged by SMPP 3.4 and by good manners</p></div></header>"
    )


def _tiles(report: Report) -> str:
    seen = report.counters
    tiles = (
        (report.count("violation"), "violations"),
        (report.count("manners"), "bad manners"),
        (report.count("note"), "notes"),
        (len(report.kept), "rules kept"),
        (len(report.not_seen), "rules not seen"),
        (seen["binds"], "binds"),
        (seen["messages"], "messages"),
        (seen["deliveries"], "deliveries"),
    )
    inner = "".join(f'<div class="tile"><b>{value:,}</b>{name}</div>' for value, name in tiles)
    return f'<section class="tiles">{inner}</section>'


def _findings(report: Report) -> Iterable[str]:
    yield "<h2>Findings</h2>"
    if not report.findings:
        yield '<p class="card">None.</p>'
    for finding in report.findings:
        yield _finding(finding, report)


def _finding(finding: Finding, report: Report) -> str:
    rule = finding.rule
    checked = report.checks.get(rule.id, finding.count)
    facts = (
        f'<span class="tag">{SEVERITY_NAMES[rule.severity]}</span>',
        f"<code>{escape(rule.id)}</code>",
        f"<span>{escape(rule.section)}</span>",
        f"<span>{finding.count:,} of {checked:,} times</span>",
        f'<span class="dim">{_when(finding)}</span>',
    )
    examples = "".join(map(_example, finding.examples))
    return (
        f'<article class="card finding {rule.severity}" id="{escape(rule.id)}"><h3>{escape(rule.title)}</h3>'
        f'<div class="facts">{"".join(facts)}</div><p class="advice">{escape(rule.advice)}</p>{examples}'
        "</article>"
    )


def _when(finding: Finding) -> str:
    if finding.count == 1:
        return f"at {moment(finding.first_at)}"
    return f"first {moment(finding.first_at)}, last {moment(finding.last_at)}"


def _example(example: Example) -> str:
    who = f"connection {example.connection} {example.peer} {example.system_id}"
    said = (
        f'{escape(_printable(example.detail))} <span class="dim">{moment(example.at)}, '
        f"{escape(_printable(who))}</span>"
    )
    if not example.raw:
        return f"<p>{said}</p>"
    fields = example.fields
    return (
        f'<details><summary>{said}</summary><div class="hex">{" ".join(map(_hex, fields))}</div>'
        '<div class="wide"><table><tr><th>octet</th><th>field</th><th>hex</th><th>value</th></tr>'
        f"{''.join(map(_row, fields))}</table></div></details>"
    )


def _hex(field: Shown) -> str:
    """One field's octets, named when pointed at."""
    said = escape(_printable(f"{field.name}: {field.value}"), quote=True)
    return f'<span title="{said}">{escape(field.hex)}</span>' if field.hex else ""


def _row(field: Shown) -> str:
    octets = field.hex
    shown = octets if octets == MASK else " ".join(octets[at : at + 2] for at in range(0, len(octets), 2))
    cells = (str(field.offset), field.name, shown, field.value)
    return f"<tr>{''.join(f'<td>{escape(_printable(cell))}</td>' for cell in cells)}</tr>"


def _rules(title: str, words: str, rules: tuple[Rule, ...], tone: str) -> str:
    items = "".join(
        f'<li><code class="{tone}">{escape(rule.id)}</code> {escape(rule.title)}</li>' for rule in rules
    )
    return (
        f'<h2>{title}: {len(rules)}</h2><div class="card"><p class="dim">{escape(words)}</p>'
        f'<ul class="rules">{items}</ul></div>'
    )


def _how(report: Report) -> str:
    return (
        '<h2>How the grade comes about</h2><div class="card"><p>Each rule of the specification that was '
        "broken costs 10 points of 100, each of good manners 3, notes nothing; how often does not count.</p>"
        f"<p><code>{escape(report.sum_words)}</code></p><p>A from 90 without a violation, B from 80, "
        "C from 65, D from 50, F below.</p></div>"
    )


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in text)
