# A conversation with the core: real sessions on both ends, bytes handed across, no sockets and no clock.
#
#   Talk()               an exchange, with nobody there yet
#   .esme("bank")        a bound ESME; it has submit(), inbox and answers
#   .link("mobile")      the carrier's end of a bound link; it has submits, accept(), refuse() and receipt()
#   .settle()            hands bytes across and commits, until nothing moves
#
# A commit succeeds unless talk.store_is_full; what was durable is kept in talk.journal.
"""A harness for conversation tests of the core."""

import random
from pathlib import Path
from typing import Any

import attrs

from smpp_router.compliance.screener import Screener
from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    ClassConfig,
    LimitsConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
)
from smpp_router.config_changes import changes
from smpp_router.config_routes import RouteConfig
from smpp_router.core.accounts import Account
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.exchange import Exchange
from smpp_router.core.path_plans import path_tables
from smpp_router.core.reload import Fresh, apply, needs_router
from smpp_router.message.lifecycle import RECEIVED, Event, Step, replay
from smpp_router.routing.router import made_router
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.store.seam import Batch
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind, DeliverSm, DeliverSmResp, HeaderOnly, Pdu, SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import Receipt, format_receipt, parse_receipt
from smpp_router.wire.receipt_sm import RECEIPT_DECODERS
from smpp_router.wire.times import receipt_date

START = 1_800_000_000.0
LIMITS = TimerLimits(enquire_link_s=0.0, inactivity_s=0.0, response_s=30.0)


def account(system_id: str, **changes: Any) -> AccountConfig:
    values: dict[str, Any] = {
        "system_id": system_id,
        "secrets": ("x",),
        "allow_from": ("127.0.0.1",),
        "throughput_per_s": 10_000.0,
        "burst": 10_000,
        "window_max": 10_000,
        "receipt_retry_s": 10.0,
        "mo_addresses": (),
    }
    return AccountConfig(**{**values, **changes})


def carrier(name: str, **changes: Any) -> CarrierConfig:
    link = LinkConfig(host="127.0.0.1", port=3000, system_id="router", password="secret")
    values: dict[str, Any] = {"name": name, "links": (link,), "message_id_style": "raw", **changes}
    return CarrierConfig(**values)


def configuration(**changes: Any) -> RouterConfig:
    values: dict[str, Any] = {
        "listeners": (ListenerConfig(host="127.0.0.1"),),
        "store": StoreConfig(path=Path("unused")),
        "limits": LimitsConfig(),
        "classes": (
            ClassConfig(name="default"),
            ClassConfig(name="once", delivery="at_most_once"),
            ClassConfig(name="urgent", priority=9),
        ),
        "accounts": (
            account("bank", mo_addresses=("10690001",)),
            account("shop", traffic_class="once"),
            account("ministry", traffic_class="urgent"),
        ),
        "carriers": (carrier("mobile"), carrier("unicom")),
        "routes": RoutesConfig(
            prefixes=(
                RouteConfig(prefix="86139", carriers=("mobile", "unicom")),
                RouteConfig(prefix="86130", carriers=("unicom", "mobile")),
                RouteConfig(prefix="86199", carriers=("mobile",)),
            )
        ),
    }
    return RouterConfig(**{**values, **changes})


@attrs.define(eq=False)
class Esme:
    """The client's end of an ESME session, and the router's."""

    talk: "Talk"
    account: Account
    near: Session
    far: Session
    answers: list[Pdu] = attrs.Factory(list[Pdu])
    inbox: list[DeliverSm] = attrs.Factory(list[DeliverSm])
    deliver_status: int | None = c.ESME_ROK

    def send(self, pdu: Pdu) -> int:
        return self.near.request(pdu, pdu, self.talk.now)

    def submit(self, destination: bytes = b"8613900000001", **fields: Any) -> SubmitSm:
        values: dict[str, Any] = {
            "source_addr": b"106900",
            "short_message": b"hello",
            "registered_delivery": 1,
            **fields,
        }
        pdu = SubmitSm(destination_addr=destination, **values)
        self.send(pdu)
        return pdu

    @property
    def statuses(self) -> list[int]:
        return [pdu.command_status for pdu in self.answers]

    @property
    def message_ids(self) -> list[bytes]:
        return [pdu.message_id for pdu in self.answers if isinstance(pdu, SubmitSmResp) and pdu.message_id]

    @property
    def receipts(self) -> list[Receipt]:
        return [receipt for pdu in self.inbox if (receipt := parse_receipt(pdu)) is not None]

    def take(self, pdus: list[Pdu]) -> None:
        for pdu in pdus:
            if isinstance(pdu, DeliverSm):
                self.inbox.append(pdu)
                if self.deliver_status is not None:
                    resp = DeliverSmResp(
                        sequence_number=pdu.sequence_number, command_status=self.deliver_status
                    )
                    self.near.respond(resp)
            else:
                self.answers.append(pdu)

    def cut(self) -> None:
        """Lose the connection."""
        self.talk.exchange.esme_lost(self.account, self.far, self.far.lose(), self.talk.now)
        self.talk.esmes.remove(self)


@attrs.define(eq=False)
class Link:
    """The carrier's end of a link, and the router's. What is sent here is answered by the test."""

    talk: "Talk"
    carrier: Carrier
    near: Session
    far: Session
    submits: list[SubmitSm] = attrs.Factory(list[SubmitSm])
    others: list[Any] = attrs.Factory(list[Any])
    answers: list[Pdu] = attrs.Factory(list[Pdu])

    def take(self, pdus: list[Pdu]) -> None:
        for pdu in pdus:
            if isinstance(pdu, SubmitSm):
                self.submits.append(pdu)
            elif pdu.command_id & 0x80000000:
                self.answers.append(pdu)
            else:
                self.others.append(pdu)

    def accept(self, message_id: bytes, index: int = 0) -> SubmitSm:
        submit = self.submits.pop(index)
        resp = SubmitSmResp(sequence_number=submit.sequence_number, message_id=message_id)
        # Carriers have ids that are longer than they should be.
        self.near.answer([encode(resp, strict=False)], 1)
        return submit

    def refuse(self, status: int, index: int = 0) -> SubmitSm:
        submit = self.submits.pop(index)
        resp = HeaderOnly(
            command_id=c.SUBMIT_SM_RESP, sequence_number=submit.sequence_number, command_status=status
        )
        self.near.respond(resp)
        return submit

    def receipt(self, message_id: bytes, state: int = c.DELIVERED, error: bytes = b"000") -> None:
        date = receipt_date(self.talk.now)
        pdu = DeliverSm(
            source_addr=b"8613900000001",
            destination_addr=b"106900",
            esm_class=0x20 if state in (c.ENROUTE, c.ACCEPTED) else 0x04,
            short_message=format_receipt(message_id, date, date, state, error),
        )
        self.near.request(pdu, pdu, self.talk.now)

    def deliver(self, destination: bytes, text: bytes) -> None:
        pdu = DeliverSm(source_addr=b"8613900000001", destination_addr=destination, short_message=text)
        self.near.request(pdu, pdu, self.talk.now)

    def cut(self) -> None:
        """Lose the connection."""
        self.talk.links.remove(self)
        self.talk.exchange.carrier_lost(self.carrier, self.far, self.far.lose(), self.talk.now)


class Talk:
    """An exchange with whoever talks to it."""

    def __init__(self, config: RouterConfig | None = None, screener: Screener | None = None) -> None:
        self.now = START
        self.config = configuration() if config is None else config
        self.exchange = Exchange(self.config, self.now, screener=screener)
        self.esmes: list[Esme] = []
        self.links: list[Link] = []
        self.journal: list[Batch] = []
        self.store_is_full = False
        self._writable: list[Session] = []

    def _pair(self, near_role: Role, window: int) -> tuple[Session, Session]:
        far_role = Role.MC if near_role is Role.ESME else Role.ESME
        near, far = (
            Session(role, now=self.now, writable=self._writable, window_size=window, limits=LIMITS)
            for role in (near_role, far_role)
        )
        return near, far

    def esme(self, system_id: str, command_id: int = c.BIND_TRANSCEIVER, version: int = 0x34) -> Esme:
        near, far = self._pair(Role.ESME, 10_000)
        bind = Bind(command_id=command_id, system_id=system_id.encode(), interface_version=version)
        near.start_bind(bind, self.now)
        far.receive(near.take_output(), self.now)
        account = self.exchange.accounts[system_id]
        far.owner = account
        far.accept_bind(b"router", self.now, account.config.deliver_window, LIMITS)
        near.receive(far.take_output(), self.now)
        esme = Esme(self, account, near, far)
        self.esmes.append(esme)
        self.exchange.esme_bound(account, far, self.now)
        return esme

    def link(self, name: str, command_id: int = c.BIND_TRANSCEIVER, window: int = 10) -> Link:
        near, far = self._pair(Role.MC, 1_000)
        far.window.size = window
        far.framer.decoders = RECEIPT_DECODERS
        far.start_bind(Bind(command_id=command_id, system_id=b"router"), self.now)
        near.receive(far.take_output(), self.now)
        near.accept_bind(b"carrier", self.now, 1_000, LIMITS)
        far.receive(near.take_output(), self.now)
        carrier = self.exchange.carriers[name]
        far.owner = carrier
        link = Link(self, carrier, near, far)
        self.links.append(link)
        self.exchange.carrier_bound(carrier, far, self.now)
        return link

    def hand_over(self) -> bool:
        """Carry all bytes across once; tell whether there were any."""
        moved = False
        for esme in list(self.esmes):
            if data := esme.near.take_output():
                moved = True
                pdus = esme.far.receive(data, self.now)
                if pdus:
                    self.exchange.esme_received(esme.account, esme.far, pdus, self.now)
            if data := esme.far.take_output():
                moved = True
                esme.take(esme.near.receive(data, self.now))
        for link in list(self.links):
            if data := link.near.take_output():
                moved = True
                pdus = link.far.receive(data, self.now)
                if pdus:
                    self.exchange.carrier_received(link.carrier, link.far, pdus, self.now)
            if data := link.far.take_output():
                moved = True
                link.take(link.near.receive(data, self.now))
        self._writable.clear()
        return moved

    def begin_commit(self) -> Commit | None:
        return self.exchange.open_commit()

    def commit(self) -> bool:
        """Make what is staged durable, or have it refused; tell whether there was anything."""
        commit = self.exchange.open_commit()
        if commit is None:
            return False
        if self.store_is_full and commit.batch.accepted:
            self.exchange.refused(commit)
        else:
            self.journal.append(commit.batch)
            for message in commit.batch.accepted:
                message.handle = 1
            self.exchange.committed(commit, self.now)
        return True

    def reload(self, screener: Screener | None = None, **sections: object) -> None:
        """Go over to a configuration in which these sections are otherwise."""
        exchange = self.exchange
        old = exchange.config
        config = attrs.evolve(old, **sections)
        router = made_router(config, random.Random(1), exchange.health) if needs_router(old, config) else None
        fresh = Fresh(
            config=config,
            changes=changes(old, config),
            paths=path_tables(config),
            router=router,
            screener=screener,
        )
        apply(exchange, fresh, self.now)

    def settle(self) -> None:
        """Hand bytes across and commit until nothing moves."""
        while self.hand_over() or self.commit():
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass, ticking as the ticker would."""
        self.settle()
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + max(0.25, seconds / 200))
            for esme in list(self.esmes):
                self.exchange.esme_unanswered(esme.account, esme.far.tick(self.now), self.now)
            for link in list(self.links):
                expired = link.far.tick(self.now)
                if expired:
                    self.exchange.carrier_unanswered(link.carrier, expired, self.now)
            self.exchange.tick(self.now)
            self.settle()

    def lives(self) -> dict[int, list[Step]]:
        """What the durable facts and notes of each message come to."""
        events: dict[int, list[Event]] = {}
        for batch in self.journal:
            for message in batch.accepted:
                events.setdefault(message.message_id, []).append((RECEIVED, 0.0, 0, b""))
            for kind, message_id, at, code, detail in batch.facts:
                if message_id:
                    events.setdefault(message_id, []).append((kind, at, code, detail))
            for kind, ids, at, code, detail in batch.notes:
                for message_id in ids:
                    events.setdefault(message_id, []).append((kind, at, code, detail))
        return {message_id: replay(told) for message_id, told in events.items()}

    def kinds(self, kind: int) -> list[int]:
        """The message ids of all durable facts of a kind, in order."""
        return [fact[1] for batch in self.journal for fact in batch.facts if fact[0] == kind]
