"""What `smpp-carriers ctl` shows to people of the network and its handsets: tables."""

import json
from datetime import UTC, datetime
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from simulators.control.ctl_view import clock_time, output, table_of, timeline_cells


def show_network(answer: dict[str, Any]) -> None:
    """Show what a network has counted, and its keys; or which keys were changed."""
    console = output()
    if "changed" in answer:
        console.print(f"network: {', '.join(answer['changed'])} changed", highlight=False)
        return
    counts = table_of("network", "count")
    for name, count in answer["statistics"].items():
        if count:
            counts.add_row(name, str(count))
    console.print(counts)
    if answer["timeline"]:
        timeline = table_of("timeline", "does", "now", "from", "to")
        for entry in answer["timeline"]:
            timeline.add_row(*timeline_cells(entry))
        console.print(timeline)
    keys = table_of("key", "value")
    for key, value in answer["config"].items():
        keys.add_row(key, Text(json.dumps(_said(value), ensure_ascii=False)))
    console.print(keys)


def _said(value: Any) -> Any:
    """Leave out of a table what is empty: most of it says nothing."""
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return {key: _said(part) for key, part in table.items() if part not in ("", 0, None, [], {})}
    return [_said(part) for part in cast("list[Any]", value)] if isinstance(value, list) else value


def show_events(answer: dict[str, Any]) -> None:
    """Show events, one a line."""
    console = output()
    for event in answer["events"]:
        attempt = f" {event['attempt']}" if event["attempt"] else ""
        detail = f" ({event['detail']})" if event["detail"] else ""
        what = f"{event['kind']}{attempt} {event['cause']}{detail}".rstrip()
        line = f"{clock_time(event['at'])} {event['carrier']} {event['number']} {what}"
        console.print(Text(line), soft_wrap=True)


def show_handset(answer: dict[str, Any]) -> None:
    """Show a handset: its state in a line, then its inbox."""
    console = output()
    console.print(Text(_state(answer)), soft_wrap=True)
    _show_texts(console, "inbox", answer["inbox"])
    gone = len(answer["shown"]) - len(answer["inbox"])
    if gone > 0:
        console.print(Text(f"shown lately: {len(answer['shown'])}, of which {gone} are not in it any more"))


def show_shown(answer: dict[str, Any]) -> None:
    """Show texts that a handset was shown."""
    _show_texts(output(), "shown", answer["shown"])


def _state(answer: dict[str, Any]) -> str:
    words = [f"{answer['number']} is {answer['state'].replace('_', ' ')}"]
    if answer["ordered"]:
        words[0] += " by order"
    if answer["state"] != "on":
        back_at = answer["back_at"]
        words.append("for good" if back_at is None else f"until {_date_time(back_at)} UTC")
    words.append(f"served by {answer['served_by']}" if answer["served_by"] else str(answer["cause"]))
    memory = "" if answer["memory"] is None else f" of {answer['memory']}"
    words.append(f"{answer['used']}{memory} places taken{', and full by order' if answer['is_full'] else ''}")
    words.append(f"{answer['waiting']} on the way")
    return "; ".join(words)


def _show_texts(console: Console, title: str, texts: list[dict[str, Any]]) -> None:
    table = table_of("UTC", "from", "parts", "shown", title)
    for text in texts:
        said = f"{text['text']}{'  (class 0)' if text['is_flash'] else ''}"
        cells = (text["source"], str(text["parts"]), f"{text['times_shown']}x", said)
        table.add_row(clock_time(text["at"]), *map(Text, cells))
    console.print(table)


def _date_time(unix_s: float) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
