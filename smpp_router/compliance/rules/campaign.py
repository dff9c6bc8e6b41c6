"""United States: a long number belongs to a registered campaign, and sends what the campaign is for."""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.symbols import Symbol

_MARKETING: Final = frozenset({"MARKETING", "MIXED", "LOW_VOLUME", "SWEEPSTAKE"})
_CODES: Final = frozenset({"2FA", "MIXED", "LOW_VOLUME", "ACCOUNT_NOTIFICATION"})
_DELIVERIES: Final = frozenset(
    {"DELIVERY_NOTIFICATION", "ACCOUNT_NOTIFICATION", "CUSTOMER_CARE", "MIXED", "LOW_VOLUME"}
)
_SOURCE: Final = "10DLC"


def check_campaign(case: Case) -> Iterator[Symbol]:
    """Yield that a message has no campaign, or one for something else."""
    if case.regime != "us_10dlc" or case.kind is None:
        return
    campaigns = case.sender.config.campaigns if case.sender is not None else ()
    source = case.subject.source
    fitting = [one for one in campaigns if not one.senders or source.startswith(one.senders)]
    if not fitting:
        yield Symbol("CAMPAIGN_MISSING", 0.2, "the source address belongs to no campaign", source=_SOURCE)
        return
    cases = {one.use_case.upper() for one in fitting}
    is_marketing = case.kind == "marketing" or case.facts.promotion.is_promotional
    if is_marketing and not cases & _MARKETING:
        yield Symbol("CAMPAIGN_USE_CASE", 0.3, "the campaign is not for marketing", source=_SOURCE)
    elif case.kind == "verification" and not cases & _CODES:
        yield Symbol("CAMPAIGN_USE_CASE", 0.2, "the campaign is not for codes", source=_SOURCE)
    elif case.kind == "logistics" and not cases & _DELIVERIES:
        yield Symbol("CAMPAIGN_USE_CASE", 0.1, "the campaign is not for deliveries", source=_SOURCE)
