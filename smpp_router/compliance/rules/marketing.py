"""Marketing carries a standard unsubscribe entry and arrives by day; elsewhere nothing advertises.

The entry is 拒收请回复R: what asks for another word, or hides, is no standard entry. A notice or code that
advertises is marketing that goes by another name.
"""

import re
from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.hours import REGIME_HOURS, is_within
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import HoursConfig, Regime

_SOURCE: Final = "rules on commercial messages"
_PROVES: Final = re.compile(
    r"verif|authentic|passcode|\botp\b|(?:log|sign)[ -]?in\b|验证|登录", re.IGNORECASE
)
_DISCOUNT: Final = re.compile(r"checkout|promo|discount|coupon|voucher|gift|\boff\b|\bsave\b", re.IGNORECASE)
_STOP_WORDS: Final[dict[Regime, tuple[str, ...]]] = {
    "us_10dlc": ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"),
    "uk": ("STOP",),
    "fr": ("STOP",),
}


def check_marketing(case: Case) -> Iterator[Symbol]:
    """Yield what marketing lacks, and where there is marketing that should not be."""
    kind = case.kind
    if kind == "marketing":
        yield from _entry(case)
        codes = case.facts.codes
        if codes.name and not codes.is_pickup and codes.codes and _is_verification(case):
            code = codes.codes[0]
            why = "a verification code does not belong into marketing"
            yield Symbol("MARKETING_CODE", 0.3, why, code.start, code.end, _SOURCE)
    elif kind in ("notification", "logistics", "government"):
        yield from _undeclared(case)
    elif kind == "member" and case.facts.promotion.is_promotional:
        yield from _entry(case)


def _is_verification(case: Case) -> bool:
    """Whether the code is one to prove oneself by, and none of a discount: use code FERN20 at checkout."""
    codes = case.facts.codes
    if codes.name.casefold() not in ("code", "pin") or _PROVES.search(case.facts.text):
        return True
    return codes.codes[0].value.isdigit() and not _DISCOUNT.search(case.facts.text)


def _entry(case: Case) -> Iterator[Symbol]:
    entry = case.facts.unsubscribe
    words = _STOP_WORDS.get(case.regime, case.settings.config.unsubscribe_words)
    if case.regime in ("none", "in_dlt"):
        return
    if entry is None:
        why = f"marketing tells how to refuse it, such as {_example(case.regime, words[0])}"
        yield Symbol("UNSUBSCRIBE_MISSING", 0.4, why, source=_SOURCE)
    elif entry.word not in words:
        why = f"the unsubscribe entry must ask for {' or '.join(words)}"
        yield Symbol("UNSUBSCRIBE_NOT_STANDARD", 0.1, why, entry.start, entry.end, _SOURCE)


def _example(regime: Regime, word: str) -> str:
    return f"拒收请回复{word}" if regime == "cn" else f"Reply {word} to opt out"


def _undeclared(case: Case) -> Iterator[Symbol]:
    promotion = case.facts.promotion
    if not promotion.is_promotional:
        return
    why = "the text advertises: it belongs into a marketing class"
    yield Symbol("UNDECLARED_MARKETING", 0.4, why, promotion.start, promotion.end, _SOURCE)
    for link in case.facts.links[:1]:
        why = "a notice has no link to advertising"
        yield Symbol("UNDECLARED_MARKETING_LINK", 0.4, why, link.start, link.end, _SOURCE)


def advertises(case: Case) -> bool:
    """Whether a message is marketing for its recipient, whatever its class is called."""
    return case.kind == "marketing" or (case.kind == "member" and case.facts.promotion.is_promotional)


def check_hours(case: Case, class_hours: HoursConfig | None) -> Iterator[Symbol]:
    """Yield that a message comes at a time when its class may not."""
    now = max(case.subject.now, case.subject.not_before)
    if not case.subject.now:
        return
    hours = class_hours
    if hours is None:
        if not advertises(case):
            return
        hours = REGIME_HOURS.get(case.regime, case.settings.config.marketing_hours)
    if not is_within(hours, now, case.subject.destination):
        clock = "the recipient's time" if hours.by_recipient else hours.zone
        why = f"such messages may arrive from {hours.since} to {hours.until}, {clock}"
        yield Symbol("QUIET_HOURS", 0.1, why, source=_SOURCE)
