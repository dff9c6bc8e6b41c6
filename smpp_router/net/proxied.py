"""Taking the PROXY header off a new connection, and giving on what came glued behind it."""

import trio

from smpp_router.net.proxy import V2_BYTES_MAX, ProxyError, parse_proxy_header, trusted


class ProxyHeaderError(Exception):
    """A balancer that must send a PROXY header sent something else, or ended before it was whole."""


class ReplayStream(trio.abc.Stream):
    """A stream of which some octets have been read already: they are received first, then its own."""

    def __init__(self, stream: trio.abc.Stream, read_already: bytes) -> None:
        self._stream = stream
        self._read_already = read_already

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send through the stream below."""
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait for the stream below."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive what had been read already, then what the stream below gives."""
        if max_bytes is not None and max_bytes < 1:
            raise ValueError("max_bytes must be at least 1")
        # A cancelled receive takes nothing: the first half of a checkpoint before, the second half after.
        await trio.lowlevel.checkpoint_if_cancelled()
        data = self._read_already[:max_bytes]
        if not data:
            return await self._stream.receive_some(max_bytes)
        self._read_already = self._read_already[len(data) :]
        await trio.lowlevel.cancel_shielded_checkpoint()
        return data

    async def aclose(self) -> None:
        """Close the stream below; what was not received is gone."""
        self._read_already = b""
        await self._stream.aclose()


async def read_proxy_header(
    stream: trio.abc.Stream, peer_ip: str, trusted_networks: tuple[str, ...]
) -> tuple[trio.abc.Stream, str]:
    """Return the stream behind the PROXY header, and the address that the connection really comes from.

    A peer outside `trusted_networks` is not asked for a header, nor believed one: its stream and address are
    returned as they are. A header without a source (a balancer's own health check) leaves the peer's address.
    Reads at most V2_BYTES_MAX; how long that may take is the caller's to limit.

    Raises ProxyHeaderError, and what the stream raises.
    """
    if not trusted(peer_ip, trusted_networks):
        return stream, peer_ip
    data = b""
    while True:
        received = await stream.receive_some(V2_BYTES_MAX - len(data))
        if not received:
            raise ProxyHeaderError("the connection ended before its PROXY header")
        data += received
        header = parse_proxy_header(data)
        if isinstance(header, ProxyError):
            raise ProxyHeaderError(header.problem)
        if header is None:
            # The parser decides on V2_BYTES_MAX octets at the latest, so there is room for another read.
            assert len(data) < V2_BYTES_MAX, "a PROXY header is never longer than what was read of it"
            continue
        rest = data[header.consumed :]
        return ReplayStream(stream, rest) if rest else stream, header.source_ip or peer_ip
