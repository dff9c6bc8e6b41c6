"""What a message wants of its reader is held against what this sender may want.

Content x identity: a bank may ask people to log in on its own host, a courier may ask them to call the
driver; a courier that asks for a card number is a fraud whatever its words.

    wants   class: what its kind of traffic may want      sender: what its kind of business may want besides
"""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.links import Link
from smpp_router.compliance.facts.wishes import Wish
from smpp_router.compliance.rules.impersonation import is_own
from smpp_router.compliance.symbols import Symbol

OF_CLASS: Final[dict[str, frozenset[str]]] = {
    "verification": frozenset({"call", "log_in"}),
    "notification": frozenset({"call", "click", "reply", "pay", "log_in"}),
    "logistics": frozenset({"call", "click", "reply"}),
    "member": frozenset({"call", "click", "reply", "install", "log_in"}),
    "marketing": frozenset({"call", "click", "reply", "install"}),
    "government": frozenset({"call", "click", "log_in", "install"}),
}
OF_SENDER: Final[dict[str, frozenset[str]]] = {
    "bank": frozenset({"log_in", "pay", "install"}),
    "insurer": frozenset({"log_in", "pay", "install"}),
    "government": frozenset({"log_in", "pay", "personal_data"}),
    "telecom": frozenset({"log_in", "pay", "install"}),
    "utility": frozenset({"log_in", "pay"}),
    "platform": frozenset({"log_in", "install", "pay"}),
    "hospital": frozenset({"log_in", "pay"}),
    "school": frozenset({"log_in", "pay", "personal_data"}),
    "courier": frozenset({"click"}),
    "it_service": frozenset({"share_screen", "install"}),
}
_OF_ANY: Final = frozenset[str]().union(*OF_CLASS.values())
"""What some class may want: where the class is not known, that cannot be judged, and all else can."""
_GRAVE: Final = frozenset(
    {"pay", "transfer", "personal_data", "log_in", "install", "add_contact", "share_screen"}
)
_SCORES: Final = {
    "pay": 0.8,
    "transfer": 1.2,
    "personal_data": 1.2,
    "log_in": 0.6,
    "install": 0.6,
    "add_contact": 0.9,
    "share_screen": 1.2,
}
_SOURCE: Final = "intent"


def check_intent(case: Case) -> Iterator[Symbol]:
    """Yield what a text wants and may not."""
    for wish in case.facts.wishes:
        if wish.want == "credentials" or (
            wish.want == "enter_code" and case.kind not in ("verification", "any")
        ):
            if case.kind not in (None, "free") or case.sender is not None:
                why = "nobody asks for passwords or codes by message"
                yield Symbol("CREDENTIALS_ASKED", 2.0, why, wish.start, wish.end, _SOURCE)
            continue
        if wish.want in _GRAVE and not _may(case, wish):
            yield _symbol(wish)
    yield from _composites(case)


def _may(case: Case, wish: Wish) -> bool:
    if case.kind in (None, "free"):
        return True
    assert case.kind is not None
    if wish.want in (_OF_ANY if case.kind == "any" else OF_CLASS[case.kind]):
        return True
    if case.sender is None:
        return False
    return wish.want in OF_SENDER.get(case.sender.kind, ()) or wish.want in case.sender.config.wants


def _symbol(wish: Wish) -> Symbol:
    if wish.want == "personal_data":
        why = "the text collects personal information, for which its sender is not authorised"
        return Symbol("PERSONAL_DATA", 1.2, why, wish.start, wish.end, _SOURCE)
    if wish.want == "transfer":
        why = "the text wants money sent to an account that it names, which this sender may not"
        return Symbol("INTENT_TRANSFER", 1.2, why, wish.start, wish.end, _SOURCE)
    why = f"the text wants its reader to {wish.want.replace('_', ' ')}, which this sender may not"
    return Symbol(f"INTENT_{wish.want.upper()}", _SCORES[wish.want], why, wish.start, wish.end, _SOURCE)


def _composites(case: Case) -> Iterator[Symbol]:
    """Yield what two facts say together: a claim of authority, a demand, and a way out that is nobody's."""
    wants = {wish.want: wish for wish in case.facts.wishes}
    demand = wants.get("pay") or wants.get("log_in") or wants.get("personal_data") or wants.get("credentials")
    if demand is None or all(is_own(case, claim) for claim in case.facts.claims):
        return
    foreign = [link for link in case.facts.links if not _is_known(case, link)]
    if foreign:
        why = "the text claims authority, makes a demand and leads to a host that is not its sender's"
        yield Symbol("PHISHING", 2.5, why, foreign[0].start, foreign[0].end, _SOURCE)


def _is_known(case: Case, link: Link) -> bool:
    """Whether a link leads to its sender, or to one of those whom frauds imitate."""
    if case.sender is not None and case.sender.owns_host(link.host):
        return True
    return case.settings.is_protected(link.host)
