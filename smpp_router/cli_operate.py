# The options of `optout` and `review`. What they do is imported when they are asked for.
"""The commands for what people decide: opt-outs and reviews, as the command line sees them."""

import argparse
from pathlib import Path
from typing import Any, Final

LIMIT: Final = 100
OPTOUT_EPILOG: Final = """\
examples:
  smpp-router optout list --number 8613900000001
  smpp-router optout add --number 8613900000001 --account shop --reason "called the hotline"
  smpp-router optout remove --number 8613900000001 --account shop --reason "signed up again"
  smpp-router optout import refusals.csv --account shop   columns: number, and perhaps account, sender,
                                                          category, state (refused, consented), at, reason
  smpp-router optout export --file refusals.csv
  smpp-router optout audit --number 8613900000001         who said what and when, and what held before

list, export and audit read the store's files. add, remove and import go by the API of the running router,
with the token of SMPP_ROUTER_TOKEN; straight into the store if no router runs. --url asks the router there.

exit status: 0 all is well, 1 refused, or the configuration is bad, 2 the command line is bad, 3 the store
"""
REVIEW_EPILOG: Final = """\
examples:
  smpp-router review list
  smpp-router review show 3765729444677812224             its text, and what was found where
  smpp-router review accept 3765729444677812224 --reviewer li --reason "a customer of ours"
  smpp-router review refuse 3765729444677812224 --reviewer li --reason "no unsubscribe entry"
  smpp-router review decided                              the last decisions, and what nobody decided about

asks the running router by its API, with the token of SMPP_ROUTER_TOKEN. Its page /review does the same.

exit status: 0 all is well, 1 refused, or the configuration is bad, 2 the command line is bad
"""


def add_parsers(commands: Any) -> None:
    """Add the commands to the program's."""
    _add_optouts(commands)
    _add_reviews(commands)


def _add_reviews(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "review",
        help="decide about held messages",
        description="Look at messages that screening holds, and accept or refuse them.",
        epilog=REVIEW_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="what")
    for name, text in (
        ("list", "what is held, the oldest first"),
        ("show", "one held message"),
        ("accept", "let it go on"),
        ("refuse", "end it, with a receipt"),
        ("decided", "the last decisions"),
    ):
        one = what.add_parser(name, help=text)
        add_place(one)
        one.add_argument("--json", action="store_true", help="answer in JSON, for other programs")
        if name == "list":
            one.add_argument("--account", metavar="SYSTEM_ID", help="of this account only")
        if name in ("list", "decided"):
            one.add_argument("--limit", type=int, default=LIMIT, help="shown at most (%(default)s)")
        else:
            one.add_argument("id", metavar="ID", help="the message_id")
        if name in ("accept", "refuse"):
            one.add_argument("--reviewer", required=True, metavar="NAME", help="who decides")
            one.add_argument("--reason", required=True, help="why; kept for good")


def _add_optouts(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "optout",
        help="who does not want to be written to",
        description="Look at opt-outs, add and remove them, import, export and audit them.",
        epilog=OPTOUT_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="what")
    for name, text in (
        ("list", "the opt-outs that hold"),
        ("add", "a recipient refuses"),
        ("remove", "a recipient consents again"),
        ("import", "take up a file, or nothing of it"),
        ("export", "write the opt-outs that hold into a file"),
        ("audit", "who said what, the last first"),
    ):
        _add_optout(what.add_parser(name, help=text), name)


def _add_optout(parser: argparse.ArgumentParser, name: str) -> None:
    add_place(parser)
    if name == "import":
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV with a head, or JSON lines")
        parser.add_argument("--account", metavar="SYSTEM_ID", help="of lines that name none")
        parser.add_argument("--reason", help="of lines that give none; default: the file's name")
        parser.add_argument("--format", choices=("csv", "jsonl"), help="default: by the file's name, or csv")
        return
    is_change = name in ("add", "remove")
    parser.add_argument("--number", required=is_change, help="in international form")
    parser.add_argument("--account", required=is_change, metavar="SYSTEM_ID", help="whose messages")
    parser.add_argument("--sender", metavar="ADDRESS", help="from this source address; default: all")
    parser.add_argument(
        "--category", metavar="KIND", help="marketing (the default of add), *, or another kind of traffic"
    )
    if is_change:
        parser.add_argument("--reason", help="why, for the audit")
    if name == "export":
        parser.add_argument("--file", type=Path, metavar="FILE", help="default: standard output")
        parser.add_argument("--format", choices=("csv", "jsonl"), help="default: by the file's name, or csv")
        return
    if not is_change:
        parser.add_argument("--limit", type=int, default=LIMIT, help="shown at most (%(default)s)")
    parser.add_argument("--json", action="store_true", help="answer in JSON, for other programs")


def add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which router is meant."""
    parser.add_argument(
        "--config", type=Path, default=Path("config/router.toml"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument("--url", metavar="URL", help="ask the API there, such as http://127.0.0.1:8780")
