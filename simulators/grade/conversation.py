# What is remembered of one connection and of one account, as far as some rule needs it.
#
#   client ──asks──> carrier       asks:  requests of the client without a response
#   client <─asked── carrier       asked: requests of the carrier without a response
#
# Rule 1: everything is bounded; at the bound the oldest is forgotten, and nobody is accused by what is.
# Rule 2: an account (carrier and system_id) outlives its connections: a bind per message and a storm of binds
#         are seen only from there, and parts of a message may come by several connections.
"""The memory of the grader."""

from collections import OrderedDict, deque
from typing import Final, Literal

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind, DataSm, Pdu, SubmitMulti, SubmitSm

PENDING_MAX: Final = 10_000
"""Unanswered requests that are remembered of one direction of one connection."""
ANSWERED_MAX: Final = 1_000
"""sequence_numbers that were answered, to know a second answer from one to nothing."""
TIMES_MAX: Final = 2_000
"""Moments of submits, for the rate in the last second."""
PARTED_MAX: Final = 200
"""Long messages of one account whose parts are still awaited."""
KEPT_OCTETS_MAX: Final = 2_048
"""Of a PDU that is remembered: with a message_payload it may have 72,000, and ten thousand of them wait."""
THROTTLED_MAX: Final = 200
"""Bodies that were just refused with ESME_RTHROTTLED, by their hash."""

BINDS: Final[dict[int, "State"]] = {
    c.BIND_TRANSMITTER: "transmitter",
    c.BIND_RECEIVER: "receiver",
    c.BIND_TRANSCEIVER: "transceiver",
}
State = Literal["open", "binding", "transmitter", "receiver", "transceiver", "unbinding", "unbound"]
BOUND: Final = frozenset(BINDS.values())

Message = SubmitSm | DataSm | SubmitMulti


@attrs.frozen(kw_only=True)
class Limits:
    """What good manners mean in numbers; a carrier's own terms may say otherwise. Seconds."""

    window_max: int = 10
    """Unanswered requests of one bind (SMPP 3.4 section 2.7 recommends no more than 10)."""
    slow_s: float = 5.0
    """A response that takes longer is late."""
    unanswered_s: float = 30.0
    """A request without a response for so long is counted as not answered."""
    quiet_s: float = 120.0
    """Silence on a bind after which the client should have sent an enquire_link."""
    enquire_every_s: float = 5.0
    """Enquire_links that come closer than this, three times in a row, are too many."""
    session_init_s: float = 30.0
    """A connection without a bind for so long is idle (session_init_timer, SMPP 3.4 section 7.2)."""
    parts_s: float = 60.0
    """The other parts of a long message should have come by then."""
    retry_s: float = 0.2
    """The same message again so soon after ESME_RTHROTTLED is no pause."""
    rebind_s: float = 1.0
    """A bind so soon after a refused one is no pause either."""


@attrs.define(eq=False)
class Pending:
    """A request without a response."""

    command_id: int
    at: float
    raw: bytes = attrs.field(repr=False)
    body_hash: int = 0
    is_given_up: bool = False
    pdu: Pdu | None = attrs.field(default=None, repr=False)
    """What was asked, if it is no longer than KEPT_OCTETS_MAX."""


@attrs.define(eq=False)
class Parted:
    """A long message of which not all parts have been seen."""

    total: int
    kind: str
    first_at: float
    raw: bytes = attrs.field(repr=False)
    data_coding: int
    seen: set[int] = attrs.Factory(set[int])
    is_forgiven: bool = False
    """The carrier refused a part for good: the client may leave it at that."""
    is_retry_due: bool = False
    """The carrier refused a part for speed: the client should send it again."""


@attrs.define(eq=False)
class Account:
    """What is known of one system_id at one carrier."""

    short_sessions: int = 0
    """Sessions in a row that carried exactly one message."""
    refused_at: float = 0.0
    hasty_binds: int = 0
    """Binds in a row that came too soon after a refusal."""
    parted: OrderedDict[tuple[bytes, bytes, int, str], Parted] = attrs.Factory(
        OrderedDict[tuple[bytes, bytes, int, str], Parted]
    )
    parted_whole: int = 0
    """Long messages of which all parts came."""
    parts_retried: int = 0
    """... after one of them had been refused for speed."""
    is_parted_full: bool = False
    throttled: OrderedDict[int, float] = attrs.Factory(OrderedDict[int, float])


@attrs.define(eq=False)
class Slowdown:
    """A refusal for speed, and what the client did in the second before and after it."""

    at: float
    before: int
    after: int = 0
    raw: bytes = attrs.field(default=b"", repr=False)


@attrs.define(eq=False)
class Conversation:
    """One connection, seen from the wire."""

    connection: int
    carrier: str
    peer: str
    connected_at: float
    limits: Limits
    account: Account = attrs.Factory(Account)
    state: State = "open"
    system_id: str = ""
    interface_version: int = 0x34
    asks: OrderedDict[int, Pending] = attrs.Factory(OrderedDict[int, Pending])
    asked: OrderedDict[int, Pending] = attrs.Factory(OrderedDict[int, Pending])
    answered: OrderedDict[int, int] = attrs.Factory(OrderedDict[int, int])
    """sequence_numbers of the carrier that the client has answered, and how."""
    last_asked: int = 0
    """The highest sequence_number of the carrier."""
    forgotten: int = 0
    """Requests of the carrier that were too many to remember, answered ones too."""
    last_sequence: int | None = None
    last_at: float = 0.0
    """When the client last asked for something, or the carrier sent anything but an enquire_link."""
    last_enquire_at: float | None = None
    hasty_enquires: int = 0
    messages: int = 0
    receipts_wanted: int = 0
    asks_max: int = 0
    slowest_answer_s: float = 0.0
    submits: deque[float] = attrs.Factory(lambda: deque[float](maxlen=TIMES_MAX))
    slowdown: Slowdown | None = None
    unbind_at: float | None = None
    """When the client's own unbind came."""
    carrier_unbind_at: float | None = None
    outbind_at: float | None = None
    outbind_raw: bytes = attrs.field(default=b"", repr=False)
    has_bound: bool = False
    has_bad_bind: bool = False
    """A bind that could not be read: what follows may be its password."""
    is_given_up: bool = False
    """The carrier gave the connection up: its end is not the client's doing."""
    has_idled: bool = False

    @property
    def is_bound(self) -> bool:
        """Whether the carrier has accepted a bind and nobody has unbound."""
        return self.state in BOUND

    def busy(self, now: float) -> None:
        """Take note that there is traffic."""
        self.last_at = now
        self.has_idled = False

    def quiet_s(self, now: float) -> float:
        """Seconds without traffic; the carrier's enquire_links are none."""
        return now - (self.last_at or self.connected_at)


@attrs.define(eq=False)
class Seen:
    """One thing that happened: what rules look at. `raw` is the PDU that it is about, from its header on."""

    talk: Conversation
    now: float
    raw: bytes = attrs.field(default=b"", repr=False)
    pdu: Pdu | None = None
    request: Pending | None = None
    """Of a response: what it answers."""
    problem: str = ""
    is_last: bool = False
    """Nothing will come any more."""

    @property
    def message(self) -> Message:
        """The message that it is about."""
        assert isinstance(self.pdu, (SubmitSm, DataSm, SubmitMulti))
        return self.pdu

    @property
    def bind(self) -> Bind:
        """The bind that it is about."""
        assert isinstance(self.pdu, Bind)
        return self.pdu


def remember(pending: OrderedDict[int, Pending], sequence_number: int, one: Pending) -> int:
    """Add a request without a response; return how many had to be forgotten for it."""
    pending[sequence_number] = one
    if len(pending) > PENDING_MAX:
        pending.popitem(last=False)
        return 1
    return 0
