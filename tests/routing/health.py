# ruff: noqa: ARG002 - the arguments are those of the Protocol
"""Scores that a test sets, for whatever asks."""

import attrs


@attrs.define(eq=False)
class SetScores:
    """Health by carrier, or by (carrier, region); what is not set is perfect. `asked` counts questions."""

    scores: dict[object, float] = attrs.Factory(dict[object, float])
    shares: dict[object, float] = attrs.Factory(dict[object, float])
    counts: dict[object, tuple[float, float]] = attrs.Factory(dict[object, tuple[float, float]])
    asked: int = 0

    def score(self, carrier: str, region: str, traffic_class: str) -> float:
        self.asked += 1
        return self.scores.get((carrier, region), self.scores.get(carrier, 100.0))

    def share(self, carrier: str, region: str, traffic_class: str) -> float:
        return self.shares.get((carrier, region), self.shares.get(carrier, 1.0))

    def delivery(self, carrier: str, region: str, traffic_class: str) -> tuple[float, float]:
        return self.counts.get((carrier, region), self.counts.get(carrier, (0.0, 0.0)))

    def explain(self, carrier: str, region: str, traffic_class: str) -> str:
        return "set by a test"
