# Which carriers a message's paths are, in which order, and what marks its copies: what is settled when a
# message begins. How it goes on from there is in paths.py.
"""Beginning messages that have several paths."""

from collections.abc import Collection, Sequence

import attrs

from smpp_router.config import CarrierConfig, ClassConfig, PathsConfig, RouterConfig
from smpp_router.core.bundles import Bundle, Path
from smpp_router.core.carriers import Carrier
from smpp_router.core.path_marks import PathMarks
from smpp_router.message.decision import Decision
from smpp_router.message.message import Message
from smpp_router.routing.path_checks import routes_for, way_of
from smpp_router.routing.pins import Pins
from smpp_router.routing.redundancy import Policy, Way, healthy_paths, independent
from smpp_router.routing.router import RuleRouter


@attrs.define(eq=False)
class PathCounters:
    """What happened since the start. `short`: messages that got fewer paths than their class wants."""

    messages: int = 0
    copies: int = 0
    hedges: int = 0
    rounds: int = 0
    withdrawn: int = 0
    short: int = 0
    unmarked: int = 0


@attrs.frozen
class PathTables:
    """What a configuration says of paths, by traffic class and by carrier."""

    configs: dict[str, PathsConfig]
    policies: dict[str, Policy]
    routes: dict[str, Collection[tuple[str, ...]]]
    ways: dict[str, Way]


def path_tables(config: RouterConfig) -> PathTables:
    """Make what a configuration says of paths ready to be asked; of many rules that takes a while."""
    with_paths = [(class_, class_.paths) for class_ in config.classes if class_.paths is not None]
    return PathTables(
        {class_.name: paths for class_, paths in with_paths},
        {class_.name: _policy(class_, paths, config.carriers) for class_, paths in with_paths},
        {
            class_.name: routes_for(class_, config.accounts, config.routes).values()
            for class_, _ in with_paths
        },
        {carrier.name: way_of(carrier) for carrier in config.carriers},
    )


def _policy(class_: ClassConfig, config: PathsConfig, carriers: Sequence[CarrierConfig]) -> Policy:
    if config.mode == "parallel":
        return Policy("parallel")
    tries = max((carrier.retries_max + 1 for carrier in carriers), default=1)
    is_sent_once = class_.delivery == "at_most_once"
    return Policy(config.mode, is_sent_once, 1 if config.once else tries, config.dead_s)


class PathPlans:
    """Chooses the paths of messages, for the classes that have any."""

    def __init__(
        self, tables: PathTables, carriers: dict[str, Carrier], orders: Pins, router: RuleRouter
    ) -> None:
        self.counters = PathCounters()
        self.marks = PathMarks()
        self.carriers = carriers
        self.router = router
        self.tables = tables
        self.orders = orders

    @property
    def configs(self) -> dict[str, PathsConfig]:
        """By class: what its messages want of their paths."""
        return self.tables.configs

    @property
    def ways(self) -> dict[str, Way]:
        """By carrier: what of it matters to paths."""
        return self.tables.ways

    def opened(self, message: Message, now: float) -> Bundle:
        """Choose the paths of a message."""
        config = self.configs[message.traffic_class]
        order = self._order(message, config.count, now)
        self.counters.messages += 1
        self.counters.short += len(order) < config.count
        bundle = Bundle(
            message,
            self.tables.policies[message.traffic_class],
            [Path(number, carrier) for number, carrier in enumerate(order)],
            message.decision.region if message.decision is not None else "",
        )
        bundle.not_before = message.not_before
        if (config.mode == "parallel" or config.replace) and len(order) > 1:
            self._mark(bundle, now)
        return bundle

    def _order(self, message: Message, count: int, now: float) -> Sequence[str]:
        """The carriers for a message, in order; all parts of a long message have the same."""
        key = message.part_key
        if key is not None:
            pinned = (self.orders.carrier_for(key, now) or "").split()
            if pinned and not any(map(self.is_lost, pinned)):
                return pinned
        order = independent(message.plan, self._ways_of(message), count)
        if key is not None:
            self.orders.pin(key, " ".join(order), now)
        return order

    def is_lost(self, carrier: str) -> bool:
        """Whether the configuration has a carrier no more."""
        known = self.carriers.get(carrier)
        return known is None or known.is_leaving

    def replace(self, bundle: Bundle, lost: Sequence[Path]) -> None:
        """Give some paths of a message the carriers of its plan that no other path of it has."""
        used = [path.carrier for path in bundle.paths if path not in lost]
        order = independent((*used, *bundle.parent.plan), self.ways, len(bundle.paths))
        fresh = [name for name in order if name not in used]
        for path, carrier in zip(lost, fresh, strict=False):
            path.carrier = carrier

    def _ways_of(self, message: Message) -> dict[str, Way]:
        """What is known of the carriers of a message, and whether it can go by them now."""
        known = {name: self.ways[name] for name in message.plan if name in self.ways}
        decision = message.decision
        return {
            name: way if self.is_usable(name, decision) else attrs.evolve(way, is_up=False)
            for name, way in known.items()
        }

    def is_usable(self, carrier: str, decision: Decision | None) -> bool:
        """Whether messages that are decided so can go by a carrier now, by its sessions and its health."""
        known = self.carriers.get(carrier)
        if known is None or not known.is_up:
            return False
        return decision is None or self.router.share(decision, carrier) > 0.0

    def send_by(self, copy: Message, carrier: str, decision: Decision | None) -> None:
        """Have a copy go by one carrier; its decision tells by which rule the carrier came in."""
        copy.plan = (carrier,)
        if decision is not None:
            # An object of its own: what is chosen for one decision holds for all messages that share it.
            copy.decision = attrs.evolve(decision, plan=copy.plan)

    def _mark(self, bundle: Bundle, now: float) -> None:
        """Choose what makes a handset keep one of the copies; without it parallel ones go one by one."""
        message = bundle.parent
        key = message.part_key
        mark_key = None if key is None else ("mark", key)
        pinned = None if mark_key is None else self.orders.carrier_for(mark_key, now)
        if pinned is not None:
            bundle.protocol_id = int(pinned)
            self.marks.share(message.addresses, bundle.protocol_id)
            return
        bundle.protocol_id = self.marks.take(message.addresses)
        if not bundle.protocol_id:
            self.counters.unmarked += 1
            if bundle.policy.mode == "parallel":
                bundle.policy = attrs.evolve(bundle.policy, mode="failover")
        elif mark_key is not None:
            self.orders.pin(mark_key, str(bundle.protocol_id), now)

    def remark(self, bundle: Bundle, protocol_id: int) -> None:
        """Copies from before a restart have this mark: so have those to come."""
        if bundle.protocol_id != protocol_id:
            self.marks.give_back(bundle.parent.addresses, bundle.protocol_id)
            bundle.protocol_id = protocol_id
            if protocol_id:
                self.marks.share(bundle.parent.addresses, protocol_id)

    def healthy(self) -> dict[str, tuple[int, int]]:
        """By class: how many healthy independent paths its worst route has, and how many it should have.

        A route that has fewer carriers than its class wants, as count_min allows, should have those.
        """
        scores = self.router.standings.scores
        found: dict[str, tuple[int, int]] = {}
        for name, config in self.configs.items():
            ways = {
                carrier: attrs.evolve(
                    way, is_up=self.carriers[carrier].is_up and scores.share(carrier, "", name) > 0.0
                )
                for carrier, way in self.ways.items()
            }
            fewest = config.count if config.count_min is None else config.count_min
            counts = [
                (
                    healthy_paths(route, ways, config.count),
                    max(fewest, healthy_paths(route, self.ways, config.count)),
                )
                for route in self.tables.routes[name]
            ]
            found[name] = min(
                counts, key=lambda pair: (pair[0] - pair[1], pair[0]), default=(0, config.count)
            )
        return found
