# The API in the router's own trio, so that an order takes effect between two reads and never in the middle of
# one. The accept loop is ours, since a limit of connections is; each connection is hypercorn's.
"""Serving an ASGI application on trio, with a limit of connections."""

import logging
from collections.abc import Awaitable
from typing import Final, cast

import hypercorn.config
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework, ConnectionState
from starlette.types import ASGIApp

HEAD_OCTETS_MAX: Final = 16 << 10
"""The request line and all headers."""
IDLE_S: Final = 15.0
"""A connection without a request for so long is closed, also one whose request does not get on."""
SILENCE_S: Final = 600
"""Of a client while it is being answered: an export of everything may take minutes."""
BACKLOG: Final = 64

log = logging.getLogger(__name__)


async def listen(host: str, port: int) -> list[trio.SocketListener]:
    """Open the port. Raises OSError, with the place in its text."""
    try:
        return await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror or error}") from error


class HttpServer:
    """Serves one application on listeners that somebody else has opened."""

    def __init__(self, app: ASGIApp, connections_max: int) -> None:
        self._app = ASGIWrapper(cast(ASGIFramework, app))
        self._connections_max = connections_max
        self._context = WorkerContext(None)
        self._config = hypercorn.config.Config()
        self._config.accesslog = self._config.errorlog = None
        self._config.h11_max_incomplete_size = HEAD_OCTETS_MAX
        self._config.keep_alive_timeout = IDLE_S
        self._config.read_timeout = SILENCE_S
        self._config.include_server_header = False
        self.connections = 0
        self.turned_away = 0

    async def run(self, listeners: list[trio.SocketListener]) -> None:
        """Serve until cancelled; what is under way ends with it."""
        await trio.serve_listeners(self._connection, listeners)

    async def _connection(self, stream: trio.SocketStream) -> None:
        if self.connections >= self._connections_max:
            self.turned_away += 1
            await trio.aclose_forcefully(stream)
            return
        self.connections += 1
        try:
            connection = TCPServer(self._app, self._config, self._context, ConnectionState({}), stream)  # pyright: ignore[reportArgumentType] - typed for TLS only, made for both
            await cast("Awaitable[None]", connection)
        finally:
            self.connections -= 1
