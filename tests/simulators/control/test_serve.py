"""The API beside its carriers."""

import socket
from pathlib import Path

import pytest
import trio

from simulators.control.config import ControlConfig
from simulators.control.recorder import Recorder
from simulators.control.serve import serve_control
from tests.simulators.control.controlled import controlled


async def test_it_tells_where_it_listens() -> None:
    async with controlled() as line:
        assert line.url.startswith("http://127.0.0.1:")
        assert not line.url.endswith(":0")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
async def test_it_listens_on_ipv6_if_told_so() -> None:
    async with controlled(host="::1") as line:
        assert (await line.ask("GET", "/carriers"))["carriers"]


async def test_two_cannot_have_one_port() -> None:
    async with controlled() as line:
        port = int(line.url.rpartition(":")[2])
        with pytest.raises(OSError, match=rf"control on 127\.0\.0\.1:{port}: .*in use"):
            await serve_control(ControlConfig(port=port), line.server, line.recorder)


async def test_a_request_under_way_does_not_hold_up_the_end() -> None:
    async with controlled() as line, trio.open_nursery() as nursery:
        nursery.start_soon(line.ask, "POST", "/carriers/mobile/down")
        stream = await trio.open_tcp_stream("127.0.0.1", int(line.url.rpartition(":")[2]))
        await stream.send_all(b"GET /carriers HTTP/1.1\r\nHost: x\r\n")
    await stream.aclose()


async def test_ports_of_captures_are_those_the_carriers_have() -> None:
    async with controlled() as line:
        recorder: Recorder = line.recorder
        recorder.connected(1, "mobile", "10.1.2.3:5", 1.0)
        capture = b"".join(recorder.capture())
        assert line.port.to_bytes(2, "big") in capture


async def test_a_capture_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaseExceptionGroup) as caught:
        async with controlled(capture_file=str(tmp_path / "none" / "x.pcap")):
            pytest.fail("it has started")
    assert caught.group_contains(FileNotFoundError, match=r"x\.pcap")
