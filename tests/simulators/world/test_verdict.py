"""When a router may have forgotten something, and when it may not."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.world.verdict import SETTLE_S, VIOLATIONS_MAX, Troubles, Violations


@given(st.floats(0, 1_000), st.floats(0, 1_000))
def test_a_router_forgets_only_what_reached_it_just_before_it_died(at: float, death: float) -> None:
    troubles = Troubles()
    troubles.died(death)
    assert troubles.may_be_forgotten(at) == (at <= death <= at + SETTLE_S)
    assert not (troubles.is_settled(at, 10_000.0) and troubles.may_be_forgotten(at))


def test_nothing_settles_while_the_disk_is_full() -> None:
    troubles = Troubles()
    troubles.disk_full(10.0, 50.0)
    troubles.died(50.5)
    assert troubles.may_be_forgotten(20.0)
    assert not troubles.may_be_forgotten(2.0)
    assert not Troubles().may_be_forgotten(20.0)


def test_what_has_not_had_its_time_is_not_settled() -> None:
    assert not Troubles().is_settled(10.0, 10.5)
    assert Troubles().is_settled(10.0, 12.0)


def test_violations_are_kept_up_to_a_limit_and_counted_beyond() -> None:
    violations = Violations(100.0)
    for number in range(VIOLATIONS_MAX + 5):
        violations.add(101.5, "x", str(number))
    assert violations.count == VIOLATIONS_MAX + 5
    assert len(violations.found) == VIOLATIONS_MAX
    assert str(violations.found[0]) == "1.500s x: 0"
