# `smpp-router route`: asks the rules of a configuration what the router would ask them for a message, with
# every carrier healthy. What it prints is what `decisions()` says; nothing is decided here.
"""The command `route`."""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.config import RouterConfig
from smpp_router.message.decision import Candidate, Decision
from smpp_router.trace.arguments import time_of
from smpp_router.wire.addresses import number_digits
from smpp_router.wire.constants import TON_INTL
from smpp_router.wire.limits import ADDRESS_OCTETS_MAX

EXIT_OK: Final = 0
EXIT_USAGE: Final = 2
EXIT_NO_WAY: Final = 4

EPILOG: Final = """\
examples:
  smpp-router route --config config/router.toml --number 8613900000001 --account bank
  smpp-router route --config config/router.toml --number 8613900000001 --account shop --explain
  smpp-router route --config config/router.toml --number 8613900000001 --account shop --at 2026-11-28T02:00

Health is not asked: every carrier is taken to be well. See docs/routing.md.
times: as for `smpp-router trace`; UTC where no zone is given

exit status: 0 there is a way, 1 bad configuration, 2 bad command line, 4 the message would be refused
"""


class UsageError(Exception):
    """What was asked for cannot be asked; the text says why."""


@attrs.frozen(kw_only=True)
class Question:
    """A message as rules see it."""

    account: str
    sender: bytes
    number: bytes
    traffic_class: str


def add_parser(commands: Any) -> None:
    """Add the command to the program's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "route",
        help="tell which carriers a message would take, and why",
        description="Tell which carriers a message would take, and why. Starts nothing, sends nothing.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the main file, router.toml"
    )
    parser.add_argument("--number", required=True, help="destination_addr, in international form")
    parser.add_argument("--account", required=True, metavar="SYSTEM_ID", help="who submits it")
    parser.add_argument("--source", default="", metavar="ADDRESS", help="source_addr; default: none")
    parser.add_argument(
        "--class", dest="traffic_class", metavar="CLASS", help="traffic class; default: the account's"
    )
    parser.add_argument("--at", type=time_of, metavar="TIME", help="when it is submitted; default: now")
    parser.add_argument("--explain", action="store_true", help="tell every candidate, and why")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object, for other programs")


def run(options: argparse.Namespace, config: RouterConfig, now: float) -> int:
    """Run the command; `now` in unix seconds. Return the exit status."""
    try:
        question = asked(options, config)
    except UsageError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    decisions = answered(question, config, now if options.at is None else options.at)
    if options.json:
        print(json.dumps(record(decisions), indent=2))
    else:
        print("\n".join(lines(decisions, is_explained=options.explain)))
    return EXIT_OK if decisions[0].plan else EXIT_NO_WAY


def asked(options: argparse.Namespace, config: RouterConfig) -> Question:
    """Check the options against a configuration. Raise UsageError."""
    accounts = {account.system_id: account for account in config.accounts}
    account = accounts.get(options.account)
    if account is None:
        raise UsageError(
            f"--account: unknown account {options.account!r}; known: {', '.join(accounts) or 'none'}"
        )
    classes = [class_.name for class_ in config.classes]
    traffic_class = account.traffic_class if options.traffic_class is None else options.traffic_class
    if traffic_class not in classes:
        raise UsageError(f"--class: unknown class {traffic_class!r}; known: {', '.join(classes)}")
    if not (options.source.isascii() and len(options.source) <= ADDRESS_OCTETS_MAX):
        raise UsageError(f"--source: must be at most {ADDRESS_OCTETS_MAX} ASCII characters")
    try:
        number = number_digits(TON_INTL, 1, options.number.encode(errors="replace"))
    except ValueError as error:
        raise UsageError(f"--number: {error}") from None
    return Question(
        account=account.system_id,
        sender=options.source.encode(),
        number=number,
        traffic_class=traffic_class,
    )


def answered(question: Question, config: RouterConfig, at: float) -> Sequence[Decision]:
    """All decisions that such messages are divided among at a time; one with an empty plan: no way."""
    # Only here: the tables of numbers are large, and the other commands start without them.
    from smpp_router.routing.router import made_router  # noqa: PLC0415 - see above
    from smpp_router.routing.scores import Healthy  # noqa: PLC0415 - see above

    router = made_router(config, random.Random(0), Healthy())
    router.tick(at)
    return router.decisions(question.account, question.sender, question.number, question.traffic_class)


def record(decisions: Sequence[Decision]) -> dict[str, Any]:
    """Decisions as an object of JSON."""
    first = decisions[0]
    return {
        "rule": first.rule,
        "strategy": first.strategy,
        "region": first.region,
        "network": first.network,
        "class": first.traffic_class,
        "why": first.why if first.plan else first.explanation,
        "plans": [
            {"chance": _chance(decision), "carriers": list(decision.plan)}
            for decision in decisions
            if decision.plan
        ],
        "candidates": [
            {
                "carrier": one.carrier,
                "chance": one.chance,
                "price_per_part": one.price,
                "remark": one.remark,
            }
            for one in first.candidates
        ],
    }


def lines(decisions: Sequence[Decision], *, is_explained: bool) -> list[str]:
    """Decisions for people."""
    first = decisions[0]
    if not first.plan:
        return [f"refused: {first.explanation}"]
    told = [f"{_chance(one):>7.1%}     {' > '.join(one.plan)}" for one in decisions]
    if not is_explained:
        return told
    facts = [
        ("rule", f"{first.rule} ({first.strategy})"),
        ("number", " ".join(part for part in (first.region, first.network) if part) or "nothing is known"),
        ("class", first.traffic_class),
        ("why", first.why),
    ]
    width = max(len(one.carrier) for one in first.candidates)
    return [
        *(f"{name:8}{value}" for name, value in facts),
        "",
        "first in    plan",
        *told,
        "",
        f"first in    {'carrier':{width}}  price of a part",
        *(_told(one, width) for one in first.candidates),
    ]


def _told(candidate: Candidate, width: int) -> str:
    remark = f"  {candidate.remark}" if candidate.remark else ""
    return f"{candidate.chance:>7.1%}     {candidate.carrier:{width}}  {candidate.price:g}{remark}"


def _chance(decision: Decision) -> float:
    """Which part of such messages is decided so: the chance of the plan's first carrier."""
    return next(one.chance for one in decision.candidates if one.carrier == decision.plan[0])
