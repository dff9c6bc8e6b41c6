"""Handsets and orders to them."""

import math
from typing import Any

from simulators.handsets.config import Habits
from simulators.handsets.counters import HandsetCounters
from simulators.handsets.handset import Handset, make_handset

NOW = 1_700_000_000.0


def handset(**habits: Any) -> Handset:
    made = Habits(**habits)
    return make_handset(b"8613900000001", made, 50, HandsetCounters(), 1, NOW)


def test_a_handset_without_habits_is_there() -> None:
    plain = handset()
    assert (plain.state_at(NOW), plain.back_at(NOW), plain.is_plain) == ("on", NOW, True)


def test_an_order_goes_before_habits_until_it_is_taken_back() -> None:
    one = handset(state="off")
    one.order("on")
    assert (one.state_at(NOW), one.back_at(NOW)) == ("on", NOW)
    one.order("out_of_coverage")
    assert (one.state_at(NOW), one.back_at(NOW)) == ("out_of_coverage", math.inf)
    one.order(None)
    assert one.state_at(NOW) == "off"


def test_who_may_be_away_busy_or_under_orders_is_not_plain() -> None:
    assert not handset(present_s=1.0, away_s=1.0).is_plain
    assert not handset(busy_share=0.1).is_plain
    ordered = handset()
    ordered.order("off")
    assert not ordered.is_plain
    ordered.order(None)
    assert ordered.is_plain
