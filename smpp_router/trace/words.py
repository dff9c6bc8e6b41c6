# What each event of a message's life is, in words: between whom it goes, under which name, and what is to be
# said of it. Both the ladder and the JSON are made of this.
"""Events in words."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from smpp_router.compliance.verdict_record import as_json, from_octets
from smpp_router.message import lifecycle as life
from smpp_router.message.lifecycle import CAUSES, ERROR_MASK, ERROR_SHIFT, VERDICTS, Cause, Step
from smpp_router.store.history_rows import TEXT
from smpp_router.store.seam import PATH_TAKEN, TIMES
from smpp_router.wire import constants as c

_WITH_VERDICT: Final = frozenset({life.SCREENED, life.HELD, life.TURNED_AWAY})

ESME: Final = "ESME"
ROUTER: Final = "router"
HANDSET: Final = "handset"


@attrs.frozen
class Line:
    """One line of a ladder. `source` and `target` are lanes; the same one for what happens within it."""

    at: float
    event: str
    source: str
    target: str
    label: str
    text: str
    state: str
    is_illegal: bool = False
    is_bad: bool = False
    is_good: bool = False
    verdict: dict[str, Any] | None = None
    """What screening said, in plain values."""


def lines_of(steps: Iterable[Step], prefix: str = "") -> list[Line]:
    """The lines of one life; `prefix` goes before what is said of each event."""
    lines: list[Line] = []
    attempts = 0
    carrier = ""
    for step in steps:
        kind, at, code, detail = step.event
        if kind == TEXT:
            continue
        if kind == life.SENT:
            attempts += 1
        if kind in (life.SENT, life.TAKEN):
            carrier = _name(detail)
        for source, target, label, text in _told(kind, code, detail, attempts, carrier):
            said = f"{prefix}{text}" if text else prefix.removesuffix(": ")
            lines.append(
                Line(
                    at,
                    life.EVENTS.get(kind, f"event {kind}"),
                    source,
                    target,
                    label,
                    said,
                    step.state.value,
                    step.is_illegal,
                    _is_bad(kind, code),
                    kind == life.FINAL and code & 0xFF == c.DELIVERED,
                    _verdict(kind, detail) if label == "screened" or kind == life.HELD else None,
                )
            )
    return lines


Arrow = tuple[str, str, str, str]


def _told(kind: int, code: int, detail: bytes, attempts: int, carrier: str) -> list[Arrow]:
    if kind == life.FINAL:
        return _final(code, carrier)
    if kind == life.TURNED_AWAY:
        arrows = [(ESME, ROUTER, "submit_sm", "refused")]
        if detail:
            arrows.append((ROUTER, ROUTER, "screened", verdict_text(detail)))
        return [*arrows, (ROUTER, ESME, "submit_sm_resp", c.status_name(code))]
    if kind == life.SENT:
        link = f", link {code}" if code else ""
        return [(ROUTER, _name(detail), "submit_sm", f"attempt {attempts}{link}")]
    if kind in _FROM_CARRIER:
        return [(_name(detail), ROUTER, *_FROM_CARRIER[kind](code, detail))]
    arrow = _between_us(kind, code)
    return [(ROUTER, ROUTER, *_within(kind, code, detail)) if arrow is None else arrow]


def _name(detail: bytes) -> str:
    return detail.split(b"\0", 1)[0].decode("utf-8", "replace")


def _taken(_: int, detail: bytes) -> tuple[str, str]:
    return "submit_sm_resp", f"ESME_ROK, its id {detail.split(bytes(1), 1)[-1].decode('latin-1')}"


_FROM_CARRIER: Final[dict[int, Callable[[int, bytes], tuple[str, str]]]] = {
    life.TAKEN: _taken,
    life.REFUSED: lambda code, _: ("submit_sm_resp", c.status_name(code)),
    life.UNANSWERED: lambda _, __: ("no answer", "no submit_sm_resp came, or the link was lost"),
    life.SIGNAL: lambda code, _: ("deliver_sm", f"{_state(code)}{_network(code)}"),
    life.DUPLICATE: lambda code, _: ("deliver_sm", f"again: {_state(code)}{_network(code)}"),
    life.CONTRADICTED: lambda code, _: ("deliver_sm", f"contradicts: {_state(code)}{_network(code)}"),
}


def _between_us(kind: int, code: int) -> Arrow | None:
    """What goes between the ESME and the router."""
    if kind == life.RECEIVED:
        return ESME, ROUTER, "submit_sm", "received and durable"
    if kind == life.HANDED:
        return ROUTER, ESME, "deliver_sm", "receipt"
    if kind == life.RETURNED:
        said = "no answer" if code == life.NO_ANSWER else c.status_name(code)
        return ESME, ROUTER, "deliver_sm_resp", said
    if kind == life.SETTLED and code != life.GIVEN_UP:
        return ESME, ROUTER, "deliver_sm_resp", "ESME_ROK"
    return None


def _final(code: int, carrier: str) -> list[Arrow]:
    number = code >> life.CAUSE_SHIFT & 0x7F
    cause = Cause(number) if number in set(Cause) else Cause.UNTOLD
    if cause is Cause.RECEIPT and carrier:
        arrows = [(carrier, ROUTER, "deliver_sm", _state(code))]
        if code & 0xFF == c.DELIVERED:
            arrows.insert(0, (carrier, HANDSET, "SMS", "by what the carrier says"))
        return arrows
    return [(ROUTER, ROUTER, "final", f"{_state(code)}: {CAUSES[cause]}")]


_OF_CLOCKS: Final = {
    life.PUT_OFF: "{}: not at this hour, may leave in {} s",
    life.OVERDUE: "{}, after {} s",
}


def _within(kind: int, code: int, detail: bytes) -> tuple[str, str]:
    """What happens within the router: its name, and what is said of it."""
    text = detail.decode("utf-8", "replace")
    if kind == life.PLANNED:
        plan, _, why = text.partition("\0")
        return "planned", f"{plan}: {why}" if why else plan
    if kind in (life.SCREENED, life.HELD):
        verdict = VERDICTS[code] if code < len(VERDICTS) else f"verdict {code}"
        return life.EVENTS[kind], f"{verdict}: {verdict_text(detail)}" if detail else verdict
    if kind == life.RESTARTED:
        return "restarted", "queued when the router stopped; whether it was sent just before is not known"
    if kind in (life.COPY, life.COPIED, life.PATH):
        return _of_path(kind, code, detail)
    if kind == life.RETIMED and len(detail) == TIMES.size:
        expires_at, not_before = TIMES.unpack(detail)
        goes = f"goes out at {_date(not_before)}, " if not_before else ""
        return "retimed", f"{goes}ends at {_date(expires_at)}"
    if kind == life.SETTLED:
        return "given up", "the receipt was too old, one too many, or its account is gone"
    if kind in _OF_CLOCKS:
        return life.EVENTS[kind], _OF_CLOCKS[kind].format(text, code)
    return life.EVENTS.get(kind, f"event {kind}"), text.split("\0", 1)[0]


def _of_path(kind: int, code: int, detail: bytes) -> tuple[str, str]:
    carrier = detail[8:].decode("utf-8", "replace")
    if kind == life.PATH:
        state = c.message_state_name(code >> 8 & 0xFF)
        return f"path {code & (PATH_TAKEN - 1)}", f"{carrier}: {state}"
    what = "copy of" if kind == life.COPY else "copy"
    return f"path {code & 0xFF}", f"{what} {int.from_bytes(detail[:8], 'big')} for {carrier}"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def verdict_text(octets: bytes) -> str:
    """A verdict in a line."""
    try:
        kept = from_octets(octets)
    except ValueError:
        return octets.decode("utf-8", "replace")
    found = [
        f"{symbol.name}{f' {symbol.score:+.2g}' if symbol.score else ''} ({symbol.reason})"
        for symbol in kept.symbols
    ]
    likely = [f"{name} {value:.0%}" for name, value in kept.categories]
    read = kept.lexicon_version or kept.model_version
    versions = (
        f"lexicon {kept.lexicon_version}, model {kept.model_version}" if read else "",
        f"configuration {kept.configuration_version}" if kept.configuration_version else "",
    )
    parts = (
        ", ".join(found),
        f"illicit {kept.illicit:.1%}" if read else "",
        ", ".join(likely),
        "" if read or found else kept.action,
        ", ".join(filter(None, versions)),
    )
    return "; ".join(part for part in parts if part)


def _verdict(kind: int, octets: bytes) -> dict[str, Any] | None:
    try:
        return as_json(from_octets(octets)) if kind in _WITH_VERDICT and octets else None
    except ValueError:
        return None


def _state(code: int) -> str:
    error = code >> ERROR_SHIFT & ERROR_MASK
    return c.message_state_name(code & 0xFF) + (f", error {error}" if error else "")


def _network(code: int) -> str:
    kind = code >> life.CAUSE_SHIFT & 0xFF
    names = {1: "ANSI-136", 2: "IS-95", 3: "GSM"}
    return f" ({names.get(kind, f'network {kind}')})" if kind else ""


def _is_bad(kind: int, code: int) -> bool:
    if kind == life.FINAL:
        return code & 0xFF != c.DELIVERED
    if kind == life.SCREENED:
        return VERDICTS[code : code + 1] in (("refused",), ("refused after review",))
    return kind in (
        life.TURNED_AWAY,
        life.REFUSED,
        life.UNANSWERED,
        life.RETURNED,
        life.CONTRADICTED,
        life.OVERDUE,
    )
