# Texts are judged outside of a router with whatever is told of them. Who has no configuration yet, or names
# no class, still wants to see every finding that can be made; and what cannot be known is not made up.
#
#   the class is known   as the router would
#   it is not            what no class may is found (kind `any`). Of that, what the market asks of the form of
#                        a text is told and decides nothing: each market asks otherwise
#
# The wording's shares are the same either way: rules add findings to them, and change none.
"""The router's screening for texts of a command line."""

import datetime
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from smpp_router.compliance.case import Subject
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.verdict import ACCEPTED, Verdict
from smpp_router.config_compliance import ActionName, ComplianceConfig
from smpp_router.config_file import load_config, load_section
from smpp_router.own_rules import load_rules

OF_FORM: Final = ("SIGNATURE_MISSING", "SIGNATURE_MALFORMED", "LINK_NO_SCHEME", "EVASIVE_TRADITIONAL")
"""What is right in one market, and refused in another."""
WITHOUT_CONFIG: Final = (
    "not judged without --config: whether signature, links, source address and templates are registered, for "
    "whom the sender may speak, and what it has leave to ask for (PERSONAL_DATA is a tag only)"
)
WITHOUT_CLASS: Final = (
    "not judged without --class: what some classes may and others may not (pay, log in, install, advertise, "
    f"carry a code); {', '.join(OF_FORM)} are told and decide nothing"
)


@attrs.define(eq=False)
class Judge:
    """The router's screening, at the beginning of a day."""

    screener: Screener
    now: float
    of_any: Screener
    """For texts of a class whose kind nobody knows."""
    has_config: bool
    has_judged_any: bool = False
    """Whether there was any such text."""

    @classmethod
    def of(cls, words: TextScreen, day: datetime.date, config: Path | None) -> "Judge":
        """Screen as a configuration says; without one, by text and class alone.

        Raises ConfigError, RuleError or TemplateError.
        """
        found = None if config is None else _compliance(config)
        if found is None and config is not None:
            print(f"{config}: has no [compliance]; screening by text and class alone", file=sys.stderr)
        compliance = found or ComplianceConfig(registration_required=False)
        milder: dict[str, ActionName] = dict.fromkeys(OF_FORM, "accept")
        if found is None:
            # Authorities and schools may, and who has registered it.
            milder["PERSONAL_DATA"] = "tag"
        own_rules = load_rules(compliance)
        of_any = attrs.evolve(compliance, actions={**milder, **compliance.actions})
        screener, screener_of_any = [
            Screener(one, words, time.perf_counter, own_rules, time.thread_time)
            for one in (compliance, of_any)
        ]
        screener_of_any.cases.kind_of_others = "any"
        noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
        return cls(screener, noon.timestamp(), screener_of_any, found is not None)

    def verdicts(self, subjects: Sequence[Subject]) -> list[Verdict]:
        """Screen some messages, each at its time, if it has one."""
        found = [ACCEPTED] * len(subjects)
        is_any = [self._is_any(subject) for subject in subjects]
        for screener, wanted in ((self.screener, False), (self.of_any, True)):
            chosen = [at for at, one in enumerate(is_any) if one == wanted]
            verdicts = screener.screen([subjects[at] for at in chosen], self.now)
            for at, verdict in zip(chosen, verdicts, strict=True):
                found[at] = verdict
        self.has_judged_any |= any(is_any)
        return found

    def as_router(self, subject: Subject) -> Verdict:
        """Screen a message as a router by the same configuration would, which always knows its class."""
        return self.screener.screen([subject], self.now)[0]

    def not_judged(self) -> list[str]:
        """What could not be judged of the messages until now, a line each."""
        lines = [] if self.has_config else [WITHOUT_CONFIG]
        return [*lines, WITHOUT_CLASS] if self.has_judged_any else lines

    def _is_any(self, subject: Subject) -> bool:
        """Whether the kind of a message is not known; a configuration knows its classes, and means it so."""
        if subject.traffic_class:
            return not self.has_config and self.screener.cases.kind(subject.traffic_class) is None
        return True


def _compliance(path: Path) -> ComplianceConfig | None:
    """What a router's main file, or a file that has nothing but this section, says of screening."""
    try:
        sections = tomllib.loads(path.read_text("utf-8-sig")).keys()
    except (OSError, ValueError):
        sections = set[str]()  # load_config tells what is wrong with it
    if sections == {"compliance"}:
        return load_section(path, "compliance", ComplianceConfig)
    return load_config(path).compliance
