"""The command `smpp-carriers`: simulated carriers on their own."""

import argparse
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import attrs
import trio

from simulators.config_file import SimulatorConfigError, load_simulators
from simulators.profile import SimulatorConfig
from simulators.server import CarrierServer, serve_carriers

EXIT_OK = 0
EXIT_BAD_CONFIG = 1
EXIT_CANNOT_SERVE = 3

DESCRIPTION = "Simulated SMPP carriers, to try a router or any other SMPP client on."
EPILOG = """examples:
  smpp-carriers serve --config config/simulated-carriers.toml
  smpp-carriers check config/simulated-carriers.toml

exit status: 0 all is well, 1 the configuration is bad, 2 the command line is bad, 3 a port can't be had"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        config = load_simulators(arguments.file if arguments.command == "check" else arguments.config)
    except SimulatorConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return EXIT_BAD_CONFIG
    if arguments.command == "check":
        print(f"{arguments.file} is good: {', '.join(carrier.name for carrier in config.carriers)}")
        return EXIT_OK
    try:
        trio.run(_serve, config, arguments.stats_json)
    except* OSError as group:
        print(f"cannot listen: {group.exceptions[0]}", file=sys.stderr)
        sys.exit(EXIT_CANNOT_SERVE)
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="smpp-carriers", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = commands.add_parser(
        "serve", help="run the carriers until Ctrl-C", description="Run simulated carriers until Ctrl-C."
    )
    serve.add_argument("--config", type=Path, required=True, metavar="FILE", help="the carriers, in TOML")
    serve.add_argument(
        "--stats-json",
        action="store_true",
        help="print a JSON line with the ports when ready, and one with what was seen at the end",
    )
    check = commands.add_parser("check", help="read a configuration, and say what is wrong with it")
    check.add_argument("file", type=Path, metavar="FILE", help="the carriers, in TOML")
    return parser


async def _serve(config: SimulatorConfig, has_stats: bool) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:

            async def serve(
                task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
            ) -> None:
                await serve_carriers(config.carriers, task_status=task_status)

            server: CarrierServer = await nursery.start(serve)
            before = _cpu_s()
            if has_stats:
                print(json.dumps({"ports": server.ports}), flush=True)
            else:
                for name, port in server.ports.items():
                    print(f"{name} listens on port {port}", flush=True)
            async for _ in signals:
                break
            used_s = _cpu_s() - before
            if has_stats:
                print(json.dumps(_statistics(server, used_s)), flush=True)
            await server.stop()
            nursery.cancel_scope.cancel()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _statistics(server: CarrierServer, used_s: float) -> dict[str, Any]:
    carriers = {name: attrs.asdict(carrier.counters) for name, carrier in server.carriers.items()}
    return {"cpu_s": round(used_s, 3), "carriers": carriers}


if __name__ == "__main__":
    sys.exit(main())
