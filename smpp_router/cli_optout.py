# `smpp-router optout`. Two ways to the same words:
#
#   list, export, audit   read from the store's files, beside a running router or without one
#   add, remove, import   by the API of the router that has the store, else straight into the store
#   all of them           by the API of --url
#
# The lock of the store tells whether a router runs. It is held while the store is written to.
"""The command `optout`."""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.compliance.optout import OptOuts
from smpp_router.compliance.optout_files import (
    Form,
    Origin,
    RefusedError,
    consent_of,
    plain_number,
    read,
    row_of,
    written,
)
from smpp_router.compliance.optout_search import Wanted, holding, last_words
from smpp_router.config import RouterConfig
from smpp_router.console.client import ApiClient, AskError
from smpp_router.message.consent import Consent
from smpp_router.store.consents import ConsentLog, read_consents
from smpp_router.store.lock import StoreBusyError, locked
from smpp_router.store.seam import StoreFailedError

EXIT_OK: Final = 0
EXIT_BAD: Final = 1
EXIT_USAGE: Final = 2
EXIT_STORE: Final = 3
LINES_MAX: Final = 5_000_000
"""Of a file that is imported while no router runs: some gigabytes of memory."""


def run(options: argparse.Namespace, config: RouterConfig | None, now: float, token: str) -> int:
    """Run the command; `config` is None where `--url` was given and nothing else is needed."""
    try:
        if options.url:
            with ApiClient(options.url, token) as client:
                return _by_api(options, client)
        assert config is not None, "without --url the caller has read a configuration"
        if options.what in ("list", "export", "audit"):
            return _told(options, lambda wanted: read_consents(config.store.path, wanted.needles()))
        return _changed(options, config, now, token)
    except (RefusedError, AskError) as error:
        lines = error.problems if isinstance(error, RefusedError) else error.lines
        print(*(f"optout: {line}" for line in lines), sep="\n", file=sys.stderr)
        return EXIT_BAD
    except FileNotFoundError as error:
        print(f"optout: {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_BAD
    except (StoreFailedError, OSError) as error:
        print(f"optout: {error}", file=sys.stderr)
        return EXIT_STORE


def _wanted(options: argparse.Namespace) -> Wanted:
    number = plain_number(options.number or "")
    if options.number and not number:
        raise RefusedError(["--number: must be 3 to 20 digits in international form"])
    return Wanted(
        number=number,
        account=options.account or "",
        sender=options.sender or "",
        category=options.category or "",
    )


# ---------------------------------------------------------------------- what is told


def _told(options: argparse.Namespace, consents: Callable[[Wanted], Iterable[Consent]]) -> int:
    wanted = _wanted(options)
    if options.what == "audit":
        _print_words(last_words(consents(wanted), wanted, options.limit), as_json=options.json)
        return EXIT_OK
    found = holding(consents(wanted), wanted)
    if options.what == "export":
        _write(written(found, _form(options)), options.file)
        return EXIT_OK
    _print_optouts([row_of(one) for one in islice(found, options.limit)], len(found), as_json=options.json)
    return EXIT_OK


def _print_optouts(rows: list[dict[str, Any]], count: int, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"count": count, "optouts": rows}, indent=2, ensure_ascii=False))
        return
    if rows:
        print(f"{'number':16} {'account':15} {'sender':15} {'category':13} {'since, UTC':19}  by")
    for row in rows:
        print(
            f"{row['number']:16} {row['account']:15} {row['sender'] or '*':15} {row['category']:13}"
            f" {_date(row['at'])}  {_source(row)}"
        )
    shown = f", {len(rows):,} shown" if len(rows) < count else ""
    print(f"{count:,} opt-out{'' if count == 1 else 's'}{shown}")


def _print_words(words: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"words": words}, indent=2, ensure_ascii=False))
        return
    for word in words:
        before = ", ".join(_scope(one) for one in word["before"]) or "nothing"
        after = ", ".join(_scope(one) for one in word["after"]) or "nothing"
        print(f"{_date(word['at'])} UTC  {word['number']} {word['state']} {_scope(word)}  {_source(word)}")
        print(f"  refused before: {before}; after: {after}")
    if not words:
        print("nothing was said")


def _scope(row: dict[str, Any]) -> str:
    return f"{row['account']} {row['category']}" + (f" from {row['sender']}" if row["sender"] else "")


def _source(row: dict[str, Any]) -> str:
    who = f" {row['who']}" if row["who"] else ""
    return f"{row['by']}{who}" + (f": {row['reason']}" if row["reason"] else "")


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _form(options: argparse.Namespace) -> Form:
    if options.format:
        return options.format
    return "jsonl" if options.file and options.file.suffix == ".jsonl" else "csv"


def _write(pieces: Iterable[str], path: Path | None) -> None:
    if path is None:
        sys.stdout.writelines(pieces)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


# ---------------------------------------------------------------------- changes


def _changed(options: argparse.Namespace, config: RouterConfig, now: float, token: str) -> int:
    try:
        with locked(config.store.path):
            return _into_store(options, config, now)
    except StoreBusyError:
        if config.api is None:
            raise AskError(
                f"{config.store.path} is used by a running router, which has no [api]:"
                " configure one, or stop the router"
            ) from None
        host = f"[{config.api.host}]" if ":" in config.api.host else config.api.host
        with ApiClient(f"http://{host}:{config.api.port}", token) as client:
            return _by_api(options, client)


def _into_store(options: argparse.Namespace, config: RouterConfig, now: float) -> int:
    accounts = frozenset(account.system_id for account in config.accounts)
    origin = Origin(now=now, by="cli", who=getpass.getuser(), accounts=accounts)
    consents = _said(options, origin)
    log = ConsentLog(config.store.path)
    try:
        optouts = OptOuts.of((), ()).fold(log.load())
        standing = {key: optouts.standing(*key) for key in {(one.account, one.number) for one in consents}}
        changing = [consent for consent in consents if optouts.record(consent)]
        log.append(changing if options.what == "import" else consents)
    finally:
        log.close()
    refused = sum(consent.is_refusal for consent in changing)
    if options.what == "import":
        counts = (len(consents), refused, len(changing) - refused, len(consents) - len(changing))
        _print_import(dict(zip(("lines", "added", "removed", "unchanged"), counts, strict=True)))
        return EXIT_OK
    (said,) = consents
    key = (said.account, said.number)
    answer = {
        "changed": bool(changing),
        "said": row_of(said),
        "before": [row_of(one) for one in standing[key]],
        "after": [row_of(one) for one in optouts.standing(*key)],
    }
    _print_change(answer, as_json=options.json)
    return EXIT_OK


def _said(options: argparse.Namespace, origin: Origin) -> list[Consent]:
    if options.what == "import":
        origin = attrs.evolve(
            origin, by="file", account=options.account or "", reason=options.reason or options.file.name
        )
        return read(options.file.read_bytes(), _form(options), origin, LINES_MAX)
    return [consent_of(_row(options) | {"state": _STATES[options.what]}, origin)]


_STATES: Final = {"add": "refused", "remove": "consented"}


def _row(options: argparse.Namespace) -> dict[str, Any]:
    names = ("number", "account", "sender", "category", "reason")
    return {name: getattr(options, name) or "" for name in names}


def _print_import(counts: dict[str, Any]) -> None:
    print("{lines:,} lines: {added:,} added, {removed:,} removed, {unchanged:,} as before".format(**counts))


def _print_change(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    after = ", ".join(_scope(one) for one in answer["after"]) or "nothing"
    print(f"{'changed' if answer['changed'] else 'as before'}: {answer['said']['number']} refuses {after}")


# ---------------------------------------------------------------------- by the API


def _by_api(options: argparse.Namespace, client: ApiClient) -> int:
    if options.what in _STATES:
        _print_change(client.post(f"/optouts/{options.what}", _row(options)), as_json=options.json)
    elif options.what == "import":
        reason = options.reason or options.file.name
        octets = options.file.read_bytes()
        answer = client.send(
            "/optouts/import", octets, format=_form(options), account=options.account, reason=reason
        )
        _print_import(answer)
    else:
        query = attrs.asdict(_wanted(options))
        if options.what == "export":
            _write(client.lines("/optouts/export", format=_form(options), **query), options.file)
        elif options.what == "audit":
            words = client.get("/optouts/audit", limit=options.limit, **query)["words"]
            _print_words(words, as_json=options.json)
        else:
            answer = client.get("/optouts", limit=options.limit, **query)
            rows = answer["optouts"]
            is_all = not any(query.values())
            _print_optouts(rows, answer["count"] if is_all else len(rows), as_json=options.json)
    return EXIT_OK
