"""What of screening raises alarms."""

from collections.abc import Iterator

from smpp_router.core.screening import Screening


def told(screening: Screening) -> Iterator[tuple[str, str, bool]]:
    """Yield (kind, subject, whether it is wrong) for the alarms of screening."""
    for rule in screening.screener.rulebook:
        yield "rule_fenced", rule.name, rule.is_out
