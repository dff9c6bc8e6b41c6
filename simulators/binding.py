"""What a simulated carrier says to a bind."""

from simulators.carrier import SimulatedCarrier
from simulators.faults.config import STATUSES
from simulators.outbind import Call
from smpp_router.session.session import Session
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Pdu


def decide_bind(
    carrier: SimulatedCarrier, session: Session, now: float, call: Call | None = None
) -> list[Pdu]:
    """Decide an undecided bind; return what had come behind it. `call` is the outbind that it answers."""
    bind = session.bind
    assert bind is not None, "there is a bind to decide"
    profile = carrier.profile
    status = carrier.check(bind)
    if call is not None and bind.command_id == c.BIND_TRANSMITTER:
        # It was called to take what waits (SMPP 3.4 section 4.1.7).
        status = c.ESME_RBINDFAIL
    if profile.faults.refuse_binds:
        carrier.counters.faults += 1
        status = STATUSES[profile.faults.refuse_binds]
    if status:
        return session.reject_bind(status, now)
    if call is not None:
        call.was_bound = True
    limits = TimerLimits(enquire_link_s=profile.enquire_link_s, response_s=profile.deliver_timeout_s)
    dialect = profile.dialect
    name = (dialect.system_id or profile.name).encode()[:15]
    pdus = session.accept_bind(name, now, profile.deliver_window, limits, dialect.sc_interface_version)
    session.owner = bind.system_id.decode("latin-1")
    carrier.bound(session, session.owner, now)
    return pdus
