# Sessions ready for use in tests: opened, bound, and what they say as PDUs.
"""What the tests of session/ share with those of net/ and core/."""

from typing import Final

from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode
from smpp_router.wire.framing import Framer

NOW: Final = 1_700_000_000.0
LIMITS: Final = TimerLimits(session_init_s=10.0, enquire_link_s=30.0, inactivity_s=0.0, response_s=5.0)
RESPONSE: Final = 0x80000000


def opened(role: Role, limits: TimerLimits = LIMITS, window_size: int = 8) -> Session:
    """A session on a connection that has just been made."""
    return Session(role, now=NOW, writable=[], window_size=window_size, limits=limits)


def said(session: Session) -> list[p.Pdu]:
    """What the session has to say, as PDUs; all of it must be whole."""
    framer = Framer()
    found = framer.feed(session.take_output())
    assert (framer.buffered, framer.error) == (0, None)
    return found


def bind(
    command_id: int = c.BIND_TRANSCEIVER, sequence_number: int = 1, interface_version: int = 0x34
) -> p.Bind:
    """The bind of every test."""
    return p.Bind(sequence_number, 0, command_id, b"acme", b"secret", interface_version=interface_version)


def bound(role: Role, command_id: int = c.BIND_TRANSCEIVER, limits: TimerLimits = LIMITS) -> Session:
    """A bound session that has nothing left to say."""
    session = opened(role, limits)
    if role is Role.MC:
        session.receive(encode(bind(command_id)), NOW)
        session.accept_bind(b"mc", NOW, 8, limits)
    else:
        session.start_bind(bind(command_id), NOW)
        session.receive(encode(p.BindResp(1, 0, command_id | RESPONSE, b"mc")), NOW)
    assert session.is_bound
    session.take_output()
    session.writable.clear()
    return session


def submit_sm(sequence_number: int = 2, text: bytes = b"hello") -> p.SubmitSm:
    """A small message to the MC."""
    return p.SubmitSm(
        sequence_number, source_addr=b"ACME", destination_addr=b"447700900123", short_message=text
    )


def deliver_sm(sequence_number: int = 2, text: bytes = b"hello") -> p.DeliverSm:
    """A small message to the ESME."""
    return p.DeliverSm(
        sequence_number, source_addr=b"447700900123", destination_addr=b"ACME", short_message=text
    )


def summary(pdus: list[p.Pdu]) -> list[tuple[str, str, int]]:
    """Command, status and sequence number of each: what most answers are about."""
    return [(c.command_name(x.command_id), c.status_name(x.command_status), x.sequence_number) for x in pdus]
