# The world: router, carriers and customers in one process, on wires in memory, under a clock that jumps.
#
#   customers --wires--> machine (router, store) --wires--> carriers
#                 \________ witness: log, judges ________/
#
# Rule 1: everything is drawn from the seed, each concern from a generator of its own.
# Rule 2: nothing waits for anything but the virtual clock: no threads, no sockets in the way of messages.
"""A simulated world in virtual time."""

import tempfile
import time
from pathlib import Path
from typing import Any, Final, TextIO

import attrs
import trio
import trio.testing

from simulators.carrier import SimulatedCarrier
from simulators.handsets.handset import Handset
from simulators.handsets.inbox import Text
from simulators.server import CarrierServer
from simulators.signalling.network import Network
from simulators.world.bounds import check_bounds
from simulators.world.customer import CustomerSide
from simulators.world.determinism import collecting_rarely, deterministic
from simulators.world.event_log import EventLog
from simulators.world.handed import RESPONSE_S
from simulators.world.lives import Lives
from simulators.world.machine import Machine
from simulators.world.mischief import Mischief
from simulators.world.path_judge import PathJudge
from simulators.world.plan import Fault, draw_plan
from simulators.world.replies import Replies
from simulators.world.routing import HOST, router_config
from simulators.world.scenario import Scenario
from simulators.world.showings import Showings
from simulators.world.spectator import Spectator
from simulators.world.traffic import Traffic
from simulators.world.verdict import Troubles, Violation, Violations
from simulators.world.watch import CarrierWatch, EsmeWatch, Rate, Windows
from simulators.world.wires import Wire, WireEnd
from smpp_router.config import LinkConfig
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.net.router import Pace

START: Final = 1_800_000_000.0
"""The unix time that every world begins at."""
LOOK_S: Final = 1.0
"""Between two looks at the router's bounds."""
QUIET_S: Final = 120.0
"""When everything has ended, so much longer is listened for what should not come."""


@attrs.frozen(kw_only=True)
class WorldResult:
    """What became of a world. `messages` are submit_sm offered, `faults` are counted by kind."""

    seed: int
    simulated_s: float
    wall_s: float
    messages: int
    events: int
    log_sha256: str
    violations: tuple[Violation, ...]
    violation_count: int
    faults: dict[str, int]
    counts: dict[str, int]
    states: dict[str, int]
    starts: int
    plan: tuple[Fault, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        table = attrs.asdict(self, recurse=False)
        del table["plan"]
        table["violations"] = [attrs.asdict(violation) for violation in self.violations]
        return table


@attrs.frozen(kw_only=True)
class WorldOptions:
    """Which world. `faults` are the numbers of the plan's faults that happen; None: all."""

    seed: int
    duration_s: float
    faults: frozenset[int] | None = None


def run_world(
    scenario: Scenario,
    options: WorldOptions,
    log: TextIO | None = None,
    spectator: Spectator | None = None,
) -> WorldResult:
    """Run a world to its end. `log` gets a line for each event, `spectator` is shown what it is to see."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="world-") as folder,
        deterministic(options.seed),
        collecting_rarely(),
    ):
        world = World(scenario, options, Path(folder), log)
        if spectator is not None:
            world.watch(spectator)
        trio.run(world.run, clock=trio.testing.MockClock(autojump_threshold=0))
        return world.result(time.perf_counter() - started)


class World:
    """One world; run() is its whole life."""

    def __init__(self, scenario: Scenario, options: WorldOptions, folder: Path, log: TextIO | None) -> None:
        self._scenario = scenario
        self._options = options
        self._folder = folder
        self._log = EventLog(START, log)
        self._violations = Violations(START)
        self._troubles = Troubles()
        self._lives = Lives(self._violations, self._troubles)
        self._lives.of_paths = PathJudge(self._violations, self._troubles, self._lives.counts)
        self._replies = Replies(
            [customer.system_id for customer in scenario.customers], self._violations, self._troubles
        )
        self._wires: dict[str, list[Wire]] = {}
        self._watches: dict[int, CarrierWatch | EsmeWatch] = {}
        self._wire_count = 0
        self._rates = {
            carrier.profile.name: Rate(carrier.router.rate_per_s, self._violations, self._troubles)
            for carrier in scenario.carriers
        }
        self._names = {port: carrier.profile.name for port, carrier in enumerate(scenario.carriers, 1)}
        self._towards = {carrier.profile.name: carrier.router for carrier in scenario.carriers}
        self._plan = [
            fault
            for fault in draw_plan(scenario, options.seed, options.duration_s)
            if options.faults is None or fault.number in options.faults
        ]
        self._ended_at = START
        self._clock: Clock
        self._machine: Machine
        self._network: Network | None = None
        self._carriers: CarrierServer
        self._mischief: Mischief
        self._traffic: Traffic
        self._nursery: trio.Nursery
        self._customers: list[CustomerSide] = []
        self._spectator: Spectator | None = None

    def watch(self, spectator: Spectator) -> None:
        """Show somebody what there is to see; before run()."""
        self._spectator = spectator
        self._lives.on_offered = spectator.offered

    # ------------------------------------------------------------------ its life

    async def run(self) -> None:
        """Live from the first message to the last receipt, and a little longer."""
        scenario, seed = self._scenario, self._options.seed
        self._clock = Clock(START)
        self._network = network = self._made_network()
        simulated = {
            one.profile.name: SimulatedCarrier(
                attrs.evolve(one.profile, seed=hash_of(seed, one.profile.seed)), network
            )
            for one in scenario.carriers
        }
        self._carriers = CarrierServer(
            simulated, Outlets(), self._clock, network=network, tick_s=scenario.grain_s
        )
        self._machine = Machine(
            config=router_config(scenario, self._folder),
            connect=self._connect,
            clock=self._clock,
            pace=Pace(tick_s=scenario.grain_s, librarian_s=scenario.grain_s),
            seed=seed,
            violations=self._violations,
            troubles=self._troubles,
            hang_up=self._hang_up,
        )
        self._customers = [
            CustomerSide(customer, self._lives, self._replies, self._clock, self._dial, seed)
            for customer in scenario.customers
        ]
        self._traffic = Traffic(scenario, self._customers, seed)
        by_id = {customer.config.system_id: customer for customer in self._customers}
        self._mischief = Mischief(
            machine=self._machine,
            carriers=self._carriers,
            customers=by_id,
            traffic=self._traffic,
            troubles=self._troubles,
            wires_of=self._wires_of,
            log=self._log,
            clock=self._clock,
        )
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._carriers.run_ticker)
            nursery.start_soon(self._machine.run)
            for customer in self._customers:
                nursery.start_soon(customer.run)
            nursery.start_soon(self._look)
            async with trio.open_nursery() as living:
                living.start_soon(self._offer)
                living.start_soon(self._mischief.run, self._plan, START)
            await self._drain()
            nursery.cancel_scope.cancel()

    def _made_network(self) -> Network | None:
        """The network of the scenario, whose handsets are watched."""
        config = self._scenario.network
        if config is None:
            return None
        network = Network(config, hash_of(self._options.seed, config.seed), START)
        showings = Showings(self._lives, self._violations, self._troubles, self._log.add)

        def shown(handset: Handset, text: Text) -> None:
            visible = handset.inbox.copies_visible(text)
            showings.shown(handset.number, text.pieces, self._clock.now(), visible)

        network.on_shown = shown
        return network

    async def _offer(self) -> None:
        while (elapsed_s := self._clock.now() - START) < self._options.duration_s:
            self._traffic.until(elapsed_s)
            for customer in self._customers:
                customer.pump(self._clock.now())
            await trio.sleep(self._scenario.grain_s)

    async def _look(self) -> None:
        while True:
            await trio.sleep(LOOK_S)
            now = self._clock.now()
            self._lives.forget(now)
            self._replies.forget(now)
            running = self._machine.running
            if running is not None:
                check_bounds(running, self._violations, now)
                if self._spectator is not None:
                    self._spectator.looked(running.exchange, now)

    async def _drain(self) -> None:
        """Wait until nobody is owed anything, and judge."""
        with trio.move_on_after(self._scenario.drain_s):
            while not self._is_over():  # noqa: ASYNC110 - it is many things at once
                await trio.sleep(LOOK_S)
            await trio.sleep(QUIET_S)
        now = self._ended_at = self._clock.now()
        self._lives.finish(now)
        self._replies.finish(now)
        running = self._machine.running
        if running is not None and len(running.exchange.flight):
            text = f"the router still holds {len(running.exchange.flight)} messages"
            self._violations.add(now, "everything ends", text)

    def _is_over(self) -> bool:
        running = self._machine.running
        return (
            running is not None
            and not len(running.exchange.flight)
            and not any(account.waiting for account in running.exchange.accounts.values())
            and not any(customer.waiting for customer in self._customers)
            and not self._lives.open
            and not self._replies.open
            and (self._network is None or not len(self._network))
        )

    def result(self, wall_s: float) -> WorldResult:
        """Say what became of it."""
        simulated_s = self._ended_at - START
        return WorldResult(
            seed=self._options.seed,
            simulated_s=round(simulated_s, 3),
            wall_s=round(wall_s, 3),
            messages=self._lives.counts["offered"],
            events=self._log.events,
            log_sha256=self._log.sha256(),
            violations=tuple(self._violations.found),
            violation_count=self._violations.count,
            faults=dict(sorted(self._mischief.counts.items())),
            counts=dict(sorted((self._lives.counts + self._replies.counts).items())),
            states=dict(sorted(self._lives.states.items())),
            starts=self._machine.starts,
            plan=tuple(self._plan),
        )

    # ------------------------------------------------------------------ its wires

    def _wire(self, party: str, watch: CarrierWatch | EsmeWatch) -> Wire:
        self._wire_count += 1
        wire = Wire(self._wire_count, f"{party}#{self._wire_count}", self._clock.now, self._witness)
        wires = self._wires_of(party)
        self._wires[party] = [*wires, wire]
        self._watches = {number: one for number, one in self._watches.items() if self._is_used(number)}
        self._watches[wire.number] = watch
        return wire

    def _is_used(self, number: int) -> bool:
        return any(wire.number == number for wires in self._wires.values() for wire in wires)

    def _wires_of(self, party: str) -> list[Wire]:
        return [wire for wire in self._wires.get(party, ()) if not wire.is_over]

    def _hang_up(self) -> None:
        for wires in self._wires.values():
            for wire in wires:
                wire.reset()

    def _witness(self, wire: Wire, is_near: bool, data: bytes) -> None:
        now = self._clock.now()
        watch = self._watches.get(wire.number)
        pdus = [] if watch is None else watch.passed(wire, is_near, data, now)
        self._log.write(now, f"{wire.name}{'>' if is_near else '<'}", data, pdus)

    def _windows(self, party: str, window: int, timeout_s: float) -> Windows:
        def complain(now: float, count: int) -> None:
            self._violations.add(now, "windows", f"{count} unanswered with {party}, {window} are allowed")

        return Windows(window, timeout_s, complain)

    async def _connect(self, link: LinkConfig) -> trio.abc.Stream:
        """Connect the router to a carrier."""
        await trio.lowlevel.checkpoint()
        name = self._names[link.port]
        if self._clock.now() < self._mischief.out.get(name, 0.0):
            raise ConnectionRefusedError("out of order")
        towards = self._towards[name]
        windows = self._windows(name, towards.window, towards.response_timeout_s)
        judges = self._lives, self._replies
        watch = CarrierWatch(name, judges, windows, self._rates[name], towards.response_timeout_s)
        wire = self._wire(name, watch)
        self._nursery.start_soon(self._carriers.connection, self._carriers.carriers[name], wire.far)
        return wire.near

    async def _dial(self, system_id: str) -> WireEnd:
        """Connect a customer to the router."""
        await trio.lowlevel.checkpoint()
        running = self._machine.running
        if running is None:
            raise ConnectionRefusedError("the router is down")
        account = running.exchange.accounts[system_id]
        windows = self._windows(system_id, account.config.deliver_window, RESPONSE_S)
        wire = self._wire(system_id, EsmeWatch(windows))
        self._machine.serve(running, wire.far, HOST)
        return wire.near


def hash_of(seed: int, other: int) -> int:
    """Make one seed of two."""
    return seed * 1_000_003 + other
