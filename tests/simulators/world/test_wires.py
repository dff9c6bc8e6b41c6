"""Wires: what arrives, what is lost, and who is told."""

import math

import pytest
import trio
import trio.testing

from simulators.world.wires import BUFFER_BYTES, Wire

Clock = trio.testing.MockClock


def wire(seen: list[tuple[bool, bytes]] | None = None) -> Wire:
    def witness(_: Wire, is_near: bool, data: bytes) -> None:
        if seen is not None:
            seen.append((is_near, data))

    return Wire(1, "x", trio.current_time, witness)


async def test_what_is_written_arrives_in_order_and_then_the_end(autojump_clock: Clock) -> None:
    seen: list[tuple[bool, bytes]] = []
    one = wire(seen)
    await one.near.send_all(b"ab")
    await one.near.send_all(b"c")
    await one.near.aclose()
    assert await one.far.receive_some(2) == b"ab"
    assert await one.far.receive_some() == b"c"
    assert await one.far.receive_some() == b""
    assert seen == [(True, b"ab"), (True, b"c")]
    assert not one.is_over
    await one.far.aclose()
    assert one.is_over


async def test_a_reset_loses_what_is_on_its_way_and_tells_both(autojump_clock: Clock) -> None:
    one = wire()
    await trio.sleep(1)
    await one.near.send_all(b"lost")
    await trio.sleep(1)
    one.reset()
    for end in (one.near, one.far):
        with pytest.raises(trio.BrokenResourceError):
            await end.receive_some()
        with pytest.raises(trio.BrokenResourceError):
            await end.send_all(b"x")
    assert one.lost_from[True] == pytest.approx(trio.current_time() - 1)
    assert one.lost_from[False] == trio.current_time()


async def test_a_silent_wire_takes_everything_and_delivers_nothing(autojump_clock: Clock) -> None:
    seen: list[tuple[bool, bytes]] = []
    one = wire(seen)
    one.silence()
    await one.near.send_all(b"into the void")
    await one.near.aclose()
    with trio.move_on_after(100) as waited:
        await one.far.receive_some()
    assert waited.cancelled_caught
    assert seen == [(True, b"into the void")]
    assert one.lost_from[True] < math.inf


async def test_a_held_wire_delivers_when_it_is_released(autojump_clock: Clock) -> None:
    one = wire()
    one.hold()
    await one.near.send_all(b"late")
    with trio.move_on_after(5) as waited:
        await one.far.receive_some()
    assert waited.cancelled_caught
    assert one.stalled_until == math.inf
    one.release()
    assert await one.far.receive_some() == b"late"
    assert one.stalled_until == trio.current_time()
    assert one.lost_from == {True: math.inf, False: math.inf}


async def test_a_writer_waits_when_the_wire_is_full(autojump_clock: Clock) -> None:
    one = wire()
    await one.near.send_all(bytes(BUFFER_BYTES))
    with trio.move_on_after(5) as waited:
        await one.near.send_all(b"x")
    assert waited.cancelled_caught
    await one.far.receive_some()
    await one.near.send_all(b"x")


async def test_what_the_other_end_will_not_read_any_more_is_lost(autojump_clock: Clock) -> None:
    one = wire()
    await one.near.send_all(b"unread")
    one.far.close()
    assert one.lost_from[True] < math.inf
    with pytest.raises(trio.BrokenResourceError):
        await one.near.send_all(b"x")
    with pytest.raises(trio.ClosedResourceError):
        await one.far.receive_some()
