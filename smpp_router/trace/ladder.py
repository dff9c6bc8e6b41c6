# A ladder shows who said what to whom, from above to below: a lane for each, an arrow for each PDU.
#
#   17:02:10.123           ESME            router        china-mobile      handset
#                           ├──submit_sm─────▶│                │               │    received and durable
#         +4 ms             │                 ├──submit_sm────▶│               │    attempt 1, link 1
#
# What is said of a line stands beside it where there is room, and below it in a narrow terminal. It is plain
# text; colours are for terminals only.
"""Drawing a message's life in a terminal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from textwrap import wrap
from typing import Final

import attrs

from smpp_router.trace.words import ESME, HANDSET, ROUTER, Line

WIDTH_MIN: Final = 60
"""Narrower than this nothing can be read: lines are longer than the terminal then."""

TEXT_WIDTH_MIN: Final = 34
"""Beside the lanes; with less, what is said goes below."""

LANE_WIDTH_MIN: Final = 11
LANE_WIDTH_MAX: Final = 19
"""Between two lanes: an arrow with a short name, and with the longest."""

_TIME_WIDTH: Final = 13
_DELAY_WIDTH: Final = 11
_SHORT: Final = {
    "submit_sm": "submit",
    "submit_sm_resp": "resp",
    "deliver_sm": "deliver",
    "deliver_sm_resp": "resp",
    "no answer": "silence",
}
RED: Final = "31"
GREEN: Final = "32"
YELLOW: Final = "33"
DIM: Final = "2"
BOLD: Final = "1"


@attrs.frozen
class Paper:
    """What is drawn on: how wide it is, and whether it knows colours."""

    width: int = 100
    has_colour: bool = False

    def ink(self, text: str, *codes: str) -> str:
        """A text in colour, on paper that knows any."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.has_colour and codes else text


def clock(at: float) -> str:
    """A time of day, UTC, with milliseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3]


def span(seconds: float) -> str:
    """A span of time as people read it."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def lanes_of(lines: Iterable[Line]) -> list[str]:
    """The lanes, in the order in which a message passes them."""
    carriers = dict.fromkeys(
        lane for line in lines for lane in (line.source, line.target) if lane not in (ESME, ROUTER, HANDSET)
    )
    return [ESME, ROUTER, *carriers, HANDSET]


def ladder(lines: Sequence[Line], paper: Paper) -> list[str]:
    """Draw the lines of a life."""
    lanes = lanes_of(lines)
    left = _TIME_WIDTH + _DELAY_WIDTH
    room = max(paper.width, WIDTH_MIN) - left - 8
    gap = min(LANE_WIDTH_MAX, max(LANE_WIDTH_MIN, room // (len(lanes) - 1)))
    beside = room - gap * (len(lanes) - 1)
    if beside < TEXT_WIDTH_MIN and room - LANE_WIDTH_MIN * (len(lanes) - 1) >= TEXT_WIDTH_MIN + 10:
        gap = (room - TEXT_WIDTH_MIN) // (len(lanes) - 1)
        beside = room - gap * (len(lanes) - 1)
    places = {lane: left + 4 + gap * number for number, lane in enumerate(lanes)}
    drawn = [paper.ink(_heads(places, gap), BOLD)]
    before: float | None = None
    for line in lines:
        time = clock(line.at) if before is None or line.at - before >= 0.0005 else ""
        delay = "" if before is None or not time else f"+{span(line.at - before)}"
        before = line.at
        drawn += _rung(line, f"{time:{_TIME_WIDTH}}{delay:>{_DELAY_WIDTH - 1}} ", places, beside, paper)
    return drawn


def _heads(places: dict[str, int], gap: int) -> str:
    row = ""
    for lane, place in places.items():
        name = lane if len(lane) < gap else lane[: gap - 2] + "…"
        row = row.ljust(max(len(row), place - len(name) // 2)) + name + " "
    return row.rstrip()


def _rung(line: Line, left: str, places: dict[str, int], beside: int, paper: Paper) -> list[str]:
    row = list(left.ljust(max(places.values()) + 1))
    for place in places.values():
        row[place] = "│"
    start, end = places[line.source], places[line.target]
    if start == end:
        word = f"● {line.label}"
        row[start : start + len(word)] = list(word)
    else:
        _arrow(row, start, end, line.label)
    codes = _colours(line)
    said = f"! {line.text}" if line.is_illegal else line.text
    text = "".join(row)
    picture = paper.ink(text[: len(left)], DIM) + paper.ink(text[len(left) :], *codes)
    if not said:
        return [picture]
    if beside >= TEXT_WIDTH_MIN:
        parts = wrap(said, beside) or [""]
        rest = [" " * (len(text) + 3) + part for part in parts[1:]]
        return [f"{picture}   {paper.ink(parts[0], *codes)}", *(paper.ink(part, *codes) for part in rest)]
    indent = " " * (_TIME_WIDTH + 4)
    return [picture, *(indent + paper.ink(part, *codes) for part in wrap(said, paper.width - len(indent)))]


def _arrow(row: list[str], start: int, end: int, label: str) -> None:
    low, high = min(start, end), max(start, end)
    row[low + 1 : high] = ["─"] * (high - low - 1)
    row[start] = "├" if start < end else "┤"
    row[end - 1 if start < end else end + 1] = "▶" if start < end else "◀"
    # Beside the sender, so that a long way over other lanes can be read too.
    room = high - low - 4
    word = label if len(label) <= room else _SHORT.get(label, label)[:room]
    at = low + 2 + (room - len(word)) // 2
    row[at : at + len(word)] = list(word)


def _colours(line: Line) -> tuple[str, ...]:
    if line.is_illegal:
        return (YELLOW,)
    if line.is_bad:
        return (RED,)
    return (GREEN,) if line.is_good else ()
