# Apart from the command itself, so that the other commands need not load the store to describe this one.
"""The arguments of `smpp-router trace`."""

import argparse
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from smpp_router.wire import constants as c

LIMIT: Final = 20
STATES: Final = {c.message_state_name(state): state for state in range(1, 9)}
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_parser(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",  # pyright: ignore[reportPrivateUsage] - it has no public name
) -> None:
    """Describe the command's arguments."""
    trace = commands.add_parser(
        "trace",
        help="show what happened to a message",
        description="Show what happened to one message as a ladder, or list the messages that fit, the\n"
        "newest first. Reads the store's files, beside a running router or without one.",
        epilog="examples:\n"
        "  smpp-router trace 3753902083120562176 --config config/router.toml\n"
        "  smpp-router trace --number 8613900000001\n"
        "  smpp-router trace --account bank --state UNDELIVERABLE --since 2h --json\n"
        "  smpp-router trace --account bank --refused --since 1d\n\n"
        "times: 90s, 30m, 2h, 7d (ago), or 2026-11-25, 2026-11-25T17:00 (UTC)\n"
        "exit status: 0 found, 1 bad configuration, 2 bad command line, 3 the store, 4 nothing found",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    trace.add_argument("id", nargs="?", metavar="ID", help="a message_id, as submit_sm_resp had it")
    trace.add_argument("--number", help="messages to this number")
    trace.add_argument("--account", metavar="SYSTEM_ID", help="messages of this account")
    trace.add_argument("--campaign", help="messages of this campaign: service_type, or history_campaign_tag")
    trace.add_argument("--sender", metavar="ADDRESS", help="messages from this source_addr")
    trace.add_argument("--state", type=str.upper, choices=sorted(STATES), help="messages that ended so")
    trace.add_argument(
        "--refused", action="store_true", help="messages that were refused when they were submitted"
    )
    trace.add_argument("--since", type=time_of, default=0.0, metavar="TIME", help="received then or later")
    trace.add_argument("--until", type=time_of, metavar="TIME", help="received before")
    trace.add_argument(
        "--limit", type=count_of, metavar="N", default=LIMIT, help="messages listed at most (%(default)s)"
    )
    trace.add_argument("--json", action="store_true", help="answer in JSON, for other programs")
    trace.add_argument("--width", type=count_of, metavar="N", help="columns; default: the terminal's")
    trace.add_argument(
        "--config", type=Path, default=Path("config/router.toml"), metavar="FILE", help="default: %(default)s"
    )


def is_number(text: str) -> bool:
    """Whether this is somebody's number in international form, with a + or without."""
    digits = text.removeprefix("+")
    return digits.isascii() and digits.isdigit()


def count_of(text: str) -> int:
    """A number of things on the command line."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, got {text!r}")
    return int(text)


def time_of(text: str) -> float:
    """A time on the command line, as unix seconds."""
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if ago:
        return (datetime.now(UTC) - timedelta(seconds=float(ago[1]) * _UNITS[ago[2]])).timestamp()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time: {text!r}; try 2h, 7d or 2026-11-25T17:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
