# The history of consent, read anew: what holds now, and what every word changed. Nothing is stored but words,
# so what held before each of them is what the words before it come to.
"""Looking for opt-outs among all words of recipients."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from smpp_router.compliance.optout import OptOuts
from smpp_router.compliance.optout_files import row_of
from smpp_router.message.consent import Consent


@attrs.frozen(kw_only=True)
class Wanted:
    """Which opt-outs are asked for; empty is any."""

    number: str = ""
    account: str = ""
    sender: str = ""
    category: str = ""

    def needles(self) -> list[str]:
        """What their lines in the file have."""
        return [text for text in (self.number, self.account) if text]

    def fits(self, consent: Consent) -> bool:
        """Whether a consent is meant; one about all senders or categories is about each."""
        return (
            self.number in ("", consent.number)
            and self.account in ("", consent.account)
            and (not self.sender or self.sender.startswith(consent.source_addr))
            and (not self.category or consent.kind in ("", self.category.replace("*", "")))
        )


def holding(consents: Iterable[Consent], wanted: Wanted) -> list[Consent]:
    """Return the refusals that hold after all these words, as far as they are meant."""
    optouts = OptOuts.of((), ()).fold(one for one in consents if _is_about(one, wanted))
    return [consent for consent in optouts if wanted.fits(consent)]


def audited(consents: Iterable[Consent], wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Tell each word that is meant with the refusals that held before it and after it."""
    optouts = OptOuts.of((), ())
    for consent in consents:
        if not _is_about(consent, wanted):
            continue
        before = [row_of(one) for one in optouts.standing(consent.account, consent.number)]
        is_changed = optouts.record(consent)
        if wanted.fits(consent):
            after = [row_of(one) for one in optouts.standing(consent.account, consent.number)]
            yield row_of(consent) | {"changed": is_changed, "before": before, "after": after}


def last_words(consents: Iterable[Consent], wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    """The last of audited(), the very last first."""
    return list(deque(audited(consents, wanted), maxlen=limit))[::-1]


def _is_about(consent: Consent, wanted: Wanted) -> bool:
    """Whether a word has to do with what is meant: of the same number and account."""
    return wanted.number in ("", consent.number) and wanted.account in ("", consent.account)
