# A Case is one message before its rules: what it says, who sends it to whom and when. Rules read it and
# yield symbols.
"""What rules are asked about."""

from typing import Literal

import attrs

from smpp_router.compliance.facts.facts import Facts
from smpp_router.compliance.senders import Sender
from smpp_router.compliance.settings import Settings
from smpp_router.compliance.templates import Match
from smpp_router.config_compliance import ClassKind, Regime

CaseKind = ClassKind | Literal["any"]
"""`any`: the kind is not known, and what no kind of traffic may, but for free, is asked about."""


@attrs.define(eq=False)
class Subject:
    """One message to be screened. Texts and numbers are not shown when it is printed."""

    text: str = attrs.field(repr=False)
    account: str = ""
    traffic_class: str = ""
    source: str = attrs.field(default="", repr=False)
    destination: str = attrs.field(default="", repr=False)
    tlvs: tuple[tuple[int, bytes], ...] = attrs.field(default=(), repr=False)
    now: float = 0.0
    """Unix seconds, 0: no time is known, and what depends on it is not asked."""
    not_before: float = 0.0
    """When a scheduled message goes; hours are asked about then. 0: at once."""
    zeroed: bytes | None = attrs.field(default=None, init=False, repr=False)
    """The text in UTF-8 with every digit as 0, where somebody has made it."""


@attrs.define(eq=False)
class Case:
    """A subject with its facts, its sender and the rules' settings."""

    subject: Subject
    facts: Facts
    sender: Sender | None
    """None: the account has no registration."""
    kind: CaseKind | None
    """None: nobody said what kind of traffic it is, and only what holds for free, too, is asked about."""
    regime: Regime
    settings: Settings
    _matched: tuple[Match | None] | None = attrs.field(default=None, init=False, repr=False)

    @property
    def match(self) -> Match | None:
        """The sender's template that the text fits, None if there is none."""
        if self._matched is None:
            subject = self.subject
            templates = None if self.sender is None else self.sender.templates
            self._matched = (templates.match(subject.text, subject.traffic_class) if templates else None,)
        return self._matched[0]
