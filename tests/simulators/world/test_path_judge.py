"""The judge of messages with several paths: it finds what is wrong, and what is right it lets pass."""

import math
from collections import Counter
from typing import Any

import pytest

from simulators.world.handed import Handed
from simulators.world.lives import Copy, Life, Lives, Told
from simulators.world.path_judge import TRIES_MAX, PathJudge
from simulators.world.replies import Replies
from simulators.world.verdict import NEVER, Troubles, Violations
from simulators.world.watch import CarrierWatch, Rate, Windows
from simulators.world.wires import Wire
from smpp_router.config import PathsConfig
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.pdu import CancelSm, SubmitSm


class Case:
    """One message, and what became of it; times are seconds."""

    def __init__(self, mode: Any = "hedged", count: int = 3) -> None:
        self.violations = Violations(0.0)
        self.troubles = Troubles()
        self.judge = PathJudge(self.violations, self.troubles, Counter())
        self.life = Life(1, "ministry", False, 0.0, paths=PathsConfig(mode=mode, count=count))
        self.wires: dict[str, Wire] = {}

    def wire(self, carrier: str) -> Wire:
        return self.wires.setdefault(carrier, Wire(1, carrier, lambda: 0.0, lambda *_: None))

    def sent(
        self, carrier: str, at: float, status: int = c.ESME_ROK, answered_at: float | None = None
    ) -> Copy:
        answered = at + 0.1 if answered_at is None else answered_at
        copy = Copy(carrier, self.wire(carrier), at, at + 10.0, answered, status)
        self.judge.copied(self.life, copy)
        self.life.copies.append(copy)
        return copy

    def told(self, carrier: str, state: int, at: float) -> None:
        self.life.told.append(Told(at, state, carrier, self.wire(carrier)))

    def handed(self, state: int, at: float) -> None:
        handed = Handed(state, at, self.wire("customer"))
        self.judge.judge(self.life, handed)
        self.life.handed.append(handed)

    @property
    def broken(self) -> list[str]:
        return [violation.invariant for violation in self.violations.found]


def test_what_a_carrier_says_of_a_copy_that_it_answered_too_late_is_not_held_against_the_router() -> None:
    case = Case(count=2)
    case.sent("a", 1, answered_at=12)
    case.told("a", c.DELIVERED, 13)
    case.sent("a", 20)
    case.handed(c.UNKNOWN, 100)
    assert case.broken == []
    known = Case(count=2)
    known.sent("a", 1)
    known.told("a", c.DELIVERED, 13)
    known.handed(c.UNKNOWN, 100)
    assert "truth" in known.broken


def test_what_a_carrier_says_of_a_copy_that_died_on_a_full_disk_is_not_held_against_the_router() -> None:
    case = Case(count=2)
    case.troubles.disk_full(0.5, 20.0)
    case.sent("a", 1)
    case.troubles.died(5.0)
    case.told("a", c.DELIVERED, 30)
    case.sent("a", 31)
    case.told("a", c.UNDELIVERABLE, 33)
    case.handed(c.UNDELIVERABLE, 100)
    assert case.broken == []


@pytest.mark.parametrize(("full_until", "broken"), [(5.5, ["losers"]), (6.5, []), (math.inf, [])])
def test_nobody_can_be_called_back_over_a_full_window(full_until: float, broken: list[str]) -> None:
    case = Case()
    case.sent("a", 1)
    case.sent("b", 5)
    case.wire("a").full_until = full_until
    case.told("b", c.DELIVERED, 6)
    case.handed(c.DELIVERED, 6.1)
    case.judge.over(case.life, 900)
    assert case.broken == broken


def test_a_hedge_that_delivers_and_a_loser_that_is_called_back_break_nothing() -> None:
    case = Case()
    case.sent("a", 1)
    case.sent("b", 5)
    case.told("b", c.DELIVERED, 6)
    case.handed(c.DELIVERED, 6.1)
    case.life.recalled.add("a")
    case.judge.over(case.life, 900)
    assert case.broken == []
    assert case.judge.counts["hedged"] == 1


def test_more_carriers_than_the_class_says_are_found() -> None:
    case = Case(count=2)
    for at, carrier in enumerate("abc"):
        case.sent(carrier, at)
    assert case.broken == ["paths"]


def test_a_carrier_that_gets_a_copy_too_often_is_found_but_not_for_throttling() -> None:
    case = Case()
    for at in range(TRIES_MAX + 3):
        case.sent("a", at, c.ESME_RTHROTTLED)
    assert case.broken == []
    for at in range(TRIES_MAX + 1):
        case.sent("a", 10 + at, c.ESME_RSYSERR)
    assert case.broken == ["paths"]


def test_failover_without_a_failure_is_found() -> None:
    case = Case("failover")
    case.sent("a", 1)
    case.sent("b", 5)
    assert case.broken == ["strict failover"]


@pytest.mark.parametrize("reason", ["failed", "refused", "unanswered", "lost", "died"])
def test_failover_for_a_reason_is_not(reason: str) -> None:
    case = Case("failover")
    refused = reason == "refused"
    copy = case.sent("a", 1, c.ESME_RSYSERR if refused else c.ESME_ROK)
    if reason == "failed":
        case.told("a", c.UNDELIVERABLE, 3)
    elif reason == "unanswered":
        copy.status, copy.answered_at = -1, NEVER
    elif reason == "lost":
        case.wire("a").reset()
    elif reason == "died":
        case.troubles.died(1.5)
    case.sent("b", 5)
    assert case.broken == []


def test_a_failure_that_not_all_carriers_have_told_is_found() -> None:
    case = Case("parallel")
    case.sent("a", 1)
    case.sent("b", 1)
    case.told("a", c.UNDELIVERABLE, 3)
    case.handed(c.UNDELIVERABLE, 3.1)
    assert case.broken == ["truth"]


def test_a_failure_that_all_have_told_is_true() -> None:
    case = Case("parallel")
    case.sent("a", 1)
    case.sent("b", 1, c.ESME_RSYSERR)
    case.told("a", c.EXPIRED, 3)
    case.handed(c.UNDELIVERABLE, 3.1)
    assert case.broken == []


@pytest.mark.parametrize("state", [c.UNKNOWN, c.UNDELIVERABLE])
def test_anything_but_delivrd_is_found_where_one_carrier_has_delivered(state: int) -> None:
    case = Case("parallel")
    case.sent("a", 1)
    case.told("a", c.DELIVERED, 3)
    case.told("a", c.UNDELIVERABLE, 3)
    case.handed(state, 60)
    assert "truth" in case.broken


def test_unknown_is_found_where_all_carriers_know() -> None:
    case = Case("parallel")
    for carrier in "ab":
        case.sent(carrier, 1)
        case.told(carrier, c.UNDELIVERABLE, 3)
    case.handed(c.UNKNOWN, 60)
    assert case.broken == ["truth"]


def test_delivrd_that_nobody_said_is_found() -> None:
    case = Case()
    case.sent("a", 1)
    case.handed(c.DELIVERED, 2)
    assert case.broken == ["truth"]


def test_a_loser_that_is_left_alone_is_found_unless_it_had_said_its_word_or_was_lost() -> None:
    for reason, broken in (("none", ["losers"]), ("said", []), ("lost", []), ("died", [])):
        case = Case()
        case.sent("a", 1)
        case.sent("b", 5)
        case.told("b", c.DELIVERED, 6)
        case.handed(c.DELIVERED, 6.1)
        if reason == "said":
            case.told("a", c.DELIVERED, 6.5)
        elif reason == "lost":
            case.wire("a").reset()
        elif reason == "died":
            case.troubles.died(6.2)
        case.judge.over(case.life, 900)
        assert case.broken == broken


@pytest.mark.parametrize(
    ("told_at", "over_at", "broken"),
    [(None, 900, ["losers"]), (None, 30, []), (50, 900, []), (90, 900, ["losers"])],
)
def test_a_parallel_copy_has_time_to_arrive_before_it_is_called_back(
    told_at: float | None, over_at: float, broken: list[str]
) -> None:
    case = Case(mode="parallel", count=2)
    for carrier in "ab":
        case.sent(carrier, 1)
    case.told("b", c.DELIVERED, 2)
    case.handed(c.DELIVERED, 2.1)
    if told_at is not None:
        case.told("a", c.DELIVERED, told_at)
    case.judge.over(case.life, over_at)
    assert case.broken == broken


def test_a_cancel_sm_fills_the_window_as_a_submit_sm_does() -> None:
    violations, troubles = Violations(0.0), Troubles()
    judges = Lives(violations, troubles), Replies([], violations, troubles)
    windows = Windows(2, 10.0, lambda *_: None)
    watch = CarrierWatch("mobile", judges, windows, Rate(None, violations, troubles), 10.0)
    wire = Wire(1, "mobile", lambda: 0.0, lambda *_: None)
    watch.passed(wire, True, encode(SubmitSm(sequence_number=1)), 4.0)
    assert wire.full_until == -math.inf
    watch.passed(wire, True, encode(CancelSm(sequence_number=2)), 4.0)
    assert wire.full_until == math.inf
    watch.passed(wire, False, header_only(c.CANCEL_SM_RESP, 0, 2), 5.0)
    assert wire.full_until == 5.0
