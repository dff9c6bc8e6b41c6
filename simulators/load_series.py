"""A load second by second: what was sent, what came back, how long it took. For plots."""

from typing import Any, Final

import attrs

from simulators.histogram import Histogram

BINS_MAX: Final = 400
"""Spans of a series; a run that lasts longer gets spans of twice the length, and so on."""


@attrs.define(eq=False)
class Span:
    """What happened within one span."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    submit: Histogram = attrs.Factory(Histogram)
    """Latencies of the responses that came in it."""

    def include(self, other: "Span") -> None:
        """Add what happened in another."""
        self.sent += other.sent
        self.accepted += other.accepted
        self.refused += other.refused
        self.receipts += other.receipts
        self.submit.include([other.submit])


@attrs.define(eq=False)
class Series:
    """Spans from the beginning on, each `span_s` long."""

    span_s: float = 1.0
    spans: list[Span] = attrs.Factory(list[Span])

    def at(self, elapsed_s: float) -> Span:
        """Return the span that a moment falls into."""
        while elapsed_s >= self.span_s * BINS_MAX:
            self._widen()
        index = max(0, int(elapsed_s / self.span_s))
        while len(self.spans) <= index:
            self.spans.append(Span())
        return self.spans[index]

    def _widen(self) -> None:
        self.span_s *= 2.0
        wider = self.spans[::2]
        for span, other in zip(wider, self.spans[1::2], strict=False):
            span.include(other)
        self.spans = wider

    def as_json(self) -> list[dict[str, Any]]:
        """Return it as plain values; rates are per second."""
        return [
            {
                "at_s": round(index * self.span_s, 3),
                "sent_per_s": round(span.sent / self.span_s, 1),
                "accepted_per_s": round(span.accepted / self.span_s, 1),
                "refused_per_s": round(span.refused / self.span_s, 1),
                "receipts_per_s": round(span.receipts / self.span_s, 1),
                "p50_ms": round(span.submit.percentile_ms(0.5), 3),
                "p99_ms": round(span.submit.percentile_ms(0.99), 3),
            }
            for index, span in enumerate(self.spans)
        ]
