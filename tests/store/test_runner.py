import threading

import pytest
import trio

from smpp_router.store.runner import Runner


async def test_commits_run_where_they_are_told_to() -> None:
    here = threading.get_ident()
    assert await Runner(is_threaded=True).run(threading.get_ident) != here
    assert await Runner(is_threaded=False).run(threading.get_ident) == here


async def test_everything_else_runs_in_a_thread() -> None:
    for is_threaded in (True, False):
        assert await Runner(is_threaded=is_threaded).run_aside(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize("is_threaded", [True, False])
async def test_what_has_begun_is_finished(is_threaded: bool) -> None:
    runner = Runner(is_threaded=is_threaded)
    with trio.CancelScope() as scope:
        assert await runner.run(lambda: (scope.cancel() if not is_threaded else None, 7)[1]) == 7
        scope.cancel()
        with pytest.raises(trio.Cancelled):
            await runner.run(int)
        await runner.run(int)
    assert scope.cancelled_caught


async def test_its_clock_is_the_event_loops() -> None:
    before = trio.current_time()
    assert before <= Runner(is_threaded=True).now() <= trio.current_time()
