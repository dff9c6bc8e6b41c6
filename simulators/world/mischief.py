# What the plan says, done: one task that goes through the beginnings and ends of all faults in order of time.
"""Carrying out the faults of a plan."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import trio

from simulators.changes import changed, changed_network
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer
from simulators.signalling.config import NetworkConfig
from simulators.world.customer import CustomerSide
from simulators.world.event_log import EventLog
from simulators.world.machine import Machine
from simulators.world.plan import Fault
from simulators.world.traffic import Traffic
from simulators.world.verdict import Troubles
from simulators.world.wires import Wire
from smpp_router.net.clock import Clock

CHANGES_MAX: Final = 60
"""A power cut comes at one of so many next changes of the disk."""
BURST_MAX: Final = 400


@attrs.define(eq=False, kw_only=True)
class Mischief:
    """Does to a world what its plan says."""

    machine: Machine
    carriers: CarrierServer
    customers: Mapping[str, CustomerSide]
    traffic: Traffic
    troubles: Troubles
    wires_of: Callable[[str], Sequence[Wire]]
    """Returns the wires of a carrier or customer that are in use."""
    log: EventLog
    clock: Clock
    counts: Counter[str] = attrs.Factory(Counter[str])
    """Faults that have begun, by kind."""
    out: dict[str, float] = attrs.Factory(dict[str, float])
    """Until when carriers take no connections."""
    _sound: dict[str, CarrierProfile] = attrs.Factory(dict[str, CarrierProfile])
    """The profiles of carriers, by name, from before anything was done to them."""
    _overlays: dict[str, dict[int, Mapping[str, Any]]] = attrs.Factory(
        dict[str, dict[int, Mapping[str, Any]]]
    )
    _air: dict[int, Mapping[str, Any]] = attrs.Factory(dict[int, Mapping[str, Any]])
    """What is otherwise with the network, by fault."""
    _sound_air: NetworkConfig | None = None
    _full: int = 0
    _caught: dict[int, list[Wire]] = attrs.Factory(dict[int, list[Wire]])
    """Connections that stand still or are dark until their fault is over, by fault."""

    def __attrs_post_init__(self) -> None:
        """Remember how carriers are when they are well."""
        for name, carrier in self.carriers.carriers.items():
            self._sound[name] = carrier.profile
            self._overlays[name] = {}
        if self.carriers.network is not None:
            self._sound_air = self.carriers.network.base

    async def run(self, plan: Sequence[Fault], started_at: float) -> None:
        """Do it all, and return when the last fault is over."""
        moments = [(fault.at_s, fault.number, True, fault) for fault in plan]
        moments += [(fault.ends_s, fault.number, False, fault) for fault in plan]
        async with trio.open_nursery() as nursery:
            for at_s, _, begins, fault in sorted(moments, key=lambda moment: moment[:3]):
                await trio.sleep(max(started_at + at_s - self.clock.now(), 0.0))
                now = self.clock.now()
                if begins:
                    self.counts[fault.kind] += 1
                    self.log.add(now, f"fault {fault}")
                    self._begin(fault, now, nursery)
                else:
                    self._end(fault)

    def _begin(self, fault: Fault, now: float, nursery: trio.Nursery) -> None:
        rng = random.Random(fault.dice)
        machine, kind, until = self.machine, fault.kind, now + fault.lasts_s
        if kind == "router_crash":
            machine.crash(fault.lasts_s)
        elif kind == "router_stop":
            nursery.start_soon(machine.stop, fault.lasts_s)
        elif kind == "router_reload":
            nursery.start_soon(machine.reload, fault.dice)
        elif kind == "power_cut":
            again = rng.randint(1, CHANGES_MAX) if rng.random() < 1 / 3 else 0
            machine.cut_power(rng.randint(1, CHANGES_MAX), fault.lasts_s, again)
        elif kind == "disk_full":
            self._full += 1
            machine.is_disk_full = True
            self.troubles.disk_full(now, until)
        elif kind == "network":
            self._air[fault.number] = fault.mishap.set
            self._restyle_air()
        elif kind.startswith("carrier"):
            self._begin_carrier(fault, until)
        else:
            self._begin_esme(fault, until, rng)

    def _begin_carrier(self, fault: Fault, until: float) -> None:
        kind, name = fault.kind, fault.target
        if kind == "carrier":
            self._overlays[name][fault.number] = fault.mishap.set
            self._restyle(name)
        elif kind == "carrier_unbind":
            self.carriers.disconnect(name, "unbind")
        else:
            if kind in ("carrier_outage", "carrier_dark"):
                self.out[name] = max(until, self.out.get(name, until))
            self._break(fault, kind.removeprefix("carrier_"))

    def _begin_esme(self, fault: Fault, until: float, rng: random.Random) -> None:
        customer = self.customers[fault.target]
        kind = fault.kind
        if kind == "esme_burst":
            self.traffic.burst(customer, rng.randint(1, BURST_MAX), fault.dice)
        elif kind == "esme_refuses_receipts":
            customer.refuses_until = until
        elif kind == "esme_ignores_receipts":
            customer.ignores_until = until
        else:
            if kind == "esme_away":
                customer.away_until = until
            self._break(fault, kind.removeprefix("esme_"))

    def _break(self, fault: Fault, how: str) -> None:
        """Do something to all wires of somebody; those who are out or away lose theirs by a reset."""
        wires = self.wires_of(fault.target)
        for wire in wires:
            if how in ("half_open", "dark"):
                wire.silence()
            elif how == "stall":
                wire.hold()
            else:
                wire.reset()
        if how in ("stall", "dark"):
            self._caught[fault.number] = list(wires)

    def _end(self, fault: Fault) -> None:
        for wire in self._caught.pop(fault.number, ()):
            if fault.kind == "carrier_dark":
                # The way is open again, but bytes are missing: who still holds the connection hears of it.
                wire.reset()
            else:
                wire.release()
        if fault.kind == "disk_full":
            self._full -= 1
            self.machine.is_disk_full = self._full > 0
        elif fault.kind == "carrier":
            del self._overlays[fault.target][fault.number]
            self._restyle(fault.target)
        elif fault.kind == "network":
            del self._air[fault.number]
            self._restyle_air()

    def _restyle(self, name: str) -> None:
        """Have a carrier behave as it should, but for what is wrong with it now."""
        profile = self._sound[name]
        for overlay in self._overlays[name].values():
            profile = changed(profile, overlay)
        self.carriers.become(name, profile)

    def _restyle_air(self) -> None:
        """Have the network be as it should, but for what is wrong with it now."""
        network, config = self.carriers.network, self._sound_air
        assert network is not None, "the scenario file was checked"
        assert config is not None
        for overlay in self._air.values():
            config = changed_network(config, overlay)
        network.configure(config, self.clock.now())
