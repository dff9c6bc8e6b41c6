# A verdict that was kept with a message (`smpp-router trace ID --json`) is made again of the message's text,
# as the router would make it now, and both are compared. Versions that differ are named: then what differs is
# no surprise, and the verdict is made again by the lexicons, model and configuration of that time.
"""`smpp-router screen --stored`: is a kept verdict the one that the same text gets now?"""

import argparse
import datetime
import json
import sys
from typing import Any, Final, cast

from smpp_router.cli_judge import Judge
from smpp_router.compliance.case import Subject
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.lexicon import LexiconError
from smpp_router.compliance.model import ModelError
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.verdict_record import Comparison, Kept, compare, from_json
from smpp_router.config_file import ConfigError
from smpp_router.lexicon_files import load_terms, load_text_model, read_model
from smpp_router.own_rules import RuleError

EXIT_SAME: Final = 0
EXIT_BAD: Final = 1
EXIT_USAGE: Final = 2
EXIT_DIFFERS: Final = 3
EXIT_OTHER_VERSIONS: Final = 4


def run(options: argparse.Namespace) -> int:
    """Make the verdict again; return the exit status."""
    if len(options.text) != 1 or options.file:
        print("--stored needs one TEXT: that of the message.", file=sys.stderr)
        return EXIT_USAGE
    try:
        subject, kept = _read(options.stored.read_bytes(), options.text[0])
    except OSError as error:
        print(f"{options.stored}: cannot be read: {error.strerror}", file=sys.stderr)
        return EXIT_BAD
    except ValueError as error:
        print(f"{options.stored}: {error}", file=sys.stderr)
        return EXIT_BAD
    day = datetime.datetime.fromtimestamp(subject.now, datetime.UTC).date()
    try:
        keywords = Keywords(load_terms(options.lexicons))
        model = load_text_model(options.lexicons) if options.model is None else read_model(options.model)
        judge = Judge.of(TextScreen(keywords, model, day), day, options.config)
    except (LexiconError, ModelError, OSError, ConfigError, RuleError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD
    comparison = compare(kept, judge.as_router(subject))
    print(*_told(kept, comparison), sep="\n")
    if comparison.versions:
        return EXIT_OTHER_VERSIONS
    return EXIT_DIFFERS if comparison.differences else EXIT_SAME


def _read(data: bytes, text: str) -> tuple[Subject, Kept]:
    """The message, with its text, and the last verdict on it. Raises ValueError."""
    try:
        lives: Any = json.loads(data)
        told = cast("list[dict[str, Any]]", lives if isinstance(lives, list) else [lives])[0]
        events: list[dict[str, Any]] = told["events"]
        verdicts: list[dict[str, Any]] = [event["verdict"] for event in events if "verdict" in event]
        message: dict[str, Any] = told["message"]
        at = float(told["received_at"])
        # To nobody: what a recipient has said or had since is not part of the text.
        source = message["source_addr"]
        subject = Subject(text, message["account"], message["class"], source, now=at)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise ValueError("not what `smpp-router trace ID --json` tells of a message") from error
    if not verdicts:
        raise ValueError("the message has no verdict of screening")
    return subject, from_json(verdicts[-1])


def _told(kept: Kept, comparison: Comparison) -> list[str]:
    lines = [f"{name}: {then or 'none'} then, {now or 'none'} now" for name, then, now in comparison.versions]
    changed = {name for name, _, _ in comparison.versions}
    if changed & {"lexicon", "model"}:
        lines.append("other versions: --lexicons and --model take those of that time")
    if "configuration" in changed:
        lines.append("another configuration: --config takes the one of that time")
    lines += comparison.differences
    if comparison.passing:
        lines.append(f"not asked again, resting on other messages: {', '.join(comparison.passing)}")
    if comparison.is_same:
        lines.append(f"the same verdict: {kept.action}")
    elif not comparison.differences:
        lines.append(f"the same verdict by other versions: {kept.action}")
    return lines
