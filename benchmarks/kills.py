# kill -9, again and again, and what is left of what was promised. Carriers and customers live on in this
# process while the router, a real process with a real store, is killed at random instants and started again.
#
#   bank   at least once: every message that was answered ESME_ROK reaches a carrier
#   shop   at most once:  none reaches a carrier twice
#   both   every message that was answered gets its final receipt, and never two that differ
"""Killing a router that works, and counting what it owes."""

import argparse
import hashlib
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import attrs
import trio

from benchmarks.plain_customer import HOST, PASSWORD, Customer
from simulators.carrier import SimulatedCarrier
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.session.session import Session
from smpp_router.wire.pdu import Pdu, SubmitSm

UP_S: Final = 20.0
"""For a router to start and be bound to, and for it to stop."""
SETTLE_S: Final = 60.0
"""For all receipts to come, after the last kill."""
WORK_S: Final = (0.02, 0.4)
"""A router works so long before it is killed, counted from the customers' binds."""
START_S: Final = (0.2, 0.5)
"""Or is killed so soon after it was started, perhaps while it recovers: one kill in KILLED_AT_START."""
KILLED_AT_START: Final = 6
POLL_S: Final = 0.01

SAID_MAX: Final = 20_000
"""Of a router's log, the last so many characters are kept, to be shown if it fails."""

CARRIERS: Final = ("mobile", "unicom")
_COMMITS: Final = ("thread", "inline")
_ROOT: Final = Path(__file__).parent.parent
_SERVING: Final = re.compile(r"serving on ports (\d+)\n")
_ROUTER: Final = """
shutdown_s = 5.0
[[listeners]]
host = "{host}"
port = 0
[store]
path = "store"
commit = "{commit}"
segment_bytes = 262144
retention_s = 5.0
disk_free_min_bytes = 0
[[classes]]
name = "again"
[[classes]]
name = "once"
delivery = "at_most_once"
[routes]
default = ["mobile", "unicom"]
"""
_ACCOUNT: Final = """
[[accounts]]
system_id = "{system_id}"
secrets = ["{secret}"]
allow_from = ["{host}"]
traffic_class = "{traffic_class}"
throughput_per_s = 10000.0
burst = 10000
receipt_retry_s = 0.5
"""
_CARRIER: Final = """
[[carriers]]
name = "{name}"
reconnect_min_s = 0.02
reconnect_max_s = 0.1
message_id_style = "raw"
links = [{{ host = "{host}", port = {port}, system_id = "router", password = "demopass" }}]
"""


@attrs.define
class Outcome:
    """What came of so many kills. The first three must be 0."""

    runs: int = 0
    lost: int = 0
    """Messages that were answered ESME_ROK and have no final receipt."""
    contradicted: int = 0
    """Messages with two final receipts that differ."""
    sent_twice: int = 0
    """Messages at most once that a carrier got more than once."""
    answered: int = 0
    refused: int = 0
    unanswered: int = 0
    """Submits whose answer a kill took: nobody was promised anything."""
    receipts: int = 0
    repeated: int = 0
    """Receipts that came again, saying the same: their deliver_sm_resp was lost."""
    sent_again: int = 0
    """Messages at least once that a carrier got more than once."""
    killed_at_start: int = 0
    elapsed_s: float = 0.0
    stats: dict[str, int] = attrs.Factory(dict[str, int])
    problems: list[str] = attrs.Factory(list[str])
    """Whatever a customer did not expect to be sent."""

    @property
    def is_good(self) -> bool:
        """Whether all that was promised was kept."""
        return not (self.lost or self.contradicted or self.sent_twice or self.problems)


class KillsError(Exception):
    """A router did not do what a router does when it is not killed; the text holds its log."""


class CountingCarrier(SimulatedCarrier):
    """A simulated carrier that knows how often it was sent each number's message."""

    def __init__(self, profile: CarrierProfile) -> None:
        super().__init__(profile)
        self.sent: Counter[bytes] = Counter()

    def receive(self, session: Session, system_id: str, pdus: Sequence[Pdu], now: float) -> None:
        """Count what comes, then do as a simulated carrier does."""
        self.sent.update(pdu.destination_addr for pdu in pdus if isinstance(pdu, SubmitSm))
        super().receive(session, system_id, pdus, now)


class KilledRouter:
    """A router's process, its customers and its carriers."""

    def __init__(self, directory: Path, server: CarrierServer, seed: int) -> None:
        self.rng = random.Random(seed)
        self.customers = [Customer("bank", "86139"), Customer("shop", "86138")]
        self.outcome = Outcome()
        self._directory = directory
        self._server = server

    def write_configuration(self, ports: dict[str, int]) -> None:
        """Write a file for each way to commit: a kill is a kill in both."""
        digest = hashlib.scrypt(PASSWORD.encode(), salt=b"\0", n=2, r=1, p=1, dklen=32).hex()
        accounts = [
            _ACCOUNT.format(
                system_id=system_id,
                # The cheapest scrypt string there is: this is not about passwords.
                secret=f"scrypt$2$1$1$00${digest}",
                host=HOST,
                traffic_class=traffic_class,
            )
            for system_id, traffic_class in (("bank", "again"), ("shop", "once"))
        ]
        carriers = [_CARRIER.format(name=name, host=HOST, port=port) for name, port in ports.items()]
        for commit in _COMMITS:
            text = "".join((_ROUTER.format(host=HOST, commit=commit), *accounts, *carriers))
            (self._directory / f"{commit}.toml").write_text(text)

    async def run(self, runs: int) -> None:
        """Kill a router so many times; then have one settle what is owed, and stop it."""
        for _ in range(runs):
            if self.rng.randrange(KILLED_AT_START):
                await self._with_router(self._killed_at_work)
            else:
                self.outcome.killed_at_start += 1
                await self._with_router(self._killed_at_start)
            self.outcome.runs += 1
        for customer in self.customers:
            customer.is_submitting = False
        await self._with_router(self._settled)

    async def _with_router(self, use: "Callable[[_Started], Awaitable[None]]") -> None:
        """Start a router, use it until it has ended, and see that it ended as it should."""
        config = self._directory / f"{self.rng.choice(_COMMITS)}.toml"
        command = [sys.executable, "-m", "smpp_router", "serve", "--config", str(config)]
        async with trio.open_nursery() as nursery:
            run = partial(trio.run_process, command, check=False, stderr=subprocess.PIPE, cwd=_ROOT)
            started = _Started(await nursery.start(run))
            nursery.start_soon(started.listen)
            await use(started)
            with trio.fail_after(UP_S):
                status = await started.process.wait()
            if status not in (0, -signal.SIGKILL):
                raise KillsError(f"the router ended with status {status}:\n{started.said}")

    async def _killed_at_start(self, started: "_Started") -> None:
        await trio.sleep(self.rng.uniform(*START_S))
        started.process.kill()

    async def _killed_at_work(self, started: "_Started") -> None:
        async with trio.open_nursery() as nursery:
            await self._bind(started, nursery)
            await trio.sleep(self.rng.uniform(*WORK_S))
            started.process.kill()

    async def _settled(self, started: "_Started") -> None:
        async with trio.open_nursery() as nursery:
            await self._bind(started, nursery)
            with trio.move_on_after(SETTLE_S):
                while not self._is_settled():  # noqa: ASYNC110 - it is many things at once
                    await trio.sleep(POLL_S)
            started.process.send_signal(signal.SIGTERM)

    async def _bind(self, started: "_Started", nursery: trio.Nursery) -> None:
        """Have all customers bound; they go on until the router is gone."""
        with trio.fail_after(UP_S):
            await started.listening.wait()
            for customer in self.customers:
                customer.bound = trio.Event()
                nursery.start_soon(customer.serve, started.port)
            for customer in self.customers:
                await customer.bound.wait()

    def _is_settled(self) -> bool:
        """Whether every receipt has come, and no carrier has anything more to say."""
        return not any(customer.missing() for customer in self.customers) and all(
            carrier.is_idle and not carrier.statistics()["deliveries_waiting"]
            for carrier in self._server.carriers.values()
        )

    def count(self, sent: "Counter[bytes]") -> Outcome:
        """Sum up; `sent` says how often carriers got each number's message."""
        outcome = self.outcome
        for customer in self.customers:
            outcome.answered += len(customer.answered)
            outcome.refused += customer.refused
            outcome.unanswered += customer.unanswered
            outcome.receipts += customer.received
            outcome.problems += customer.problems
            outcome.contradicted += sum(len(stats) > 1 for stats in customer.receipts.values())
            outcome.repeated += customer.received - len(customer.receipts)
            missing = customer.missing()
            if customer.system_id == "bank":
                missing |= {id_ for id_, number in customer.answered.items() if number not in sent}
            outcome.lost += len(missing)
            for stats in customer.receipts.values():
                for stat in stats:
                    name = stat.decode("ascii", "replace")
                    outcome.stats[name] = outcome.stats.get(name, 0) + 1
        again = Counter(number[:5] for number, times in sent.items() if times > 1)
        outcome.sent_again, outcome.sent_twice = again[b"86139"], again[b"86138"]
        return outcome


@attrs.define(eq=False)
class _Started:
    """A router's process and what it says."""

    process: trio.Process
    said: str = ""
    port: int = 0
    listening: trio.Event = attrs.Factory(trio.Event)

    async def listen(self) -> None:
        """Read what it says to its end; know the port when it is told."""
        assert self.process.stderr is not None
        async for data in self.process.stderr:
            self.said = (self.said + data.decode("utf-8", "replace"))[-SAID_MAX:]
            found = _SERVING.search(self.said)
            if found is not None and not self.port:
                self.port = int(found[1])
                self.listening.set()


async def kills(runs: int, seed: int, directory: Path) -> Outcome:
    """Kill a router `runs` times and count. Raises KillsError if it does not come up or stop by itself."""
    began_at = trio.current_time()
    profiles = [
        CarrierProfile(
            name=name,
            port=0,
            response_s=0.002,
            response_jitter_s=0.02,
            receipt_s=0.02,
            receipt_jitter_s=0.3,
            deliver_retry_s=0.2,
            outcomes={"DELIVRD": 0.8, "UNDELIV": 0.2},
            seed=seed,
        )
        for name in CARRIERS
    ]
    carriers = {profile.name: CountingCarrier(profile) for profile in profiles}
    server = CarrierServer(dict(carriers), Outlets(), Clock(unix_s()))
    killed = KilledRouter(directory, server, seed)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.run_ticker)
        ports: dict[str, int] = {}
        for name, carrier in carriers.items():
            serve = partial(trio.serve_tcp, partial(server.connection, carrier), 0, host=HOST)
            listeners = await nursery.start(serve)
            ports[name] = listeners[0].socket.getsockname()[1]
        killed.write_configuration(ports)
        await killed.run(runs)
        nursery.cancel_scope.cancel()
    outcome = killed.count(sum((carrier.sent for carrier in carriers.values()), Counter[bytes]()))
    outcome.elapsed_s = round(trio.current_time() - began_at, 1)
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit status is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kills",
        description=__doc__,
        epilog="example: python -m benchmarks.kills --runs 200 --json",
    )
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="kills (20)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the instants (1)")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="smpp-kills-") as directory:
        outcome = trio.run(kills, options.runs, options.seed, Path(directory))
    values = {"seed": options.seed, **attrs.asdict(outcome), "is_good": outcome.is_good}
    if options.json:
        print(json.dumps(values))
    else:
        for name, value in values.items():
            print(f"{name:>16}  {value}")
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
