"""Misbehaviours against a simulated carrier: each is done, and what came of it is counted."""

import pytest
import trio
import trio.testing

from simulators.traffic.misbehaving import Misbehaving
from simulators.traffic.misbehaviours import MISBEHAVIOURS, check_names
from tests.simulators.lines import lines

Clock = trio.testing.MockClock


async def done(*names: str, seconds: float = 1.0) -> dict[str, dict[str, object]]:
    async with lines(response_s=0.05, receipt_s=0.1, window_max=100) as line:
        bad = Misbehaving(names, line.connect, b"bad", b"")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bad.run)
            await trio.sleep(seconds)
            await bad.finish()
            nursery.cancel_scope.cancel()
    return {name: found.as_json() for name, found in bad.found.items()}


@pytest.mark.parametrize("name", sorted(MISBEHAVIOURS))
async def test_each_can_be_done(autojump_clock: Clock, name: str) -> None:
    found = (await done(name))[name]
    assert found["connections"]
    assert found["rounds"]
    assert found["sent"] or name == "says-nothing"


async def test_what_the_mc_says_is_counted(autojump_clock: Clock) -> None:
    found = await done("ignores-window", "speaks-http", "sends-as-receiver", "half-open")
    answers = found["ignores-window"]["answers"]
    assert isinstance(answers, dict)
    assert answers["submit_sm_resp ESME_RTHROTTLED"] > 1_000
    assert found["speaks-http"]["answers"] == {"generic_nack ESME_RINVCMDLEN": found["speaks-http"]["rounds"]}
    assert found["speaks-http"]["closed_by_mc"] == found["speaks-http"]["rounds"]
    assert found["half-open"]["unanswered"] == 10


async def test_nobody_there_is_counted(autojump_clock: Clock) -> None:
    async with lines() as line:
        line.refused = 1
        bad = Misbehaving(("resets",), line.connect, b"bad", b"")
        bad.stopping.set()
        await bad.run()
    assert (bad.found["resets"].no_connection, bad.found["resets"].connections) == (1, 0)


def test_unknown_names_are_refused() -> None:
    check_names(tuple(MISBEHAVIOURS))
    with pytest.raises(ValueError, match="there is no rudeness"):
        check_names(("resets", "rudeness"))
