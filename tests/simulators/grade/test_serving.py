import socket

import pytest
import trio

from simulators.esme import open_esme
from simulators.grade.grader import Grader
from simulators.grade.serving import serve_graded
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer

LIMIT_S = 20.0


async def test_the_grader_hears_every_connection_to_every_carrier() -> None:
    grader = Grader()
    profiles = [CarrierProfile(name=name, port=0) for name in ("one", "two")]

    async def serve(task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED) -> None:
        await serve_graded(profiles, grader, task_status)

    with trio.fail_after(LIMIT_S):
        async with trio.open_nursery() as nursery:
            server: CarrierServer = await nursery.start(serve)
            assert set(server.ports) == {"one", "two"}
            for port in server.ports.values():
                async with open_esme("127.0.0.1", port, "bank", "secret") as esme:
                    await esme.submit("8613900000001", "Hello", source="bank")
                    await esme.deliveries.receive()
            while not grader.is_over:  # noqa: ASYNC110 - sockets are the subject
                await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
    counters = grader.counters
    assert (counters.connections, counters.binds, counters.messages, counters.deliveries) == (2, 2, 2, 2)
    assert grader.findings == {}


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        profile = CarrierProfile(name="one", port=taken.getsockname()[1])
        with pytest.raises(BaseExceptionGroup) as group:
            await serve_graded([profile], Grader())
        assert group.group_contains(OSError, match="one on 127.0.0.1")
