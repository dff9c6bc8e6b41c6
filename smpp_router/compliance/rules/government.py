"""A government notice carries its filing number and its agency's mark, and the agency is registered.

So that people can tell it from those who pretend to be the government, and ask the agency.
"""

import re
from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.plain import Plain, plain
from smpp_router.compliance.symbols import Symbol

_FILING: Final = re.compile(
    r"备案(?:编)?号\s{0,8}(?:[:：]|为|是)?\s{0,8}(?P<number>[A-Za-z0-9一-龥〔〕（）()\[\]_/.-]{4,40})"
)
_BLANKS: Final = re.compile(r"\s+")
_SOURCE: Final = "filing of government messages"


def find_filing(text: str) -> tuple[str, int, int] | None:
    """Return the filing number that a text names, and where the entry stands."""
    found = _FILING.search(text)
    return (found.group("number"), found.start(), found.end()) if found else None


def _is_filing(found: str, number: str) -> bool:
    """Whether what stands in a text is a filing number; words may follow, further signs of a number not."""
    return found.startswith(number) and not re.match(r"[A-Za-z0-9_-]|[/.][A-Za-z0-9]", found[len(number) :])


def _filing(text: Plain, number: str | None) -> Iterator[Symbol]:
    """Yield what is wrong with the filing number; its width, kind of hyphen and blanks do not matter."""
    filing = find_filing(text.text)
    close = _BLANKS.sub("", text.text)
    own = _BLANKS.sub("", plain(number).text) if number is not None else None
    entries = [entry[0] for entry in (filing, find_filing(close)) if entry is not None]
    if own is not None and any(_is_filing(entry, own) for entry in entries):
        return
    if not entries:
        why = "a government notice carries its filing number: 备案编号"
        yield Symbol("FILING_MISSING", 0.3, why, source=_SOURCE)
    elif own is not None:
        why = "the filing number is not this agency's"
        place = text.span(*filing[1:]) if filing is not None else (-1, -1)
        yield Symbol("FILING_FOREIGN", 0.5, why, *place, _SOURCE)


def check_government(case: Case) -> Iterator[Symbol]:
    """Yield what a government notice lacks."""
    if case.kind != "government" or case.regime not in ("cn", "none"):
        return
    text = case.facts.text
    agency = case.sender.config.agency if case.sender is not None else None
    if case.subject.account and agency is None:
        yield Symbol("AGENCY_UNREGISTERED", 0.5, "the account is no registered agency", source=_SOURCE)
    yield from _filing(case.facts.plain, agency.filing_number if agency is not None else None)
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
