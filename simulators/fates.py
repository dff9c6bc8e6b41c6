# What becomes of one message, from all that has a say in it:
#
#   chance (behaviour.py)  <  rules  <  magic number  <  directive   then anomalies, then interception
#
# A carrier with none of these but chance makes no Fate: it asks its Behaviour, which is faster.
"""Fates of messages."""

import random
from collections.abc import Callable

import attrs

from simulators.anomalies import Mishap, mishap
from simulators.behaviour import Behaviour
from simulators.directives import directive_wish, magic_wish
from simulators.interception import Interceptor
from simulators.outcomes import SILENT
from simulators.profile import CarrierProfile
from simulators.rules import RuleBook, Wish
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import part_of, text_of
from smpp_router.wire.pdu import SubmitSm


@attrs.define(eq=False)
class Fate:
    """What becomes of one message. With a status other than ESME_ROK it is not taken.

    `copies` of its receipt come, `held_back_s` after its end; receipt_s is less than 0 if that is before the
    response.
    """

    status: int
    response_s: float
    receipt_s: float
    outcome: int
    error_code: int
    copies: int = 1
    held_back_s: float = 0.0
    is_unasked: bool = False
    is_answered: bool = True
    is_intercepted: bool = False
    is_decided: bool = False
    """Whether the radio network is not asked: a wish or a filter has said how the message ends."""


def is_fateful(profile: CarrierProfile) -> bool:
    """Whether anything but chance has a say in what becomes of messages."""
    return bool(
        profile.rules
        or profile.magic_numbers
        or profile.directives
        or profile.anomalies.is_any
        or profile.interception is not None
    )


class Fates:
    """Decides fates for one carrier. Each concern has chance of its own, given by its name."""

    def __init__(
        self,
        profile: CarrierProfile,
        behaviour: Behaviour,
        chance: Callable[[str], random.Random],
        interceptor: Interceptor | None,
    ) -> None:
        self._profile = profile
        self._behaviour = behaviour
        self._alphabet: str = profile.dialect.default_alphabet
        self._rules = RuleBook(profile.rules, self._alphabet, chance("rules"))
        self._rng = chance("anomalies")
        self._has_anomalies = profile.anomalies.is_any
        self._interceptor = interceptor
        self._needs_text = profile.directives or interceptor is not None

    def of(self, pdu: SubmitSm, now: float) -> Fate:
        """Decide what becomes of a message that comes at `now`."""
        behaviour = self._behaviour
        text = text_of(pdu, self._alphabet) if self._needs_text else ""
        status = behaviour.refusal()
        response_s = behaviour.response_delay_s(now)
        outcome, error_code = behaviour.outcome()
        fate = Fate(status, response_s, behaviour.receipt_delay_s(now), outcome, error_code)
        has_early = False
        wish = self._wish(pdu, text)
        if wish is not None:
            _grant(fate, wish, behaviour)
            has_early = wish.receipt == "early"
        mishap_ = mishap(self._profile.anomalies, self._rng) if self._has_anomalies else None
        if mishap_ is not None:
            _suffer(fate, mishap_)
            if self._profile.anomalies.one_for_parts:
                part = part_of(pdu)
                if part is not None and part.seqnum < part.total:
                    fate.copies = 0
            has_early = has_early or mishap_.is_early
        if has_early:
            fate.response_s = max(fate.response_s, self._profile.anomalies.early_s)
            fate.receipt_s = -fate.response_s / 2.0
        if fate.status == c.ESME_ROK and self._interceptor is not None:
            self._intercept(fate, self._interceptor, pdu.source_addr, text, now)
        return fate

    def _wish(self, pdu: SubmitSm, text: str) -> Wish | None:
        wish = self._rules.wish(pdu)
        profile = self._profile
        magic = magic_wish(pdu.destination_addr) if profile.magic_numbers else None
        directive = directive_wish(text) if profile.directives else None
        for closer in (magic, directive):
            if closer is not None:
                wish = closer if wish is None else closer.over(wish)
        return wish

    def _intercept(self, fate: Fate, interceptor: Interceptor, source: bytes, text: str, now: float) -> None:
        if not interceptor.intercepts(source, text, now):
            return
        action = interceptor.config.action
        if action == "swallow":
            fate.outcome, fate.error_code = SILENT, 0
        elif action == "pretend":
            fate.outcome, fate.error_code = c.DELIVERED, 0
        else:
            fate.outcome, fate.error_code = c.REJECTED, interceptor.config.error_code
        fate.is_intercepted = fate.is_decided = True


def _grant(fate: Fate, wish: Wish, behaviour: Behaviour) -> None:
    fate.is_decided = any(one is not None for one in (wish.outcome, wish.error_code, wish.receipt_s))
    if wish.status is not None:
        fate.status = wish.status
    if wish.outcome is not None:
        fate.outcome = wish.outcome
        fate.error_code = behaviour.error_code_of(wish.outcome)
    if wish.error_code is not None:
        fate.error_code = wish.error_code
    if wish.response_s is not None:
        fate.response_s = wish.response_s
    if wish.receipt_s is not None:
        fate.receipt_s = wish.receipt_s
    if wish.receipt:
        fate.copies = {"none": 0, "twice": 2}.get(wish.receipt, 1)
    if wish.is_answered is not None:
        fate.is_answered = wish.is_answered


def _suffer(fate: Fate, mishap_: Mishap) -> None:
    if mishap_.copies != 1:
        fate.copies = mishap_.copies
    fate.held_back_s = mishap_.held_back_s
    fate.is_unasked = mishap_.is_unasked
    if mishap_.is_withheld:
        fate.is_answered = False
