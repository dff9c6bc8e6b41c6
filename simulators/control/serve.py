# The API beside the carriers: in their nursery, on their trio, so that an order takes effect between two
# reads and never in the middle of one.
"""Serving the HTTP API of running carriers."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import hypercorn.config
import hypercorn.trio
import trio

from simulators.control.api import ControlApi
from simulators.control.config import ControlConfig
from simulators.control.recorder import PcapFile, Recorder
from simulators.server import CarrierServer

# An ASGI application is described in other words by starlette and by hypercorn.
_serve_app = cast("Callable[..., Awaitable[None]]", hypercorn.trio.serve)  # pyright: ignore[reportUnknownMemberType] - hypercorn types it partly; the cast says it


async def serve_control(
    config: ControlConfig,
    server: CarrierServer,
    recorder: Recorder,
    task_status: "trio.TaskStatus[str]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until cancelled; tell the URL once it listens. Raises OSError if the port can't be had."""
    # The sockets are ours, so that a port that can't be had leaves none of them open.
    try:
        listeners = await trio.open_tcp_listeners(config.port, host=config.host)
    except OSError as error:
        place = f"control on {config.host}:{config.port}"
        raise OSError(error.errno, f"{place}: {error.strerror or error}") from error
    host, port = listeners[0].socket.getsockname()[:2]
    settings = hypercorn.config.Config()
    settings.bind = [f"fd://{listener.socket.detach()}" for listener in listeners]
    settings.accesslog = settings.errorlog = None
    settings.graceful_timeout = 0.0
    api = ControlApi(config, server, recorder)
    with _captured(config, recorder):
        async with trio.open_nursery() as nursery:

            async def serve(task_status: "trio.TaskStatus[list[str]]") -> None:
                await _serve_app(api.app, settings, task_status=task_status)

            await nursery.start(serve)
            task_status.started(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


@contextmanager
def _captured(config: ControlConfig, recorder: Recorder) -> Generator[None]:
    """Have the recorder write to a file, if one is asked for."""
    if not config.capture_file:
        yield
        return
    with Path(config.capture_file).open("wb") as file:
        recorder.file = PcapFile(file, config.capture_file_octets_max)
        try:
            yield
        finally:
            recorder.file = None
