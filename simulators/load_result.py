"""What a load generator is asked for, and what it found."""

import ssl
from typing import Any, Final

import attrs

from simulators.histogram import Histogram

TEXT: Final = (
    "【速达快递】您的包裹已到达幸福路驿站，取件码7-2-3018，"
    "请于今日20:00前凭码领取，逾期退回。客服电话95311，感谢您的支持配合！"
)
"""70 characters: one short message in UCS2, full."""


@attrs.frozen(kw_only=True)
class LoadOptions:
    """What to offer, and to whom. `count` messages or `duration_s` end it, whichever comes first.

    Without `rate_per_s` it is a closed loop: each of `binds` sessions keeps its window full. With it, it is
    an open loop: messages fall due at that rate whatever comes back, and latencies count from then.
    """

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "bench"
    password: str = attrs.field(default="", repr=False)
    bind: str = "transceiver"
    binds: int = 4
    window: int = 250
    rate_per_s: float | None = None
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


@attrs.define(eq=False)
class LoadResult:
    """What came back. Counts are of submit_sm; histograms of submit to response and submit to final receipt.

    lost: accepted and no final receipt, or never answered. duplicated: final receipts that no message
    lacked. unbound: sessions that were refused, or lost before their time. stats: final receipts by stat.
    """

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    duplicated: int = 0
    unbound: int = 0
    elapsed_s: float = 0.0
    statuses: dict[str, int] = attrs.Factory(dict[str, int])
    stats: dict[str, int] = attrs.Factory(dict[str, int])
    submit: Histogram = attrs.Factory(Histogram)
    receipt: Histogram = attrs.Factory(Histogram)
    bind_p99_ms: list[float] = attrs.Factory(list[float])
    lost: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether all that was to be sent was, and came back once."""
        return bool(self.sent) and not (self.lost or self.refused or self.duplicated or self.unbound)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        by_bind = sorted(self.bind_p99_ms)
        return {
            "sent": self.sent,
            "accepted": self.accepted,
            "refused": self.refused,
            "receipts": self.receipts,
            "lost": self.lost,
            "duplicated": self.duplicated,
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
        }
