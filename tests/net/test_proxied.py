"""A balancer's header names the true source, and not one octet behind it is lost."""

import struct

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.net.proxied import ProxyHeaderError, ReplayStream, read_proxy_header
from smpp_router.net.proxy import V2_BYTES_MAX

BALANCER = "10.0.0.7"
TRUSTED = ("10.0.0.0/8",)
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.1 192.0.2.9 56324 2775\r\n"
V2 = SIGNATURE + struct.pack(">BBH4s4sHH", 0x21, 0x11, 12, b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x09", 1, 2775)
V2_WITH_TLVS = SIGNATURE + struct.pack(
    ">BBH4s4sHH500s", 0x21, 0x11, 512, b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x09", 1, 2775, b"\x04"
)
V1_UNKNOWN = b"PROXY UNKNOWN\r\n"
V2_LOCAL = SIGNATURE + struct.pack(">BBH", 0x20, 0x00, 0)
SESSION = bytes(range(256))


async def received_from(
    reads: list[bytes], peer_ip: str = BALANCER, networks: tuple[str, ...] = TRUSTED
) -> tuple[str, bytes]:
    """The source address, and every octet that the session would get of a peer that sends `reads`."""
    ours, theirs = trio.testing.memory_stream_pair()
    found: list[tuple[str, bytes]] = []

    async def server() -> None:
        stream, ip = await read_proxy_header(ours, peer_ip, networks)
        octets = b""
        while data := await stream.receive_some(100):
            octets += data
        found.append((ip, octets))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(server)
        for read in reads:
            await theirs.send_all(read)
            # The server has taken it before the next one comes, so that reads end where they should.
            await trio.testing.wait_all_tasks_blocked()
        await theirs.aclose()
    return found[0]


def cut(octets: bytes, at: list[int]) -> list[bytes]:
    ends = sorted(at)
    pieces = [octets[start:end] for start, end in zip([0, *ends], [*ends, len(octets)], strict=True)]
    return [piece for piece in pieces if piece]


@given(
    header=st.sampled_from([V1, V2, V2_WITH_TLVS, V1_UNKNOWN, V2_LOCAL]),
    session=st.binary(max_size=300),
    at=st.lists(st.integers(0, 400), max_size=5),
)
def test_wherever_reads_end_the_session_gets_exactly_what_follows_the_header(
    header: bytes, session: bytes, at: list[int]
) -> None:
    octets = header + session
    found = trio.run(received_from, cut(octets, [min(n, len(octets)) for n in at]))
    assert found == (BALANCER if header in (V1_UNKNOWN, V2_LOCAL) else "192.0.2.1", session)


@given(octets=st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: SIGNATURE + rest))
def test_any_octets_give_an_address_or_a_refusal(octets: bytes) -> None:
    async def accept() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        await theirs.send_all(octets)
        await theirs.send_eof()
        try:
            stream, _ = await read_proxy_header(ours, BALANCER, TRUSTED)
        except ProxyHeaderError:
            return
        assert octets.endswith(await stream.receive_some())

    trio.run(accept)


@pytest.mark.parametrize("header", [V1, V2], ids=["v1", "v2"])
async def test_interop_14_the_source_behind_a_trusted_balancer_is_the_true_one(header: bytes) -> None:
    assert await received_from([header, SESSION]) == ("192.0.2.1", SESSION)
    assert await received_from([header + SESSION]) == ("192.0.2.1", SESSION)


@pytest.mark.parametrize("networks", [(), ("10.1.0.0/16",)])
async def test_interop_14_a_peer_that_is_not_trusted_is_not_believed(networks: tuple[str, ...]) -> None:
    assert await received_from([V1 + SESSION], networks=networks) == (BALANCER, V1 + SESSION)


async def test_a_peer_that_is_not_trusted_is_not_waited_for() -> None:
    ours, _theirs = trio.testing.memory_stream_pair()
    with trio.fail_after(1):
        assert await read_proxy_header(ours, "192.0.2.77", TRUSTED) == (ours, "192.0.2.77")


async def test_a_header_with_nothing_behind_it_leaves_the_stream_as_it_is() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    await theirs.send_all(V2)
    assert await read_proxy_header(ours, BALANCER, TRUSTED) == (ours, "192.0.2.1")


@pytest.mark.parametrize(
    ("octets", "problem"),
    [
        (b"", "ended before"),
        (V1[:20], "ended before"),
        (V2[:20], "ended before"),
        (b"\x00\x00\x00\x2a", "does not begin with a PROXY header"),
        (b"PROXY " + b"x" * 200, "does not end"),
        (SIGNATURE + struct.pack(">BBH", 0x21, 0x11, 0xFFFF) + bytes(0xFFFF), "too long"),
    ],
)
async def test_a_trusted_balancer_without_a_header_is_refused(octets: bytes, problem: str) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    await theirs.send_all(octets)
    await theirs.send_eof()
    with pytest.raises(ProxyHeaderError, match=problem):
        await read_proxy_header(ours, BALANCER, TRUSTED)


async def test_a_balancer_that_sends_and_sends_is_not_kept_for_ever() -> None:
    """Whatever comes, no more is read than the longest header has."""
    ours, theirs = trio.testing.memory_stream_pair()
    head = SIGNATURE + struct.pack(">BBH", 0x21, 0x11, V2_BYTES_MAX - 16)
    await theirs.send_all(head + b"\x01" * (3 * V2_BYTES_MAX))
    assert await read_proxy_header(ours, BALANCER, TRUSTED) == (ours, "1.1.1.1")
    assert len(await ours.receive_some()) == 2 * V2_BYTES_MAX + 16


async def test_the_replayed_octets_come_in_the_sizes_asked_for() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    stream = ReplayStream(ours, b"abcdef")
    await theirs.send_all(b"ghi")
    assert await stream.receive_some(4) == b"abcd"
    assert await stream.receive_some() == b"ef"
    assert await stream.receive_some() == b"ghi"


async def test_a_cancelled_receive_loses_nothing() -> None:
    ours, _theirs = trio.testing.memory_stream_pair()
    stream = ReplayStream(ours, b"abc")
    with trio.CancelScope() as scope:
        scope.cancel()
        await stream.receive_some()
    assert scope.cancelled_caught
    assert await stream.receive_some() == b"abc"


@pytest.mark.parametrize("max_bytes", [0, -1])
async def test_a_receive_of_nothing_is_our_own_bug(max_bytes: int) -> None:
    ours, _theirs = trio.testing.memory_stream_pair()
    with pytest.raises(ValueError, match="max_bytes"):
        await ReplayStream(ours, b"abc").receive_some(max_bytes)


async def test_after_a_close_nothing_is_replayed() -> None:
    ours, _theirs = trio.testing.memory_stream_pair()
    stream = ReplayStream(ours, b"abc")
    await stream.aclose()
    with pytest.raises(trio.ClosedResourceError):
        await stream.receive_some()
    with pytest.raises(trio.ClosedResourceError):
        await stream.send_all(b"x")


async def test_a_replay_stream_is_a_stream_by_trios_own_measure() -> None:
    async def pair() -> tuple[ReplayStream, ReplayStream]:
        ours, theirs = trio.testing.memory_stream_pair()
        return ReplayStream(ours, b""), ReplayStream(theirs, b"")

    async def clogged_pair() -> tuple[ReplayStream, ReplayStream]:
        ours, theirs = trio.testing.lockstep_stream_pair()
        return ReplayStream(ours, b""), ReplayStream(theirs, b"")

    await trio.testing.check_two_way_stream(pair, clogged_pair)
