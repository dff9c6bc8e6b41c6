# How a simulated carrier behaves, as plain values. Delays are pipelined: each message has its own, none waits
# for another's.
"""Profiles of simulated carriers."""

from typing import Literal

import attrs

IdStyle = Literal["decimal", "hex", "padded", "uuid"]
ReceiptIdStyle = Literal["same", "decimal", "hex"]


def _positive(instance: object, attribute: "attrs.Attribute[float]", value: float) -> None:  # noqa: ARG001 - attrs
    if value < 0:
        raise ValueError(f"must not be negative, got {value}")


def _share(instance: object, attribute: "attrs.Attribute[dict[str, float]]", value: dict[str, float]) -> None:  # noqa: ARG001 - attrs
    if any(weight < 0 for weight in value.values()):
        raise ValueError("weights must not be negative")


@attrs.frozen(kw_only=True)
class SimulatedAccount:
    """Who may bind to a simulated carrier; an empty password lets any in."""

    system_id: str
    password: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class CarrierProfile:
    """One simulated carrier. Seconds and messages a second; weights need not add up to 1."""

    name: str
    host: str = "127.0.0.1"
    port: int
    accounts: tuple[SimulatedAccount, ...] = ()
    """Empty: anybody may bind with any password."""
    window_max: int = 10_000
    """Unanswered submit_sm of one session; one more gets `throttle_status`."""
    throughput_per_s: float | None = None
    """submit_sm a second that are taken; above it `throttle_status`."""
    throttle_status: Literal["ESME_RTHROTTLED", "ESME_RMSGQFUL"] = "ESME_RTHROTTLED"
    response_s: float = attrs.field(default=0.0, validator=_positive)
    response_jitter_s: float = attrs.field(default=0.0, validator=_positive)
    """A response comes after response_s and up to that much more."""
    receipt_s: float = attrs.field(default=0.0, validator=_positive)
    receipt_jitter_s: float = attrs.field(default=0.0, validator=_positive)
    """A receipt comes that long after its response."""
    outcomes: dict[str, float] = attrs.field(factory=lambda: {"DELIVRD": 1.0}, validator=_share)
    """Weights of final states by their stat: DELIVRD, UNDELIV, EXPIRED, REJECTD, DELETED, UNKNOWN, NONE (no receipt)."""
    errors: dict[str, float] = attrs.field(factory=dict[str, float], validator=_share)
    """Shares of submit_sm refused with a command_status, by its name: { ESME_RSYSERR = 0.01 }."""
    message_ids: IdStyle = "decimal"
    receipt_ids: ReceiptIdStyle = "same"
    """How a receipt spells the id that submit_sm_resp spelt `message_ids`."""
    deliver_window: int = 1_000
    """Unanswered deliver_sm of one session."""
    seed: int = 1


@attrs.frozen(kw_only=True)
class SimulatorConfig:
    """All carriers of one process."""

    carriers: tuple[CarrierProfile, ...]
