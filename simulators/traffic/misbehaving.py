"""Running misbehaviours beside a load: each on connections of its own, again and again until it ends."""

import random
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final

import attrs
import trio

from simulators.traffic.misbehaviours import MISBEHAVIOURS, STORM, Misbehaviour
from simulators.traffic.talk import Answers, Talk

ROUNDS_MAX: Final = 10_000
PAUSE_S: Final = 0.1
"""Between two rounds of one misbehaviour."""
CONNECT_S: Final = 5.0
GRACE_S: Final = 5.0
"""For rounds under way, when the load is over."""

Connect = Callable[[], Awaitable[trio.abc.Stream]]


@attrs.define(eq=False)
class Misbehaving:
    """Some misbehaviours that are done side by side."""

    names: tuple[str, ...]
    connect: Connect
    system_id: bytes
    password: bytes = attrs.field(repr=False)
    seed: str = "1"
    found: dict[str, Answers] = attrs.Factory(dict[str, Answers])
    stopping: trio.Event = attrs.Factory(trio.Event)
    _ended: trio.Event = attrs.Factory(trio.Event)

    async def run(self) -> None:
        """Do them until finish() is called, each once at least."""
        async with trio.open_nursery() as nursery:
            for name in self.names:
                self.found[name] = Answers()
                nursery.start_soon(self._repeat, MISBEHAVIOURS[name], self.found[name])
        self._ended.set()

    async def finish(self) -> None:
        """Let the rounds under way end, for GRACE_S at most."""
        self.stopping.set()
        with trio.move_on_after(GRACE_S):
            await self._ended.wait()

    async def _repeat(self, kind: Misbehaviour, found: Answers) -> None:
        rng = random.Random(f"{self.seed} misbehaviour {kind.name}")
        while found.rounds < ROUNDS_MAX:
            found.rounds += 1
            if kind.name == "bind-storm":
                async with trio.open_nursery() as nursery:
                    for _ in range(STORM):
                        nursery.start_soon(self._once, kind, found, rng)
            else:
                await self._once(kind, found, rng)
            if self.stopping.is_set():
                return
            with trio.move_on_after(PAUSE_S):
                await self.stopping.wait()
                return

    async def _once(self, kind: Misbehaviour, found: Answers, rng: random.Random) -> None:
        stream: trio.abc.Stream | None = None
        try:
            with trio.move_on_after(CONNECT_S):
                stream = await self.connect()
        except OSError:
            pass
        if stream is None:
            found.no_connection += 1
            return
        found.connections += 1
        talk = Talk(stream, self.system_id, self.password, found, self.stopping)
        try:
            await kind.act(talk, rng)
        finally:
            talk.finish()
            if kind.resets:
                _linger_not(stream)
            await trio.aclose_forcefully(stream)


def _linger_not(stream: trio.abc.Stream) -> None:
    """Have a socket end with a reset (RST) instead of a FIN."""
    if isinstance(stream, trio.SocketStream):
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
