"""A load's result for people, at a terminal."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from simulators.histogram import Histogram
from simulators.load_bars import bar_lines
from simulators.load_result import LoadResult

ALWAYS = ("sent", "accepted", "refused", "receipts", "lost", "duplicated", "unbound")
IF_ANY = ("missing", "unanswered", "unmatched", "untracked", "overdue")


def report(result: LoadResult) -> RenderableType:
    """Return all that a result tells: counts, latencies, how they spread, what misbehaviours met."""
    parts: list[RenderableType] = [table(result), latencies(result)]
    for label, histogram in (("submit to response", result.submit), ("submit to receipt", result.receipt)):
        if histogram.count:
            parts.append("")
            parts.append(_spread(label, histogram))
    if result.misbehaved:
        parts.append(_misbehaved(result))
    return Group(*parts)


def table(result: LoadResult) -> Table:
    """Return the counts and latencies of a result."""
    values: dict[str, Any] = result.as_json()
    view = Table(title="load", show_header=False)
    view.add_column(style="bold")
    view.add_column(justify="right")
    for name in ALWAYS + tuple(name for name in IF_ANY if values[name]):
        view.add_row(name, f"{values[name]:,}")
    view.add_row("messages/s", f"{values['messages_per_s']:,}")
    for status, number in values["statuses"].items():
        view.add_row(status, f"{number:,}")
    for stat, number in values["stats"].items():
        view.add_row(f"receipts {stat}", f"{number:,}")
    if len(values["sent_as"]) > 1:
        for system_id, number in values["sent_as"].items():
            view.add_row(f"sent as {system_id}", f"{number:,}")
    return view


def latencies(result: LoadResult) -> Table:
    """Return the percentiles of a result."""
    rows = {"submit to response": result.submit.summary(), "submit to receipt": result.receipt.summary()}
    view = Table(title="milliseconds")
    view.add_column()
    for name in rows["submit to response"]:
        view.add_column(name, justify="right")
    for label, summary in rows.items():
        view.add_row(label, *(f"{value:,.1f}" for value in summary.values()))
    return view


def _spread(label: str, histogram: Histogram) -> Table:
    view = Table(title=label, title_justify="left", box=None, show_header=False, pad_edge=False)
    view.add_column(justify="right", no_wrap=True)
    view.add_column(no_wrap=True, style="cyan")
    view.add_column(justify="right", no_wrap=True)
    for row in bar_lines(histogram):
        view.add_row(*row)
    return view


def _misbehaved(result: LoadResult) -> Table:
    view = Table(title="misbehaved, and what came of it", show_header=False)
    view.add_column(no_wrap=True, style="bold")
    view.add_column()
    for name, found in result.misbehaved.items():
        met = [f"{found['connections']:,} connections, {found['sent']:,} PDUs sent"]
        if found["closed_by_mc"]:
            met.append(f"{found['closed_by_mc']:,} closed by the MC")
        if found["unanswered"]:
            met.append(f"{found['unanswered']:,} unanswered")
        if found["no_connection"]:
            met.append(f"{found['no_connection']:,} times no connection")
        said = [f"{number:,} {words}" for words, number in (found["answers"] | found["requests"]).items()]
        view.add_row(name, "\n".join([", ".join(met), *said]))
    return view
