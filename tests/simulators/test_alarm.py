"""How long the ticker sleeps."""

from collections.abc import Callable

import pytest
import trio
import trio.testing

from simulators.alarm import Alarm

TICK_S = 0.5


async def slept(due_in_s: float, *acts: Callable[[Alarm], None]) -> float:
    """Sleep for at most `due_in_s`, with something done each second meanwhile; return the seconds it took."""
    alarm = Alarm()
    began_at = trio.current_time()
    ended_at = began_at

    async def sleep() -> None:
        nonlocal ended_at
        await alarm.sleep_until(began_at + due_in_s, began_at, TICK_S)
        ended_at = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleep)
        for act in acts:
            await trio.sleep(1.0)
            act(alarm)
    return ended_at - began_at


@pytest.mark.parametrize(("due_in_s", "expected"), [(-1.0, 0.5), (0.1, 0.5), (0.5, 0.5), (0.6, 0.6), (9, 9)])
async def test_it_sleeps_until_something_is_due_and_a_tick_at_least(
    due_in_s: float, expected: float, autojump_clock: trio.testing.MockClock
) -> None:
    assert await slept(due_in_s) == pytest.approx(expected)


async def test_it_is_woken_by_what_has_been_ordered(autojump_clock: trio.testing.MockClock) -> None:
    assert await slept(9.0, Alarm.wake) == pytest.approx(1.0)


async def test_it_is_woken_by_what_is_due_sooner_and_by_nothing_else(
    autojump_clock: trio.testing.MockClock,
) -> None:
    now = trio.current_time()

    def later(alarm: Alarm) -> None:
        alarm.wake_before(now + 9.5)

    def sooner(alarm: Alarm) -> None:
        alarm.wake_before(now + 8.5)

    assert await slept(9.0, later, sooner) == pytest.approx(2.0)


async def test_what_woke_it_once_does_not_keep_it_awake(autojump_clock: trio.testing.MockClock) -> None:
    alarm = Alarm()
    alarm.wake()
    began_at = trio.current_time()
    await alarm.sleep_until(began_at + 5.0, began_at, TICK_S)
    assert trio.current_time() - began_at == pytest.approx(5.0)
