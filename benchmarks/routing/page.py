# One picture. For each scenario a row a strategy: who had the first attempts over time, which of the messages
# offered then were never shown, and what it all came to.
"""Results as a page or a picture."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.routing.scenario import RoutingScenario
from simulators.picture import FAINT, GRID, INK, RED, sheet, words, write_picture

Results = Sequence[Mapping[str, Any]]

WIDTH: Final = 1180
LEFT: Final = 168
"""Where the charts begin; names of strategies stand before."""
CHART: Final = 504
"""Width of a chart."""
ROW, BETWEEN = 54, 16
HEAD: Final = 96
"""Height of a scenario's heading."""
COLUMNS: Final = (
    ("delivered", 772),
    ("p95 s", 838),
    ("switch s", 908),
    ("twice", 978),
    ("cost/1000", 1064),
    ("swings", 1138),
)
"""What stands behind the charts, each with its right edge."""

_STEPS_S: Final = (30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400)
"""Between two marks of the time axis, whichever gives at most ten."""

_CARRIERS: Final = ("#2f6f9f", "#8fc1a9", "#e3b55c", "#9a86b8", "#b9c4cd", "#6fa8a0", "#c9937a")
"""Colours of carriers, in the order of the scenario."""


def write_plot(
    path: Path, scenarios: Sequence[RoutingScenario], results: Results, timelines: Results
) -> None:
    """Write the picture; of several seeds the first. Raises OSError, and ValueError as check_plot() does."""
    write_picture(path, svg(scenarios, results, timelines), "Routing compared")


def svg(scenarios: Sequence[RoutingScenario], results: Results, timelines: Results) -> str:
    """Return the picture."""
    parts: list[str] = []
    top = 24.0
    for scenario in scenarios:
        rows = [
            (result, timeline)
            for result, timeline in zip(results, timelines, strict=True)
            if result["scenario"] == scenario.name and result["seed"] == results[0]["seed"]
        ]
        if rows:
            parts += _heading(top, scenario, rows[0][0], rows[0][1])
            top += HEAD
            for result, timeline in rows:
                parts += _row(top, scenario, result, timeline)
                top += ROW + BETWEEN
            parts += _axis(top - BETWEEN, scenario.comparison.duration_s)
            top += 44
    return sheet(WIDTH, top, parts)


def _heading(
    top: float, scenario: RoutingScenario, result: Mapping[str, Any], timeline: Mapping[str, Any]
) -> Iterator[str]:
    yield words(24, top + 20, scenario.name, "font-size='18' font-weight='600'")
    told = f"{result['messages']:,} messages, {result['messages_per_s']:g} a second, seed {result['seed']}"
    described = f"{scenario.comparison.description}; {told}" if scenario.comparison.description else told
    yield words(24, top + 42, described, f"fill='{FAINT}'")
    x = float(LEFT)
    y = top + HEAD - 14
    for index, name in enumerate(timeline["carriers"]):
        yield f"<rect x='{x}' y='{y - 10}' width='11' height='11' fill='{_colour(index)}'/>"
        yield words(x + 16, y, name, f"fill='{FAINT}' font-size='12'")
        x += 34 + 7.2 * len(name)
    yield f"<line x1='{x}' x2='{x + 14}' y1='{y - 4}' y2='{y - 4}' stroke='{RED}' stroke-width='3'/>"
    yield words(x + 20, y, "never shown", f"fill='{FAINT}' font-size='12'")
    for name, right in COLUMNS:
        yield words(right, y, name, f"text-anchor='end' fill='{FAINT}' font-size='12'")


def _row(
    top: float, scenario: RoutingScenario, result: Mapping[str, Any], timeline: Mapping[str, Any]
) -> Iterator[str]:
    duration_s = scenario.comparison.duration_s
    yield words(LEFT - 12, top + ROW / 2 + 4, result["strategy"], "text-anchor='end' font-weight='600'")
    yield f"<rect x='{LEFT}' y='{top}' width='{CHART}' height='{ROW}' fill='#f4f6f8'/>"
    yield from _areas(top, timeline, duration_s)
    for one in scenario.comparison.degradations:
        x = LEFT + CHART * one.at_s / duration_s
        width = CHART * one.for_s / duration_s
        yield (
            f"<rect x='{x:.1f}' y='{top - 4}' width='{width:.1f}' height='{ROW + 8}' fill='none' "
            f"stroke='{INK}' stroke-dasharray='4 3'><title>{one.carrier} {one.kind}</title></rect>"
        )
    yield from _lost(top, timeline, duration_s)
    switch = "never" if result["has_switched"] is False else _number(result["switch_s"], ".0f")
    shown = (
        f"{result['delivered_share'] or 0.0:.3%}",
        _number(result["p95_to_handset_s"], ".1f"),
        switch,
        _number(result["duplicates_seen_share"], ".2%"),
        _number(None if result["cost_per_delivered"] is None else 1000 * result["cost_per_delivered"], ".2f"),
        _number(result["oscillations"], "d"),
    )
    has_missed = bool(result["goals_missed"])
    for (name, right), value in zip(COLUMNS, shown, strict=True):
        is_bad = (has_missed and name == "delivered") or value == "never"
        colour = f"fill='{RED}'" if is_bad else ""
        yield words(right, top + ROW / 2 + 5, value, f"text-anchor='end' font-size='15' {colour}")


def _areas(top: float, timeline: Mapping[str, Any], duration_s: float) -> Iterator[str]:
    """Stacked shares of first attempts, a colour a carrier."""
    span_s = timeline["span_s"]
    counts = list(timeline["carriers"].values())
    totals = [sum(span) for span in zip(*counts, strict=True)]
    below = [0.0] * len(totals)
    for index, of_carrier in enumerate(counts):
        above = [
            low + (count / total if total else 0.0)
            for low, count, total in zip(below, of_carrier, totals, strict=True)
        ]
        there = [(at, y) for at, value in enumerate(above) for y in ((at, value), (at + 1, value))]
        upper = [_point(top, y, span_s, duration_s) for _, y in there]
        back = [(at, y) for at, value in enumerate(below) for y in ((at, value), (at + 1, value))]
        lower = [_point(top, y, span_s, duration_s) for _, y in reversed(back)]
        yield f"<polygon points='{' '.join(upper + lower)}' fill='{_colour(index)}'/>"
        below = above


def _point(top: float, at: tuple[int, float], span_s: float, duration_s: float) -> str:
    x = LEFT + CHART * min(1.0, at[0] * span_s / duration_s)
    return f"{x:.1f},{top + ROW * (1.0 - at[1]):.1f}"


def _lost(top: float, timeline: Mapping[str, Any], duration_s: float) -> Iterator[str]:
    """Red, from below: the share of what was offered then that no handset has shown."""
    span_s = timeline["span_s"]
    offered = [sum(span) for span in zip(*timeline["carriers"].values(), strict=True)]
    for at, (count, total) in enumerate(zip(timeline["lost"], offered, strict=True)):
        if count:
            height = max(3.0, ROW * min(1.0, count / max(total, count)))
            x = LEFT + CHART * at * span_s / duration_s
            width = max(2.0, CHART * span_s / duration_s)
            yield (
                f"<rect x='{x:.1f}' y='{top + ROW - height:.1f}' width='{width:.1f}' "
                f"height='{height:.1f}' fill='{RED}'/>"
            )


def _axis(y: float, duration_s: float) -> Iterator[str]:
    step_s = next(step for step in _STEPS_S if duration_s / step <= 10 or step == _STEPS_S[-1])
    at_s = 0.0
    while at_s <= duration_s:
        x = LEFT + CHART * at_s / duration_s
        yield f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{y}' y2='{y + 5}' stroke='{GRID}'/>"
        yield words(x, y + 19, f"{at_s:g} s", f"text-anchor='middle' fill='{FAINT}' font-size='12'")
        at_s += step_s


def _colour(index: int) -> str:
    return _CARRIERS[index % len(_CARRIERS)]


def _number(value: float | None, spelling: str) -> str:
    return "-" if value is None else format(value, spelling)
