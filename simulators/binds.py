"""Who may bind to a simulated carrier."""

from collections.abc import Mapping
from typing import Final

from simulators.deliveries import Deliveries
from simulators.profile import BindType, CarrierProfile
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind

ACCOUNTS_MAX: Final = 1_000
"""Accounts of a carrier that lets anybody bind; one more is refused with ESME_RBINDFAIL."""
_TYPES: Final[dict[int, BindType]] = {
    c.BIND_TRANSMITTER: "transmitter",
    c.BIND_RECEIVER: "receiver",
    c.BIND_TRANSCEIVER: "transceiver",
}


def bind_problem(profile: CarrierProfile, known: Mapping[str, Deliveries], bind: Bind) -> str:
    """Return why a bind is refused, one of dialect.BIND_REASONS; empty if it is not."""
    system_id = bind.system_id.decode("latin-1")
    if not profile.accounts:
        return "" if system_id in known or len(known) < ACCOUNTS_MAX else "refused"
    for account in profile.accounts:
        if account.system_id != system_id:
            continue
        if account.password and account.password.encode() != bind.password:
            return "bad_password"
        if _TYPES[bind.command_id] not in account.bind_types:
            return "refused"
        deliveries = known.get(system_id)
        is_full = deliveries is not None and len(deliveries.sessions) >= account.binds_max
        return "too_many_binds" if is_full else ""
    return "unknown_system_id"
