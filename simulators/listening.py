# The ports of one carrier. All of them open or none does: what half of its clients find is a puzzle.
"""Listening on the ports of simulated carriers, with TLS or without."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import attrs
import trio

from simulators.profile import CarrierProfile, SimulatedListener
from smpp_router.config import TlsConfig
from smpp_router.net.tls import TlsFileError, server_context

BACKLOG: Final = 1_024
"""Connections that the system accepts ahead: load generators open thousands at once."""

HANDSHAKE_S: Final = 10.0
"""For a client of a TLS port to shake hands; it binds after that."""

Serve = Callable[[trio.SocketStream, "ssl.SSLContext | None"], Awaitable[None]]


def tls_problem(tls: TlsConfig) -> str:
    """Return what is wrong with the files of a listener, beginning with the key; empty if nothing is."""
    if tls.require_client_certificate and tls.client_ca is None:
        return "require_client_certificate: needs client_ca"
    try:
        _context(tls)
    except TlsFileError as error:
        files = {"certificate": tls.certificate, "key": tls.key, "client_ca": tls.client_ca}
        key = next(key for key, path in files.items() if path == error.path)
        return f"{key}: {error}"
    return ""


def _context(tls: TlsConfig) -> ssl.SSLContext:
    return server_context(tls.certificate, tls.key, tls.client_ca, require=tls.require_client_certificate)


@attrs.frozen(kw_only=True)
class Port:
    """A port that listens."""

    host: str
    port: int
    is_tls: bool


class Listening:
    """The open ports of one carrier, until close()."""

    def __init__(
        self, ports: Sequence[Port], sockets: Sequence[tuple[trio.SocketListener, "ssl.SSLContext | None"]]
    ) -> None:
        self.ports = tuple(ports)
        self._sockets = sockets
        self._scope = trio.CancelScope()

    @property
    def is_closed(self) -> bool:
        """Whether close() was called."""
        return self._scope.cancel_called

    def close(self) -> None:
        """Close every port."""
        self._scope.cancel()
        # At once, and not when its task comes to it: the port may be wanted again before.
        for listener, _ in self._sockets:
            listener.socket.close()

    async def accept(self, serve: Serve, nursery: trio.Nursery) -> None:
        """Have each connection served by a task of the nursery, until closed."""
        try:
            with self._scope:
                # Closed before it began, it has nothing left to accept on.
                await trio.lowlevel.checkpoint()
                async with trio.open_nursery() as accepting:
                    for listener, tls in self._sockets:
                        handler = partial(_served, serve, tls)
                        accepting.start_soon(
                            partial(trio.serve_listeners, handler, [listener], handler_nursery=nursery)
                        )
        finally:
            self.close()


async def _served(serve: Serve, tls: "ssl.SSLContext | None", stream: trio.SocketStream) -> None:
    await serve(stream, tls)


async def shake_hands(stream: trio.abc.Stream, tls: ssl.SSLContext) -> trio.abc.Stream | None:
    """Return the stream with TLS; None, and it is closed, if the client does not do it or is not let in."""
    secured = trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
    is_done = False
    try:
        with trio.move_on_after(HANDSHAKE_S):
            await secured.do_handshake()
            is_done = True
    except trio.BrokenResourceError:
        pass
    finally:
        if not is_done:
            await trio.aclose_forcefully(stream)
    return secured if is_done else None


async def listen(profile: CarrierProfile, ports: Sequence[int]) -> Listening:
    """Open all ports of a carrier; `ports` are those that it had before, none at first.

    Raises OSError, with the carrier's name and the address; TlsFileError if a file has become bad.
    """
    sockets: list[tuple[trio.SocketListener, ssl.SSLContext | None]] = []
    opened: list[Port] = []
    try:
        for number, listener in enumerate(profile.all_listeners):
            tls = None if listener.tls is None else _context(listener.tls)
            wanted = ports[number] if ports else listener.port
            found = await _open(profile.name, listener, wanted)
            sockets += [(one, tls) for one in found]
            port: Any = found[0].socket.getsockname()[1]
            opened.append(Port(host=listener.host, port=int(port), is_tls=tls is not None))
    except BaseException:
        for one, _ in sockets:
            one.socket.close()
        raise
    return Listening(opened, sockets)


async def _open(name: str, listener: SimulatedListener, port: int) -> Sequence[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=listener.host, backlog=BACKLOG)
    except OSError as error:
        place = f"{name} on {listener.host}:{port}"
        raise OSError(error.errno, f"{place}: {error.strerror or error}") from error
