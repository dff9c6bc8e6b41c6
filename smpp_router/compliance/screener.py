# The whole of screening for a batch of messages: templates, rules, the words of the text, and what depends
# on the recipient and the hour; then the verdict.
#
#   fits a registered template   the template was screened once, with sample values: its verdict holds, but
#                                not in India, where each message says in parameters which template it is of
#   otherwise                    rules on the canonical text, kept by it; the text layers, which keep what
#                                they found by template; both shared by all messages alike
#   always, of each message      opt-out, hours, caps, signals of traffic, an operator's own rules
#
# Rule 1: what is kept is exactly what would be found again. Rules see the canonical text, in which a lone
#         run of four or six digits is always the same one, so it does not matter which message of a kind
#         came first; where a rule may look at such digits (agencies, DLT, templates) the text is its own
#         canonical text.
# Rule 2: a verdict does not depend on the batch.
"""Screening of messages."""

import math
import re
import string
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs

from smpp_router.compliance.caps import Caps
from smpp_router.compliance.case import Case, Subject
from smpp_router.compliance.cases import Cases
from smpp_router.compliance.fingerprint import configuration_version
from smpp_router.compliance.fraud import FraudSignals
from smpp_router.compliance.lanes import Lane, Lanes
from smpp_router.compliance.optout import OptOuts
from smpp_router.compliance.policy import Policy
from smpp_router.compliance.rulebook import Clocks, Rule, Rulebook
from smpp_router.compliance.rules.marketing import advertises, check_hours
from smpp_router.compliance.symbols import ACTIONS, Action, Symbol, severest
from smpp_router.compliance.templates import Match
from smpp_router.compliance.text_layers import TextFindings, TextLayers
from smpp_router.compliance.verdict import ACCEPTED, Verdict, decide
from smpp_router.compliance.views import zeroed_texts
from smpp_router.config_compliance import CapConfig, ComplianceConfig

KEPT_MAX: Final = 50_000
"""Canonical texts whose findings are kept, at about 1 kB each. The oldest is forgotten."""
VERDICTS_MAX: Final = 4_096
"""Verdicts of words that are remembered, at some 3 kB each; above it all are made anew."""
CATEGORY_SHARE_MIN: Final = 0.3
"""Probability of a category from which a message is about it."""
VALUE_READ_MIN: Final = 5
"""Signs of a template's variable from which its words are read: a name has fewer."""

_AROUND: Final = frozenset(string.ascii_letters + "./:=_@#?&%*-")
"""Digits beside one of these are part of a link, an address or a number."""
REFUSED: Final = Symbol("OPTED_OUT", 0.0, "the recipient has refused such messages", source="opt-out")
_ACCEPT: Final = frozenset({"accept"})
_ILLICIT, _SUSPECT = [
    Symbol(name, 0.0, "the wording is that of illicit messages", source="text model")
    for name in ("ILLICIT", "SUSPECT")
]
_DIGITS: Final = re.compile("[0-9]{4,}")
_CANONICAL: Final = {4: "4826", 6: "482615"}

_Key = tuple[Lane, str]
"""What findings about a text are kept by; registrations hold by the day, and so does a lane."""


@attrs.define(eq=False)
class ScreenerCounters:
    """Counts since the start."""

    screened: int = 0
    templates: int = 0
    """Messages that fitted a registered template."""
    kept: int = 0
    """Messages whose canonical text was known."""
    forgotten: int = 0
    """Canonical texts whose findings were forgotten, for there were too many."""
    by_action: dict[str, int] = attrs.Factory(lambda: dict.fromkeys(ACTIONS, 0))


def canonical(text: str) -> str:
    """Return a text with its run of four or six lone digits, if it has just one, replaced by a fixed one."""
    lone: tuple[int, int] | None = None
    for found in _DIGITS.finditer(text):
        start, end = found.span()
        if end - start in _CANONICAL and _AROUND.isdisjoint(text[max(0, start - 1) : end + 1]):
            if lone is not None:
                return text
            lone = start, end
    if lone is None:
        return text
    start, end = lone
    return text[:start] + _CANONICAL[end - start] + text[end:]


class Screener:
    """Screens batches of messages."""

    def __init__(
        self,
        config: ComplianceConfig,
        text: TextLayers | None,
        clock: Callable[[], float],
        own_rules: Iterable[Rule] = (),
        cpu_clock: Callable[[], float] | None = None,
    ) -> None:
        """Without `text` only rules are asked.

        For the budgets of rules, `clock` tells seconds that pass, and `cpu_clock` seconds of the processor
        that this thread has used; without one, the other clock is taken for it.
        """
        self.config = config
        self.counters = ScreenerCounters()
        self.cases = Cases(config)
        own_rules = tuple(own_rules)
        self.rulebook = Rulebook(Clocks(clock, cpu_clock or clock), own_rules)
        self.configuration_version = configuration_version(
            config, {rule.name: rule.code for rule in own_rules}
        )
        self._accepted = attrs.evolve(ACCEPTED, configuration_version=self.configuration_version)
        of_own: dict[str, Action] = {
            name: action for rule in config.own_rules for name, action in rule.actions.items()
        }
        by_class = {one.name: one.actions for one in config.classes}
        self.policy = Policy({**of_own, **config.actions}, by_class, config.answers)
        self.optouts = OptOuts.of(config.optout_words, config.optin_words, config.help_words)
        self.caps = Caps()
        self.fraud = FraudSignals()
        self._text = text
        # Ordered: a dict takes long to find its first entry after many have gone.
        self._kept: OrderedDict[_Key, tuple[Symbol, ...]] = OrderedDict()
        self._values: OrderedDict[_Key, bool] = OrderedDict()
        self._verdicts: dict[tuple[Lane, TextFindings | None], Verdict] = {}
        self._lanes = Lanes(self.cases, has_own_rules=bool(self.rulebook.own))
        self._versions = ("", "") if text is None else text.versions

    def take_over(self, before: "Screener") -> None:
        """Go on from what another screener has counted and heard: it is to be asked no more."""
        self.counters = before.counters
        self.caps = before.caps
        self.fraud = before.fraud
        before.optouts.use_words_of(self.optouts)
        self.optouts = before.optouts

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of lexicon and model in force; empty where words are not read."""
        return self._versions

    # ------------------------------------------------------------------ a batch

    def screen(self, subjects: Sequence[Subject], now: float) -> list[Verdict]:
        """Return the verdict of each message, in their order."""
        result: list[Verdict] = []
        to_read: list[tuple[int, Subject, Case | None, Lane, tuple[Symbol, ...]]] = []
        counters, lane_of = self.counters, self._lanes.of
        zeroed_of_all = zeroed_texts([subject.text for subject in subjects])
        for subject, zeroed in zip(subjects, zeroed_of_all, strict=True):
            subject.zeroed = zeroed
            lane = lane_of(subject)
            case: Case | None = None
            verdict = lane.verdict(subject.text, zeroed)
            if verdict is None and lane.has_templates:
                case = self.cases.case(subject)
                verdict = self._by_template(lane, case, zeroed, now)
            if verdict is not None:
                counters.templates += 1
                result.append(self._timely(lane, subject, case, verdict, now))
            else:
                found = self._by_rules(lane, subject, case, now)
                to_read.append((len(result), subject, case, lane, found))
                result.append(ACCEPTED)
        if to_read:
            words = self._read([subject for _, subject, _, _, _ in to_read], now)
            for (index, subject, case, lane, found), read in zip(to_read, words, strict=True):
                verdict = self._of_text(lane, subject, found, read)
                result[index] = self._timely(lane, subject, case, verdict, now)
        counters.screened += len(subjects)
        for verdict in result:
            counters.by_action[verdict.action] += 1
        if self.config.answers:
            return [self._answered(subject, one) for subject, one in zip(subjects, result, strict=True)]
        return result

    def _answered(self, subject: Subject, verdict: Verdict) -> Verdict:
        """Return a verdict that knows what configuration tells the sender of its decisive finding."""
        if verdict.decisive is None:
            return verdict
        answer = self.policy.answer(verdict.decisive.name, subject.traffic_class, subject.account)
        return verdict if answer is verdict.answer else attrs.evolve(verdict, answer=answer)

    # ------------------------------------------------------------------ what depends on text and sender only

    def _by_rules(self, lane: Lane, subject: Subject, case: Case | None, now: float) -> tuple[Symbol, ...]:
        if subject.tlvs:
            return tuple(self.rulebook.ask(case or self.cases.case(subject), now))
        text = subject.text if lane.is_exact else canonical(subject.text)
        key = lane, text
        kept = self._kept.get(key)
        if kept is not None:
            self.counters.kept += 1
            return kept
        if text is not subject.text:
            case = self.cases.case(attrs.evolve(subject, text=text))
        kept = tuple(self.rulebook.ask(case or self.cases.case(subject), now))
        if not any(symbol.name == "RULE_FAILED" for symbol in kept):
            while len(self._kept) >= KEPT_MAX:
                self._kept.popitem(last=False)
                self.counters.forgotten += 1
            self._kept[key] = kept
        return kept

    def _of_text(
        self, lane: Lane, subject: Subject, found: tuple[Symbol, ...], read: TextFindings | None
    ) -> Verdict:
        """Return the verdict of a text: messages with the same words share it, if no rule says more."""
        if found:
            return self._joined(subject, found, read)
        verdict = self._verdicts.get((lane, read))
        if verdict is None:
            if len(self._verdicts) >= VERDICTS_MAX:
                self._verdicts.clear()
            verdict = self._verdicts[lane, read] = self._joined(subject, found, read)
        return verdict

    def _by_template(self, lane: Lane, case: Case, zeroed: bytes, now: float) -> Verdict | None:
        """Return the verdict of the template that a text fits; None if none does or something is wrong."""
        sender, subject = case.sender, case.subject
        if sender is None or not sender.templates:
            return None
        match = case.match
        if match is None or match.faults:
            return None
        verdict = lane.verdicts.get(match.template.id)
        if verdict is None:
            verdict = self._of_sample(case, match, now)
            self._lanes.keep_verdict(lane, match.template.id, verdict)
        if verdict.action != "accept":
            return None
        if match.template.texts:
            values = _long_values(subject.text, match)
            if values and not self._may_fill(lane, subject, values, now):
                return None
        if sender.templates.is_of_all_alike(subject.text, zeroed, subject.traffic_class, match):
            self._lanes.keep(lane, zeroed, match, verdict)
        return verdict

    def _may_fill(self, lane: Lane, subject: Subject, values: str, now: float) -> bool:
        """Whether words that were filled into a template ask for nothing."""
        key = lane, values
        known = self._values.get(key)
        if known is None:
            (read,) = self._read([attrs.evolve(subject, text=values)], now)
            while len(self._values) >= KEPT_MAX:
                self._values.popitem(last=False)
                self.counters.forgotten += 1
            known = self._values[key] = not self._actions(read, subject)
        return known

    def _of_sample(self, case: Case, match: Match, now: float) -> Verdict:
        """Screen a template as its sample."""
        sample = attrs.evolve(case.subject, text=match.template.sample)
        found = tuple(self.rulebook.ask(self.cases.case(sample), now))
        (read,) = self._read([sample], now)
        return self._joined(sample, found, read)

    def _read(self, subjects: Sequence[Subject], now: float) -> Sequence[TextFindings | None]:
        if self._text is None:
            return [None] * len(subjects)
        days = {self.cases.settings.days.of(subject.now or now) for subject in subjects}
        if len(days) > 1:
            # A router's batch has one time; of a file that is screened each line may have its own.
            return [self._read([subject], now)[0] for subject in subjects]
        return self._text.screen(
            [subject.text for subject in subjects],
            [subject.traffic_class for subject in subjects],
            days.pop(),
        )

    def _actions(self, read: TextFindings | None, subject: Subject) -> list[tuple[Action, Symbol]]:
        """Return what words ask for, with the finding that asks."""
        if read is None:
            return []
        asked: list[tuple[Action, Symbol]] = []
        config = self.config
        if read.illicit >= config.illicit_hold_share:
            is_sure = read.illicit >= config.illicit_refuse_share
            symbol = _ILLICIT if is_sure else _SUSPECT
            asked.append((self.policy.action(symbol, subject.traffic_class, subject.account), symbol))
        if read.actions - _ACCEPT:
            first = read.symbols[0] if read.symbols else Symbol("TERM", 0.0, "a term of the lexicon")
            answer = self.policy.answer(first.name, subject.traffic_class, subject.account)
            asked.append((answer.action or severest(read.actions), first))
        return asked

    def _joined(self, subject: Subject, found: tuple[Symbol, ...], read: TextFindings | None) -> Verdict:
        verdict = self._accepted
        if found:
            verdict = decide(found, self.policy, subject.traffic_class, subject.account)
        if read is None:
            return self.stamped(verdict) if found else verdict
        action, decisive = verdict.action, verdict.decisive
        symbols = [*found, *read.symbols]
        for asked, symbol in self._actions(read, subject):
            if not (read.symbols and symbol is read.symbols[0]):
                symbols.append(symbol)
            if ACTIONS.index(asked) > ACTIONS.index(action):
                action, decisive = asked, symbol
        lexicon, model = self._versions
        return Verdict(
            action,
            tuple(symbols),
            decisive,
            read.illicit,
            read.shares,
            lexicon,
            model,
            configuration_version=self.configuration_version,
            likeliest=read.likeliest,
        )

    def stamped(self, verdict: Verdict) -> Verdict:
        """Return a verdict with the versions of all that it rests on."""
        lexicon, model = self._versions
        return attrs.evolve(
            verdict,
            lexicon_version=lexicon,
            model_version=model,
            configuration_version=self.configuration_version,
        )

    # ------------------------------------------------------------------ what depends on recipient and time

    def _timely(
        self, lane: Lane, subject: Subject, case: Case | None, verdict: Verdict, now: float
    ) -> Verdict:
        """Add what only this message can be told: it may be refused for its recipient's sake."""
        is_marketing = lane.kind == "marketing"
        if lane.needs_case:
            case = case or self.cases.case(subject)
            more = [*check_hours(case, lane.hours), *self.rulebook.ask_own(case, now)]
            if more:
                verdict = self.with_more(subject, verdict, more)
            is_marketing = bool(subject.destination) and advertises(case)
        if not subject.destination:
            return verdict
        of_recipient = self._of_recipient(lane, subject, is_marketing, verdict, now)
        return self.with_more(subject, verdict, of_recipient) if of_recipient else verdict

    def with_more(self, subject: Subject, verdict: Verdict, more: Sequence[Symbol]) -> Verdict:
        """Return a verdict that knows of more findings; it never becomes milder."""
        action, decisive = verdict.action, verdict.decisive
        for symbol in more:
            asked = self.policy.action(symbol, subject.traffic_class, subject.account)
            if ACTIONS.index(asked) > ACTIONS.index(action):
                action, decisive = asked, symbol
        verdict = attrs.evolve(verdict, action=action, decisive=decisive, symbols=(*verdict.symbols, *more))
        return self._answered(subject, verdict)

    def _of_recipient(
        self, lane: Lane, subject: Subject, is_marketing: bool, verdict: Verdict, now: float
    ) -> list[Symbol]:
        refused = self.optouts.refusal(
            subject.account, subject.destination, subject.source, "marketing" if is_marketing else lane.kind
        )
        if refused is not None:
            return [REFUSED]
        caps = lane.caps or (self.config.marketing_caps if is_marketing else ())
        if not caps or verdict.action not in ("accept", "tag"):
            return []
        return self._of_caps(caps, subject, lane.kind, subject.now or now)

    def _of_caps(self, caps: Sequence[CapConfig], subject: Subject, kind: str, now: float) -> list[Symbol]:
        broken = self.caps.exceeded(caps, subject.account, kind, subject.destination, now)
        if broken is not None:
            why = f"the recipient has had {broken.count} such messages within {broken.period_s:g} s"
            return [Symbol("FREQUENCY", 0.0, why, source="frequency caps")]
        self.caps.count(caps, subject.account, kind, subject.destination, now)
        return []

    def watched(self, subject: Subject, verdict: Verdict, now: float) -> Verdict:
        """Return the verdict with what traffic as a whole shows; its scores are added to what words say."""
        category, share = verdict.likeliest
        # Everybody sends codes, in the same words.
        is_code = self.cases.kind(subject.traffic_class) == "verification"
        signals = self.fraud.look(
            subject.account,
            b"" if is_code else subject.zeroed or zeroed_texts([subject.text])[0],
            subject.destination,
            category if share >= CATEGORY_SHARE_MIN else "",
            now,
        )
        if not signals:
            return verdict
        together = joined_share(verdict.illicit, sum(symbol.score for symbol in signals))
        for name, share in (
            ("ILLICIT", self.config.illicit_refuse_share),
            ("SUSPECT", self.config.illicit_hold_share),
        ):
            if together >= share:
                if verdict.illicit < share:
                    why = "the wording and the traffic together are those of illicit messages"
                    signals.append(Symbol(name, 0.0, why, source="text model and traffic"))
                break
        return self.with_more(subject, verdict, signals)


def joined_share(share: float, score: float) -> float:
    """Return a probability with a score in logits added; nothing known of the text (0) stays so."""
    if not 0.0 < share < 1.0:
        return share
    odds = share / (1.0 - share) * math.exp(score)
    return odds / (1.0 + odds)


def _long_values(text: str, match: Match) -> str:
    """Return the words that were filled into a template, where there is room for some."""
    values = [match.values[number] for number in match.template.texts]
    return "，".join([text[start:end] for start, end in values if end - start >= VALUE_READ_MIN])
