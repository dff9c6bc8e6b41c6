"""The state of carriers in values that JSON has."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from simulators.carrier import SimulatedCarrier
from simulators.listening import Port
from simulators.profile import CarrierProfile


def carrier_state(carrier: SimulatedCarrier, ports: Sequence[Port]) -> dict[str, Any]:
    """Say where a carrier listens, who is bound, and what it has seen. Without ports it is down."""
    return {
        "name": carrier.profile.name,
        "host": carrier.profile.host,
        "port": ports[0].port if ports else None,
        "is_up": bool(ports),
        "listeners": [attrs.asdict(port) for port in ports],
        "binds": [
            {
                "system_id": system_id,
                "state": session.state.name,
                "unanswered": session.unanswered,
                "window_room": session.window.room,
            }
            for system_id, account in carrier.accounts.items()
            for session in account.sessions
        ],
        "waiting": {system_id: len(account) for system_id, account in carrier.accounts.items()},
        "statistics": carrier.statistics(),
    }


def profile_table(profile: CarrierProfile) -> dict[str, Any]:
    """Return how a carrier behaves, without passwords."""
    return cast("dict[str, Any]", plain(profile))


def plain(value: object) -> Any:
    """Return a value of the configuration in values that JSON has, without passwords."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in cast("tuple[Any, ...]", value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    if value is None or isinstance(value, (int, str)):
        return value
    kind: type[object] = type(value)
    return _fields(cast("attrs.AttrsInstance", value)) if attrs.has(kind) else str(value)


def _fields(value: "attrs.AttrsInstance") -> dict[str, Any]:
    return {
        field.name: plain(getattr(value, field.name))
        for field in attrs.fields(type(value))
        if field.name != "password" and not field.name.startswith("_")
    }
