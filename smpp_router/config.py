# The whole configuration as plain values. config_file.py reads the files; who needs a value imports it here.
#
# Rule 1: a value that exists is valid by itself (config_checks.py); what needs two values at once, such as a
#         route that names a carrier, is checked by config_file.py.
# Rule 2: units stand last in the name: _s is seconds, _per_s per second, _bytes octets; _max holds.
# Rule 3: a default is given only where it serves a stranger well; addresses, names and secrets have none.
# Rule 4: what could let somebody in by omission has no default: `allow_from` must be written, and empty means
#         nobody.
"""Configuration values of the router."""

from pathlib import Path
from typing import Literal

import attrs

from smpp_router.config_alarms import AlarmsConfig
from smpp_router.config_api import ApiConfig
from smpp_router.config_checks import (
    above,
    anything,
    at_least,
    between,
    cidr,
    digits_only,
    each,
    entries,
    host_name,
    if_given,
    octets,
    one_of,
    plain_name,
    refusal_status,
    regular_expression,
    some,
)
from smpp_router.config_compliance import ComplianceConfig, HoursConfig
from smpp_router.config_health import HealthConfig
from smpp_router.config_routes import PriceConfig, RoutesConfig

BindType = Literal["transmitter", "receiver", "transceiver"]
Alphabet = Literal["gsm", "gsm_packed", "latin1", "ascii"]
"""What data_coding 0 means to a peer: unpacked GSM 03.38, GSM packed 8 in 7, ISO 8859-1 or ASCII."""
ValidityStyle = Literal["relative", "absolute", "none"]
"""How a carrier is told what is left of a message: SMPP 3.4 section 7.1.1, or not at all."""

DAY_S = 86_400.0
MIB = 1 << 20


@attrs.frozen(kw_only=True)
class TlsConfig:
    """TLS of a listener: version 1.2 or later."""

    certificate: Path
    """PEM file: our certificate, then its chain."""
    key: Path
    """PEM file: the private key of the certificate."""
    client_ca: Path | None = None
    """PEM file of the authorities whose client certificates we trust; None: none are asked for."""
    require_client_certificate: bool = False
    """Whether a client without a trusted certificate is turned away; needs client_ca."""


@attrs.frozen(kw_only=True)
class TlsClientConfig:
    """TLS towards a carrier: version 1.2 or later."""

    ca: Path | None = None
    """PEM file of the authorities that we trust; None: those of the system."""
    server_name: str | None = None
    """The name that the carrier's certificate must carry; None: the link's host."""
    verify: bool = True
    """Whether the carrier's certificate is checked. Without it anybody on the way can read the password."""
    certificate: Path | None = None
    """PEM file: our certificate, for carriers that ask for one."""
    key: Path | None = None
    """PEM file: its private key."""


@attrs.frozen(kw_only=True)
class ListenerConfig:
    """One port that ESMEs connect to."""

    host: str = attrs.field(validator=host_name)
    port: int = attrs.field(default=2775, validator=between(0, 65_535))
    """0: the system chooses one, which the log tells. 2775 is SMPP's registered port."""
    tls: TlsConfig | None = None
    proxy_from: tuple[str, ...] = attrs.field(default=(), validator=each(cidr))
    """Load balancers that tell the true source address by the PROXY protocol; empty: nobody is believed."""
    connections_max: int = attrs.field(default=4_096, validator=at_least(1))
    """Above it a new connection is closed at once: each one costs a descriptor and two tasks."""


@attrs.frozen(kw_only=True)
class StoreConfig:
    """Where accepted messages live until they are final."""

    path: Path
    """A directory, made if missing, used by one router at a time."""
    commit: Literal["thread", "inline"] = "thread"
    """thread: fdatasync beside the event loop; inline: on it, for machines with a single core."""
    segment_bytes: int = attrs.field(default=64 * MIB, validator=at_least(4_096))
    """Size at which a log file is closed and a new one begun: the unit of clean-up."""
    retention_s: float = attrs.field(default=7 * DAY_S, validator=at_least(0))
    """How long the journal, with the texts, is kept of messages that are finished."""
    history_s: float = attrs.field(default=155 * DAY_S, validator=at_least(0))
    """How long what happened to a message can be asked for after its end; 0: as long as retention_s."""
    history_texts: bool = False
    """Whether history has the texts of messages, too."""
    history_campaign_tag: int | None = attrs.field(default=None, validator=if_given(between(1, 0xFFFF)))
    """The optional parameter that names a message's campaign; None: its service_type does."""
    disk_free_min_bytes: int = attrs.field(default=512 * MIB, validator=at_least(0))
    """With less free, new messages are refused with ESME_RMSGQFUL, so that receipts can still be stored."""


@attrs.frozen(kw_only=True)
class TimersConfig:
    """Timers of ESME sessions (SMPP 3.4 section 7.2), in seconds."""

    session_init_s: float = attrs.field(default=10.0, validator=above(0))
    """A connection that has not bound by then is closed."""
    enquire_link_s: float = attrs.field(default=30.0, validator=above(0))
    """Silence after which we ask whether the peer is still there."""
    inactivity_s: float = attrs.field(default=600.0, validator=above(0))
    """A session without a message for so long is unbound."""
    response_s: float = attrs.field(default=10.0, validator=above(0))
    """A request of ours that is not answered by then has failed."""
    write_stall_s: float = attrs.field(default=30.0, validator=above(0))
    """A peer that takes no bytes for so long is disconnected."""
    bad_password_delay_s: float = attrs.field(default=1.0, validator=at_least(0))
    """A wrong password is answered that much later, against guessing."""


@attrs.frozen(kw_only=True)
class LimitsConfig:
    """Bounds of what the router holds in memory."""

    outbox_bytes_max: int = attrs.field(default=MIB, validator=at_least(65_536))
    """Unsent bytes of one session above which we stop reading from it; one PDU can have 64 KiB."""
    orphan_receipts_max: int = attrs.field(default=100_000, validator=at_least(0))
    """Receipts kept that came before the response naming their message; the oldest goes first."""
    orphan_receipt_s: float = attrs.field(default=60.0, validator=above(0))
    """How long such a receipt is kept."""
    in_flight_max: int = attrs.field(default=1_000_000, validator=at_least(1))
    """Messages without a final state, at about 600 bytes each; above it submits get ESME_RMSGQFUL."""
    pinned_parts_max: int = attrs.field(default=100_000, validator=at_least(1))
    """Long messages for which we remember which carrier their parts go by; the oldest is forgotten first."""


@attrs.frozen(kw_only=True)
class PathsConfig:
    """Several carriers for each message of a class; docs/paths.md tells how they are used."""

    mode: Literal["hedged", "parallel", "failover"] = "hedged"
    """hedged: the next carrier when one has not confirmed in time; parallel: all at once; failover: the next
    one only when the one before has definitely failed, or is dead."""
    count: int = attrs.field(default=3, validator=between(2, 7))
    """Carriers for one message, which share no link, and no failure domain as far as there are enough."""
    count_min: int | None = attrs.field(default=None, validator=if_given(between(1, 7)))
    """Fewest that a route may have, else the configuration is refused; None: count."""
    once: bool = False
    """Whether each carrier is tried once only. Else refused ones are tried again, as retries_max says."""
    confirm_percent: int = attrs.field(default=99, validator=between(50, 99))
    """hedged: a receipt is waited for as long as so many of a hundred of the carrier's take, as learned.

    parallel: twice as long before the marked copies of a message that was delivered are cancelled.
    """
    confirm_min_s: float = attrs.field(default=2.0, validator=above(0))
    """And never shorter than this,"""
    confirm_max_s: float = attrs.field(default=30.0, validator=above(0))
    """nor longer than this, which is also what counts as long as too little is known of a carrier."""
    dead_s: float = attrs.field(default=60.0, validator=above(0))
    """failover: a carrier that has the message and no session for so long is dead."""
    replace: bool = False
    """hedged, failover: whether a handset replaces one copy by the next, as with parallel ones."""


@attrs.frozen(kw_only=True)
class MarkConfig:
    """Something that every message of a class must carry, such as a filing number."""

    name: str = attrs.field(validator=octets(1, 40))
    """What logs and statistics call it."""
    pattern: str = attrs.field(validator=regular_expression)
    """A regular expression that must be found in the text."""
    tlv: int | None = attrs.field(default=None, validator=if_given(between(0, 0xFFFF)))
    """Look in this optional parameter, as UTF-8, and not in the text."""


@attrs.frozen(kw_only=True)
class ClassConfig:
    """A traffic class: what matters for one kind of message."""

    name: str = attrs.field(validator=plain_name)
    delivery: Literal["at_least_once", "at_most_once"] = "at_least_once"
    """What to do with a message whose link died before it was answered: send it again, or give it up."""
    validity_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """Longest validity in this class; None: what the account and the message say."""
    priority: int = attrs.field(default=0, validator=between(0, 9))
    """Higher goes first when a carrier's queue has to wait."""
    paths: PathsConfig | None = None
    """Several independent carriers for each message; None: one at a time."""
    required_marks: tuple[MarkConfig, ...] = ()
    """What a message must carry to be taken; of a long message: docs/paths.md."""
    missing_mark_status: str = attrs.field(default="ESME_RSUBMITFAIL", validator=refusal_status)
    """The command_status for one that does not, by its name in SMPP 3.4 section 5.1.3."""


@attrs.frozen(kw_only=True)
class AccountConfig:
    """A customer: who may bind as it, how much it may send, and how its receipts are kept."""

    system_id: str = attrs.field(validator=octets(1, 15))
    secrets: tuple[str, ...] = attrs.field(repr=False, validator=entries(1, 2))
    """One or two scrypt strings from `smpp-router secret`; two while a password is being changed."""
    allow_from: tuple[str, ...] = attrs.field(validator=each(cidr))
    """Networks it may bind from. Empty: none. Everywhere must be said: "0.0.0.0/0", "::/0"."""
    system_type: str | None = attrs.field(default=None, validator=if_given(octets(0, 12)))
    """The only system_type that is let in; None: any."""
    binds_max: int = attrs.field(default=4, validator=at_least(1))
    """Sessions at the same time."""
    bind_types: tuple[BindType, ...] = attrs.field(
        default=("transmitter", "receiver", "transceiver"), validator=some(anything)
    )
    takeover: Literal["refuse", "kick_oldest"] = "refuse"
    """A bind above binds_max is refused with ESME_RALYBND, or ends the oldest session."""
    throughput_per_s: float = attrs.field(default=100.0, validator=above(0))
    """submit_sm a second over all its sessions; parts count. Above it: ESME_RTHROTTLED."""
    burst: int = attrs.field(default=100, validator=at_least(1))
    """How many may come at once after a pause."""
    window_max: int = attrs.field(default=256, validator=at_least(1))
    """Unanswered submit_sm of one session; one more is refused with ESME_RTHROTTLED."""
    traffic_class: str = attrs.field(default="default", validator=plain_name)
    default_alphabet: Alphabet = "gsm"
    validity_s: float = attrs.field(default=2 * DAY_S, validator=above(0))
    """Validity of a message that does not say one (validity_period NULL, SMPP 3.4 section 5.2.16)."""
    mo_addresses: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """Short codes and longer numbers, by prefix, whose mobile-originated messages go to this account."""
    receipts_max: int = attrs.field(default=100_000, validator=at_least(0))
    """Receipts kept while it is not bound; the oldest goes first."""
    receipts_age_s: float = attrs.field(default=3 * DAY_S, validator=above(0))
    """A receipt that could not be handed over for so long is given up."""
    receipt_retry_s: float = attrs.field(default=30.0, validator=above(0))
    """Pause after the ESME refused a deliver_sm or did not answer it."""
    deliver_window: int = attrs.field(default=16, validator=at_least(1))
    """deliver_sm that one session may have unanswered."""


@attrs.frozen(kw_only=True)
class LinkConfig:
    """One way into a carrier: an address and how we bind there."""

    host: str = attrs.field(validator=host_name)
    port: int = attrs.field(default=2775, validator=between(1, 65_535))
    system_id: str = attrs.field(validator=octets(1, 15))
    password: str = attrs.field(repr=False, validator=octets(0, 64, secret=True))
    """SMPP 3.4 gives it 8 octets; carriers that hand out longer ones exist."""
    system_type: str = attrs.field(default="", validator=octets(0, 12))
    bind: BindType = "transceiver"
    binds: int = attrs.field(default=1, validator=between(1, 64))
    """Sessions that are kept up at the same time."""
    tls: TlsClientConfig | None = None


@attrs.frozen(kw_only=True)
class CarrierConfig:
    """A carrier: its links and its habits."""

    name: str = attrs.field(validator=plain_name)
    links: tuple[LinkConfig, ...] = attrs.field(validator=some())
    window: int = attrs.field(default=64, validator=between(1, 10_000))
    """Unanswered submit_sm on one session. Throughput is at most window / response time."""
    rate_per_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """submit_sm a second that the contract allows over all links; None: no limit but the window."""
    response_timeout_s: float = attrs.field(default=30.0, validator=above(0))
    """A submit_sm not answered by then has failed on this carrier."""
    receipt_late_s: float = attrs.field(default=300.0, validator=at_least(0))
    """How long after a message's validity its receipt is waited for; then the message counts as UNKNOWN."""
    enquire_link_s: float = attrs.field(default=30.0, validator=above(0))
    reconnect_min_s: float = attrs.field(default=1.0, validator=above(0))
    """First pause between two attempts to connect; it doubles up to the next one."""
    reconnect_max_s: float = attrs.field(default=60.0, validator=above(0))
    message_id_style: Literal["auto", "raw", "dec", "hex", "dec_dec", "dec_hex", "hex_dec", "hex_hex"] = (
        "auto"
    )
    """How the id in a receipt is written: as in submit_sm_resp (raw), in decimal, in hex; auto finds out."""
    validity_style: ValidityStyle = "relative"
    """How it is told how long a message may last: a span from now, a time in UTC, or not at all."""
    default_alphabet: Alphabet = "gsm"
    interface_version: int = attrs.field(default=0x34, validator=one_of(0x33, 0x34, 0x50))
    send_tlvs: bool = True
    """Whether optional parameters are passed on; SMPP 3.3 has none."""
    queue_max: int = attrs.field(default=50_000, validator=at_least(1))
    """Messages that wait for room in the window; above it the next carrier of the route is taken."""
    retries_max: int = attrs.field(default=3, validator=at_least(0))
    """Further attempts on this carrier after a failure that may pass."""
    price_per_part: float = attrs.field(default=0.0, validator=at_least(0))
    """What one part of a message costs, in whatever unit all carriers' prices are told in."""
    prices: tuple[PriceConfig, ...] = ()
    """Where another price holds."""
    failure_domain: str = attrs.field(default="", validator=octets(0, 40))
    """What it shares with other carriers that could fail at once, such as a city or an aggregator; empty:
    nothing. Paths of one message prefer carriers of different domains."""
    marketing_hours: HoursConfig | None = None
    """When it may be given marketing, beside the hours that hold for all; None: whenever those let it."""


@attrs.frozen(kw_only=True)
class RouterConfig:
    """Everything that the router is told."""

    node_id: int = attrs.field(default=0, validator=between(0, 1_023))
    """Part of every message_id, so that two routers never issue the same one: 10 bits of it."""
    message_id_style: Literal["decimal", "hex"] = "decimal"
    """How our own message_id looks to ESMEs."""
    shutdown_s: float = attrs.field(default=10.0, validator=at_least(0))
    """How long a stop may take; half of it and more is for requests that are not answered yet."""
    drain_s: float = attrs.field(default=600.0, validator=at_least(0))
    """How long a carrier that a reload took out is kept bound for the receipts of what it has taken, and an
    old link until the one in its place is bound."""
    listeners: tuple[ListenerConfig, ...] = attrs.field(validator=some())
    store: StoreConfig
    timers: TimersConfig = attrs.field(factory=TimersConfig)
    limits: LimitsConfig = attrs.field(factory=LimitsConfig)
    classes: tuple[ClassConfig, ...] = (ClassConfig(name="default"),)
    accounts: tuple[AccountConfig, ...] = ()
    carriers: tuple[CarrierConfig, ...] = ()
    routes: RoutesConfig = attrs.field(factory=RoutesConfig)
    compliance: ComplianceConfig | None = None
    """What messages are screened by; None: they are not."""
    health: HealthConfig = attrs.field(factory=HealthConfig)
    alarms: AlarmsConfig = attrs.field(factory=AlarmsConfig)
    api: ApiConfig | None = None
    """The HTTP API; None: there is none."""
