# Which carriers a message's paths are, in which order, and what marks its copies: what is settled when a
# message begins. How it goes on from there is in paths.py.
"""Beginning messages that have several paths."""

from collections.abc import Collection, Sequence

import attrs

from smpp_router.config import ClassConfig, PathsConfig, RouterConfig
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


def _policy(class_: ClassConfig, config: PathsConfig, carriers: dict[str, Carrier]) -> Policy:
    if config.mode == "parallel":
        return Policy("parallel")
    tries = max((carrier.config.retries_max + 1 for carrier in carriers.values()), default=1)
    is_sent_once = class_.delivery == "at_most_once"
    return Policy(config.mode, is_sent_once, 1 if config.once else tries, config.dead_s)


class PathPlans:
    """Chooses the paths of messages, for the classes that have any."""

    def __init__(
        self, config: RouterConfig, carriers: dict[str, Carrier], orders: Pins, router: RuleRouter
    ) -> None:
        self.counters = PathCounters()
        self.marks = PathMarks()
        self.carriers = carriers
        self.router = router
        self.configs: dict[str, PathsConfig] = {}
        self.policies: dict[str, Policy] = {}
        self.ways = {name: way_of(carrier.config) for name, carrier in carriers.items()}
        self._routes: dict[str, Collection[tuple[str, ...]]] = {}
        self._orders = orders
        for class_ in config.classes:
            if class_.paths is not None:
                self.configs[class_.name] = class_.paths
                self.policies[class_.name] = _policy(class_, class_.paths, carriers)
                self._routes[class_.name] = routes_for(class_, config.accounts, config.routes).values()

    def opened(self, message: Message, now: float) -> Bundle:
        """Choose the paths of a message."""
        config = self.configs[message.traffic_class]
        order = self._order(message, config.count, now)
        self.counters.messages += 1
        self.counters.short += len(order) < config.count
        bundle = Bundle(
            message,
            self.policies[message.traffic_class],
            [Path(number, carrier) for number, carrier in enumerate(order)],
            message.decision.region if message.decision is not None else "",
        )
        bundle.not_before = message.not_before
        if config.mode == "parallel" and len(order) > 1:
            self._mark(bundle, now)
        return bundle

    def _order(self, message: Message, count: int, now: float) -> Sequence[str]:
        """The carriers for a message, in order; all parts of a long message have the same."""
        key = message.part_key
        if key is not None:
            pinned = self._orders.carrier_for(key, now)
            if pinned is not None:
                return pinned.split()
        order = independent(message.plan, self._ways_of(message), count)
        if key is not None:
            self._orders.pin(key, " ".join(order), now)
        return order

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
        """Choose what makes a handset keep one of the copies; without a mark they go one after the other."""
        message = bundle.parent
        key = message.part_key
        mark_key = None if key is None else ("mark", key)
        pinned = None if mark_key is None else self._orders.carrier_for(mark_key, now)
        if pinned is not None:
            bundle.protocol_id = int(pinned)
            self.marks.share(message.addresses, bundle.protocol_id)
            return
        bundle.protocol_id = self.marks.take(message.addresses)
        if not bundle.protocol_id:
            self.counters.unmarked += 1
            bundle.policy = attrs.evolve(bundle.policy, mode="failover")
        elif mark_key is not None:
            self._orders.pin(mark_key, str(bundle.protocol_id), now)

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
                for route in self._routes[name]
            ]
            found[name] = min(
                counts, key=lambda pair: (pair[0] - pair[1], pair[0]), default=(0, config.count)
            )
        return found
