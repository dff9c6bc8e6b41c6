# What the messages of one account, class and source address have in common on one day is looked up once: a
# read's messages are mostly of one lane. With it is kept which texts fit a registered template and are all
# right, by the text with every digit as 0: codes, amounts and dates are new each time, and what stands around
# them is not.
#
# Rule 1: a text is known only if each text with its signs and other digits would fit the same template in the
#         same way (compliance/templates.py); where a template has digits of its own, its shape is held
#         against every text.
# Rule 2: nothing is unbounded: above their numbers lanes, and texts, are all forgotten.
"""What messages alike have in common."""

from typing import Final

import attrs

from smpp_router.compliance.case import Subject
from smpp_router.compliance.cases import Cases
from smpp_router.compliance.shapes import Shape, Spans
from smpp_router.compliance.templates import Match
from smpp_router.compliance.verdict import Verdict
from smpp_router.config_compliance import CapConfig, HoursConfig

LANES_MAX: Final = 10_000
"""Accounts times source addresses that are known, at some 500 bytes each."""
VERDICTS_MAX: Final = 10_000
"""Verdicts of templates, over all lanes, at some 3 kB each."""
TEXTS_MAX: Final = 50_000
"""Texts that are known to fit a template, over all lanes, at about 300 bytes each."""

Known = tuple[Verdict, Shape | None, Spans]
"""The verdict of a template; its shape and where its variables stand, if that must be looked at."""


@attrs.define(eq=False)
class Lane:
    """An account's messages of one class and source address on one day."""

    kind: str
    """Empty: nobody said what kind of traffic it is."""
    hours: HoursConfig | None
    caps: tuple[CapConfig, ...] | None
    """Of the class, where it has its own."""
    has_templates: bool
    """Whether the account has registered any, and what fits one is known by that."""
    is_exact: bool
    """Whether rules compare its texts digit by digit with something that is registered."""
    needs_case: bool
    """Whether more than the recipient is asked about each message: the hour, an operator's own rules."""
    verdicts: dict[str, Verdict] = attrs.Factory(dict[str, Verdict])
    """By template."""
    known: dict[bytes, Known] = attrs.Factory(dict[bytes, Known])

    def verdict(self, text: str, zeroed: bytes) -> Verdict | None:
        """Return the verdict of a text that is known to fit a template."""
        known = self.known.get(zeroed)
        if known is None:
            return None
        verdict, shape, values = known
        return verdict if shape is None or shape.fit(text) == values else None


class Lanes:
    """All lanes."""

    def __init__(self, cases: Cases, *, has_own_rules: bool) -> None:
        self._cases = cases
        self._days = cases.settings.days
        self._has_own_rules = has_own_rules
        self._caps = {one.name: one.caps for one in cases.config.classes if one.caps}
        self._lanes: dict[tuple[str, str, str, int], Lane] = {}
        self._last: tuple[str, str, str, float] = ("", "", "", -1.0)
        self._lane: Lane | None = None
        """That of the last message."""
        self._texts = 0
        self._verdicts = 0

    def of(self, subject: Subject) -> Lane:
        """Return the lane of a message."""
        last = (subject.account, subject.traffic_class, subject.source, subject.now)
        if last == self._last and self._lane is not None:
            return self._lane
        key = (*last[:3], self._days.of(subject.now).toordinal())
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= LANES_MAX:
                # What is kept by a lane elsewhere keeps the lane, too.
                self._forget()
                self._lanes.clear()
            lane = self._lanes[key] = self._made(subject)
        self._last, self._lane = last, lane
        return lane

    def _made(self, subject: Subject) -> Lane:
        traffic_class, sender = subject.traffic_class, self._cases.sender(subject.account)
        kind = self._cases.kind(traffic_class) or ""
        hours = self._cases.hours(traffic_class)
        needs_case = hours is not None or kind in ("marketing", "member") or self._has_own_rules
        # In India the parameters of each message say which entity and template it is of: its text is not all
        # that its verdict rests on.
        is_by_text = self._cases.regime(subject.account) != "in_dlt"
        return Lane(
            kind,
            hours,
            self._caps.get(traffic_class),
            has_templates=is_by_text and sender is not None and bool(sender.templates),
            is_exact=sender is not None and sender.needs_exact_text,
            needs_case=needs_case,
        )

    def keep(self, lane: Lane, zeroed: bytes, match: Match, verdict: Verdict) -> None:
        """All texts like one, which fits a template without fault, fit it too: see is_of_all_alike()."""
        if self._texts >= TEXTS_MAX:
            self._forget()
        self._texts += zeroed not in lane.known
        template = match.template
        lane.known[zeroed] = (
            (verdict, None, ()) if template.loose is None else (verdict, template.shape, match.values)
        )

    def keep_verdict(self, lane: Lane, template_id: str, verdict: Verdict) -> None:
        """A template has been screened for a lane."""
        if self._verdicts >= VERDICTS_MAX:
            self._forget()
        self._verdicts += 1
        lane.verdicts[template_id] = verdict

    def _forget(self) -> None:
        for lane in self._lanes.values():
            lane.known.clear()
            lane.verdicts.clear()
        self._texts = self._verdicts = 0
