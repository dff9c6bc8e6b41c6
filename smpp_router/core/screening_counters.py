"""What became of messages that were screened."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.compliance.verdict import Verdict

REASONS_MAX: Final = 1_000
"""Kinds of findings that are counted: rules have some eighty, lexicons have categories."""


@attrs.define(eq=False)
class ScreeningCounters:
    """What became of messages since the start."""

    refused: int = 0
    held: int = 0
    released: int = 0
    rejected: int = 0
    opted_out: int = 0
    """Refusals and consents heard."""
    by_symbol: Counter[str] = attrs.Factory(Counter[str])

    def found(self, verdict: Verdict, times: int = 1) -> None:
        """Count what was found, in so many messages."""
        by_symbol = self.by_symbol
        for symbol in verdict.symbols:
            if symbol.name in by_symbol or len(by_symbol) < REASONS_MAX:
                by_symbol[symbol.name] += times

    def found_in_all(self, verdicts: Sequence[Verdict]) -> None:
        """Count what was found in each of many messages; those of one template have the very same verdict."""
        by_object = {id(verdict): verdict for verdict in verdicts}
        times = Counter(map(id, verdicts))
        for key, verdict in by_object.items():
            self.found(verdict, times[key])
