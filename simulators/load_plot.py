# One picture in SVG, drawn by hand: rates and latencies over time, and how latencies spread. It refers to
# nothing outside, so the file can be kept and passed on; a PNG is the same picture through a library.
"""A load's result as a page or a picture."""

import html
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from simulators.load_bars import Bar, bars_of
from simulators.load_result import LoadResult

WIDTH: Final = 960
LEFT, RIGHT = 78, 20
CHART: Final = 190
"""Height of one chart's field."""
TOP: Final = 150
BETWEEN: Final = 82

_FONT: Final = "font-family='system-ui,-apple-system,Segoe UI,Roboto,sans-serif'"
_INK, _FAINT, _GRID = "#1c2733", "#5b6b7b", "#dfe5ea"
_BLUE, _GREEN, _RED, _AMBER = "#1f6fb2", "#2a9d5c", "#c8382d", "#d98a1a"


class Line(NamedTuple):
    """One line of a chart."""

    name: str
    colour: str
    values: Sequence[float]


def check_plot(path: Path) -> None:
    """Raise ValueError if a plot can't be written there: before the load, not after it."""
    if path.suffix.lower() not in (".html", ".svg", ".png"):
        raise ValueError(f"--plot {path}: must end in .html, .svg or .png")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"--plot {path}: there is no such folder")
    if path.suffix.lower() == ".png":
        _cairosvg(path)


def write_plot(path: Path, result: LoadResult, title: str) -> None:
    """Write a result's picture. Raises OSError, and ValueError as check_plot() does."""
    picture = svg(result, title)
    suffix = path.suffix.lower()
    if suffix == ".png":
        path.write_bytes(_cairosvg(path).svg2png(bytestring=picture.encode(), scale=2.0))
    elif suffix == ".svg":
        path.write_text(picture, "utf-8")
    else:
        path.write_text(page(picture, title), "utf-8")


def _cairosvg(path: Path) -> Any:
    try:
        return importlib.import_module("cairosvg")
    except (ImportError, OSError) as error:
        raise ValueError(
            f"--plot {path}: PNG needs the package cairosvg; .html and .svg need none"
        ) from error


def page(picture: str, title: str) -> str:
    """Return a page that holds everything it shows."""
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f"<title>{html.escape(title)}</title>"
        "<style>body{margin:0;background:#f4f6f8}svg{display:block;margin:24px auto;max-width:96vw;"
        "height:auto;background:#fff;box-shadow:0 1px 4px #0002}</style></head>\n"
        f"<body>{picture}</body></html>\n"
    )


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
                ("sent", _FAINT),
                ("accepted", _BLUE),
                ("receipts", _GREEN),
                ("refused", _RED),
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
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {top - 20}' width='{WIDTH}' "
        f"height='{top - 20}' {_FONT} font-size='13' fill='{_INK}'>"
        f"<rect width='{WIDTH}' height='{top - 20}' fill='#fff'/>" + "".join(parts) + "</svg>"
    )


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{html.escape(words)}</text>"


def _heading(result: LoadResult, title: str) -> str:
    values = result.as_json()
    shown = [
        ("messages/s", f"{values['messages_per_s']:,.0f}", _INK),
        ("accepted", f"{result.accepted:,}", _INK),
        ("refused", f"{result.refused:,}", _RED if result.refused else _INK),
        ("receipts", f"{result.receipts:,}", _INK),
        ("lost", f"{result.lost:,}", _RED if result.lost else _INK),
        ("response p50", f"{values['submit_ms']['p50']:,.1f} ms", _INK),
        ("response p99", f"{values['submit_ms']['p99']:,.1f} ms", _INK),
        ("receipt p99", f"{values['receipt_ms']['p99']:,.1f} ms", _INK),
    ]
    step = (WIDTH - LEFT - RIGHT + 50) / len(shown)
    parts = [_text(28, 40, title, "font-size='19' font-weight='600'")]
    for index, (name, value, colour) in enumerate(shown):
        x = 28 + index * step
        parts.append(_text(x, 72, name, f"fill='{_FAINT}' font-size='12'"))
        parts.append(_text(x, 94, value, f"font-size='17' font-weight='600' fill='{colour}'"))
    return "".join(parts)


def _frame(top: float, title: str, most: float) -> list[str]:
    """Title, and lines across at round values up to `most`."""
    parts = [_text(28, top - 14, title, "font-weight='600'")]
    step = _round_step(most)
    value = 0.0
    while value <= most * 1.001:
        y = top + CHART * (1.0 - value / most)
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='{_GRID}'/>"
            + _text(LEFT - 8, y + 4, f"{value:,.10g}", f"text-anchor='end' fill='{_FAINT}' font-size='12'")
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
            + _text(x_of_legend + 20, top - 14, line.name, "font-size='12'")
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
            _text(x, top + CHART + 20, f"{at:g} s", f"text-anchor='middle' fill='{_FAINT}' font-size='12'")
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
            + _text(
                middle,
                top + CHART + 20,
                bar.label,
                f"text-anchor='middle' fill='{_FAINT}' font-size='{12 if len(bars) < 11 else 10}'",
            )
        )
        if bar.number:
            parts.append(
                _text(
                    middle,
                    top + CHART - height - 5,
                    f"{bar.number:,}",
                    f"text-anchor='middle' fill='{_FAINT}' font-size='11'",
                )
            )
    return "".join(parts)
