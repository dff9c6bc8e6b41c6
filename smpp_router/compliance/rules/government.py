"""A government notice carries its filing number and its agency's mark, and the agency is registered.

So that people can tell it from those who pretend to be the government, and ask the agency.
"""

import re
from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.symbols import Symbol

_FILING: Final = re.compile(
    r"备案(?:编)?号\s*(?:[:：]|为|是)?\s*(?P<number>[A-Za-z0-9一-龥〔〕（）()\[\]_-]{4,40})"
)
_SOURCE: Final = "filing of government messages"


def find_filing(text: str) -> tuple[str, int, int] | None:
    """Return the filing number that a text names, and where the entry stands."""
    found = _FILING.search(text)
    return (found.group("number"), found.start(), found.end()) if found else None


def _is_filing(found: str, number: str) -> bool:
    """Whether what stands in a text is a filing number; words may follow, further signs of a number not."""
    return found.startswith(number) and not re.match(r"[A-Za-z0-9_-]", found[len(number) :])


def check_government(case: Case) -> Iterator[Symbol]:
    """Yield what a government notice lacks."""
    if case.kind != "government" or case.regime not in ("cn", "none"):
        return
    text = case.facts.text
    agency = case.sender.config.agency if case.sender is not None else None
    if case.subject.account and agency is None:
        yield Symbol("AGENCY_UNREGISTERED", 0.5, "the account is no registered agency", source=_SOURCE)
    filing = find_filing(text)
    if filing is None:
        why = "a government notice carries its filing number: 备案编号"
        yield Symbol("FILING_MISSING", 0.3, why, source=_SOURCE)
    elif agency is not None and not _is_filing(filing[0], agency.filing_number):
        why = "the filing number is not this agency's"
        yield Symbol("FILING_FOREIGN", 0.5, why, filing[1], filing[2], _SOURCE)
    if agency is not None:
        if not any(mark in text for mark in agency.marks):
            why = "a government notice carries its agency's mark"
            yield Symbol("MARK_MISSING", 0.3, why, source=_SOURCE)
    elif not any(claim.kind in ("government", "police", "court") for claim in case.facts.claims):
        why = "a government notice carries its agency's mark"
        yield Symbol("MARK_MISSING", 0.3, why, source=_SOURCE)
    entry = case.facts.unsubscribe
    if entry is not None:
        why = "a government notice is no marketing and has no unsubscribe entry"
        yield Symbol("GOVERNMENT_UNSUBSCRIBE", 0.1, why, entry.start, entry.end, _SOURCE)
