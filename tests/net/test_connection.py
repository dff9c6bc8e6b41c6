"""A connection writes what its session says, in few writes, and gives up on a peer that takes nothing."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from smpp_router.net.connection import READ_BYTES, WRITE_BYTES, Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.wire import constants as c
from smpp_router.wire.codec import header_only
from tests.session.peers import bound

STALL_S = 30.0
PDU = header_only(c.ENQUIRE_LINK, 0, 1)


class Writes:
    """A stream on which each write is kept apart."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.stream, self.far = trio.testing.memory_stream_pair()
        self.stream.send_stream.send_all_hook = self._keep

    async def _keep(self) -> None:
        self.writes.append(bytes(self.stream.send_stream.get_data_nowait()))


def session_of(outlets: Outlets) -> Session:
    session = bound(Role.MC)
    session.writable = outlets.writable
    return session


@asynccontextmanager
async def written(connection: Connection) -> AsyncGenerator[trio.Event]:
    """The connection with its write loop; the event tells that the loop has returned."""
    returned = trio.Event()

    async def write() -> None:
        await connection.write_loop()
        returned.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        await trio.testing.wait_all_tasks_blocked()
        yield returned
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------------- writing


async def test_what_a_batch_wrote_goes_out_in_one_write() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    async with written(connection):
        for _ in range(100):
            session.write(PDU)
        assert outlets.writable == [session]
        outlets.flush()
        await trio.testing.wait_all_tasks_blocked()
        assert wire.writes == [PDU * 100]


async def test_nothing_is_written_before_the_flush() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    async with written(connection):
        session.write(PDU)
        await trio.testing.wait_all_tasks_blocked()
        assert wire.writes == []
        outlets.flush()
        await trio.testing.wait_all_tasks_blocked()
        assert wire.writes == [PDU]


async def test_a_flush_wakes_each_writer_that_has_something_to_say_once() -> None:
    outlets = Outlets()
    wires = [Writes() for _ in range(3)]
    sessions = [session_of(outlets) for _ in wires]
    connections = [Connection(w.stream, s, STALL_S) for w, s in zip(wires, sessions, strict=True)]
    for connection in connections:
        outlets.add(connection)
    assert outlets.sessions() == sessions
    async with written(connections[0]), written(connections[1]), written(connections[2]):
        # One that wrote, was emptied and wrote again within the batch stands there twice.
        sessions[0].write(PDU)
        sessions[0].take_output()
        sessions[0].write(PDU)
        sessions[1].write(PDU)
        assert outlets.writable == [sessions[0], sessions[0], sessions[1]]
        outlets.flush()
        assert outlets.writable == []
        await trio.testing.wait_all_tasks_blocked()
        assert [wire.writes for wire in wires] == [[PDU], [PDU], []]


async def test_a_flush_passes_over_a_session_whose_connection_is_gone() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    session.write(PDU)
    outlets.remove(connection)
    assert len(outlets) == 0
    outlets.flush()
    assert outlets.writable == []


async def test_what_is_said_during_a_write_follows_it_without_another_flush() -> None:
    session = bound(Role.MC)
    near, far = trio.testing.lockstep_stream_pair()
    session.write(PDU)
    async with written(Connection(near, session, STALL_S)):
        session.write(PDU * 2)
        await trio.testing.wait_all_tasks_blocked()
        assert session.outbox_bytes == 2 * len(PDU)
        assert await far.receive_some() == PDU
        assert await far.receive_some() == PDU * 2


async def test_a_session_that_wishes_to_close_is_closed_behind_its_last_words() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    async with written(connection) as returned:
        session.write(PDU)
        session.close("enough")
        outlets.flush()
        await returned.wait()
        assert wire.writes == [PDU]


async def test_a_session_that_closes_without_a_word_is_closed() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    async with written(connection) as returned:
        session.close("enough")
        outlets.flush()
        await returned.wait()
        assert wire.writes == []


async def test_a_connection_that_breaks_ends_the_writing() -> None:
    outlets, wire = Outlets(), Writes()
    session = session_of(outlets)

    async def fail() -> None:
        await trio.lowlevel.checkpoint()
        raise trio.BrokenResourceError

    wire.stream.send_stream.send_all_hook = fail
    connection = Connection(wire.stream, session, STALL_S)
    outlets.add(connection)
    async with written(connection) as returned:
        session.write(PDU)
        outlets.flush()
        await returned.wait()


async def test_whoever_reads_is_stopped_when_nothing_more_will_be_written() -> None:
    session = bound(Role.MC)
    near, far = trio.testing.memory_stream_pair()
    connection = Connection(near, session, STALL_S)
    with trio.CancelScope() as reader:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(connection.write_for, reader)
            session.write(PDU)
            session.close("enough")
            connection.wake()
            assert await connection.read() == b"", "nobody says anything"
    assert reader.cancelled_caught
    assert await far.receive_some() == PDU


# ---------------------------------------------------------------------- peers that are slow to read


async def test_interop_13_a_peer_that_reads_nothing_is_given_up(
    autojump_clock: trio.testing.MockClock,
) -> None:
    session = bound(Role.MC)
    near, _far = trio.testing.lockstep_stream_pair()
    session.write(PDU)
    began_at = trio.current_time()
    await Connection(near, session, STALL_S).write_loop()
    assert trio.current_time() == began_at + STALL_S
    assert session.close_reason == "peer reads nothing"


async def test_interop_13_a_peer_that_reads_slowly_but_steadily_is_kept(
    autojump_clock: trio.testing.MockClock,
) -> None:
    session = bound(Role.MC)
    near, far = trio.testing.lockstep_stream_pair()
    octets = PDU * (10 * WRITE_BYTES // len(PDU))
    session.write(octets)
    taken = bytearray()
    async with written(Connection(near, session, STALL_S)):
        while len(taken) < len(octets):
            await trio.sleep(STALL_S - 1.0)
            taken += await far.receive_some(WRITE_BYTES)
    assert taken == octets
    assert session.close_reason is None


async def test_interop_13_a_peer_that_does_not_read_does_not_stop_us_reading(
    autojump_clock: trio.testing.MockClock,
) -> None:
    session = bound(Role.MC)
    near, far = trio.testing.lockstep_stream_pair()
    session.write(PDU)
    connection = Connection(near, session, STALL_S)
    async with written(connection), trio.open_nursery() as nursery:
        nursery.start_soon(far.send_all, PDU)
        with trio.fail_after(STALL_S / 2):
            assert await connection.read() == PDU


async def test_a_reader_brakes_until_its_outbox_has_drained() -> None:
    outlets = Outlets()
    session = session_of(outlets)
    near, far = trio.testing.lockstep_stream_pair()
    connection = Connection(near, session, STALL_S)
    outlets.add(connection)
    passed: list[str] = []

    async def brake() -> None:
        await connection.drained_below(len(PDU) * 3)
        passed.append("drained")

    async with written(connection), trio.open_nursery() as nursery:
        session.write(PDU)
        outlets.flush()
        await trio.testing.wait_all_tasks_blocked()
        session.write(PDU * 3)
        outlets.flush()
        nursery.start_soon(brake)
        await trio.testing.wait_all_tasks_blocked()
        assert passed == []
        assert await far.receive_some() == PDU
        await trio.testing.wait_all_tasks_blocked()
        assert passed == ["drained"]
        assert await far.receive_some() == PDU * 3


async def test_a_reader_whose_outbox_is_small_does_not_brake() -> None:
    session = bound(Role.MC)
    near, _far = trio.testing.memory_stream_pair()
    session.write(PDU)
    with trio.fail_after(1):
        await Connection(near, session, STALL_S).drained_below(len(PDU) + 1)


# ---------------------------------------------------------------------- reading


async def test_a_read_gives_bytes_whatever_the_stream_has() -> None:
    near, far = trio.testing.memory_stream_pair()
    await far.send_all(PDU)
    data = await Connection(near, bound(Role.MC), STALL_S).read()
    assert (type(data), data) == (bytes, PDU)


async def test_a_read_takes_no_more_than_its_size() -> None:
    near, far = trio.testing.memory_stream_pair()
    await far.send_all(bytes(READ_BYTES + 1))
    connection = Connection(near, bound(Role.MC), STALL_S)
    assert len(await connection.read()) == READ_BYTES
    assert len(await connection.read()) == 1


@pytest.mark.parametrize("how", ["eof", "closed by us", "broken"])
async def test_a_stream_that_has_ended_reads_as_nothing(how: str) -> None:
    near, far = trio.testing.memory_stream_pair()
    if how == "eof":
        await far.send_eof()
    elif how == "closed by us":
        await near.aclose()
    else:

        async def fail() -> None:
            await trio.lowlevel.checkpoint()
            raise trio.BrokenResourceError

        near.receive_stream.receive_some_hook = fail
    assert await Connection(near, bound(Role.MC), STALL_S).read() == b""
