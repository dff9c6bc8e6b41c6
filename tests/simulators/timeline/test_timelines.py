"""Timelines of carriers that serve: on memory streams in virtual time, and on sockets."""

import math
from contextlib import AbstractAsyncContextManager
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from simulators.esme import BindError, Esme, EsmeOptions, esme_over, open_esme
from simulators.server import CarrierServer, OutageError
from simulators.timeline.entry import BrownOut, Entry
from simulators.timeline.timelines import Timelines
from smpp_router.wire import constants as c
from tests.simulators.customers import profile
from tests.simulators.lines import Lines, lines, served

Clock = trio.testing.MockClock
TEXT = ("8613900000001", "hello")


def bound(line: Lines, **options: Any) -> AbstractAsyncContextManager[Esme]:
    return esme_over(line.connect, "x", "", options=EsmeOptions(**options))


async def until(moment: float) -> None:
    # A tick later: what is due is done within one.
    await trio.sleep_until(moment + 0.02)


async def status(esme: Esme) -> str:
    return c.status_name((await esme.submit(*TEXT))[0].command_status)


async def test_a_fault_comes_and_goes_by_itself(autojump_clock: Clock) -> None:
    entry = Entry(at_s=10, for_s=10, every_s=60, set={"errors": {"ESME_RSYSERR": 1.0}})
    async with lines(timeline=(entry,)) as line, bound(line) as esme:
        seen: list[str] = []
        for moment in (1.0, 10.0, 19.0, 20.0, 70.0, 80.0):
            await until(moment)
            seen.append(await status(esme))
    bad, good = "ESME_RSYSERR", "ESME_ROK"
    assert seen == [good, bad, bad, good, bad, good]


async def test_a_brown_out_gets_worse_and_better(autojump_clock: Clock) -> None:
    out = Entry(at_s=10, for_s=60, brown_out=BrownOut(latency_s=2.0, ramp_s=20.0))
    async with lines(timeline=(out,)) as line, bound(line) as esme:
        took: list[float] = []
        for moment in (1.0, 20.0, 40.0, 60.0, 75.0):
            await until(moment)
            began = trio.current_time()
            assert await status(esme) == "ESME_ROK"
            took.append(trio.current_time() - began)
    assert took == [pytest.approx(seconds, abs=0.02) for seconds in (0.0, 1.1, 2.0, 1.0, 0.0)]


async def test_binds_are_refused_between_times(autojump_clock: Clock) -> None:
    entry = Entry(at_s=5, for_s=5, set={"faults.refuse_binds": "ESME_RBINDFAIL"})
    async with lines(timeline=(entry,)) as line:
        await until(5.0)
        with pytest.raises(BindError, match="ESME_RBINDFAIL"):
            async with bound(line):
                pass
        await until(10.0)
        async with bound(line) as esme:
            assert await status(esme) == "ESME_ROK"


async def test_flapping_ends_connections_and_takes_none_while_it_is_down(autojump_clock: Clock) -> None:
    flapping = Entry(at_s=10, for_s=20, pattern_s=(2.0, 3.0), down=True)
    async with lines(timeline=(flapping,)) as line:
        seen: list[bool] = []
        for half in range(80):
            await until(half / 2)
            stream = await line.connect()
            with trio.move_on_after(0.1) as waiting:
                assert await stream.receive_some() == b""
            seen.append(waiting.cancelled_caught)
            await stream.aclose()
        standing = await line.connect()
        line.server.apply("carrier", {"timeline": [{"at_s": 1, "for_s": 1, "down": True}]})
        began = trio.current_time()
        assert await standing.receive_some() == b""
        assert trio.current_time() - began == pytest.approx(1.0, abs=0.02)
    down = {half / 2 for half, is_up in enumerate(seen) if not is_up}
    assert down == {10 + round_s + half / 2 for round_s in (0, 5, 10, 15) for half in range(4)}


async def test_the_state_of_a_timeline_is_told(autojump_clock: Clock) -> None:
    async with lines(timeline=(Entry(name="peak", at_s=5, for_s=5, set={"response_s": 1}),)) as line:
        assert [entry["is_on"] for entry in line.server.timeline("carrier")] == [False]
        await until(5.0)
        (entry,) = line.server.timeline("carrier")
        assert (entry["name"], entry["is_on"], entry["ends_at"] - entry["begins_at"]) == ("peak", True, 5.0)


async def test_a_wrong_timeline_is_refused_and_changes_nothing(autojump_clock: Clock) -> None:
    async with lines() as line:
        before = line.carrier.profile
        with pytest.raises(ValueError, match=r"timeline\[0\].set.colour: unknown key"):
            line.server.apply("carrier", {"timeline": [{"set": {"colour": 1}}]})
        assert line.carrier.profile == before


async def test_an_outage_closes_ports_and_opens_the_same_ones_again() -> None:
    with trio.fail_after(10.0):
        async with served(profile()) as server:
            port = server.ports["carrier"]
            server.apply("carrier", {"timeline": [{"name": "storm", "down": True}]})
            assert server.ports == {}
            assert server.known_ports("carrier")[0].port == port
            with pytest.raises(OSError, match="all attempts to connect"):
                await trio.open_tcp_stream("127.0.0.1", port)
            with pytest.raises(OutageError, match="carrier is down by its timeline: storm"):
                await server.bring_up("carrier")
            server.apply("carrier", {"timeline": []})
            await _opened(server)
            assert server.ports == {"carrier": port}
            async with open_esme("127.0.0.1", port, "x", "") as esme:
                assert await status(esme) == "ESME_ROK"


async def test_what_an_operator_took_down_stays_down_after_an_outage() -> None:
    with trio.fail_after(10.0):
        async with served(profile()) as server:
            server.apply("carrier", {"timeline": [{"down": True}]})
            server.take_down("carrier")
            server.apply("carrier", {"timeline": []})
            await trio.testing.wait_all_tasks_blocked(0.05)
            assert server.ports == {}
            await server.bring_up("carrier")
            assert len(server.ports) == 1


async def test_a_port_that_another_program_has_after_an_outage_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulators.server.REOPEN_S", 0.01)
    with trio.fail_after(10.0):
        async with served(profile()) as server:
            port = server.ports["carrier"]
            server.apply("carrier", {"timeline": [{"down": True}]})
            taken = await trio.open_tcp_listeners(port, host="127.0.0.1")
            server.apply("carrier", {"timeline": []})
            for _ in range(20):
                await trio.lowlevel.checkpoint()
            assert server.ports == {}
            await taken[0].aclose()
            await _opened(server)
            assert server.ports == {"carrier": port}


async def _opened(server: CarrierServer) -> None:
    while not server.ports:  # noqa: ASYNC110 - a port that opens has no event
        await trio.sleep(0.005)


def test_only_those_are_told_for_whom_something_changes() -> None:
    quiet, busy = profile(name="quiet"), profile(name="busy", timeline=(Entry(at_s=5, down=True),))
    timelines = Timelines({"quiet": quiet, "busy": busy}, 0.0)
    assert [name for name, _ in timelines.due(0.0)] == ["busy"]
    assert timelines.next_at() == 5.0
    assert [(name, effect.is_down) for name, effect in timelines.due(5.0)] == [("busy", True)]
    assert (timelines.next_at(), timelines.why_down("busy")) == (math.inf, "timeline[0]")
    timelines.become("quiet", attrs.evolve(quiet, response_s=1.0), 6.0)
    assert [(name, effect.profile.response_s) for name, effect in timelines.due(6.0)] == [("quiet", 1.0)]
