# The rules in their order, each behind a fence: what an operator adds in a file of his own can fail or be
# slow without taking the router with it.
#
#   a rule raises, yields what is no symbol, or is slow
#                     --> counted; FENCE_AFTER times within FENCE_S --> left out so long: it is fenced
#   the fence's time is over
#                     --> it is on probation: once well and it is back, once wrong and it is fenced again
#   while it cannot answer: on_failure "closed": RULE_FAILED, which holds the message; "open": nothing
#
# Slow is what uses more processor time than its budget, or waits for longer than WAIT_MAX_S. A busy machine
# stops everybody for milliseconds now and then, in the middle of a rule too, which is nobody's fault: so a
# rule that has overrun its budget by the clock is measured by processor time for a while, which is dearer.
#
# The fence is no prison: a rule runs in the router's own thread, so one that takes a second has taken that
# second from everybody before it can be fenced, and one that never returns stops the router.
#
# Our own rules are behind the same fence: a text that nobody thought of is no reason to stop.
"""Asking all rules, whatever becomes of one of them."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal

import attrs

from smpp_router.compliance.case import Case, CaseKind
from smpp_router.compliance.rules.campaign import check_campaign
from smpp_router.compliance.rules.dlt import check_dlt
from smpp_router.compliance.rules.evasion import check_evasion
from smpp_router.compliance.rules.government import check_government
from smpp_router.compliance.rules.impersonation import check_impersonation
from smpp_router.compliance.rules.intent import check_intent
from smpp_router.compliance.rules.links import check_links
from smpp_router.compliance.rules.marketing import check_marketing
from smpp_router.compliance.rules.sender import check_sender
from smpp_router.compliance.rules.signature import check_signature
from smpp_router.compliance.rules.template import check_template
from smpp_router.compliance.rules.verification import check_verification
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import Regime

Check = Callable[[Case], Iterable[Symbol] | None]
OnFailure = Literal["open", "closed"]

BUDGET_S: Final = 0.005
"""A rule that takes longer for one message would be felt by all others."""
BUDGET_SIGNS: Final = 500
"""A rule of ours has its budget for each begun so many characters: a text as long as a book is not its fault,
and five of them from one account must not hold everybody's messages."""
FENCE_AFTER: Final = 5
FENCE_S: Final = 60.0
SYMBOLS_MAX: Final = 50
"""Findings of one rule about one text; a rule that finds more has found enough."""


WAIT_MAX_S: Final = 0.25
"""What no machine that is fit for this stops a thread for: a rule that takes longer waits for something."""


@attrs.frozen
class Clocks:
    """What rules are measured by: seconds that pass, and seconds that this thread has used a processor."""

    wall: Callable[[], float]
    cpu: Callable[[], float]


@attrs.define(eq=False)
class Rule:
    """A rule with its fence. The counters hold since the start."""

    name: str
    check: Check
    on_failure: OnFailure = "closed"
    budget_s: float = BUDGET_S
    code: str = ""
    """What tells its code from another's; of our own rules the router's version does."""
    failed: int = 0
    slow: int = 0
    skipped: int = 0
    fenced: int = 0
    """How often it was fenced."""
    last_error: str = ""
    """The class of the last exception and where it was raised; never its text, which may quote a message."""
    fenced_until: float = 0.0
    suspect_until: float = 0.0
    """Until when its processor time is measured."""
    _strikes: list[float] = attrs.Factory(list[float])

    def ask(self, case: Case, now: float, clocks: Clocks, budget_s: float | None = None) -> list[Symbol]:
        """Return the rule's findings, or what its failure means; a budget of its own it has without one."""
        budget_s = self.budget_s if budget_s is None else budget_s
        if now < self.fenced_until:
            self.skipped += 1
            return self._failure()
        is_suspect = now < self.suspect_until
        used = clocks.cpu() if is_suspect else 0.0
        started = clocks.wall()
        failed = self.failed
        found = self.answer(case, now)
        if self.failed > failed:
            return found
        passed = clocks.wall() - started
        if passed > budget_s and self.is_slow(
            passed, clocks.cpu() - used if is_suspect else 0.0, now, budget_s
        ):
            return found
        self.fenced_until = 0.0
        return found

    def answer(self, case: Case, now: float) -> list[Symbol]:
        """Return the rule's findings, or what its failure means, however long it takes."""
        found: list[Symbol] = []
        try:
            for symbol in self.check(case) or ():
                _check_sound(symbol, len(case.subject.text))
                found.append(symbol)
                if len(found) >= SYMBOLS_MAX:
                    break
        except (Exception, SystemExit, GeneratorExit) as error:  # noqa: BLE001 - whatever an operator's own rule raises
            self.failed += 1
            self.last_error = _where(error)
            self._strike(now)
            return self._failure()
        return found

    def is_slow(self, passed: float, used: float, now: float, budget_s: float) -> bool:
        """Whether an answer beyond its budget is its own fault: what passed, and what it used of that."""
        self.suspect_until = now + FENCE_S
        if passed <= max(WAIT_MAX_S, budget_s) and used <= budget_s:
            return False
        self.slow += 1
        self._strike(now)
        return True

    def is_fenced(self, now: float) -> bool:
        """Whether it is not asked."""
        return now < self.fenced_until

    @property
    def is_out(self) -> bool:
        """Whether it has been fenced and has not answered well since."""
        return self.fenced_until > 0.0

    def _strike(self, now: float) -> None:
        self._strikes = [*(at for at in self._strikes if at > now - FENCE_S), now]
        if len(self._strikes) >= FENCE_AFTER or self.fenced_until:
            self._strikes.clear()
            self.fenced += 1
            self.fenced_until = now + FENCE_S

    def _failure(self) -> list[Symbol]:
        if self.on_failure == "open":
            return []
        return [Symbol("RULE_FAILED", 0.0, f"the rule {self.name} could not be asked", source=self.name)]


def _check_sound(symbol: object, signs: int) -> None:
    """Raise TypeError or ValueError for what verdicts, logs and JSON could not bear, of a text of `signs`."""
    if not isinstance(symbol, Symbol):
        raise TypeError("a rule yields symbols")
    name, start, end = symbol.name, symbol.start, symbol.end
    score: Any = symbol.score
    if not type(name) is type(symbol.reason) is type(symbol.source) is str:
        raise TypeError("a symbol has texts")
    if not type(start) is type(end) is int:
        raise TypeError("a symbol has whole numbers")
    if not isinstance(score, (int, float)) or not math.isfinite(score):
        raise TypeError("a symbol's score is a number")
    if not name or name != name.upper():
        raise ValueError("symbols are named in capitals")
    if not -1 <= start <= end <= signs:
        raise ValueError("a symbol stands within its text")


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}"
    return f"{type(error).__name__}{place}"


Kinds = frozenset[CaseKind | None]
Regimes = frozenset[Regime]

BUILT_IN: Final[tuple[tuple[str, Check, Kinds | None, Regimes | None], ...]] = (
    ("signature", check_signature, None, frozenset({"cn"})),
    ("sender", check_sender, None, None),
    ("verification", check_verification, frozenset({"verification"}), None),
    ("marketing", check_marketing, None, None),
    ("government", check_government, frozenset({"government"}), None),
    ("links", check_links, None, None),
    ("impersonation", check_impersonation, None, None),
    ("intent", check_intent, None, None),
    ("template", check_template, None, None),
    ("evasion", check_evasion, None, None),
    ("dlt", check_dlt, None, frozenset({"in_dlt"})),
    ("campaign", check_campaign, None, frozenset({"us_10dlc"})),
)
"""Each with the kinds of traffic and the regimes beyond which it has nothing to say; None: it may for all."""


class Rulebook:
    """All rules: the router's, which may be asked once for many messages alike, and an operator's own."""

    def __init__(self, clocks: Clocks, extra: Iterable[Rule] = ()) -> None:
        """`extra` are an operator's own rules."""
        self._clocks = clocks
        self.rules = [Rule(name, check) for name, check, _, _ in BUILT_IN]
        self.own = list(extra)
        self._suspects_until = 0.0
        self._asked: dict[tuple[CaseKind | None, Regime], list[Rule]] = {}

    def __iter__(self) -> Iterator[Rule]:
        yield from self.rules
        yield from self.own

    def ask(self, case: Case, now: float) -> list[Symbol]:
        """Return the findings of the router's rules, which look at text, sender and day."""
        found: list[Symbol] = []
        clocks = self._clocks
        wall = clocks.wall
        # A look at the processor's clock takes longer than most rules: one a text, while any is suspect. What
        # the rules before have used, each within its budget, is counted with what a slow one has.
        has_suspects = now < self._suspects_until
        budgets = 1 + len(case.subject.text) // BUDGET_SIGNS
        used = clocks.cpu() if has_suspects else 0.0
        at = wall()
        for rule in self._asked.get((case.kind, case.regime)) or self._about(case.kind, case.regime):
            if rule.fenced_until:
                found += rule.ask(case, now, clocks, rule.budget_s * budgets)
                at = wall()
                continue
            found += rule.answer(case, now)
            # The end of one is the beginning of the next.
            then = wall()
            if then - at > rule.budget_s * budgets:
                before, used = used, clocks.cpu()
                is_suspect = has_suspects and now < rule.suspect_until
                spent = used - before if is_suspect else 0.0
                rule.is_slow(then - at, spent, now, rule.budget_s * budgets)
                self._suspects_until = rule.suspect_until
            at = then
        return found

    def _about(self, kind: CaseKind | None, regime: Regime) -> list[Rule]:
        """Return the rules that may have something to say about a kind of traffic."""
        asked = self._asked[kind, regime] = [
            rule
            for rule, (_, _, kinds, regimes) in zip(self.rules, BUILT_IN, strict=True)
            if (kinds is None or kind in kinds) and (regimes is None or regime in regimes)
        ]
        return asked

    def ask_own(self, case: Case, now: float) -> list[Symbol]:
        """Return the findings of an operator's own rules, which see each message as it is."""
        found: list[Symbol] = []
        for rule in self.own:
            # A copy of its own each: what a rule does to it happens to nobody else.
            copy = Case(
                attrs.evolve(case.subject), case.facts, case.sender, case.kind, case.regime, case.settings
            )
            found += rule.ask(copy, now, self._clocks)
        return found
