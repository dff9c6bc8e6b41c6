"""What of screening raises alarms."""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.fraud import SignalName
from smpp_router.core.screening import Screening

_KINDS: Final[dict[SignalName, str]] = {
    "SEQUENTIAL": "numbers_in_a_row",
    "SHARED_TEXT": "shared_text",
    "MIX_CHANGED": "mix_changed",
}


def told(screening: Screening, now: float) -> Iterator[tuple[str, str, bool]]:
    """Yield (kind, subject, whether it is wrong now) for the alarms of screening."""
    for rule in screening.screener.rulebook:
        yield "rule_fenced", rule.name, rule.is_out
    for signal, account, stands in screening.screener.fraud.standing(now):
        yield _KINDS[signal], account, stands
