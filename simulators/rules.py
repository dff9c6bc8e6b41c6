# What is wanted of single messages, instead of what chance would make of them.
#
# A Wish says as much as it has to say; None leaves it to others. Who is more particular about a message wins:
#
#   chance  <  [[carriers.rules]], the first that fits  <  magic number  <  directive in the text
"""Wishes, and the rules of a carrier for some destinations, senders or texts."""

import random
from typing import Final, Literal

import attrs

from simulators.distributions import DELAY_MAX_S
from simulators.outcomes import error_name, message_state, outcome_name, status_of
from smpp_router.config_checks import between, if_given, octets
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import SubmitSm

ReceiptHow = Literal["", "once", "none", "twice", "early"]
RULES_MAX: Final = 1_000
"""Rules are tried one after the other for each message."""


@attrs.define(eq=False)
class Wish:
    """What is wanted of one message. Delays are in seconds."""

    status: int | None = None
    outcome: int | None = None
    error_code: int | None = None
    response_s: float | None = None
    receipt_s: float | None = None
    receipt: ReceiptHow = ""
    is_answered: bool | None = None

    def over(self, other: "Wish") -> "Wish":
        """Return this with what it leaves open as another says it. An error code belongs to its outcome."""
        return Wish(
            other.status if self.status is None else self.status,
            other.outcome if self.outcome is None else self.outcome,
            other.error_code if self.error_code is None and self.outcome is None else self.error_code,
            other.response_s if self.response_s is None else self.response_s,
            other.receipt_s if self.receipt_s is None else self.receipt_s,
            self.receipt or other.receipt,
            other.is_answered if self.is_answered is None else self.is_answered,
        )


@attrs.frozen(kw_only=True)
class Rule:
    """What happens to the messages that fit all of the first four keys; an empty key fits every message."""

    destination: str = attrs.field(default="", validator=octets(0, 20))
    """What the destination begins with."""
    source: str = attrs.field(default="", validator=octets(0, 20))
    """What the source begins with."""
    text: str = ""
    """What the text contains, in capitals or not."""
    share: float = attrs.field(default=1.0, validator=between(0, 1))
    """Of the messages that fit; the others go on to the next rule."""
    status: str = attrs.field(default="", validator=error_name)
    outcome: str = attrs.field(default="", validator=outcome_name)
    error_code: int | None = attrs.field(default=None, validator=if_given(between(0, 65_535)))
    response_s: float | None = attrs.field(default=None, validator=if_given(between(0, DELAY_MAX_S)))
    receipt_s: float | None = attrs.field(default=None, validator=if_given(between(0, DELAY_MAX_S)))
    receipt: ReceiptHow = ""
    is_answered: bool | None = None
    """Whether there is a submit_sm_resp at all."""

    def wish(self) -> Wish:
        """Return what it wants of a message that fits."""
        return Wish(
            status_of(self.status) if self.status else None,
            message_state(self.outcome) if self.outcome else None,
            self.error_code,
            self.response_s,
            self.receipt_s,
            self.receipt,
            self.is_answered,
        )


class RuleBook:
    """The rules of one carrier."""

    def __init__(self, rules: tuple[Rule, ...], alphabet: str, rng: random.Random) -> None:
        self._rng = rng
        self._alphabet = alphabet
        self._rules = [
            (rule.destination.encode(), rule.source.encode(), rule.text.casefold(), rule.share, rule.wish())
            for rule in rules
        ]

    def wish(self, pdu: SubmitSm) -> Wish | None:
        """Return what the first rule that fits wants."""
        text: str | None = None
        for destination, source, words, share, wish in self._rules:
            if not (pdu.destination_addr.startswith(destination) and pdu.source_addr.startswith(source)):
                continue
            if words:
                if text is None:
                    text = text_of(pdu, self._alphabet).casefold()
                if words not in text:
                    continue
            if share >= 1.0 or self._rng.random() < share:
                return wish
        return None
