# How a simulated carrier behaves, as plain values. A profile that exists is valid by itself; what needs two
# of them, such as a port that is taken twice, is checked by config_file.py.
"""Profiles of simulated carriers."""

from typing import Any, Final, Literal, TypeAlias

import attrs

from simulators.control.config import ControlConfig
from simulators.dialect import Dialect
from smpp_router.config_checks import above, at_least, between, if_given, octets, plain_name
from smpp_router.wire import constants as c
from smpp_router.wire.receipt import STATES

IdStyle = Literal["decimal", "hex", "padded", "uuid"]
ReceiptIdStyle = Literal["same", "decimal", "hex"]
Shape = Literal["uniform", "lognormal"]
ThrottleStatus = Literal["ESME_RTHROTTLED", "ESME_RMSGQFUL"]

NO_RECEIPT: Final = "NONE"
"""The outcome of a message of which nothing is heard again."""
OUTCOMES: Final = (*(stat.decode() for stat in STATES if stat not in (b"ENROUTE", b"ACCEPTD")), NO_RECEIPT)
"""The final states, by their stat in a receipt."""

ARRIVALS_MAX: Final = 1_000_000
"""About a gigabyte of messages."""

Weights = dict[str, float]
Attribute: TypeAlias = "attrs.Attribute[Any]"


def _outcomes(_: object, attribute: Attribute, weights: Weights) -> None:
    for stat, weight in weights.items():
        if stat not in OUTCOMES:
            raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(OUTCOMES)}")
        if weight < 0.0:
            raise ValueError(f"{attribute.name}: {stat} must be at least 0, got {weight}")
    if not any(weights.values()):
        raise ValueError(f"{attribute.name}: one weight must be above 0")


def _errors(_: object, attribute: Attribute, shares: Weights) -> None:
    for name, share in shares.items():
        if not name.startswith("ESME_R") or not getattr(c, name, c.ESME_ROK):
            raise ValueError(f"{attribute.name}: {name} is not the name of an error status")
        if share < 0.0:
            raise ValueError(f"{attribute.name}: {name} must be at least 0, got {share}")
    if sum(shares.values()) > 1.0 + 1e-9:
        raise ValueError(f"{attribute.name}: the shares must not be more than 1 together")


def _error_codes(_: object, attribute: Attribute, codes: dict[str, tuple[int, ...]]) -> None:
    failures = [stat for stat in OUTCOMES if stat not in ("DELIVRD", NO_RECEIPT)]
    for stat, numbers in codes.items():
        if stat not in failures:
            raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(failures)}")
        if not numbers or not all(1 <= number <= 65_535 for number in numbers):
            raise ValueError(f"{attribute.name}: {stat} must be a list of numbers from 1 to 65535")


@attrs.frozen(kw_only=True)
class SimulatedAccount:
    """Who may bind to a simulated carrier; an empty password lets any in."""

    system_id: str = attrs.field(validator=octets(1, 15))
    password: str = attrs.field(default="", repr=False, validator=octets(0, 64, secret=True))
    binds_max: int = attrs.field(default=1_000, validator=at_least(1))
    """Sessions at the same time; one more is refused with ESME_RALYBND."""


@attrs.frozen(kw_only=True)
class CarrierProfile:
    """One simulated carrier. Every message has delays of its own; none waits for another's."""

    name: str = attrs.field(validator=plain_name)
    host: str = attrs.field(default="127.0.0.1", validator=octets(1, 253))
    port: int = attrs.field(validator=between(0, 65_535))
    """0: the system chooses one."""
    accounts: tuple[SimulatedAccount, ...] = ()
    """Empty: anybody may bind with any password."""
    window_max: int = attrs.field(default=10_000, validator=at_least(1))
    """Unanswered requests of one session; one more submit_sm gets `throttle_status`."""
    throughput_per_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """submit_sm a second that are taken, a tenth of a second's worth at once; above it `throttle_status`."""
    throttle_status: ThrottleStatus = "ESME_RTHROTTLED"
    response_s: float = attrs.field(default=0.0, validator=at_least(0))
    response_jitter_s: float = attrs.field(default=0.0, validator=at_least(0))
    response_shape: Shape = "uniform"
    """A response comes after response_s and, drawn evenly, up to response_jitter_s more. lognormal has a long
    tail instead: one half comes within the jitter, one in forty takes more than seven times as long."""
    receipt_s: float = attrs.field(default=0.0, validator=at_least(0))
    receipt_jitter_s: float = attrs.field(default=0.0, validator=at_least(0))
    receipt_shape: Shape = "uniform"
    """A receipt comes that long after its response."""
    outcomes: Weights = attrs.field(factory=lambda: {"DELIVRD": 1.0}, validator=_outcomes)
    """Weights, of any sum, of final states by their stat; NONE: no receipt ever."""
    error_codes: dict[str, tuple[int, ...]] = attrs.field(
        factory=dict[str, tuple[int, ...]], validator=_error_codes
    )
    """network_error_codes of failures by their stat, drawn evenly; 1, GSM's unknown subscriber, without."""
    errors: Weights = attrs.field(factory=dict[str, float], validator=_errors)
    """Shares of submit_sm refused with a command_status, by its name: { ESME_RSYSERR = 0.01 }."""
    message_ids: IdStyle = "decimal"
    receipt_ids: ReceiptIdStyle = "same"
    """How a receipt spells the id that submit_sm_resp spelt `message_ids`; a uuid has one spelling only."""
    receipt_tlvs: bool = True
    """Whether receipts say it in optional parameters too. Peers below 3.4 get none anyway."""
    deliver_window: int = attrs.field(default=1_000, validator=at_least(1))
    """Unanswered deliver_sm of one session."""
    deliver_timeout_s: float = attrs.field(default=60.0, validator=above(0))
    """How long a deliver_sm waits for its response before it counts as failed."""
    deliver_retry_s: float = attrs.field(default=5.0, validator=above(0))
    """Pause before a deliver_sm that failed goes out again."""
    deliver_attempts_max: int = attrs.field(default=10, validator=at_least(1))
    """A deliver_sm that failed so often is dropped."""
    enquire_link_s: float = attrs.field(default=60.0, validator=at_least(0))
    """Silence after which a peer is asked whether it is there; 0: never."""
    dialect: Dialect = attrs.field(factory=Dialect)
    """How it writes what it says."""
    keep_arrivals: int = attrs.field(default=0, validator=between(0, ARRIVALS_MAX))
    """So many messages that came last are kept to be asked for; 0: none, which is fastest."""
    seed: int = 1

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        if self.message_ids == "uuid" and self.receipt_ids != "same":
            raise ValueError("receipt_ids: a uuid has one spelling only, so it must be same")
        if len({account.system_id for account in self.accounts}) < len(self.accounts):
            raise ValueError("accounts: a system_id stands there twice")


@attrs.frozen(kw_only=True)
class SimulatorConfig:
    """All carriers of one process."""

    carriers: tuple[CarrierProfile, ...]
    control: ControlConfig | None = None
    """Where they can be steered while they run."""
