# How a simulated carrier behaves, as plain values. A profile that exists is valid by itself; what needs two
# of them, such as a port that is taken twice, is checked by config_file.py.
"""Profiles of simulated carriers."""

from typing import Any, Final, Literal

import attrs

from simulators.anomalies import Anomalies
from simulators.control.config import ControlConfig
from simulators.dialect import Dialect
from simulators.distributions import DELAY_MAX_S, Delay
from simulators.faults.config import Faults
from simulators.interception import Interception
from simulators.mobile_originated import MoTraffic
from simulators.outbind_config import OutbindConfig
from simulators.outcomes import Weights, codes_of_failures, shares_of_errors, weights_of_outcomes
from simulators.rules import RULES_MAX, Rule
from simulators.signalling.config import NetworkConfig
from simulators.timeline.entry import Entry
from smpp_router.config import TlsConfig
from smpp_router.config_checks import above, at_least, between, each, entries, if_given, octets, plain_name

IdStyle = Literal["decimal", "hex", "padded", "uuid"]
ReceiptIdStyle = Literal["same", "decimal", "hex"]
Shape = Literal["uniform", "lognormal"]
Reaction = Literal["ESME_RTHROTTLED", "ESME_RMSGQFUL", "silence", "disconnect"]
BindType = Literal["transmitter", "receiver", "transceiver"]

ARRIVALS_MAX: Final = 1_000_000
"""About a gigabyte of messages."""
TIMELINE_MAX: Final = 1_000
"""Entries of one carrier: all of them are looked at whenever one begins or ends."""
LISTENERS_MAX: Final = 64
"""Ports of a carrier besides its first: more is a mistake in a program that writes the file."""
DESTINATIONS_MAX: Final = 10_000
"""Members of one distribution list."""

_delay_s = between(0, DELAY_MAX_S)
_number = octets(1, 20)
_list_name = octets(1, 20)


def _lists(_: object, attribute: "attrs.Attribute[Any]", lists: dict[str, tuple[str, ...]]) -> None:
    for name, numbers in lists.items():
        _list_name(None, attribute, name)
        entries(1, DESTINATIONS_MAX)(None, attribute, numbers)
        each(_number)(None, attribute, numbers)


def _mo_routes(_: object, attribute: "attrs.Attribute[Any]", routes: dict[str, str]) -> None:
    for prefix, system_id in routes.items():
        _number(None, attribute, prefix)
        octets(1, 15)(None, attribute, system_id)


@attrs.frozen(kw_only=True)
class SimulatedAccount:
    """Who may bind to a simulated carrier; an empty password lets any in."""

    system_id: str = attrs.field(validator=octets(1, 15))
    password: str = attrs.field(default="", repr=False, validator=octets(0, 64, secret=True))
    binds_max: int = attrs.field(default=1_000, validator=at_least(1))
    """Sessions at the same time; one more is refused with ESME_RALYBND."""
    bind_types: tuple[BindType, ...] = ("transmitter", "receiver", "transceiver")
    """How it may bind; any other bind is refused with ESME_RBINDFAIL."""
    receipts_to: str = attrs.field(default="", validator=octets(0, 15))
    """The account that gets its receipts, for pairs of accounts that send and receive; empty: itself."""
    outbind: OutbindConfig | None = None
    """Where and when the carrier calls it, so that it binds and takes what waits."""


@attrs.frozen(kw_only=True)
class SimulatedListener:
    """One port of a carrier."""

    host: str = attrs.field(default="127.0.0.1", validator=octets(1, 253))
    port: int = attrs.field(validator=between(0, 65_535))
    """0: the system chooses one."""
    tls: TlsConfig | None = None
    """Certificate and key; with client_ca clients may, or must, show certificates of their own."""


@attrs.frozen(kw_only=True)
class CarrierProfile:
    """One simulated carrier. Every message has delays of its own; none waits for another's."""

    name: str = attrs.field(validator=plain_name)
    host: str = attrs.field(default="127.0.0.1", validator=octets(1, 253))
    port: int = attrs.field(validator=between(0, 65_535))
    """0: the system chooses one."""
    listeners: tuple[SimulatedListener, ...] = attrs.field(default=(), validator=entries(0, LISTENERS_MAX))
    """More ports of the same carrier, with TLS or without."""
    accounts: tuple[SimulatedAccount, ...] = ()
    """Empty: anybody may bind with any password."""
    window_max: int = attrs.field(default=10_000, validator=at_least(1))
    """Unanswered requests of one session; one more submit_sm gets `throttle_status`."""
    throughput_per_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """submit_sm a second that are taken, a tenth of a second's worth at once; above it `throttle_status`."""
    throttle_status: Reaction = "ESME_RTHROTTLED"
    """What becomes of what is above: a status, no answer at all, or the end of the connection. For the window
    dialect.over_window may say otherwise."""
    queue_capacity: int | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """Messages under way; one more is refused with ESME_RMSGQFUL. None: two million."""
    response_s: float = attrs.field(default=0.0, validator=(at_least(0), _delay_s))
    response_jitter_s: float = attrs.field(default=0.0, validator=(at_least(0), _delay_s))
    response_shape: Shape = "uniform"
    """A response comes after response_s and, drawn evenly, up to response_jitter_s more. lognormal has a long
    tail instead: one half comes within the jitter, one in forty takes more than seven times as long."""
    receipt_s: float = attrs.field(default=0.0, validator=(at_least(0), _delay_s))
    receipt_jitter_s: float = attrs.field(default=0.0, validator=(at_least(0), _delay_s))
    receipt_shape: Shape = "uniform"
    """A receipt comes that long after its response."""
    response_delay: Delay | None = None
    """Other distributions, by hour too; where it is given, response_s and its companions say nothing."""
    receipt_delay: Delay | None = None
    """The same for receipts."""
    outcomes: Weights = attrs.field(factory=lambda: {"DELIVRD": 1.0}, validator=weights_of_outcomes)
    """Weights, of any sum, of final states by their stat; NONE: no receipt ever."""
    error_codes: dict[str, tuple[int, ...]] = attrs.field(
        factory=dict[str, tuple[int, ...]], validator=codes_of_failures
    )
    """network_error_codes of failures by their stat, drawn evenly; 1, GSM's unknown subscriber, without."""
    errors: Weights = attrs.field(factory=dict[str, float], validator=shares_of_errors)
    """Shares of submit_sm refused with a command_status, by its name: { ESME_RSYSERR = 0.01 }, or
    by number: { 0x0401 = 0.01 }."""
    message_ids: IdStyle = "decimal"
    receipt_ids: ReceiptIdStyle = "same"
    """How a receipt spells the id that submit_sm_resp spelt `message_ids`; a uuid has one spelling only."""
    receipt_tlvs: bool = True
    """Whether receipts say it in optional parameters too. Peers below 3.4 get none anyway."""
    mo: MoTraffic = attrs.field(factory=MoTraffic)
    """What subscribers send to services by themselves."""
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
    rules: tuple[Rule, ...] = attrs.field(default=(), validator=entries(0, RULES_MAX))
    """What happens to messages for some destinations, from some senders, with some texts."""
    magic_numbers: bool = False
    """Whether the last five digits of a destination say what shall happen: see directives.py."""
    directives: bool = False
    """Whether texts may say what shall happen to them, as in "#stat=UNDELIV"."""
    anomalies: Anomalies = attrs.field(factory=Anomalies)
    """Shares of receipts and responses that go wrong."""
    interception: Interception | None = None
    """What it filters of the texts of some senders."""
    distribution_lists: dict[str, tuple[str, ...]] = attrs.field(
        factory=dict[str, tuple[str, ...]], validator=_lists
    )
    """Destinations by name of the list, for submit_multi."""
    mo_routes: dict[str, str] = attrs.field(factory=dict[str, str], validator=_mo_routes)
    """system_ids by the prefix of the number that a subscriber sends to; the longest prefix counts."""
    dialect: Dialect = attrs.field(factory=Dialect)
    """How it writes what it says."""
    faults: Faults = attrs.field(factory=Faults)
    """What is wrong with its connections."""
    timeline: tuple[Entry, ...] = attrs.field(default=(), validator=entries(0, TIMELINE_MAX))
    """What changes when."""
    keep_arrivals: int = attrs.field(default=0, validator=between(0, ARRIVALS_MAX))
    """So many messages that came last are kept to be asked for; 0: none, which is fastest."""
    seed: int = 1

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        if self.message_ids == "uuid" and self.receipt_ids != "same":
            raise ValueError("receipt_ids: a uuid has one spelling only, so it must be same")
        if len({account.system_id for account in self.accounts}) < len(self.accounts):
            raise ValueError("accounts: a system_id stands there twice")
        known = {"", *(account.system_id for account in self.accounts)}
        if self.mo.system_id and self.mo.system_id not in known and self.accounts:
            raise ValueError(f"mo.system_id: {self.mo.system_id} is no account's system_id")
        for account in self.accounts:
            if account.receipts_to not in known:
                raise ValueError(f"accounts: receipts_to {account.receipts_to} is no account's system_id")

    @property
    def all_listeners(self) -> tuple[SimulatedListener, ...]:
        """Where it listens: its own port first, then the others."""
        return (SimulatedListener(host=self.host, port=self.port), *self.listeners)

    def mo_account(self, number: bytes) -> str:
        """Return the account that gets what subscribers send to a number, empty if mo_routes has none."""
        digits = number.decode("latin-1")
        prefixes = [prefix for prefix in self.mo_routes if digits.startswith(prefix)]
        return self.mo_routes[max(prefixes, key=len)] if prefixes else ""

    def delay_of_response(self) -> Delay:
        """Return how long a response takes."""
        return self.response_delay or _delay(self.response_s, self.response_jitter_s, self.response_shape)

    def delay_of_receipt(self) -> Delay:
        """Return how long after its response a receipt comes."""
        return self.receipt_delay or _delay(self.receipt_s, self.receipt_jitter_s, self.receipt_shape)


def _delay(least_s: float, jitter_s: float, shape: Shape) -> Delay:
    return Delay(kind=shape, s=least_s, jitter_s=jitter_s)


@attrs.frozen(kw_only=True)
class SimulatorConfig:
    """All carriers of one process."""

    carriers: tuple[CarrierProfile, ...]
    timeline: tuple[Entry, ...] = attrs.field(default=(), validator=entries(0, TIMELINE_MAX))
    """What changes when, of several carriers; load_simulators() puts it before each carrier's own."""
    control: ControlConfig | None = None
    """Where they can be steered while they run."""
    network: NetworkConfig | None = None
    """The radio network behind them; None: each carrier draws how its messages end."""
