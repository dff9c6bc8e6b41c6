"""The command `smpp-carriers grade`: what an SMPP client does wrong."""

import argparse
import json
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import attrs
import trio
from rich.console import Console

from simulators.config_file import SimulatorConfigError, load_simulators
from simulators.grade.conversation import Limits
from simulators.grade.grader import Grader
from simulators.grade.junit import as_junit
from simulators.grade.page import as_html
from simulators.grade.provoking import NAME, PORT, Provoker, provoking_profile
from simulators.grade.report import Report, as_json, report_of
from simulators.grade.rule import Severity
from simulators.grade.terminal import show
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer, serve_carriers
from smpp_router.error_groups import leaves

EXIT_OK: Final = 0
EXIT_BAD_CONFIG: Final = 1
EXIT_BAD_COMMAND_LINE: Final = 2
EXIT_CANNOT_SERVE: Final = 3
EXIT_FOUND: Final = 4

TICK_S: Final = 0.25
GONE_S: Final = 3.0
"""All clients gone for so long is the end of a run; who binds per message is back sooner."""

DESCRIPTION = """Let an SMPP client bind to a simulated carrier, and tell what it does wrong by SMPP 3.4 and
by good manners. Without --config the carrier is one that gives a client occasion to show how it behaves."""
EPILOG = """examples:
  smpp-carriers grade
  smpp-carriers grade --seconds 60 --html report.html
  smpp-carriers grade --config carriers.toml --junit grade.xml --fail-on violation

The run ends after --seconds, when all clients have been gone for 3 s, or by Ctrl-C.

exit status: 0 nothing that --fail-on names, 1 the configuration is bad, 2 the command line is bad, 3 a port
can't be had, 4 something was found that --fail-on names, or no client came"""


def add_parser(subparsers: Any) -> None:
    """Add the command to those of smpp-carriers."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "grade",
        help="tell what an SMPP client does wrong",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the carriers, in TOML; without, one of its own"
    )
    parser.add_argument(
        "--host", default=None, help="where the carrier of its own listens, 127.0.0.1 if not given"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help=f"its port, or the first carrier's of the file ({PORT})"
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end the run after so long")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything for programs")
    parser.add_argument(
        "--junit", type=Path, metavar="FILE", help="write JUnit XML, a test case for each rule"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page for people")
    parser.add_argument("--quiet", action="store_true", help="print one line instead of the report")
    parser.add_argument(
        "--fail-on",
        choices=("violation", "manners", "note"),
        help="exit with status 4 if something so bad or worse was found, or nothing seen",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve, grade, report; return the exit status."""
    problem = _problem(arguments)
    if problem:
        print(problem, file=sys.stderr)
        return EXIT_BAD_COMMAND_LINE
    try:
        profiles = _profiles(arguments)
    except SimulatorConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return EXIT_BAD_CONFIG
    limits = {profile.name: Limits(window_max=profile.window_max) for profile in profiles}
    grader = Grader(limits)
    provoker = None if arguments.config else Provoker()
    try:
        trio.run(_serve, profiles, grader, provoker, arguments.seconds)
    except* OSError as group:
        for error in leaves(group):
            print(f"cannot listen: {error}", file=sys.stderr)
        return_status = EXIT_CANNOT_SERVE
    else:
        return_status = _report(report_of(grader), arguments)
    return return_status


def _problem(arguments: argparse.Namespace) -> str:
    if arguments.port is not None and not 0 <= arguments.port <= 65_535:
        return "--port: a port is a number from 0 to 65535"
    if arguments.seconds is not None and not arguments.seconds > 0.0:
        return "--seconds: must be above 0"
    if arguments.host is not None and arguments.config is not None:
        return "--host: the file says where its carriers listen"
    for path in (arguments.json, arguments.junit, arguments.html):
        if path is not None and not path.absolute().parent.is_dir():
            return f"{path}: there is no such directory"
    return ""


def _profiles(arguments: argparse.Namespace) -> tuple[CarrierProfile, ...]:
    if arguments.config is None:
        port = PORT if arguments.port is None else arguments.port
        return (provoking_profile(port, arguments.host or "127.0.0.1"),)
    profiles = load_simulators(arguments.config).carriers
    if arguments.port is None:
        return profiles
    return (attrs.evolve(profiles[0], port=arguments.port), *profiles[1:])


def _report(report: Report, arguments: argparse.Namespace) -> int:
    written = (
        (arguments.json, lambda: json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"),
        (arguments.junit, lambda: as_junit(report)),
        (arguments.html, lambda: as_html(report)),
    )
    for path, text in written:
        if path is not None:
            path.write_text(text(), "utf-8", errors="replace")
    if arguments.quiet:
        print(f"grade {report.letter}: {report.sum_words}")
    else:
        show(report, Console())
    fail_on: Severity | None = arguments.fail_on
    return EXIT_FOUND if fail_on is not None and report.fails(fail_on) else EXIT_OK


# ---------------------------------------------------------------------- serving


async def _serve(
    profiles: Iterable[CarrierProfile], grader: Grader, provoker: Provoker | None, seconds: float | None
) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:

            async def serve(
                task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
            ) -> None:
                await serve_carriers(tuple(profiles), taps=(grader,), task_status=task_status)

            server: CarrierServer = await nursery.start(serve)
            for name, port in server.ports.items():
                print(f"{name} listens on port {port}", flush=True)
            with trio.CancelScope() as ended:
                nursery.start_soon(_until_signal, signals, ended)
                with trio.move_on_after(seconds or float("inf")):
                    await _watch(server, grader, provoker, is_open_ended=seconds is None)
            await server.stop()
            grader.finish(server.clock.now())
            nursery.cancel_scope.cancel()


async def _until_signal(signals: Any, scope: trio.CancelScope) -> None:
    async for _ in signals:
        scope.cancel()


async def _watch(
    server: CarrierServer, grader: Grader, provoker: Provoker | None, *, is_open_ended: bool
) -> None:
    """Let time pass for the grader, provoke, and return when all clients have gone for good."""
    gone_at: float | None = None
    while True:
        await trio.sleep(TICK_S)
        now = server.clock.now()
        grader.tick(now)
        if provoker is not None:
            _provoke(server, provoker, now)
        if not grader.is_over:
            gone_at = None
        elif gone_at is None:
            gone_at = now
        elif is_open_ended and now - gone_at >= GONE_S:
            return


def _provoke(server: CarrierServer, provoker: Provoker, now: float) -> None:
    carrier = server.carriers[NAME]
    for pdu in provoker.due(now):
        for system_id, account in carrier.accounts.items():
            if any(session.can_deliver for session in account.sessions):
                carrier.inject(system_id, pdu, now)
    server.outlets.flush()
