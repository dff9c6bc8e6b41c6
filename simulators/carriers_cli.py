"""The command `smpp-carriers`: simulated carriers on their own."""

import argparse
import json
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import attrs
import trio

from simulators.config_file import SimulatorConfigError, load_simulators
from simulators.control import ctl
from simulators.control.config import ControlConfig
from simulators.grade import cli as grade
from simulators.listening import Port
from simulators.packs import pack_names, pack_summary
from simulators.profile import SimulatorConfig
from simulators.server import CarrierServer, serve_carriers
from simulators.signalling.contradictions import unheeded
from smpp_router import collector
from smpp_router.error_groups import leaves

EXIT_OK: Final = 0
EXIT_BAD_CONFIG: Final = 1
EXIT_BAD_COMMAND_LINE: Final = 2
EXIT_CANNOT_SERVE: Final = 3

DESCRIPTION = "Simulated SMPP carriers, to try a router or any other SMPP client on."
EPILOG = """examples:
  smpp-carriers serve --config config/simulated-carriers.toml
  smpp-carriers serve --config config/simulated-carriers.toml --port-base 4001
  smpp-carriers grade --seconds 60 --html report.html
  smpp-carriers check config/simulated-carriers.toml

exit status: 0 all is well, 1 the configuration is bad, 2 the command line is bad, 3 a port can't be had"""
SERVE_EPILOG = """With --stats-json two lines are printed, for other programs. One when all ports listen:
  {"ports": {"china-mobile": 3001, ...}}
(with "listeners", by name, where a carrier has more ports than that)
One at the end: cpu_s, the CPU seconds of the process since then, and for each of "carriers" what it saw:
submits, messages (taken), distinct_ids (issued), receipts (made), deliveries_answered, throttled, ...;
and what the "network" saw, if there is one."""


WITH_NETWORK: Final = "says nothing beside a [network], but a pack sets it"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    if arguments.command == "ctl":
        return ctl.run(arguments)
    if arguments.command == "grade":
        return grade.run(arguments)
    if arguments.command == "packs":
        return _show_packs()
    path: Path = arguments.file if arguments.command == "check" else arguments.config
    try:
        config = load_simulators(path)
    except SimulatorConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return EXIT_BAD_CONFIG
    if config.network is not None:
        for profile in config.carriers:
            keys = unheeded(profile)
            if keys:
                print(f"{path}: {profile.name}: {WITH_NETWORK}: {', '.join(keys)}", file=sys.stderr)
    if arguments.command == "check":
        print(f"{path} is good: {', '.join(carrier.name for carrier in config.carriers)}")
        return EXIT_OK
    profiles = config.carriers
    if arguments.port_base is not None:
        if not 1 <= arguments.port_base <= 65_536 - len(profiles):
            print("--port-base: no port number for every carrier", file=sys.stderr)
            return EXIT_BAD_COMMAND_LINE
        profiles = tuple(
            attrs.evolve(profile, port=port) for port, profile in enumerate(profiles, arguments.port_base)
        )
    return _run(attrs.evolve(config, carriers=profiles), arguments.stats_json)


def _show_packs() -> int:
    width = max(map(len, pack_names()))
    # In one piece, so that it may be piped into head.
    print("\n".join(f"{name:{width}}  {pack_summary(name)}" for name in pack_names()))
    return EXIT_OK


def _run(config: SimulatorConfig, has_stats: bool) -> int:
    collector.collect_rarely()
    try:
        trio.run(_serve, config, has_stats)
    except* OSError as group:
        for error in leaves(group):
            print(f"cannot listen: {error}", file=sys.stderr)
        status = EXIT_CANNOT_SERVE
    else:
        status = EXIT_OK
    return status


def _parser() -> argparse.ArgumentParser:
    def command(add: Callable[..., Any], *names: str, **more: Any) -> argparse.ArgumentParser:
        return add(*names, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    parser = command(argparse.ArgumentParser, prog="smpp-carriers", description=DESCRIPTION, epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve = command(
        commands.add_parser,
        "serve",
        help="run the carriers until Ctrl-C",
        description="Run simulated carriers until Ctrl-C.",
        epilog=SERVE_EPILOG,
    )
    serve.add_argument("--config", type=Path, required=True, metavar="FILE", help="the carriers, in TOML")
    serve.add_argument(
        "--stats-json",
        action="store_true",
        help="print a JSON line with the ports when ready, and one with what was seen at the end",
    )
    serve.add_argument(
        "--port-base",
        type=int,
        metavar="PORT",
        help="the first carrier's port, the next numbers for the others, whatever the file says",
    )
    check = commands.add_parser("check", help="read a configuration, and say what is wrong with it")
    check.add_argument("file", type=Path, metavar="FILE", help="the carriers, in TOML")
    commands.add_parser("packs", help="list the named packs of what vendors do")
    ctl.add_parser(commands)
    grade.add_parser(commands)
    return parser


async def _serve(config: SimulatorConfig, has_stats: bool) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:

            async def serve(
                task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
            ) -> None:
                await serve_carriers(config.carriers, network=config.network, task_status=task_status)

            server: CarrierServer = await nursery.start(serve)
            url = None if config.control is None else await _start_control(config.control, server, nursery)
            collector.collect_and_freeze()
            cpu_s = _cpu_s()
            if has_stats:
                control = {} if url is None else {"control": url}
                print(json.dumps({**_ports(server), **control}), flush=True)
            else:
                for name in server.carriers:
                    print(_where(name, server.known_ports(name), name in server.ports), flush=True)
                if url is not None:
                    print(f"control API at {url}", flush=True)
            is_stopping = False
            async for _ in signals:
                if is_stopping:
                    # Whoever asks twice is in a hurry.
                    nursery.cancel_scope.cancel()
                    continue
                is_stopping = True
                if has_stats:
                    print(json.dumps(_statistics(server, _cpu_s() - cpu_s)), flush=True)
                nursery.start_soon(_stop, server, nursery.cancel_scope)


def _ports(server: CarrierServer) -> dict[str, Any]:
    """Return the first port of each carrier, and all of those that have more."""
    all_ports = {name: server.known_ports(name) for name in server.carriers}
    first = {name: ports[0].port for name, ports in all_ports.items()}
    more = {name: list(map(attrs.asdict, ports)) for name, ports in all_ports.items() if len(ports) > 1}
    return {"ports": first} | ({"listeners": more} if more else {})


def _where(name: str, ports: Sequence[Port], is_up: bool) -> str:
    numbers = ", ".join(f"{port.port}{' (TLS)' if port.is_tls else ''}" for port in ports)
    is_down = "" if is_up else ", but its timeline has it down now"
    return f"{name} listens on port{'s' if len(ports) > 1 else ''} {numbers}{is_down}"


async def _start_control(config: ControlConfig, server: CarrierServer, nursery: trio.Nursery) -> str:
    # Only who asks for the API waits for an HTTP server to load.
    from simulators.control.recorder import make_recorder  # noqa: PLC0415 - see above
    from simulators.control.serve import serve_control  # noqa: PLC0415 - see above

    recorder = make_recorder(config, server)

    async def serve(task_status: "trio.TaskStatus[str]") -> None:
        await serve_control(config, server, recorder, task_status)

    return cast("str", await nursery.start(serve))


async def _stop(server: CarrierServer, scope: trio.CancelScope) -> None:
    await server.stop()
    scope.cancel()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _statistics(server: CarrierServer, cpu_s: float) -> dict[str, Any]:
    carriers = {name: carrier.statistics() for name, carrier in server.carriers.items()}
    network = {} if server.network is None else {"network": server.network.statistics()}
    return {"cpu_s": round(cpu_s, 3), "carriers": carriers, **network}


if __name__ == "__main__":
    sys.exit(main())
