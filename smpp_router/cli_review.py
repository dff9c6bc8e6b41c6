"""The command `review`: held messages, and what people decide about them, by the API of a running router."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from smpp_router.config import RouterConfig
from smpp_router.console.client import ApiClient, AskError

EXIT_OK: Final = 0
EXIT_BAD: Final = 1
TEXT_SHOWN: Final = 40
"""Characters of a text in a list."""
REVERSE: Final = "\x1b[7m"
PLAIN: Final = "\x1b[0m"


def run(options: argparse.Namespace, config: RouterConfig | None, token: str) -> int:
    """Run the command; `config` is None where `--url` says which router is meant."""
    try:
        with ApiClient(_url(options, config), token) as client:
            answer = _asked(options, client)
    except AskError as error:
        print(*(f"review: {line}" for line in error.lines), sep="\n", file=sys.stderr)
        return EXIT_BAD
    if options.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print(*_VIEWS[options.what](answer), sep="\n")
    return EXIT_OK


def _url(options: argparse.Namespace, config: RouterConfig | None) -> str:
    if options.url:
        return options.url
    if config is None or config.api is None:
        raise AskError("the configuration has no [api], by which a running router could be asked")
    host = f"[{config.api.host}]" if ":" in config.api.host else config.api.host
    return f"http://{host}:{config.api.port}"


def _asked(options: argparse.Namespace, client: ApiClient) -> dict[str, Any]:
    match options.what:
        case "list":
            return client.get("/reviews", account=options.account, limit=options.limit)
        case "decided":
            return client.get("/reviews/decided", limit=options.limit)
        case "show":
            return client.get(f"/reviews/{options.id}")
        case _:
            said = {"decision": options.what, "reviewer": options.reviewer, "reason": options.reason}
            return client.post(f"/reviews/{options.id}", said)


def _list(answer: dict[str, Any]) -> Iterator[str]:
    for one in answer["reviews"]:
        left_s = max(0, round(one["expires_at"] - answer["now"]))
        text = _printable(one["text"])
        shown = text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 1]}…"
        yield f"{one['id']:20} {one['account']:12} {one['finding'] or '':26} {left_s:>7} s left  {shown}"
    shown_of = f", {len(answer['reviews'])} shown" if len(answer["reviews"]) < answer["held"] else ""
    yield f"{answer['held']} held{shown_of}"


def _show(one: dict[str, Any]) -> Iterator[str]:
    who = one["source"] or "no sender"
    yield f"{one['id']}  {one['account']}, class {one['class']}, {who} to {one['destination']}"
    yield f"held since {_date(one['since'])}, valid until {_date(one['expires_at'])}"
    yield ""
    yield _marked(one["text"], one["symbols"])
    yield ""
    yield f"{one['finding'] or ''}: {one['reason']}   illicit {one['illicit']:.1%}"
    for symbol in one["symbols"]:
        where = ""
        if symbol["span"]:
            start, end = symbol["span"]
            where = f"  {start}-{end} {_printable(one['text'][start:end])}"
        yield f"  {symbol['name']:26} {symbol['score']:+.2f}  {symbol['reason']}{where}"
    yield ", ".join(f"{name} {version or 'none'}" for name, version in one["versions"].items())


def _marked(text: str, symbols: list[dict[str, Any]]) -> str:
    """The text with what was found in it reversed, on a terminal."""
    text = _printable(text)
    if not sys.stdout.isatty():
        return text
    hit = [False] * len(text)
    for symbol in symbols:
        if symbol["span"]:
            start, end = symbol["span"]
            hit[start:end] = [True] * len(hit[start:end])
    return "".join(f"{REVERSE}{one}{PLAIN}" if is_hit else one for one, is_hit in zip(text, hit, strict=True))


def _decided(answer: dict[str, Any]) -> Iterator[str]:
    for one in answer["decided"]:
        said = "accepted" if one["is_accepted"] else "refused"
        who = f"{one['reviewer']} ({one['operator']})" if one["operator"] else one["reviewer"]
        yield f"{_date(one['at'])}  {one['message_id']:20} {said:8}  {who}: {one['reason']}"
    for one in answer.get("lapsed", ()):
        yield f"{_date(one['at'])}  {one['message_id']:20} {one['why']}, nobody had decided"


_VIEWS: Final = {
    "list": _list,
    "show": _show,
    "decided": _decided,
    "accept": _decided,
    "refuse": _decided,
}


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _printable(text: str) -> str:
    """A text of the same length that does nothing to a terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
