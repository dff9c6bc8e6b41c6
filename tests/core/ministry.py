# A conversation with a router that has messages with paths: three carriers, and a ministry whose class says
# how they are used.
"""What the tests of paths have in common."""

from pathlib import Path
from typing import Any

from smpp_router.config import (
    CarrierConfig,
    ClassConfig,
    LinkConfig,
    PathsConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
)
from smpp_router.config_routes import RouteConfig
from smpp_router.core.restart import take_up
from smpp_router.message.message import Copy, Message, PathEnd, Pending
from smpp_router.store import records
from smpp_router.store.fold import Fold
from smpp_router.store.records import FRAME
from smpp_router.store.seam import REPLACED, Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import HeaderOnly
from tests.core.talk import Esme, Link, Talk, account, configuration

NAMES = ("mobile", "unicom", "telecom")


def carriers(**changes: Any) -> tuple[CarrierConfig, ...]:
    return tuple(
        CarrierConfig(
            name=name,
            links=(LinkConfig(host="127.0.0.1", port=port, system_id="router", password="secret"),),
            message_id_style="raw",
            **changes,
        )
        for port, name in enumerate(NAMES, 3001)
    )


def ministry_config(
    paths: PathsConfig | None,
    delivery: Any = "at_least_once",
    names: tuple[str, ...] = NAMES,
    **changes: Any,
) -> RouterConfig:
    class_ = ClassConfig(name="government", delivery=delivery, paths=paths, priority=7)
    return configuration(
        store=StoreConfig(path=Path("unused")),
        classes=(class_, ClassConfig(name="default")),
        accounts=(account("ministry", traffic_class="government"), account("bank")),
        carriers=tuple(one for one in carriers(**changes) if one.name in names),
        routes=RoutesConfig(prefixes=(RouteConfig(prefix="86139", carriers=names),)),
    )


class Ministry(Talk):
    """A talk with one bound ESME and a link to each carrier."""

    def __init__(self, mode: str = "hedged", delivery: Any = "at_least_once", **paths: Any) -> None:
        values: dict[str, Any] = {"mode": mode, "confirm_min_s": 2.0, "confirm_max_s": 10.0, **paths}
        super().__init__(ministry_config(PathsConfig(**values), delivery))
        self.carrier_links: dict[str, Link] = {name: self.link(name) for name in NAMES}
        self.ministry: Esme = self.esme("ministry")

    def submit(self, **fields: Any) -> None:
        self.ministry.submit(**fields)
        self.settle()

    def sent(self) -> dict[str, int]:
        """How many submit_sm each carrier has before it, unanswered."""
        return {name: len(link.submits) for name, link in self.carrier_links.items() if link.submits}

    def accept(self, name: str, message_id: bytes = b"id") -> None:
        self.carrier_links[name].accept(message_id)
        self.settle()

    def refuse(self, name: str, status: int = c.ESME_RSYSERR) -> None:
        self.carrier_links[name].refuse(status)
        self.settle()

    def receipt(self, name: str, state: int = c.DELIVERED, message_id: bytes = b"id") -> None:
        self.carrier_links[name].receipt(message_id, state)
        self.settle()

    @property
    def told(self) -> list[int]:
        """The states of all receipts that the ministry got."""
        return [receipt.message_state for receipt in self.ministry.receipts]

    def recalled(self, name: str) -> list[bytes]:
        """The carrier's ids that it was asked to cancel."""
        return [pdu.message_id for pdu in self.carrier_links[name].others]

    def crash(self, config: RouterConfig | None = None) -> "Ministry":
        """Another router, from what was durable."""
        recovered = recover(self)
        other = object.__new__(Ministry)
        Talk.__init__(other, config or self.config)
        other.now = self.now
        other.journal = self.journal
        take_up(other.exchange, recovered, self.now)
        other.carrier_links = {name: other.link(name) for name in NAMES if name in other.exchange.carriers}
        other.ministry = other.esme("ministry")
        other.settle()
        return other

    def settle(self) -> None:
        """As a Talk, with a store that reads bodies back."""
        super().settle()
        while wanted := self.exchange.to_read_back():
            known = bodies(self)
            self.exchange.read_back(wanted, [known[one.message_id] for one in wanted], self.now)
            super().settle()

    def in_flight(self) -> list[Message | Pending]:
        return list(self.exchange.flight.messages.values())


def cancel_all(talk: Ministry, status: int = c.ESME_ROK) -> None:
    """Have every carrier answer what it was asked to cancel."""
    for link in talk.carrier_links.values():
        for pdu in link.others:
            link.near.respond(
                HeaderOnly(
                    command_id=c.CANCEL_SM_RESP, sequence_number=pdu.sequence_number, command_status=status
                )
            )
        link.others.clear()
    talk.settle()


def recover(talk: Talk) -> Recovered:
    """Fold what was durable, as a store does."""
    fold = Fold()
    for number, batch in enumerate(talk.journal, 1):
        view = memoryview(bytes(records.encode(batch, 0).data))
        for section in records.sections(view, FRAME.size, len(view)):
            fold.add(number, view, section)
    return fold.result()


def bodies(talk: Talk) -> dict[int, bytes]:
    """The bodies that a store would read back: the last that each message was given."""
    known: dict[int, bytes] = {}
    for batch in talk.journal:
        known |= {message.message_id: message.body for message in batch.accepted if message.body is not None}
        known |= {fact[1]: fact[4] for fact in batch.facts if fact[0] == REPLACED}
    return known


__all__ = [
    "NAMES",
    "Copy",
    "Ministry",
    "PathEnd",
    "bodies",
    "cancel_all",
    "carriers",
    "ministry_config",
    "recover",
]
