"""Nobody speaks in another's name: whom a text claims to be is held against who its account is.

Claim x identity: a bank's name in that bank's message is a signature; in a shop's it is fraud. A text
alone can't tell.
"""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.claims import Claim
from smpp_router.compliance.symbols import Symbol

_MAY_CLAIM: Final[dict[str, frozenset[str]]] = {
    "government": frozenset({"government", "police", "court", "school", "hospital", "utility"}),
    "police": frozenset({"police", "government"}),
    "court": frozenset({"court", "government"}),
    "bank": frozenset({"bank"}),
    "platform": frozenset({"platform", "courier"}),
    "courier": frozenset({"courier"}),
    "hospital": frozenset({"hospital", "government"}),
    "insurer": frozenset({"insurer", "bank"}),
    "school": frozenset({"school", "government"}),
}
"""What else a kind of sender may call itself: a ministry has hospitals and schools, a platform delivers."""
_OUR: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("我院", "本院"), ("hospital", "school")),
    **dict.fromkeys(("我局", "本局"), ("utility", "telecom")),
}
"""Who besides courts and authorities calls itself so."""
_GRAVE: Final = frozenset({"government", "police", "court"})
_SOURCE: Final = "impersonation"


def is_own(case: Case, claim: Claim) -> bool:
    """Whether a sender is known to be what its text claims; of an account without registration nothing is."""
    sender = case.sender
    if sender is None:
        return False
    if claim.kind == sender.kind or claim.kind in _MAY_CLAIM.get(sender.kind, ()):
        return True
    if not claim.by_signature and sender.kind in _OUR.get(claim.words, ()):
        return True
    # A registered signature may say anything: whoever registers signatures has seen the papers.
    signed = case.facts.signed.signature
    if claim.by_signature:
        return signed is not None and sender.signature(signed.name) is not None
    return any(_within(case.facts.text, name, claim) for name in sender.signatures)


def _within(text: str, name: str, claim: Claim) -> bool:
    """Whether the words of a claim are part of a name where they stand."""
    at = text.find(name, max(0, claim.end - len(name)))
    return 0 <= at <= claim.start


def check_impersonation(case: Case) -> Iterator[Symbol]:
    """Yield each identity that a text claims and its sender has not."""
    for claim in case.facts.claims:
        if is_own(case, claim):
            continue
        if case.sender is not None:
            name = "IMPERSONATION_GRAVE" if claim.kind in _GRAVE else "IMPERSONATION"
            why = f"the text speaks in the name of a {claim.kind}, which the account is not"
            yield Symbol(name, 2.5, why, claim.start, claim.end, _SOURCE)
        elif claim.kind in _GRAVE and case.kind in ("marketing", "member", "logistics", "verification"):
            why = f"a {case.kind} message speaks in the name of a {claim.kind}"
            yield Symbol("IMPERSONATION_GRAVE", 1.5, why, claim.start, claim.end, _SOURCE)
