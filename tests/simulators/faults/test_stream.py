"""Connections that are faulty: a peer of a carrier sees what the profile says, and an end to it."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import trio
import trio.testing

from simulators.esme import BindError, ConnectionLostError, Esme, EsmeOptions, esme_over
from simulators.faults.config import Faults
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import Bind, Pdu, SubmitSmResp
from tests.simulators.customers import message, profile
from tests.simulators.lines import Lines, lines, served

Clock = trio.testing.MockClock
NUMBER = "8613900000001"


def faulty(**faults: Any) -> dict[str, Faults]:
    return {"faults": Faults(**faults)}


def bound(line: Lines, **options: Any) -> AbstractAsyncContextManager[Esme]:
    values: dict[str, Any] = {"response_s": 5.0, **options}
    return esme_over(line.connect, "x", "", options=EsmeOptions(**values))


async def submit(esme: Esme) -> Pdu:
    return (await esme.submit(NUMBER, "hello", source="1069"))[0]


async def test_without_faults_nothing_is_counted(autojump_clock: Clock) -> None:
    async with lines() as line, bound(line) as esme:
        assert (await submit(esme)).command_status == c.ESME_ROK
        assert line.carrier.counters.faults == 0


async def test_a_connection_is_taken_and_closed(autojump_clock: Clock) -> None:
    async with lines(**faulty(accept_then_close=True)) as line:
        stream = await line.connect()
        assert await stream.receive_some() == b""
        assert line.carrier.counters.faults == 1


async def test_binds_are_refused_as_told_until_it_ends(autojump_clock: Clock) -> None:
    async with lines(**faulty(refuse_binds="ESME_RBINDFAIL")) as line:
        with pytest.raises(BindError, match="ESME_RBINDFAIL"):
            async with bound(line):
                pass
        line.server.apply(line.carrier.profile.name, {"faults.refuse_binds": ""})
        async with bound(line) as esme:
            assert (await submit(esme)).command_status == c.ESME_ROK


async def test_a_silent_carrier_does_everything_and_says_nothing(autojump_clock: Clock) -> None:
    async with lines(keep_arrivals=10) as line, bound(line) as esme:
        line.server.apply(line.carrier.profile.name, {"faults.silent": True})
        with pytest.raises(ConnectionLostError):
            await submit(esme)
        assert line.carrier.counters.faults
        assert len(line.carrier.arrivals) == 1


async def test_a_half_open_carrier_reads_nothing_until_it_ends(autojump_clock: Clock) -> None:
    async with lines(keep_arrivals=10) as line, bound(line) as esme:
        name = line.carrier.profile.name
        line.server.apply(name, {"faults.half_open": True})
        with pytest.raises(ConnectionLostError):
            await submit(esme)
        assert not line.carrier.arrivals
        line.server.apply(name, {"faults.half_open": False})
        assert (await submit(esme)).command_status == c.ESME_ROK
        assert len(line.carrier.arrivals) == 2


async def test_all_but_enquire_link_is_answered(autojump_clock: Clock) -> None:
    async with lines(**faulty(no_enquire_link_resp=True)) as line, bound(line, enquire_link_s=10.0) as esme:
        assert (await submit(esme)).command_status == c.ESME_ROK
        assert esme.session is not None
        await trio.sleep(60)
        assert esme.session is None, "a client that asks and hears nothing gives the session up"


@pytest.mark.parametrize("ends_with", ["unbind", "close", "reset"])
async def test_connections_end_after_their_time(autojump_clock: Clock, ends_with: str) -> None:
    async with lines(**faulty(lasts_s=20.0, ends_with=ends_with)) as line, bound(line) as esme:
        await trio.sleep(19)
        assert (await submit(esme)).command_status == c.ESME_ROK
        await trio.sleep(2)
        assert esme.session is None


async def test_reads_end_in_resets_by_their_share(autojump_clock: Clock) -> None:
    async with lines(keep_arrivals=10) as line, bound(line) as esme:
        line.server.apply(line.carrier.profile.name, {"faults.reset_share": 1.0})
        with pytest.raises(ConnectionLostError):
            await submit(esme)
        assert not line.carrier.arrivals


async def test_a_carrier_reads_and_writes_as_slowly_as_told(autojump_clock: Clock) -> None:
    octets = len(encode(message()))
    async with lines() as line, bound(line, response_s=100.0) as esme:
        name = line.carrier.profile.name
        line.server.apply(name, {"faults.read_bytes_per_s": 10.0})
        before = trio.current_time()
        assert (await submit(esme)).command_status == c.ESME_ROK
        assert octets / 10 - 1 <= trio.current_time() - before <= octets / 10 + 2
        line.server.apply(name, {"faults.read_bytes_per_s": None, "faults.write_bytes_per_s": 5.0})
        before = trio.current_time()
        await submit(esme)
        assert 3 <= trio.current_time() - before <= 20


async def test_pdus_come_in_pieces(autojump_clock: Clock) -> None:
    async with lines(**faulty(write_chunk_bytes=3)) as line:
        stream = await line.connect()
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
        pieces: list[bytes] = []
        framer = Framer()
        while not framer.feed(pieces[-1]) if pieces else True:
            await trio.testing.wait_all_tasks_blocked()
            pieces.append(bytes(await stream.receive_some(3)))
        assert all(len(piece) <= 3 for piece in pieces)
        assert line.carrier.counters.faults == 1
        await stream.aclose()


async def test_responses_are_spoilt_as_told(autojump_clock: Clock) -> None:
    async with lines() as line, bound(line) as esme:
        name = line.carrier.profile.name
        line.server.apply(name, {"faults.malformed": {"duplicate_response": 1.0}})
        assert isinstance(await submit(esme), SubmitSmResp)
        assert line.carrier.counters.faults >= 1
        line.server.apply(name, {"faults.malformed": {"wrong_sequence_number": 1.0}})
        with pytest.raises(ConnectionLostError):
            await submit(esme)
        line.server.apply(name, {"faults.malformed": {}})
        assert (await submit(esme)).command_status == c.ESME_ROK


async def test_garbage_ends_a_client_that_cuts_by_command_length(autojump_clock: Clock) -> None:
    async with lines() as line, bound(line) as esme:
        line.server.apply(line.carrier.profile.name, {"faults.malformed": {"garbage": 1.0}})
        with pytest.raises(ConnectionLostError):
            await submit(esme)


async def test_a_reset_is_a_reset_on_the_wire() -> None:
    async with served(profile(port=0, **faulty(reset_share=1.0))) as server:
        port = next(iter(server.ports.values()))
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
        with trio.fail_after(10), pytest.raises(trio.BrokenResourceError) as broken:
            await stream.receive_some()
        assert isinstance(broken.value.__cause__, ConnectionResetError)
        await trio.aclose_forcefully(stream)
