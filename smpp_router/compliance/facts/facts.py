# Everything that a text says, each kind of fact looked for when it is first asked for and then kept: most
# rules end at their first question, and a code's text is never searched for claims. What cannot stand in a
# text, since it has none of the words for it, is told for all kinds at once, and not looked for.
"""The facts of one text."""

from collections.abc import Callable
from functools import cache
from typing import Any, Generic, TypeVar

from smpp_router.compliance.facts import (
    claims,
    codes,
    contacts,
    disguise,
    links,
    plain,
    promotion,
    tokens,
    unsubscribe,
    wishes,
)
from smpp_router.compliance.facts.claims import Claim, find_claims
from smpp_router.compliance.facts.codes import NO_CODES, Codes, find_codes
from smpp_router.compliance.facts.contacts import Contact, find_contacts
from smpp_router.compliance.facts.disguise import Found, find_disguises
from smpp_router.compliance.facts.links import Link, find_links
from smpp_router.compliance.facts.needed import Needed
from smpp_router.compliance.facts.plain import STOP, Plain
from smpp_router.compliance.facts.promotion import NO_PROMOTION, Promotion, find_promotion
from smpp_router.compliance.facts.signature import Signed, find_signature, without_signature
from smpp_router.compliance.facts.tokens import find_tokens
from smpp_router.compliance.facts.unsubscribe import Unsubscribe, find_unsubscribe
from smpp_router.compliance.facts.wishes import Wish, find_wishes


@cache
def needed() -> Needed:
    """Return the words of all facts; whoever screens makes the first call before there is traffic."""
    return Needed(
        {
            **claims.WORDS,
            **codes.WORDS,
            **contacts.WORDS,
            **disguise.words(),
            **links.WORDS,
            **plain.WORDS,
            **promotion.WORDS,
            **tokens.WORDS,
            **unsubscribe.WORDS,
            **wishes.WORDS,
        }
    )


Fact = TypeVar("Fact")


class _Kept(Generic[Fact]):
    """A property that is found once: functools.cached_property without its lock, which takes longer."""

    def __init__(self, find: Callable[[Any], Fact]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    def __get__(self, facts: Any, owner: type) -> Fact:
        found = facts.__dict__[self._name] = self._find(facts)
        return found


class Facts:
    """What stands in a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @_Kept
    def possible(self) -> frozenset[str]:
        """What can stand in the text, by the names that the tables of words have for it."""
        return needed().of(self.text)

    @_Kept
    def plain(self) -> Plain:
        """The copy that structure is looked for in."""
        return plain.plain(self.text)

    @property
    def invisible(self) -> int:
        """How many characters nobody can see."""
        return self.plain.invisible if "unusual" in self.possible else 0

    @_Kept
    def signed(self) -> Signed:
        """The signature and what is wrong with it."""
        return find_signature(self.text)

    @_Kept
    def body(self) -> str:
        """The text without its signature."""
        return without_signature(self.text, self.signed)

    @_Kept
    def disguises(self) -> tuple[Found, ...]:
        """Writing that hides what is written."""
        return find_disguises(self.text, self.possible)

    @_Kept
    def links(self) -> tuple[Link, ...]:
        """All links, and what leads somewhere without being one to look at."""
        possible = self.possible
        found = self._written_links(possible)
        if "tokens" not in possible and "unusual" not in possible:
            return found
        more = tuple(find_tokens(self.plain))
        return tuple(sorted((*found, *more), key=lambda link: link.start)) if more else found

    def _written_links(self, possible: frozenset[str]) -> tuple[Link, ...]:
        if (
            "unusual" in possible
            or ("links" in possible and links.may_have_links(self.text))
            or ("stop" in possible and STOP.search(self.text))
        ):
            return find_links(self.plain)
        return ()

    @_Kept
    def codes(self) -> Codes:
        """Verification codes."""
        if "codes" not in self.possible:
            return NO_CODES
        if not self.invisible:
            return find_codes(self.text)
        # Signs that nobody sees part no code in two.
        return find_codes(self.plain.text).placed(self.plain)

    @_Kept
    def contacts(self) -> tuple[Contact, ...]:
        """Telephone numbers and messenger names."""
        return find_contacts(self.text, self.possible)

    @_Kept
    def wishes(self) -> tuple[Wish, ...]:
        """What it wants of its reader."""
        return find_wishes(self.text, self.possible)

    @_Kept
    def promotion(self) -> Promotion:
        """How much it advertises."""
        return find_promotion(self.text) if "promotion" in self.possible else NO_PROMOTION

    @_Kept
    def claims(self) -> tuple[Claim, ...]:
        """Whom it claims to be from."""
        return find_claims(self.text, self.signed, self.possible)

    @_Kept
    def unsubscribe(self) -> Unsubscribe | None:
        """The unsubscribe entry."""
        if "unsubscribe" not in self.possible and "unusual" not in self.possible:
            return None
        found = find_unsubscribe(self.plain.text)
        if found is None or self.plain.offsets is None:
            return found
        start, end = self.plain.span(found.start, found.end)
        return Unsubscribe(found.word, start, end)
