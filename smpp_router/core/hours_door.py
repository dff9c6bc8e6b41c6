# Marketing that was accepted by day may still wait at night: for a carrier that is down, behind others, to be
# tried again, for a person. Each carrier has a door, the last thing before its links, at which hours hold.
# What is stopped there is seen to in quiet_hours.py.
#
# Rule 1: by day a door costs one comparison for all that leaves at once; at night it looks at each message.
# Rule 2: of classes for members only what advertises has hours. A part alone cannot tell that, and the whole
#         is known only to who has screened it: after a restart such parts wait.
# Rule 3: what the router itself answers to a recipient (UNREPORTED) has no hours.
"""The last door before a carrier's links, which is shut at night to some."""

from collections.abc import Mapping

import attrs

from smpp_router.compliance.case import Subject
from smpp_router.compliance.hours import MINUTE_S, ClassHours, SendingHours, is_within, opens_at
from smpp_router.compliance.rules.marketing import advertises
from smpp_router.compliance.screener import Screener
from smpp_router.config_compliance import HoursConfig
from smpp_router.core.bundles import Bundle
from smpp_router.core.screened_texts import numbers_of
from smpp_router.message.message import UNREPORTED, Message
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.multipart import part_of, text_of
from smpp_router.wire.pdu import SubmitSm


@attrs.define(eq=False)
class HoursKept:
    """What doors go by."""

    screener: Screener
    bundles: Mapping[int, Bundle]
    hours: SendingHours = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the hours of classes ready."""
        self.hours = SendingHours(self.screener.cases, self.screener.policy)

    def advertises(self, message: Message, of_class: ClassHours) -> bool:
        """Whether a message advertises, be it by its class or by its text, which is read once."""
        if of_class.advertises is not None:
            return of_class.advertises
        if message.advertises is None:
            pdu = decode(c.SUBMIT_SM, 0, 0, message.body or b"")
            assert isinstance(pdu, SubmitSm), "intake has made it"
            part = part_of(pdu)
            subject = Subject(text_of(pdu), message.account, message.traffic_class)
            is_part = part is not None and part.total > 1
            message.advertises = is_part or advertises(self.screener.cases.case(subject))
        return message.advertises

    def is_own(self, message: Message) -> bool:
        """Whether no ESME has submitted it."""
        bundle = self.bundles.get(message.message_id)
        whole = message if bundle is None else bundle.parent
        return whole.reported_id == UNREPORTED

    def destination(self, message: Message) -> str:
        """The recipient's number in international form."""
        return numbers_of(message.addresses, self.screener.config.country_code)[1]


class Door:
    """The last thing that a message comes to before a carrier's links.

    `stopped` are messages that may not leave now, for whoever sees to them.
    """

    def __init__(self, kept: HoursKept, own_hours: HoursConfig | None = None) -> None:
        """`own_hours` are those at which this carrier takes marketing, beside all others."""
        self.stopped: list[Message] = []
        self._kept = kept
        self._own = own_hours
        self._all_hours = kept.hours.all_hours | (
            {own_hours} if own_hours is not None else set[HoursConfig]()
        )
        self._since = self._until = 0.0
        self._is_asked = False
        self._of_classes: dict[tuple[str, str], tuple[HoursConfig, ...]] = {}

    def is_asked(self, now: float) -> bool:
        """Whether there may be messages that may not leave now."""
        if not self._since <= now < self._until:
            self._since = now // MINUTE_S * MINUTE_S
            self._until = self._since + MINUTE_S
            self._of_classes = {}
            self._is_asked = not all(map(self._is_surely_open, self._all_hours))
        return self._is_asked

    def _is_surely_open(self, hours: HoursConfig) -> bool:
        """Whether anything may leave by some hours in the minute that is looked at, whoever is to get it."""
        return not hours.by_recipient and is_within(hours, self._since)

    def without(self, messages: list[Message], now: float) -> list[Message]:
        """Return those of some messages that may leave, and keep the others."""
        go: list[Message] = []
        of_classes = self._of_classes
        for message in messages:
            key = message.traffic_class, message.account
            hours = of_classes.get(key)
            if hours is None:
                hours = tuple(one for one in self._hours(*key) if not self._is_surely_open(one))
                of_classes[key] = hours
            if hours and self.opens_at(message, now) > now:
                self.stopped.append(message)
            else:
                go.append(message)
        return go

    def _hours(self, traffic_class: str, account: str) -> list[HoursConfig]:
        """All hours that some message of a class and account has to keep."""
        of_class = self._kept.hours.of(traffic_class, account)
        own = self._own if of_class.advertises is not False else None
        return [one for one in (of_class.always, of_class.advertising, own) if one is not None]

    def opens_at(self, message: Message, now: float) -> float:
        """When a message may leave for this carrier: now, or the first moment after."""
        kept = self._kept
        of_class = kept.hours.of(message.traffic_class, message.account)
        if (of_class.advertises is False and of_class.always is None) or kept.is_own(message):
            return now
        hours = [] if of_class.always is None else [of_class.always]
        may_advertise = [one for one in (of_class.advertising, self._own) if one is not None]
        if may_advertise and kept.advertises(message, of_class):
            hours += may_advertise
        return opens_at(hours, now, kept.destination(message)) if hours else now
