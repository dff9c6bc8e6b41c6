"""The router's time is trio's, counted from a given moment."""

import trio
import trio.testing

from smpp_router.net.clock import Clock


async def test_a_clock_starts_where_it_is_told_and_goes_as_trio_does(
    mock_clock: trio.testing.MockClock,
) -> None:
    clock = Clock(1_700_000_000.0)
    assert clock.now() == 1_700_000_000.0
    mock_clock.jump(90.5)
    assert clock.now() == 1_700_000_090.5


async def test_time_that_is_slept_has_passed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    clock = Clock(1_700_000_000.0)
    await trio.sleep(3600.0)
    assert clock.now() == 1_700_003_600.0


async def test_two_clocks_made_at_different_times_agree(mock_clock: trio.testing.MockClock) -> None:
    first = Clock(1_700_000_000.0)
    mock_clock.jump(7.0)
    second = Clock(first.now())
    mock_clock.jump(7.0)
    assert first.now() == second.now()


async def test_a_clock_never_steps_back() -> None:
    clock = Clock(1_700_000_000.0)
    times: list[float] = []
    for _ in range(100):
        times.append(clock.now())
        await trio.lowlevel.checkpoint()
    assert times == sorted(times)
