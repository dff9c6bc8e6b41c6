# A carrier's own look at what third parties send through it: texts with words that it does not like, and
# senders that too many subscribers complain about.
#
#   message --sender watched?--> sender blocked? --no--> word or pattern? --no--> goes on
#                                     |yes                  |yes
#                                     +---------------------+--> `action`
#   delivered message --complaint_share--> complaint --> share of the last messages above the bound: blocked
#
# SENDERS_MAX senders are remembered; the one heard of longest ago is forgotten first.
"""Interception of traffic by a simulated carrier."""

import random
import re
from collections import OrderedDict
from typing import Any, Final, Literal, TypeAlias

import attrs

from smpp_router.config_checks import above, at_least, between, each, entries, octets

Action = Literal["swallow", "pretend", "report"]
Attribute: TypeAlias = "attrs.Attribute[Any]"

SENDERS_MAX: Final = 10_000
"""Senders whose complaints are counted."""
WORDS_MAX: Final = 10_000
PATTERNS_MAX: Final = 100
PATTERN_CHARACTERS_MAX: Final = 500
TEXT_CHARACTERS_MAX: Final = 2_000
"""What is looked at of a text: more than ten parts together."""


def _patterns(_: object, attribute: Attribute, patterns: tuple[str, ...]) -> None:
    entries(0, PATTERNS_MAX)(None, attribute, patterns)
    for pattern in patterns:
        if not pattern or len(pattern) > PATTERN_CHARACTERS_MAX:
            raise ValueError(f"{attribute.name}: must have 1 to {PATTERN_CHARACTERS_MAX} characters each")
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{attribute.name}: {pattern} is no regular expression: {error}") from None


def _words(_: object, attribute: Attribute, words: tuple[str, ...]) -> None:
    entries(0, WORDS_MAX)(None, attribute, words)
    if not all(words):
        raise ValueError(f"{attribute.name}: must not be empty")


@attrs.frozen(kw_only=True)
class Interception:
    """What a carrier filters, and from whom."""

    senders: tuple[str, ...] = attrs.field(default=("106",), validator=each(octets(0, 20)))
    """What the sources begin with that are looked at."""
    words: tuple[str, ...] = attrs.field(default=(), validator=_words)
    """Words that a text must not contain, in capitals or not."""
    patterns: tuple[str, ...] = attrs.field(default=(), validator=_patterns)
    """Regular expressions that must not match anywhere in a text."""
    action: Action = "swallow"
    """swallow: nothing is heard of the message again; pretend: its receipt says DELIVRD; report: REJECTD."""
    error_code: int = attrs.field(default=8, validator=between(0, 65_535))
    """Of the receipt that report sends."""
    complaint_share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Share of delivered messages that their receivers complain about."""
    complaint_words: tuple[str, ...] = attrs.field(default=(), validator=_words)
    """A subscriber's answer that contains one of these is a complaint about whom it goes to."""
    complaints_max_share: float = attrs.field(default=1.0, validator=(above(0), between(0, 1)))
    """A sender with more complaints than this among its messages is blocked ..."""
    complaints_after: int = attrs.field(default=100, validator=at_least(1))
    """... once it has sent so many; both are counted anew after so many times ten ..."""
    block_s: float = attrs.field(default=3_600.0, validator=above(0))
    """... for so long."""


@attrs.define(eq=False)
class _Sender:
    messages: int = 0
    complaints: int = 0
    blocked_until: float = 0.0


class Interceptor:
    """What one carrier has intercepted."""

    def __init__(self, config: Interception, rng: random.Random) -> None:
        self.counters = {"intercepted": 0, "complaints": 0, "senders_blocked": 0, "intercepted_blocked": 0}
        self.configure(config)
        self._rng = rng
        self._senders: OrderedDict[bytes, _Sender] = OrderedDict()

    def configure(self, config: Interception) -> None:
        """Go by another configuration from now on; what is known of senders stays."""
        self.config = config
        self._prefixes = tuple(prefix.encode() for prefix in config.senders)
        words = "|".join(re.escape(word) for word in sorted(config.words))
        parts = ([f"(?i:{words})"] if words else []) + list(config.patterns)
        self._forbidden = tuple(map(re.compile, parts))
        self._complaint_words = tuple(word.casefold() for word in config.complaint_words)

    def intercepts(self, source: bytes, text: str, now: float) -> bool:
        """Whether a message goes no further; it counts as one of its sender."""
        if not source.startswith(self._prefixes):
            return False
        sender = self._sender(source)
        sender.messages += 1
        if sender.messages > 10 * self.config.complaints_after:
            sender.messages = 1
            sender.complaints = 0
        if now < sender.blocked_until:
            self.counters["intercepted_blocked"] += 1
            return True
        text = text[:TEXT_CHARACTERS_MAX]
        if any(pattern.search(text) for pattern in self._forbidden):
            self.counters["intercepted"] += 1
            return True
        return False

    def delivered(self, source: bytes, now: float) -> None:
        """A message of that sender was delivered: its receiver may complain."""
        share = self.config.complaint_share
        if share and source.startswith(self._prefixes) and self._rng.random() < share:
            self.complain(source, now)

    def answered(self, destination: bytes, text: str, now: float) -> None:
        """A subscriber has answered a sender, and may have complained with that."""
        if not self._complaint_words:
            return
        folded = text[:TEXT_CHARACTERS_MAX].casefold()
        if any(word in folded for word in self._complaint_words):
            self.complain(destination, now)

    def complain(self, source: bytes, now: float) -> None:
        """Count a complaint about a sender; block it if there are too many."""
        self.counters["complaints"] += 1
        sender = self._sender(source)
        sender.complaints += 1
        config = self.config
        is_known = sender.messages >= config.complaints_after
        if is_known and sender.complaints > config.complaints_max_share * sender.messages:
            sender.blocked_until = now + config.block_s
            sender.messages = sender.complaints = 0
            self.counters["senders_blocked"] += 1

    def _sender(self, source: bytes) -> _Sender:
        sender = self._senders.get(source)
        if sender is None:
            sender = self._senders[source] = _Sender()
            if len(self._senders) > SENDERS_MAX:
                self._senders.popitem(last=False)
        else:
            self._senders.move_to_end(source)
        return sender
