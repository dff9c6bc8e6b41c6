"""Customers of a simulated carrier in one conversation, without sockets: bytes go over, time is told."""

from typing import Any

import attrs

from simulators.carrier import SimulatedCarrier
from simulators.profile import CarrierProfile
from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import header_only
from smpp_router.wire.pdu import Bind, DeliverSm, Pdu, SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import Receipt, parse_receipt

START = 1_700_000_000.0
COMMANDS = {
    State.BOUND_TX: c.BIND_TRANSMITTER,
    State.BOUND_RX: c.BIND_RECEIVER,
    State.BOUND_TRX: c.BIND_TRANSCEIVER,
}
NEVER = TimerLimits(session_init_s=1e9, enquire_link_s=0.0, response_s=1e9)


def profile(**settings: Any) -> CarrierProfile:
    """A carrier that answers at once and delivers everything, unless told otherwise."""
    given: dict[str, Any] = {"name": "carrier", "port": 0, **settings}
    return CarrierProfile(**given)


def message(destination: bytes = b"8613900000001", **fields: Any) -> SubmitSm:
    """A submit_sm that asks for a receipt."""
    given: dict[str, Any] = {
        "source_addr": b"106900",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": destination,
        "registered_delivery": 1,
        "short_message": b"hello",
    }
    return SubmitSm(**(given | fields))


@attrs.define(eq=False)
class Customer:
    """An ESME's end of one session, and what it got. `answer_with` answers deliver_sm; None: not at all."""

    session: Session
    carrier_session: Session
    system_id: str
    responses: list[Pdu] = attrs.Factory(list[Pdu])
    deliveries: list[DeliverSm] = attrs.Factory(list[DeliverSm])
    answer_with: int | None = c.ESME_ROK

    def submit(self, now: float, *pdus: Pdu) -> None:
        """Write requests; they go over with the next World.exchange()."""
        for pdu in pdus:
            self.session.request(pdu, pdu, now)

    @property
    def statuses(self) -> list[str]:
        """The status of each response, by name."""
        return [c.status_name(resp.command_status) for resp in self.responses]

    @property
    def message_ids(self) -> list[bytes]:
        """What submit_sm_resp called the messages that were taken."""
        return [x.message_id for x in self.responses if isinstance(x, SubmitSmResp) and not x.command_status]

    @property
    def receipts(self) -> list[Receipt]:
        """The receipts among the deliveries."""
        return [receipt for receipt in map(parse_receipt, self.deliveries) if receipt is not None]


class World:
    """One carrier, its customers, and the time."""

    def __init__(self, **settings: Any) -> None:
        self.carrier = SimulatedCarrier(profile(**settings))
        self.customers: list[Customer] = []
        self.now = START
        self._writable: list[Session] = []

    def _session(self, role: Role, window: int) -> Session:
        return Session(role, now=self.now, writable=self._writable, window_size=window, limits=NEVER)

    def bind(
        self,
        system_id: str = "customer",
        state: State = State.BOUND_TRX,
        interface_version: int = 0x34,
        password: bytes = b"",
    ) -> Customer:
        """Bind a customer; see `session.is_bound` for the carrier's decision."""
        mc = self._session(Role.MC, 1)
        esme = self._session(Role.ESME, 100_000)
        request = Bind(
            command_id=COMMANDS[state],
            system_id=system_id.encode(),
            password=password,
            interface_version=interface_version,
        )
        esme.start_bind(request, self.now)
        mc.receive(esme.take_output(), self.now)
        bind = mc.bind
        assert bind is not None
        status = self.carrier.check(bind)
        if status:
            mc.reject_bind(status, self.now)
        else:
            mc.accept_bind(b"carrier", self.now, self.carrier.profile.deliver_window, NEVER)
        customer = Customer(esme, mc, system_id)
        customer.responses += esme.receive(mc.take_output(), self.now)
        customer.responses.clear()
        if not status:
            self.carrier.bound(mc, system_id, self.now)
            self.customers.append(customer)
            self.exchange()
        return customer

    def lose(self, customer: Customer) -> None:
        """Cut a customer's connection."""
        self.customers.remove(customer)
        contexts = customer.carrier_session.lose()
        self.carrier.lost(customer.carrier_session, customer.system_id, contexts, self.now)
        self.exchange()

    def exchange(self) -> None:
        """Carry bytes over until nobody has anything to say."""
        is_quiet = False
        while not is_quiet:
            is_quiet = True
            for customer in self.customers:
                up = customer.session.take_output()
                if up:
                    is_quiet = False
                    pdus = customer.carrier_session.receive(up, self.now)
                    self.carrier.receive(customer.carrier_session, customer.system_id, pdus, self.now)
                down = customer.carrier_session.take_output()
                if down:
                    is_quiet = False
                    self._take(customer, customer.session.receive(down, self.now))

    def _take(self, customer: Customer, pdus: list[Pdu]) -> None:
        for pdu in pdus:
            if not isinstance(pdu, DeliverSm):
                customer.responses.append(pdu)
                continue
            customer.deliveries.append(pdu)
            if customer.answer_with is not None:
                resp = header_only(c.DELIVER_SM_RESP, customer.answer_with, pdu.sequence_number)
                customer.session.answer([resp], 1)

    def say(self, customer: Customer, *pdus: Pdu) -> list[Pdu]:
        """Send requests and return the responses that come at once."""
        before = len(customer.responses)
        customer.submit(self.now, *pdus)
        self.exchange()
        return customer.responses[before:]

    def wait(self, seconds: float, step_s: float = 0.01) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + step_s)
            self.carrier.tick(self.now)
            self.exchange()
