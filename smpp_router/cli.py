"""The command line: `smpp-router serve | check | route | secret | trace | screen | optout | ... | demo`."""

import argparse
import getpass
import json
import os
import runpy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smpp_router import __version__, cli_compliance, cli_operate, cli_route
from smpp_router.cli_hosts import host_warnings
from smpp_router.config import RouterConfig
from smpp_router.config_file import ConfigError, load_config, section_files
from smpp_router.core.credentials import SALT_BYTES, hash_secret
from smpp_router.routing.path_checks import path_warnings
from smpp_router.trace.arguments import add_parser as add_trace_parser

EXIT_OK = 0
EXIT_BAD_CONFIG = 1
EXIT_USAGE = 2
EXIT_CANNOT_SERVE = 3

# What SMPP 3.4 section 5.2.2 gives a password; longer ones work between peers that tolerate them.
PASSWORD_OCTETS = 8

DESCRIPTION = """\
An SMPP 3.4 router: customers bind to it and submit messages. It chooses a carrier for each, keeps every
accepted message on disk until it is final, and hands the delivery receipts back.
"""

EPILOG = """\
examples:
  smpp-router demo                               see it work, with simulated carriers and customers
  smpp-router check config/router.toml           is this configuration usable?
  smpp-router serve --config config/router.toml  run the router until it is interrupted
  smpp-router route --help                       which carriers would a message take, and why?
  smpp-router trace --number 8613900000001       what happened to the messages to a number
  smpp-router secret                             make a line for `secrets` in accounts.toml
  smpp-router screen --explain TEXT              what is thought of a text, and why
  smpp-router lexicon check                      are the lexicons usable?
  smpp-router optout --help                      who does not want to be written to
  smpp-router review --help                      decide about held messages

exit status:
  0  all is well               2  the command line is bad
  1  the configuration is bad  3  cannot listen, or the store is broken
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; bad usage ends in SystemExit(2), as argparse does it."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    if rest and options.command != "demo":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    match options.command:
        case "serve":
            return _serve(options.config)
        case "check":
            return _check(options.file, as_json=options.json)
        case "secret":
            return _secret()
        case "trace":
            return _trace(options)
        case "route":
            return _route(options)
        case "optout" | "review":
            return _operate(options)
        case "screen" | "lexicon":
            return cli_compliance.run(options)
        case _:
            return _demo(rest)


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="smpp-router", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw
    )
    parser.add_argument("--version", action="version", version=f"smpp-router {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    serve = commands.add_parser(
        "serve",
        help="run the router until it is interrupted",
        description="Run the router until Ctrl-C or SIGTERM, then let sessions finish and stop.\n"
        "SIGHUP has it read its files again; bad files are refused whole, and the log says why.",
        epilog="example:\n  smpp-router serve --config config/router.toml\n"
        "  smpp-router check config/router.toml && kill -HUP PID",
        formatter_class=raw,
    )
    serve.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the main file, router.toml"
    )

    check = commands.add_parser(
        "check",
        help="read a configuration, and say what is wrong with it",
        description="Read a configuration as `serve` would, and start nothing. Exit status 1 if it is bad.",
        epilog="example:\n  smpp-router check config/router.toml --json",
        formatter_class=raw,
    )
    check.add_argument("file", type=Path, metavar="FILE", help="the main file, router.toml")
    check.add_argument("--json", action="store_true", help="answer with one JSON object, for other programs")

    commands.add_parser(
        "secret",
        help="turn a password into a line for accounts.toml",
        description="Read a password from the terminal or from standard input, and print its scrypt string.",
        epilog="example:\n  smpp-router secret\n  generate-password | smpp-router secret",
        formatter_class=raw,
    )
    cli_compliance.add_parsers(commands)
    cli_operate.add_parsers(commands)
    add_trace_parser(commands)
    cli_route.add_parser(commands)
    # Its options, --help too, are the demo's own.
    commands.add_parser(
        "demo", add_help=False, help="see it work: router, simulated carriers and customers on this machine"
    )
    return parser


def _serve(path: Path) -> int:
    config = _loaded(path)
    if config is None:
        return EXIT_BAD_CONFIG
    # Only here: `check` and `secret` need neither trio nor the store, and start in a tenth of the time.
    from smpp_router import app  # noqa: PLC0415 - see above

    return app.run(config, path)


def _trace(options: argparse.Namespace) -> int:
    config = _loaded(options.config)
    if config is None:
        return EXIT_BAD_CONFIG
    from smpp_router.trace import command  # noqa: PLC0415 - as above

    return command.run(options, config)


def _route(options: argparse.Namespace) -> int:
    config = _loaded(options.config)
    return EXIT_BAD_CONFIG if config is None else cli_route.run(options, config, time.time())


def _operate(options: argparse.Namespace) -> int:
    config = None if options.url else _loaded(options.config)
    if config is None and not options.url:
        return EXIT_BAD_CONFIG
    from smpp_router import cli_optout, cli_review  # noqa: PLC0415 - as above
    from smpp_router.console.client import FROM_ENVIRONMENT  # noqa: PLC0415 - see above

    token = os.environ.get(FROM_ENVIRONMENT, "")
    if options.command == "review":
        return cli_review.run(options, config, token)
    return cli_optout.run(options, config, time.time(), token)


def _loaded(path: Path) -> RouterConfig | None:
    try:
        return load_config(path)
    except ConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return None


def _check(path: Path, as_json: bool) -> int:
    try:
        config = load_config(path)
        summary, errors = _summary(config, path), list(cli_compliance.problems(config))
    except ConfigError as error:
        summary, errors = None, list(error.lines)
    if as_json:
        print(json.dumps({"ok": not errors, "errors": errors, "summary": summary}, indent=2))
    elif summary is None or errors:
        print(*errors, sep="\n", file=sys.stderr)
    else:
        _print_summary(path, summary)
    return EXIT_BAD_CONFIG if errors else EXIT_OK


def _summary(config: RouterConfig, path: Path) -> dict[str, Any]:
    """What a configuration amounts to, in plain values; no secrets."""
    return {
        "listeners": [
            f"{listener.host}:{listener.port}{' with TLS' if listener.tls else ''}"
            for listener in config.listeners
        ],
        "accounts": [account.system_id for account in config.accounts],
        "carriers": {carrier.name: sum(link.binds for link in carrier.links) for carrier in config.carriers},
        "rules": len(config.routes.rules),
        "routes": len(config.routes.prefixes),
        "screening": cli_compliance.summary(config),
        "warnings": [*host_warnings(config, section_files(path)), *_warnings(config)],
    }


def _warnings(config: RouterConfig) -> list[str]:
    """What is allowed, and hardly meant."""
    warnings = [
        f"account {account.system_id}: allow_from is empty, so it cannot bind"
        for account in config.accounts
        if not account.allow_from
    ]
    if not config.accounts:
        warnings.append("no accounts, so nobody can bind")
    warnings.extend(cli_compliance.warnings(config))
    warnings.extend(path_warnings(config.classes, config.accounts, config.carriers, config.routes))
    routes = config.routes
    if not routes.rules and not routes.prefixes and not routes.default:
        warnings.append("no routes, so every message is refused")
    routed = {name for route in (*routes.rules, *routes.prefixes) for name in route.carriers}
    routed.update(routes.default)
    warnings.extend(
        f"carrier {carrier.name}: no route names it"
        for carrier in config.carriers
        if carrier.name not in routed
    )
    return warnings


def _print_summary(path: Path, summary: dict[str, Any]) -> None:
    carriers = [f"{name} ({binds} binds)" for name, binds in summary["carriers"].items()]
    print(f"{path} is good.")
    print(f"  listens on   {', '.join(summary['listeners'])}")
    print(f"  accounts     {', '.join(summary['accounts']) or 'none'}")
    print(f"  carriers     {', '.join(carriers) or 'none'}")
    print(f"  routes       {summary['rules']} rules, {summary['routes']} prefixes")
    print(f"  screening    {cli_compliance.in_words(summary['screening'])}")
    for warning in summary["warnings"]:
        print(f"  warning      {warning}")


def _secret() -> int:
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            print("The two differ.", file=sys.stderr)
            return EXIT_USAGE
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if password == "" or not password.isascii() or not password.isprintable():
        print("A password is one or more printable ASCII characters.", file=sys.stderr)
        return EXIT_USAGE
    if len(password) > PASSWORD_OCTETS:
        print(
            f"Note: SMPP gives a password {PASSWORD_OCTETS} characters; some clients cannot send this one.",
            file=sys.stderr,
        )
    print(hash_secret(password.encode("ascii"), os.urandom(SALT_BYTES)))
    return EXIT_OK


def _demo(arguments: list[str]) -> int:
    # The demo needs the simulators, which the router must never import: so it is run by name, as `python -m`
    # does. In this process and not in one of its own, so that Ctrl-C and the exit status are the demo's.
    sys.argv = ["smpp-router demo", *arguments]
    runpy.run_module("simulators.demo", run_name="__main__")
    return EXIT_OK
