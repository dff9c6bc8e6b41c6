# `smpp-router trace`: finds messages in a store's files and shows them. The router may run meanwhile.
"""The trace command."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from smpp_router.compliance.policy import STATUS_NAMES
from smpp_router.config import RouterConfig
from smpp_router.core.message_ids import MessageIdIssuer
from smpp_router.message import lifecycle as life
from smpp_router.message.lifecycle import State, Step, replay
from smpp_router.store.archive import Archive, Search, Told
from smpp_router.store.history_events import Keeping
from smpp_router.store.history_rows import issued_at
from smpp_router.store.seam import PATH_TAKEN, StoreFailedError
from smpp_router.trace.arguments import STATES, is_number
from smpp_router.trace.ladder import BOLD, DIM, GREEN, RED, Paper, ladder, span
from smpp_router.trace.words import Line, lines_of
from smpp_router.wire import constants as c

_OWN: Final = frozenset({life.RECEIVED, life.PLANNED, life.COPY})
"""Of a copy: what its parent's ladder does not need to say again."""


def run(options: argparse.Namespace, config: RouterConfig) -> int:
    """Find and show; return the exit status."""
    asked = [
        options.number,
        options.account,
        options.campaign,
        options.sender,
        options.state,
        options.refused,
    ]
    if (options.id is None) == (not any(asked) and not options.since and options.until is None):
        print("trace: give an ID, or what to look for: --number, --account, --state, ...", file=sys.stderr)
        return 2
    if options.number is not None and not is_number(options.number):
        print(f"trace: --number: {options.number!r} is no number in international form", file=sys.stderr)
        return 2
    issuer = MessageIdIssuer(config.node_id, config.message_id_style)
    keeping = Keeping(retention_s=config.store.history_s, campaign_tag=config.store.history_campaign_tag)
    try:
        archive = Archive(config.store.path, keeping)
        if options.id is not None:
            message_id = issuer.parse(options.id.encode())
            if message_id is None:
                print(f"trace: {options.id!r} is no message_id of this router", file=sys.stderr)
                return 2
            return _show(archive, message_id, issuer, options)
        return _list(archive, issuer, options)
    except StoreFailedError as error:
        print(f"trace: {error}", file=sys.stderr)
        return 3


# ---------------------------------------------------------------------- one message


@attrs.frozen
class Life:
    """A message with its copies, as it is shown."""

    told: Told
    steps: list[Step]
    lines: list[Line]
    paths: list[dict[str, Any]]


def life_of(archive: Archive, told: Told) -> Life:
    """Put a message together with the copies that were made for its paths."""
    steps = replay(told.events)
    lines_of_own = lines_of(steps)
    lines = list(lines_of_own)
    named = {
        int.from_bytes(detail[:8], "big"): (code & (PATH_TAKEN - 1), detail[8:].decode("utf-8", "replace"))
        for kind, _, code, detail in told.events
        if kind in (life.COPIED, life.PATH)
    }
    paths: list[dict[str, Any]] = []
    copies = archive.by_id(named) if named else {}
    for copy_id, (path, carrier) in sorted(named.items(), key=lambda item: (item[1][0], item[0])):
        copy = copies.get(copy_id)
        copied = replay(copy.events) if copy else []
        own = [line for line in copied if line.event[0] not in _OWN]
        lines += lines_of(own, f"path {path}: ")
        ended = None if copy is None else copy.message_state
        at = {step.event[0]: step.event[1] for step in copied}
        paths.append(
            {
                "path": path,
                "carrier": carrier,
                "copy_id": copy_id,
                "state": None if ended is None else c.message_state_name(ended),
                "sent_at": at.get(life.SENT),
                "ended_at": at.get(life.FINAL),
            }
        )
    # What a copy comes to is what ends the message: of the same moment it was first.
    ended_at = next((step.event[1] for step in steps if step.event[0] == life.FINAL), None)
    own = {id(line) for line in lines_of_own}
    lines.sort(key=lambda line: (line.at, line.at == ended_at and id(line) in own))
    return Life(told, steps, lines, paths)


def _show(archive: Archive, message_id: int, issuer: MessageIdIssuer, options: argparse.Namespace) -> int:
    told = archive.by_id([message_id]).get(message_id)
    if told is None:
        print(f"trace: nothing is known of {options.id}", file=sys.stderr)
        return 4
    shown = life_of(archive, told)
    if options.json:
        print(json.dumps(as_json(shown, issuer), indent=2, ensure_ascii=False))
        return 0
    paper = _paper(options.width)
    print(*heading(shown, issuer, paper), "", *ladder(shown.lines, paper), sep="\n")
    return 0


def _paper(width: int | None) -> Paper:
    is_tty = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return Paper(width or shutil.get_terminal_size((100, 24)).columns, is_tty)


def heading(shown: Life, issuer: MessageIdIssuer, paper: Paper) -> list[str]:
    """What a message is, and what has become of it; and the ledger of its paths."""
    told, received = shown.told, shown.told.received
    text = issuer.text(told.message_id).decode()
    lines = [f"{paper.ink(f'message {text}', BOLD)}   {_outcome(shown, paper)}"]
    if received is not None:
        campaign = f", campaign {received.campaign}" if received.campaign else ""
        lines.append(
            f"  {received.source_addr or 'no sender'} to {received.destination_addr}"
            f"   account {received.account}, class {received.traffic_class}{campaign}"
        )
        valid = "" if told.command_status is not None else f", valid until {_date(received.expires_at)}"
        lines.append(f"  received {_date(issued_at(told.message_id))}{valid}")
    illegal = sum(line.is_illegal for line in shown.lines)
    if illegal:
        lines.append(paper.ink(f"  {illegal} events that should not have happened, marked with !", RED))
    for path in shown.paths:
        ended = f", {span(path['ended_at'] - path['sent_at'])} after it was sent" if _is_timed(path) else ""
        state = path["state"] or "not ended"
        line = f"  path {path['path']}  {path['carrier']:16} {state}{ended}   copy {path['copy_id']}"
        lines.append(paper.ink(line, GREEN) if state == "DELIVERED" else line)
    return lines


def _is_timed(path: dict[str, Any]) -> bool:
    return path["sent_at"] is not None and path["ended_at"] is not None


def _outcome(shown: Life, paper: Paper) -> str:
    state = shown.steps[-1].state if shown.steps else State.NEW
    if shown.told.command_status is not None:
        status = _status(shown.told.command_status)
        return f"{paper.ink('REFUSED', RED, BOLD)} with {status}; {state.value}: {life.MEANINGS[state]}"
    final = next((step.event for step in shown.steps if step.event[0] == life.FINAL), None)
    if final is None:
        return f"{state.value}: {life.MEANINGS[state]}"
    name = c.message_state_name(final[2] & 0xFF)
    after = span(max(0.0, final[1] - issued_at(shown.told.message_id)))
    colour = GREEN if name == "DELIVERED" else RED
    return f"{paper.ink(name, colour, BOLD)} after {after}; {state.value}: {life.MEANINGS[state]}"


def _status(command_status: int) -> str:
    """A command_status by its name; one of screening's, which SMPP has no name for, with what it is for."""
    name = c.status_name(command_status)
    meant = STATUS_NAMES.get(command_status)
    return name if meant is None else f"{name} ({meant})"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def as_json(shown: Life, issuer: MessageIdIssuer) -> dict[str, Any]:
    """A life in plain values."""
    told, received = shown.told, shown.told.received
    return {
        "message_id": issuer.text(told.message_id).decode(),
        "received_at": issued_at(told.message_id),
        "state": shown.steps[-1].state.value if shown.steps else State.NEW.value,
        "command_status": None if told.command_status is None else c.status_name(told.command_status),
        "message_state": None if told.message_state is None else c.message_state_name(told.message_state),
        "message": None
        if received is None
        else {
            "account": received.account,
            "class": received.traffic_class,
            "campaign": received.campaign,
            "source_addr": received.source_addr,
            "destination_addr": received.destination_addr,
            "registered_delivery": received.registered_delivery,
            "expires_at": received.expires_at,
            "not_before": received.not_before,
        },
        "paths": [path | {"copy_id": issuer.text(path["copy_id"]).decode()} for path in shown.paths],
        "events": [
            {
                "at": line.at,
                "event": line.event,
                "from": line.source,
                "to": line.target,
                "pdu": line.label,
                "text": line.text,
                "state": line.state,
                "illegal": line.is_illegal,
            }
            | ({} if line.verdict is None else {"verdict": line.verdict})
            for line in shown.lines
        ],
    }


# ---------------------------------------------------------------------- many


def _list(archive: Archive, issuer: MessageIdIssuer, options: argparse.Namespace) -> int:
    search = Search(
        account=options.account,
        campaign=options.campaign,
        source_addr=options.sender,
        message_state=None if options.state is None else STATES[options.state],
        since=options.since,
        until=options.until,
        is_refused=True if options.refused else None,
    )
    if options.number is not None:
        found = archive.by_number(options.number, options.limit, search)
    else:
        found = archive.search(search, options.limit)
    if options.json:
        print(json.dumps([as_json(life_of(archive, told), issuer) for told in found], indent=2))
    elif found:
        print(*table(found, issuer, _paper(options.width)), sep="\n")
    if not found:
        print("trace: no message fits", file=sys.stderr)
    return 0 if found else 4


def table(found: Sequence[Told], issuer: MessageIdIssuer, paper: Paper) -> list[str]:
    """Messages, one a line."""
    head = f"{'message_id':20} {'received, UTC':19}  {'account':12} {'to':15} state"
    lines = [paper.ink(head, DIM)]
    for told in found:
        received = told.received
        account, to = (received.account, received.destination_addr) if received else ("?", "?")
        state = told.message_state
        name = replay(told.events)[-1].state.value if state is None else c.message_state_name(state)
        colour = () if state is None else (GREEN,) if state == c.DELIVERED else (RED,)
        if told.command_status is not None:
            name, colour = f"refused: {_status(told.command_status)}", (RED,)
        at = datetime.fromtimestamp(issued_at(told.message_id), UTC).strftime("%Y-%m-%d %H:%M:%S")
        text = issuer.text(told.message_id).decode()
        lines.append(f"{text:20} {at}  {account:12} {to:15} {paper.ink(name, *colour)}")
    return lines
