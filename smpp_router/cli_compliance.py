# The options of `screen` and `lexicon`. What they do is imported when they are asked for: it needs numpy
# and tables, which the other commands start without.
"""The commands of screening, as the command line sees them."""

import argparse
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from smpp_router.config import RouterConfig

SCREEN_EPILOG: Final = """\
examples:
  smpp-router screen "尊敬的用户，您的积分可兑换，请登录"  what is thought of a text
  smpp-router screen --explain "代 开 发 票"            and why
  smpp-router screen --file texts.jsonl --json > out.jsonl  a file: one JSON object a line, with id and text,
                                                            and perhaps account, class, sender, label,
                                                            at (a time), to (a number) and tlvs

  smpp-router trace ID --json > life.json
  smpp-router screen --stored life.json "the text"  is it the verdict that the text gets now? 0 the same,
                                                    3 another one, 4 lexicon, model or configuration
                                                    have changed since

exit status: 0 all was screened, 1 some lines could not be read or a lexicon is bad, 2 the command line is bad
"""
LEXICON_EPILOG: Final = """\
examples:
  smpp-router lexicon check lexicons                      are the lexicons usable?
  smpp-router lexicon add lexicons --term 刷单返现 --category job_scam --action hold
  smpp-router lexicon add lexicons --file today.tsv  a file of terms
  smpp-router lexicon compile lexicons                    after editing by hand: quick to load
  smpp-router lexicon diff lexicons                       what the folder changes in the package's lexicons
  smpp-router lexicon diff lexicons --version 3           what changed since version 3
  smpp-router lexicon rollback lexicons 3                 version 3 is in force again
  smpp-router lexicon update lexicons --samples today.jsonl --terms today.tsv
        learn a day's samples (JSON lines: text, label illicit or legitimate, perhaps category), unless that
        makes something worse

exit status: 0 all is well, 1 a lexicon is bad and nothing was changed, 2 the command line is bad
"""


def add_parsers(commands: Any) -> None:
    """Add both commands to the program's."""
    _add_screen(commands)
    _add_lexicon(commands)


def _add_screen(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "screen",
        help="screen texts and say why",
        description="Screen texts by rules, lexicon and text model.",
        epilog=SCREEN_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("text", nargs="*", metavar="TEXT", help="texts to screen")
    parser.add_argument("--explain", action="store_true", help="tell every finding, and where it stands")
    parser.add_argument("--file", metavar="FILE", help="JSON lines to screen; - is standard input")
    parser.add_argument(
        "--stored", type=Path, metavar="FILE", help="make the verdict of `trace ID --json` again, of TEXT"
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object a text")
    parser.add_argument(
        "--class",
        dest="traffic_class",
        default="",
        metavar="CLASS",
        help="traffic class of texts that name none; without: what no class may",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="a router's main file, or its compliance.toml alone: judge as it would, its accounts too; "
        "without: what no sender may",
    )
    parser.add_argument("--account", default="", metavar="ID", help="whose texts they are")
    parser.add_argument("--sender", default="", metavar="ADDR", help="the source address")
    parser.add_argument("--to", default="", metavar="NUMBER", help="the recipient, in digits")
    parser.add_argument(
        "--at",
        default="",
        metavar="TIME",
        help="when it comes, such as 2026-05-01T22:30+08:00; for hours and caps",
    )
    parser.add_argument(
        "--tlv",
        action="append",
        default=[],
        metavar="TAG=TEXT",
        help="an optional parameter, such as 0x1400=1101234567890123456; again for more",
    )
    parser.add_argument(
        "--lexicons", type=Path, metavar="DIR", help="a folder of lexicons over the package's"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="another text model than the package's")
    parser.add_argument(
        "--day", metavar="DAY", help="the day to screen for, such as 2026-05-01; default today"
    )


def _add_lexicon(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "lexicon",
        help="look at lexicons and change them",
        description="Look at a folder of lexicons, which lie over the package's, and change it.",
        epilog=LEXICON_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="what")
    add = what.add_parser("add", help="add a term, or the terms of a file")
    add.add_argument("folder", type=Path, metavar="DIR")
    source = add.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", type=Path, metavar="FILE", help="a lexicon file whose terms are added")
    source.add_argument("--term", metavar="TERM")
    add.add_argument("--category", default="", metavar="NAME")
    add.add_argument(
        "--classes", default="*", metavar="CLASSES", help="traffic classes, with commas; default all"
    )
    add.add_argument(
        "--action", default="tag", metavar="ACTION", help="accept, tag, throttle, hold, refuse or off"
    )
    add.add_argument("--weight", default="1", metavar="LOGITS")
    add.add_argument("--source", default="-", metavar="TEXT", help="the law or reason")
    check = what.add_parser("check", help="are the lexicons usable, and what is in them?")
    check.add_argument("folder", type=Path, nargs="?", metavar="DIR")
    compiling = what.add_parser("compile", help="make a folder that was edited by hand quick to load")
    compiling.add_argument("folder", type=Path, metavar="DIR")
    diff = what.add_parser("diff", help="what the folder, or a version, changes")
    diff.add_argument("folder", type=Path, metavar="DIR")
    diff.add_argument(
        "--version", type=int, metavar="N", help="compare with this version, not with the package"
    )
    diff.add_argument("--to", type=int, metavar="N", help="this version, not the present")
    diff.add_argument("--all", action="store_true", help="all lines, however many")
    listed = what.add_parser("versions", help="what can be brought back")
    listed.add_argument("folder", type=Path, metavar="DIR")
    update = what.add_parser("update", help="learn labelled samples, unless that makes something worse")
    update.add_argument("folder", type=Path, metavar="DIR")
    update.add_argument(
        "--samples", type=Path, required=True, metavar="FILE", help="JSON lines: text, label, category"
    )
    update.add_argument("--terms", type=Path, metavar="FILE", help="a lexicon file whose terms are added")
    update.add_argument("--dry-run", action="store_true", help="measure and say, and change nothing")
    rollback = what.add_parser("rollback", help="bring a version back")
    rollback.add_argument("folder", type=Path, metavar="DIR")
    rollback.add_argument("version", type=int, metavar="N")


def problems(config: RouterConfig) -> Iterator[str]:
    """What is wrong with the files of rules that a configuration names; they are loaded to know."""
    if config.compliance is None:
        return
    from smpp_router.own_rules import RuleError, load_rules  # noqa: PLC0415 - most have none

    try:
        load_rules(config.compliance)
    except RuleError as error:
        yield from str(error).splitlines()


def summary(config: RouterConfig) -> dict[str, Any] | None:
    """What screening amounts to, in plain values; None: there is none."""
    compliance = config.compliance
    if compliance is None:
        return None
    return {
        "regime": compliance.regime,
        "registrations": len(compliance.registrations),
        "own_rules": {rule.name: rule.fail for rule in compliance.own_rules if rule.enabled},
    }


def in_words(summary: dict[str, Any] | None) -> str:
    """The summary as a line for people."""
    if summary is None:
        return "off"
    own = ", ".join(f"{name} (fails {fail})" for name, fail in summary["own_rules"].items())
    return f"{summary['regime']}, {summary['registrations']} registrations; own rules: {own or 'none'}"


def warnings(config: RouterConfig) -> Iterator[str]:
    """What is allowed, and hardly meant."""
    if config.compliance is None:
        return
    from smpp_router.own_rules import installed  # noqa: PLC0415 - as above

    used = {rule.entry_point for rule in config.compliance.own_rules}
    for name in installed():
        if name not in used:
            yield f"rule {name}: is installed, and no compliance.own_rules names it"
    for rule in config.compliance.own_rules:
        if not rule.enabled:
            yield f"rule {rule.name}: is not enabled"


def run(options: argparse.Namespace) -> int:
    """Run one of the two."""
    now = datetime.datetime.now(datetime.UTC)
    if options.command == "screen":
        if options.stored is not None:
            from smpp_router import cli_again  # noqa: PLC0415 - see the head of this file

            return cli_again.run(options)
        from smpp_router import cli_screen  # noqa: PLC0415 - see the head of this file

        return cli_screen.run(options, now.date())
    from smpp_router import cli_lexicon  # noqa: PLC0415 - see the head of this file

    return cli_lexicon.run(options, now.isoformat(timespec="seconds"))
