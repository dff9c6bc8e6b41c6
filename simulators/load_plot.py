# One picture: rates and latencies over time, and how latencies spread.
"""A load's result as a page or a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from simulators.load_bars import Bar, bars_of
from simulators.load_result import LoadResult
from simulators.picture import FAINT, GRID, INK, RED, sheet, words, write_picture

WIDTH: Final = 960
LEFT, RIGHT = 78, 20
CHART: Final = 190
"""Height of one chart's field."""
TOP: Final = 150
BETWEEN: Final = 82

_BLUE, _GREEN, _AMBER = "#1f6fb2", "#2a9d5c", "#d98a1a"


class Line(NamedTuple):
    """One line of a chart."""

    name: str
    colour: str
    values: Sequence[float]


def write_plot(path: Path, result: LoadResult, title: str) -> None:
    """Write a result's picture. Raises OSError, and ValueError as check_plot() does."""
    write_picture(path, svg(result, title), title)


def svg(result: LoadResult, title: str) -> str:
    """Return the picture."""
    parts = [_heading(result, title)]
    top = TOP
    if result.series is not None and result.series.spans:
        spans = result.series.as_json()
        last_s = len(spans) * result.series.span_s
        rates = [
            Line(name, colour, [span[f"{name}_per_s"] for span in spans])
            for name, colour in (
                ("sent", FAINT),
                ("accepted", _BLUE),
                ("receipts", _GREEN),
                ("refused", RED),
            )
        ]
        latencies = [
            Line("p50", _BLUE, [span["p50_ms"] for span in spans]),
            Line("p99", _AMBER, [span["p99_ms"] for span in spans]),
        ]
        parts.append(_chart(top, "submit_sm a second", rates, last_s))
        parts.append(_chart(top + CHART + BETWEEN, "submit to response, ms", latencies, last_s))
        top += 2 * (CHART + BETWEEN)
    for name, colour, histogram in (
        ("submit to response", _BLUE, result.submit),
        ("submit to final receipt", _GREEN, result.receipt),
    ):
        bars = bars_of(histogram)
        if bars:
            parts.append(_bars(top, f"{name}: how latencies spread", bars, colour))
            top += CHART + BETWEEN
    return sheet(WIDTH, top - 20, parts)


def _heading(result: LoadResult, title: str) -> str:
    values = result.as_json()
    shown = [
        ("messages/s", f"{values['messages_per_s']:,.0f}", INK),
        ("accepted", f"{result.accepted:,}", INK),
        ("refused", f"{result.refused:,}", RED if result.refused else INK),
        ("receipts", f"{result.receipts:,}", INK),
        ("lost", f"{result.lost:,}", RED if result.lost else INK),
        ("response p50", f"{values['submit_ms']['p50']:,.1f} ms", INK),
        ("response p99", f"{values['submit_ms']['p99']:,.1f} ms", INK),
        ("receipt p99", f"{values['receipt_ms']['p99']:,.1f} ms", INK),
    ]
    step = (WIDTH - LEFT - RIGHT + 50) / len(shown)
    parts = [words(28, 40, title, "font-size='19' font-weight='600'")]
    for index, (name, value, colour) in enumerate(shown):
        x = 28 + index * step
        parts.append(words(x, 72, name, f"fill='{FAINT}' font-size='12'"))
        parts.append(words(x, 94, value, f"font-size='17' font-weight='600' fill='{colour}'"))
    return "".join(parts)


def _frame(top: float, title: str, most: float) -> list[str]:
    """Title, and lines across at round values up to `most`."""
    parts = [words(28, top - 14, title, "font-weight='600'")]
    step = _round_step(most)
    value = 0.0
    while value <= most * 1.001:
        y = top + CHART * (1.0 - value / most)
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='{GRID}'/>"
            + words(LEFT - 8, y + 4, f"{value:,.10g}", f"text-anchor='end' fill='{FAINT}' font-size='12'")
        )
        value += step
    return parts


def _round_step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that four to ten of them make `most`."""
    power = 1.0
    while power * 10.0 <= most:
        power *= 10.0
    while power > most:
        power /= 10.0
    for factor in (0.1, 0.2, 0.5, 1.0, 2.0):
        if most / (power * factor) <= 6.0:
            return power * factor
    return power * 2.0


def _ceiling(most: float) -> float:
    if most <= 0.0:
        return 1.0
    step = _round_step(most)
    return step * -(-most // step)


def _chart(top: float, title: str, lines: list[Line], last_s: float) -> str:
    """Lines over time. A value stands in the middle of its span."""
    lines = [line for line in lines if any(line.values)]
    most = _ceiling(max((max(line.values) for line in lines), default=0.0))
    parts = _frame(top, title, most)
    width = WIDTH - LEFT - RIGHT
    x_of_legend = float(WIDTH - RIGHT)
    for line in reversed(lines):
        x_of_legend -= 9.0 * len(line.name) + 30.0
        parts.append(
            f"<rect x='{x_of_legend:.1f}' y='{top - 21}' width='14' height='4' fill='{line.colour}'/>"
            + words(x_of_legend + 20, top - 14, line.name, "font-size='12'")
        )
    for line in lines:
        count = len(line.values)
        points = [
            (LEFT + width * (index + 0.5) / count, top + CHART * (1.0 - value / most))
            for index, value in enumerate(line.values)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f"<polyline points='{path}' fill='none' stroke='{line.colour}' stroke-width='2' "
            "stroke-linejoin='round'/>"
        )
        if count <= 40:
            parts += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.5' fill='{line.colour}'/>" for x, y in points]
    step = _round_step(_ceiling(last_s))
    at = 0.0
    while at <= last_s:
        x = LEFT + width * at / last_s
        parts.append(
            words(x, top + CHART + 20, f"{at:g} s", f"text-anchor='middle' fill='{FAINT}' font-size='12'")
        )
        at += step
    return "".join(parts)


def _bars(top: float, title: str, bars: list[Bar], colour: str) -> str:
    most = _ceiling(float(max(bar.number for bar in bars)))
    parts = _frame(top, title, most)
    width = (WIDTH - LEFT - RIGHT) / len(bars)
    for index, bar in enumerate(bars):
        x = LEFT + index * width
        height = CHART * bar.number / most
        if bar.number:
            # What there is, is seen.
            height = max(height, 1.5)
        middle, half = x + width / 2, min(width * 0.4, 40.0)
        parts.append(
            f"<rect x='{middle - half:.1f}' y='{top + CHART - height:.1f}' width='{2 * half:.1f}' "
            f"height='{height:.1f}' fill='{colour}'><title>{bar.label}: {bar.number:,}</title></rect>"
            + words(
                middle,
                top + CHART + 20,
                bar.label,
                f"text-anchor='middle' fill='{FAINT}' font-size='{12 if len(bars) < 11 else 10}'",
            )
        )
        if bar.number:
            parts.append(
                words(
                    middle,
                    top + CHART - height - 5,
                    f"{bar.number:,}",
                    f"text-anchor='middle' fill='{FAINT}' font-size='11'",
                )
            )
    return "".join(parts)
