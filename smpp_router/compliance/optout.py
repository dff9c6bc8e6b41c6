# Refusals: who does not want to hear from whom, and about what.
#
# A refusal is of a number, towards an account; it may be limited to one of the account's source addresses
# and to one kind of traffic. What a reply to marketing refuses is marketing: codes and notices still come.
#
#   scope              account   source   kind
#   reply to an MT     yes       ""       marketing     a renamed sender is the same account: "" is all
#   by API or file     yes       any      any; "" is all
#
# Rule 1: a refusal holds from the moment it is heard. The law gives 48 hours; nobody needs them.
# Rule 2: the latest word counts: START after STOP is consent again, and the history is kept.
# Rule 3: it is bounded by people, not by us: nothing is dropped. A million refusals take about 150 MB.
"""Opt-outs and renewed consent."""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from smpp_router.message.consent import Consent

_STRIPPED: Final = " \t\r\n.,!?;:'\"。，！？；：、“”‘’（）()【】[]"


def reply_word(text: str) -> str:
    """Return what a reply says, without the frills: " 退订。" is 退订, "ｔｄ！" is TD."""
    return unicodedata.normalize("NFKC", text).strip(_STRIPPED).upper()


@attrs.define(eq=False)
class OptOuts:
    """Who refuses what."""

    refusal_words: frozenset[str]
    consent_words: frozenset[str]
    help_words: frozenset[str] = frozenset()
    """What asks who it is, and changes nothing."""
    _refused: dict[tuple[str, str], dict[tuple[str, str], Consent]] = attrs.Factory(
        dict[tuple[str, str], "dict[tuple[str, str], Consent]"]
    )
    count: int = 0
    """Refusals that hold."""

    @classmethod
    def of(
        cls, refusal_words: Iterable[str], consent_words: Iterable[str], help_words: Iterable[str] = ()
    ) -> "OptOuts":
        """Know what replies mean."""
        return cls(
            frozenset(map(reply_word, refusal_words)),
            frozenset(map(reply_word, consent_words)),
            frozenset(map(reply_word, help_words)),
        )

    def use_words_of(self, other: "OptOuts") -> None:
        """Understand replies as another does, from now on."""
        self.refusal_words = other.refusal_words
        self.consent_words = other.consent_words
        self.help_words = other.help_words

    def heard(self, account: str, number: str, text: str, at: float) -> Consent | None:
        """Return what a reply to an account says about consent, None if nothing."""
        word = reply_word(text)
        if word in self.refusal_words:
            return Consent(at, account, number, is_refusal=True, reason=word)
        if word in self.consent_words:
            return Consent(at, account, number, is_refusal=False, reason=word)
        return None

    def record(self, consent: Consent) -> bool:
        """Go by a recipient's word from now on; tell whether that changes anything."""
        key = (consent.account, consent.number)
        scope = (consent.source_addr, consent.kind)
        scopes = self._refused.get(key)
        if consent.is_refusal:
            if scopes is None:
                scopes = self._refused[key] = {}
            is_new = scope not in scopes
            self.count += is_new
            scopes[scope] = consent
            return is_new
        if scopes is not None:
            # Consent to everything ends every refusal, consent to one thing that one.
            ended = [one for one in scopes if _covers(scope, one)]
            for one in ended:
                del scopes[one]
            self.count -= len(ended)
            if not scopes:
                del self._refused[key]
            return bool(ended)
        return False

    def standing(self, account: str, number: str) -> list[Consent]:
        """The refusals of a number towards an account that hold."""
        return list(self._refused.get((account, number), {}).values())

    def refusal(self, account: str, number: str, source_addr: str, kind: str) -> Consent | None:
        """Return the refusal that forbids a message."""
        scopes = self._refused.get((account, number))
        if scopes is None:
            return None
        wanted = (source_addr, kind)
        return next((consent for scope, consent in scopes.items() if _covers(scope, wanted)), None)

    def fold(self, consents: Iterable[Consent]) -> "OptOuts":
        """Go by many words, in their order; return self."""
        for consent in consents:
            self.record(consent)
        return self

    def __iter__(self) -> Iterator[Consent]:
        """All refusals that hold, for export, in the order in which their numbers were first heard."""
        return (consent for scopes in self._refused.values() for consent in scopes.values())


def _covers(scope: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether what holds for a scope holds for another."""
    source_addr, kind = scope
    return (not source_addr or other[0].startswith(source_addr)) and kind in ("", other[1])
