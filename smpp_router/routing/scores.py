# The seam between who measures carriers and who chooses among them. routing/ asks, once a second for each
# cell in use and never for a message; whoever measures answers from what it has, and never waits.
#
# A cell is a carrier, a region of numbers ("" where nothing is known of the number) and a traffic class.
# Rule 1: every cell has an answer: one without traffic of its own answers with its carrier's, or with the
#         best that nothing speaks against.
# Rule 2: share 0 means that the carrier is passed over as long as another one of the plan is not.
"""How good carriers are, for whoever chooses among them."""

from typing import Final, Protocol

SCORE_MAX: Final = 100.0
"""The best score."""


class Scores(Protocol):
    """What is known of carriers, by cell. Never waits; asked in the same moment, it answers the same."""

    def score(self, carrier: str, region: str, traffic_class: str) -> float:
        """Health from 0, useless, to 100, the best."""
        ...

    def share(self, carrier: str, region: str, traffic_class: str) -> float:
        """Which part of its traffic the carrier may have: 0 breaker open, 1 closed.

        Between the two stands a breaker that is half open and probes, or a slow start after it closed.
        """
        ...

    def delivery(self, carrier: str, region: str, traffic_class: str) -> tuple[float, float]:
        """Messages delivered and failed, both decayed, so that they say what is true now."""
        ...

    def explain(self, carrier: str, region: str, traffic_class: str) -> str:
        """One line on why the score and the share are what they are."""
        ...


class Healthy:
    """Scores of carriers that nobody measures: all are perfect, and nothing was ever sent."""

    def score(self, carrier: str, region: str, traffic_class: str) -> float:  # noqa: ARG002 - all alike
        """Return the best score."""
        return SCORE_MAX

    def share(self, carrier: str, region: str, traffic_class: str) -> float:  # noqa: ARG002 - all alike
        """Return 1: everything may go."""
        return 1.0

    def delivery(self, carrier: str, region: str, traffic_class: str) -> tuple[float, float]:  # noqa: ARG002 - all alike
        """Return that nothing is known."""
        return 0.0, 0.0

    def explain(self, carrier: str, region: str, traffic_class: str) -> str:  # noqa: ARG002 - all alike
        """Return that nothing is measured."""
        return "not measured"
