# Everything that a text says, each kind of fact looked for when it is first asked for and then kept: most
# rules end at their first question, and a code's text is never searched for claims.
"""The facts of one text."""

from functools import cached_property

from smpp_router.compliance.facts.claims import Claim, find_claims
from smpp_router.compliance.facts.codes import Codes, find_codes
from smpp_router.compliance.facts.contacts import Contact, find_contacts
from smpp_router.compliance.facts.disguise import Found, find_disguises
from smpp_router.compliance.facts.links import Link, find_links
from smpp_router.compliance.facts.plain import Plain, plain
from smpp_router.compliance.facts.promotion import Promotion, find_promotion
from smpp_router.compliance.facts.signature import Signed, find_signature, without_signature
from smpp_router.compliance.facts.unsubscribe import Unsubscribe, find_unsubscribe
from smpp_router.compliance.facts.wishes import Wish, find_wishes


class Facts:
    """What stands in a text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def plain(self) -> Plain:
        """The copy that structure is looked for in."""
        return plain(self.text)

    @cached_property
    def signed(self) -> Signed:
        """The signature and what is wrong with it."""
        return find_signature(self.text)

    @cached_property
    def body(self) -> str:
        """The text without its signature."""
        return without_signature(self.text, self.signed)

    @cached_property
    def disguises(self) -> tuple[Found, ...]:
        """Writing that hides what is written."""
        return find_disguises(self.text)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """All links."""
        return find_links(self.plain)

    @cached_property
    def codes(self) -> Codes:
        """Verification codes."""
        return find_codes(self.text)

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Telephone numbers and messenger names."""
        return find_contacts(self.text)

    @cached_property
    def wishes(self) -> tuple[Wish, ...]:
        """What it wants of its reader."""
        return find_wishes(self.text)

    @cached_property
    def promotion(self) -> Promotion:
        """How much it advertises."""
        return find_promotion(self.text)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """Whom it claims to be from."""
        return find_claims(self.text, self.signed)

    @cached_property
    def unsubscribe(self) -> Unsubscribe | None:
        """The unsubscribe entry."""
        found = find_unsubscribe(self.plain.text)
        if found is None or self.plain.offsets is None:
            return found
        start, end = self.plain.span(found.start, found.end)
        return Unsubscribe(found.word, start, end)
