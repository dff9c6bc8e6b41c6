# Kannel, a whole SMS gateway (Debian's kannel): it binds to the router like any ESME, and to a simulated
# carrier by itself. Its bearerbox speaks SMPP; its smsbox takes messages by HTTP, and reports receipts and
# messages of subscribers by HTTP to whoever they are for, here to this test.
import os
import random
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import attrs
import httpx
import pytest
import trio

from smpp_router.wire.pdu import DeliverSm
from tests.interop.clients import CLIENT_S, KEPT, MOBILE, SENDER, TEXTS, as_octets, foreign_world, kept
from tests.router_fixtures import HOST, PASSWORD, World, until

CONFIG = Path(__file__).parent / "kannel" / "kannel.conf"
PROGRAMS = ("bearerbox", "smsbox")
SBIN = "/usr/sbin:/usr/bin:/bin"
"""Debian's kannel is where not every user's PATH goes."""

MISSING = [program for program in PROGRAMS if shutil.which(program, path=SBIN) is None]

PORTS = range(20_000, 32_000)
"""Below those that the system chooses from: no other test is given one before Kannel listens there."""

DLR_MASK = 1 + 2 + 8 + 16
"""Delivered, undelivered, taken by the peer, refused by the peer."""


class Heard(NamedTuple):
    """One request that Kannel made: /dlr or /mo, and what it says."""

    path: str
    values: dict[str, str]


@attrs.define(eq=False)
class Gateway:
    """A Kannel that runs."""

    world: World
    http_port: int
    listen_port: int
    heard: list[Heard]

    async def send(self, smsc: str, text: str, destination: str) -> None:
        """Have it send a text, in the alphabet that it takes."""
        report = f"http://{HOST}:{self.listen_port}/dlr?smsc={smsc}&type=%d&id=%F&text=%A"
        is_plain = all(sign.isascii() or sign == "€" for sign in text)
        query = {
            "username": "test",
            "password": PASSWORD,
            "smsc": smsc,
            "from": SENDER,
            "to": destination,
            "text": text,
            "charset": "UTF-8",
            "coding": "0" if is_plain else "2",
            "dlr-mask": str(DLR_MASK),
            "dlr-url": report,
        }
        async with httpx.AsyncClient(trust_env=False, timeout=CLIENT_S) as client:
            answer = await client.get(f"http://{HOST}:{self.http_port}/cgi-bin/sendsms", params=query)
        assert (answer.status_code, answer.text) == (202, "0: Accepted for delivery")

    def reports(self, smsc: str, kind: int) -> list[dict[str, str]]:
        """What it told of messages over that link: 1 delivered, 2 undelivered, 8 taken, 16 refused."""
        return [
            values
            for path, values in self.heard
            if path == "/dlr" and (values["smsc"], values["type"]) == (smsc, str(kind))
        ]


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on: Kannel cannot be told to take any."""
    found: list[int] = []
    with ExitStack() as stack:
        for port in random.Random(os.getpid()).sample(PORTS, 100):
            one = stack.enter_context(socket.socket())
            with suppress(OSError):
                one.bind((HOST, port))
                found.append(port)
            if len(found) == count:
                break
    return found


async def listen(heard: list[Heard], stream: trio.SocketStream) -> None:
    """Answer each of Kannel's requests on one connection, and remember what it asked for."""
    data = b""
    while octets := await stream.receive_some():
        data += octets
        while b"\r\n\r\n" in data:
            request, data = data.split(b"\r\n\r\n", 1)
            target = urlsplit(request.split()[1].decode())
            heard.append(Heard(target.path, dict(parse_qsl(target.query, keep_blank_values=True))))
            await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def until_it_listens(port: int) -> None:
    """Wait until a port can be connected to."""
    while True:
        try:
            stream = await trio.open_tcp_stream(HOST, port)
        except OSError:
            await trio.sleep(0.02)
        else:
            await stream.aclose()
            return


@asynccontextmanager
async def run(program: str, config: Path) -> AsyncGenerator[trio.Process]:
    """Run one of Kannel's programs, and end it."""
    async with trio.open_nursery() as nursery:
        start = partial(trio.run_process, cwd=config.parent, check=False, env={"PATH": SBIN})
        with (config.parent / f"{program}.log").open("wb") as log:
            start = partial(start, stdout=log, stderr=subprocess.STDOUT)
            process = await nursery.start(start, [program, str(config)])
            try:
                yield process
            finally:
                nursery.cancel_scope.cancel()


@asynccontextmanager
async def gateway(path: Path) -> AsyncGenerator[Gateway]:
    """A Kannel that is bound to a router, and to the simulated carrier `mobile` behind it."""
    async with foreign_world(path / "store") as world, trio.open_nursery() as nursery:
        heard: list[Heard] = []
        (listener,) = await trio.open_tcp_listeners(0, host=HOST)
        listen_port = listener.socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, partial(listen, heard), [listener])
        admin_port, smsbox_port, http_port = free_ports(3)
        config = path / "kannel.conf"
        config.write_text(
            CONFIG.read_text("utf-8").format(
                admin_port=admin_port,
                smsbox_port=smsbox_port,
                http_port=http_port,
                listen_port=listen_port,
                router_port=world.port,
                carrier_port=world.carriers.ports["mobile"],
                password=PASSWORD,
            ),
            "utf-8",
        )
        with trio.fail_after(CLIENT_S):
            async with run("bearerbox", config):
                await until_it_listens(smsbox_port)
                async with run("smsbox", config):
                    await until_it_listens(http_port)
                    await until(lambda: world.running.exchange.accounts["bank"].sessions)
                    yield Gateway(world, http_port, listen_port, heard)
        nursery.cancel_scope.cancel()


@pytest.mark.skipif(bool(MISSING), reason="Kannel is not installed: apt-get install kannel")
async def test_kannel_is_served_by_the_router_and_by_a_simulated_carrier(tmp_path: Path) -> None:
    async with gateway(tmp_path) as kannel:
        world = kannel.world
        for smsc, destination in (("router", MOBILE), ("router", KEPT), ("carrier", MOBILE)):
            for text in TEXTS:
                await kannel.send(smsc, text, destination)
        # Of a text in parts Kannel wants to hear once, and of KEPT's the carrier tells nothing.
        await until(lambda: len(kannel.reports("router", 1)) == 3, "delivered by way of the router")
        await until(lambda: len(kannel.reports("carrier", 1)) == 3, "delivered by the carrier")
        await until(lambda: len(kannel.reports("router", 8)) == 6, "taken by the router")
        await until(lambda: len(kannel.reports("carrier", 8)) == 3, "taken by the carrier")
        for smsc in ("router", "carrier"):
            delivered = kannel.reports(smsc, 1)
            ids = {report["id"] for report in delivered}
            assert len(ids) == 3
            assert ids <= {report["id"] for report in kannel.reports(smsc, 8)}
            assert all(f"id:{report['id']} " in report["text"] for report in delivered)
            assert all("stat:DELIVRD" in report["text"] for report in delivered)
            assert kannel.reports(smsc, 2) == kannel.reports(smsc, 16) == []
        await until(lambda: len(kept(world)) == len(TEXTS) and kept(world)[-1] == as_octets(TEXTS[-1]))
        assert kept(world) == [as_octets(text) for text in TEXTS]
        subscriber, service = MOBILE.encode(), SENDER.encode()
        said = DeliverSm(source_addr=subscriber, destination_addr=service, short_message=b"\x00TD\x1be")
        world.carriers.inject("mobile", "kannel", said)
        await until(lambda: any(path == "/mo" for path, _ in kannel.heard))
        (mo,) = (values for path, values in kannel.heard if path == "/mo")
        assert (mo["text"], mo["smsc"]) == ("@TD€", "carrier")
