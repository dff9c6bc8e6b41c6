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
# Rule 3: it is bounded by people, not by us: nothing is dropped. A million refusals take about 210 MB.
#
# They are kept as octets, of which the collector of garbage knows nothing. A million objects took three times
# as much, and half a second of everybody's time whenever the collector came by.
"""Opt-outs and renewed consent."""

import marshal
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from smpp_router.compliance.facts.plain import INVISIBLE
from smpp_router.message.consent import Consent, consent_key

_BEFORE: Final = "请回复|回[复覆]|请|麻烦|帮我|给我|唔该|REPLY|PLEASE|PLS"
_BEHIND: Final = (
    "PLEASE|PLS|PLZ|THANKS?|THANK YOU|THX|NOW|ALL|IMMEDIATELY|谢谢|多谢|唔该|短信|短讯|信息|讯息|吧|了|啦|喇"
)
"""What may stand beside a word of refusal, which means the same with it: STOP please, 退订，谢谢."""
_REPLY_MAX: Final = 64
"""Characters of a reply that can be a refusal."""


def reply_word(text: str) -> str:
    """Return what a reply says, without the frills: " 退订。" is 退订, "ｔｄ！" is TD."""
    plain = unicodedata.normalize("NFKC", text).upper()
    signs = [at for at, sign in enumerate(plain) if sign.isalnum()]
    return plain[signs[0] : signs[-1] + 1] if signs else plain.strip()


def _written_plainly(text: str) -> str:
    """Return a reply with each sign as a reader sees it (views.py): simplified, of no particular type."""
    from smpp_router.compliance.views import light_views  # noqa: PLC0415 - its tables: only who hears replies waits

    if text.isascii():
        return text
    seen = light_views(list(text)).split("\n")
    # What is read over stays, for a word ends there; what is not seen at all does not.
    kept = zip(text, seen, strict=False)
    return "".join([plain or sign for sign, plain in kept if plain or sign not in INVISIBLE])


def _seen(text: str) -> str:
    """Return what a reader sees of a reply, without all that stands between its letters."""
    from smpp_router.compliance.views import light_view  # noqa: PLC0415 - as above

    return light_view(text)


def _refusals(words: Iterable[str]) -> "re.Pattern[str]":
    """What is understood as a refusal: some of the words, and nothing beside them but what is polite."""
    spelt = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    if not spelt:
        return re.compile("(?!)")
    # A word of letters ends where no further letter follows.
    word = rf"(?:{spelt})(?![A-Z0-9])"
    more = rf"(?:{word}|(?:{_BEHIND})(?![A-Z0-9]))"
    return re.compile(rf"(?:(?:{_BEFORE})[\W_]{{0,4}}){{0,3}}(?P<word>{word})(?:[\W_]{{0,4}}{more}){{0,4}}")


@attrs.define(eq=False)
class OptOuts:
    """Who refuses what."""

    refusal_words: frozenset[str]
    consent_words: frozenset[str]
    help_words: frozenset[str] = frozenset()
    """What asks who it is, and changes nothing."""
    _refused: dict[str, bytes] = attrs.Factory(dict[str, bytes])
    count: int = 0
    """Refusals that hold."""
    _refusals: "re.Pattern[str]" = attrs.field(init=False)
    _seen_words: frozenset[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._understand()

    def _understand(self) -> None:
        self._refusals = _refusals(self.refusal_words)
        self._seen_words = frozenset(map(_seen, self.refusal_words)) - {""}

    @classmethod
    def of(
        cls, refusal_words: Iterable[str], consent_words: Iterable[str], help_words: Iterable[str] = ()
    ) -> "OptOuts":
        """Know what replies mean: each word is understood in its own writing and in plain one."""
        return cls(_known(refusal_words), _known(consent_words), _known(help_words))

    def use_words_of(self, other: "OptOuts") -> None:
        """Understand replies as another does, from now on."""
        self.refusal_words = other.refusal_words
        self._understand()
        self.consent_words = other.consent_words
        self.help_words = other.help_words

    def heard(self, account: str, number: str, text: str, at: float) -> Consent | None:
        """Return what a reply to an account says about consent, None if nothing."""
        for word in _readings(text):
            if len(word) > _REPLY_MAX:
                return None
            refusal = self._refusals.fullmatch(word)
            if refusal is not None:
                return Consent(at, account, number, is_refusal=True, reason=refusal["word"])
            if word in self.consent_words:
                return Consent(at, account, number, is_refusal=False, reason=word)
        seen = _seen(text)
        if seen in self._seen_words:
            return Consent(at, account, number, is_refusal=True, reason=seen.upper())
        return None

    def asks_for_help(self, text: str) -> bool:
        """Whether a reply asks who it is that writes."""
        return any(word in self.help_words for word in _readings(text))

    def record(self, consent: Consent) -> bool:
        """Go by a recipient's word from now on; tell whether that changes anything."""
        key = consent_key(consent.account, consent.number)
        if key not in self._refused:
            # By far the most frequent: a million of them are gone by at a start.
            if consent.is_refusal:
                self._refused[key] = _packed((consent,))
                self.count += 1
            return consent.is_refusal
        held = self._held(key)
        scope = _scope(consent)
        if consent.is_refusal:
            # A later word about the same takes the place of the first.
            scopes = [_scope(one) for one in held]
            is_new = scope not in scopes
            if is_new:
                held.append(consent)
            else:
                held[scopes.index(scope)] = consent
            self._refused[key] = _packed(held)
            self.count += is_new
            return is_new
        # Consent to everything ends every refusal, consent to one thing that one.
        left = [one for one in held if not _covers(scope, _scope(one))]
        if len(left) == len(held):
            return False
        self.count -= len(held) - len(left)
        if left:
            self._refused[key] = _packed(left)
        else:
            del self._refused[key]
        return True

    def standing(self, account: str, number: str) -> list[Consent]:
        """The refusals of a number towards an account that hold."""
        return self._held(consent_key(account, number))

    def refusal(self, account: str, number: str, source_addr: str, kind: str) -> Consent | None:
        """Return the refusal that forbids a message."""
        key = consent_key(account, number)
        if key not in self._refused:
            return None
        wanted = (source_addr, kind)
        return next((one for one in self._held(key) if _covers(_scope(one), wanted)), None)

    def fold(self, consents: Iterable[Consent]) -> "OptOuts":
        """Go by many words, in their order; return self."""
        for consent in consents:
            self.record(consent)
        return self

    def __iter__(self) -> Iterator[Consent]:
        """All refusals that hold, for export, in the order in which their numbers were first heard."""
        return (consent for key in self._refused for consent in self._held(key))

    def _held(self, key: str) -> list[Consent]:
        packed = self._refused.get(key)
        if packed is None:
            return []
        number, _, account = key.partition("\0")
        return [
            Consent(at, account, number, True, *rest)
            for at, *rest in marshal.loads(packed)  # noqa: S302 - our own octets, of this process
        ]


def _readings(text: str) -> Iterator[str]:
    """What a reply says, as it is written and then, if that is something else, plainly."""
    word = reply_word(text)
    yield word
    if not word.isascii() and len(word) <= _REPLY_MAX:
        yield reply_word(_written_plainly(word))


def _known(words: Iterable[str]) -> frozenset[str]:
    return frozenset(reading for word in words for reading in _readings(word))


def _packed(consents: Iterable[Consent]) -> bytes:
    return marshal.dumps(
        [(one.at, one.source_addr, one.kind, one.by, one.who, one.reason) for one in consents]
    )


def _scope(consent: Consent) -> tuple[str, str]:
    return consent.source_addr, consent.kind


def _covers(scope: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether what holds for a scope holds for another."""
    source_addr, kind = scope
    return (not source_addr or other[0].startswith(source_addr)) and kind in ("", other[1])
