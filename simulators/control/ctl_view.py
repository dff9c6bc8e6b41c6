"""What `smpp-carriers ctl` shows to people: tables."""

import json
import os
from datetime import UTC, datetime
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

FIELDS_SHOWN: Final = ("system_id", "source_addr", "destination_addr", "message_id", "text")
"""Of a PDU in one line; --json has them all."""


PIPE_COLUMNS: Final = 2000
"""The width of what is no terminal: a row of two long texts, so that grep finds each row in one line."""


def output() -> Console:
    """Return where to write: as wide as the terminal, or wide enough for a row of any table in a pipe."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_COLUMNS
    return console


def show_state(answer: dict[str, Any]) -> None:
    """Show one carrier or all."""
    carriers: list[dict[str, Any]] = answer.get("carriers") or [answer]
    table = table_of("carrier", "port", "binds", "submits", "taken", "refused", "throttled", "waiting")
    for carrier in carriers:
        seen: dict[str, int] = carrier.get("statistics", {})
        place = ", ".join(map(_port, carrier.get("listeners", ()))) if carrier.get("is_up") else "down"
        counts = ("submits", "messages", "refused", "throttled", "under_way")
        who = ", ".join(bind["system_id"] for bind in carrier.get("binds", ())) or "none"
        table.add_row(
            Text(str(carrier.get("name"))), place, Text(who), *(str(seen.get(key, 0)) for key in counts)
        )
    console = output()
    console.print(table)
    _show_timelines(console, carriers)
    if "profile" in answer:
        keys = table_of("key", "value")
        for key, value in answer["profile"].items():
            keys.add_row(key, Text(json.dumps(value, ensure_ascii=False)))
        console.print(keys)


def _show_timelines(console: Console, carriers: list[dict[str, Any]]) -> None:
    """Show what their timelines do with the carriers, if they have any."""
    table = table_of("carrier", "timeline", "does", "now", "from", "to")
    for carrier in carriers:
        for entry in carrier.get("timeline", ()):
            table.add_row(Text(carrier["name"]), *timeline_cells(entry))
    if table.row_count:
        console.print(table)


def timeline_cells(entry: dict[str, Any]) -> list[Text]:
    """Return the cells of an entry: its name, what it does, whether it holds, and from when to when."""
    degree = entry.get("degree", 1.0)
    state = "on" if entry["is_on"] else "off"
    if entry["is_on"] and degree < 1.0:
        state = f"on, {degree:.0%}"
    state += f", {entry['problem']}" if entry["problem"] else ""
    times = map(_moment, (entry["begins_at"], entry["ends_at"]))
    return [Text(cell) for cell in (entry["name"], entry["does"], state, *times)]


def _moment(unix_s: float | None) -> str:
    """Return the time of day in UTC, with the date if that is not today's; or nothing."""
    if unix_s is None:
        return ""
    moment = datetime.fromtimestamp(unix_s, UTC)
    return moment.strftime("%H:%M:%S" if moment.date() == datetime.now(UTC).date() else "%m-%d %H:%M:%S")


def _port(listener: dict[str, Any]) -> str:
    return f"{listener['port']}{' TLS' if listener['is_tls'] else ''}"


def show_messages(answer: dict[str, Any]) -> None:
    """Show messages, one a line."""
    table = table_of("UTC", "account", "from", "to", "status", "message_id", "text")
    for message in answer.get("arrivals", ()):
        cells = (
            clock_time(message["at"]),
            message["system_id"],
            message["source"],
            ", ".join(message["destinations"]),
            message["command_status"],
            message["message_id"],
            message["text"],
        )
        table.add_row(*map(Text, cells))
    output().print(table)


def show_pdus(answer: dict[str, Any], shows_octets: bool) -> None:
    """Show PDUs, one a line; the octets below, if asked for."""
    console = output()
    for pdu in answer.get("pdus", ()):
        arrow = "->" if pdu["is_from_peer"] else "<-"
        fields = pdu["fields"]
        said = " ".join(f"{key}={fields[key]!r}" for key in FIELDS_SHOWN if fields.get(key))
        where = f"{clock_time(pdu['at'])} {pdu['carrier']} {pdu['peer']} {arrow}"
        what = f"{pdu['command']} {pdu['sequence_number']} {pdu['command_status']}"
        console.print(Text(f"{where} {what} {said}".rstrip()), soft_wrap=True)
        if shows_octets:
            console.print(Text(f"    {pdu['hex']}"), soft_wrap=True)


def table_of(*columns: str) -> Table:
    """Make a table that folds what finds no room: a number that is cut off is of no use."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def clock_time(unix_s: float) -> str:
    """Return the time of day, to the millisecond."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%H:%M:%S.%f")[:-3]
