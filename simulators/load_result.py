"""What a load generator is asked for, and what it found."""

import ssl
from typing import Any, Final

import attrs

from simulators.histogram import Histogram
from simulators.load_matching import Matching
from simulators.load_series import Series
from simulators.traffic.accounts import LoadAccount
from simulators.traffic.mix import Kind, TrafficConfig
from simulators.traffic.pace import Arrival, Ramp, steady

TEXT: Final = (
    "【速达快递】您的包裹已到达幸福路驿站，取件码7-2-3018，"
    "请于今日20:00前凭码领取，逾期退回。客服电话95311，感谢您的支持配合！"
)
"""70 characters: one short message in UCS2, full."""


@attrs.frozen(kw_only=True)
class LoadOptions:
    """What to offer, and to whom. `count` messages or `duration_s` end it, whichever comes first.

    Without `rate_per_s` and `ramp` it is a closed loop: each session keeps its window full. With one of them
    it is an open loop: messages fall due by the clock whatever comes back, and latencies count from then.
    """

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "bench"
    password: str = attrs.field(default="", repr=False)
    bind: str = "transceiver"
    binds: int = 4
    window: int = 250
    rate_per_s: float | None = None
    ramp: Ramp | None = None
    """Instead of one rate. Without count and duration_s the load ends with the ramp."""
    arrival: Arrival = "fixed"
    """How messages of an open loop are spaced: evenly, or as a Poisson stream."""
    count: int | None = 10_000
    duration_s: float | None = None
    text: str = TEXT
    source: str = "106900"
    prefixes: tuple[str, ...] = ("86139", "86130", "86133")
    """Eight more digits, different for each message, make them numbers."""
    receipts: bool = True
    drain_s: float = 30.0
    """The silence after which what has not come back is lost."""
    tls: ssl.SSLContext | None = attrs.field(default=None, repr=False)
    kinds: tuple[Kind, ...] = ()
    """What to send; empty: `text` from `source` to numbers of `prefixes`."""
    accounts: tuple[LoadAccount, ...] = ()
    """As whom; empty: `binds` connections of `system_id`."""
    misbehave: tuple[str, ...] = ()
    """Names of misbehaviours, each done on connections of its own beside the load."""
    misbehave_as: str = ""
    """Their system_id; empty: the first account's, which then shares its receipts with them."""
    misbehave_password: str = attrs.field(default="", repr=False)
    has_series: bool = False
    """Whether the result tells what happened second by second."""
    seed: int = 1

    @property
    def is_open(self) -> bool:
        """Whether messages fall due by the clock."""
        return self.rate_per_s is not None or self.ramp is not None

    @property
    def rates(self) -> Ramp | None:
        """The rate of an open loop."""
        return self.ramp or (None if self.rate_per_s is None else steady(self.rate_per_s))

    def all_kinds(self) -> tuple[Kind, ...]:
        """Return what is sent."""
        patterns = tuple(prefix + "#" * 8 for prefix in self.prefixes)
        return (
            self.kinds
            or TrafficConfig(
                kinds=(Kind(texts=(self.text,), sender=self.source, destinations=patterns),)
            ).kinds
        )

    def all_accounts(self) -> tuple[LoadAccount, ...]:
        """Return as whom it is sent."""
        if self.accounts:
            return self.accounts
        kind = "transmitter" if self.bind == "transmitter" else "transceiver"
        return (LoadAccount(system_id=self.system_id, password=self.password, binds=self.binds, bind=kind),)


@attrs.define(eq=False)
class LoadResult:
    """What came back. Counts are of submit_sm; histograms of submit to response and submit to final receipt.

    lost: accepted and no final receipt (`missing`), or never answered (`unanswered`). duplicated: final
    receipts of messages that had one. unmatched: of no message. untracked: messages beyond the table of
    those that wait. overdue: messages that were due, and never had room in a window. unbound: sessions that
    were refused, or lost before their time. stats: final receipts by stat.
    """

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    answered: int = 0
    overdue: int = 0
    unbound: int = 0
    elapsed_s: float = 0.0
    statuses: dict[str, int] = attrs.Factory(dict[str, int])
    stats: dict[str, int] = attrs.Factory(dict[str, int])
    submit: Histogram = attrs.Factory(Histogram)
    matching: Matching = attrs.Factory(Matching)
    bind_p99_ms: list[float] = attrs.Factory(list[float])
    sent_as: dict[str, int] = attrs.Factory(dict[str, int])
    """By system_id."""
    series: Series | None = None
    misbehaved: dict[str, Any] = attrs.Factory(dict[str, Any])
    """What became of each misbehaviour, by its name."""

    @property
    def receipts(self) -> int:
        """Final receipts of messages that lacked one."""
        return self.matching.receipts

    @property
    def duplicated(self) -> int:
        """Final receipts of messages that had one."""
        return self.matching.duplicated

    @property
    def unmatched(self) -> int:
        """Final receipts of no message."""
        return self.matching.unmatched

    @property
    def receipt(self) -> Histogram:
        """From when a message was due to its final receipt."""
        return self.matching.latency

    @property
    def unanswered(self) -> int:
        """submit_sm without a response."""
        return self.sent - self.answered

    @property
    def missing(self) -> int:
        """Accepted messages without their final receipt."""
        return self.matching.missing

    @property
    def lost(self) -> int:
        """Messages of which nothing more is known."""
        return self.missing + self.unanswered

    @property
    def is_clean(self) -> bool:
        """Whether all that was to be sent was, and came back once."""
        wrong = (self.lost, self.refused, self.duplicated, self.unmatched, self.unbound, self.overdue)
        return bool(self.sent) and not any(wrong)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        by_bind = sorted(self.bind_p99_ms)
        values: dict[str, Any] = {
            "sent": self.sent,
            "accepted": self.accepted,
            "refused": self.refused,
            "receipts": self.receipts,
            "lost": self.lost,
            "missing": self.missing,
            "unanswered": self.unanswered,
            "duplicated": self.duplicated,
            "unmatched": self.unmatched,
            "untracked": self.matching.untracked,
            "overdue": self.overdue,
            "unbound": self.unbound,
            "elapsed_s": round(self.elapsed_s, 3),
            "messages_per_s": round((self.receipts or self.accepted) / max(self.elapsed_s, 1e-9), 1),
            "submit_ms": self.submit.summary(),
            "receipt_ms": self.receipt.summary(),
            "bind_p99_ms": {
                "median": by_bind[len(by_bind) // 2] if by_bind else 0.0,
                "max": by_bind[-1] if by_bind else 0.0,
            },
            "statuses": self.statuses,
            "stats": self.stats,
            "sent_as": self.sent_as,
        }
        if self.series is not None:
            values["series"] = self.series.as_json()
        if self.misbehaved:
            values["misbehaved"] = self.misbehaved
        return values
