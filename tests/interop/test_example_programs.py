# Example programs of other people's clients, as their packages ship them, against a simulated carrier by
# itself. Only what each program leaves to its reader is filled in: address, account, sender, destination.
import importlib.metadata
import re
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from simulators.server import CarrierServer
from smpp_router.wire.pdu import DeliverSm
from tests.interop.test_node_smpp import FOLDER, MISSING
from tests.interop.test_perl_net_smpp import MISSING as NO_PERL
from tests.router_fixtures import until
from tests.simulators.customers import profile
from tests.simulators.lines import served

PROGRAM_S = 60.0
"""For a program to do what it does, on a machine that does other things too."""
PERL_EXAMPLES = Path("/usr/share/doc/libnet-smpp-perl/examples")
PERL_PORT = 9900
"""Where the examples of Net::SMPP look for a carrier."""


def node_example() -> str:
    """The first program of node-smpp's README that connects."""
    text = (FOLDER / "node_modules" / "smpp" / "README.md").read_text("utf-8")
    blocks = re.findall(r"``` *javascript\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if "smpp.connect(" in block and "submit_sm" in block)


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
async def test_the_program_in_node_smpps_readme_sends_its_message() -> None:
    async with served(profile()) as server:
        program = node_example().replace("example.com:2775", f"127.0.0.1:{server.ports['carrier']}")
        program = program.replace("DESTINATION NUMBER", "8613900000001")
        with trio.fail_after(PROGRAM_S):
            process = await trio.lowlevel.open_process(
                ["node", "-e", program], cwd=str(FOLDER), stdout=subprocess.PIPE
            )
            assert process.stdout is not None
            # It prints the message_id, and stays bound.
            printed = bytes(await process.stdout.receive_some())
            process.kill()
            await process.wait()
            await process.stdout.aclose()
        assert printed.strip()
        assert server.carriers["carrier"].counters.messages == 1


def smpplib_example(port: int) -> str:
    """The program in smpplib's README, with what it leaves open."""
    text = str(importlib.metadata.metadata("smpplib"))
    block = re.search(r"```python\n(.*?client\.listen\(\)\n)```", text, re.DOTALL)
    assert block is not None, "its README has an example"
    program = block[1].replace("'example.com', SOMEPORTNUMBER", f"'127.0.0.1', {port}")
    return program.replace("SENDERPHONENUM", "106900").replace("'PHONENUMBER'", "'8613900000001'")


async def test_the_program_in_smpplibs_readme_sends_both_parts_and_gets_their_receipts() -> None:
    async with served(profile()) as server:
        with trio.fail_after(PROGRAM_S):
            process = await trio.lowlevel.open_process(
                [sys.executable, "-u", "-c", smpplib_example(server.ports["carrier"])],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert process.stdout is not None
            printed = b""
            while printed.count(b"delivered ") < 2:
                # It prints what comes, and listens for ever.
                more = await process.stdout.receive_some()
                assert more, printed
                printed += more
            process.kill()
            await process.wait()
            await process.stdout.aclose()
        assert printed.count(b"sent ") == 2
        assert server.carriers["carrier"].counters.messages == 2


@asynccontextmanager
async def carrier_for_perl() -> AsyncGenerator[tuple[CarrierServer, int]]:
    """A carrier at the port that the examples name, or at another if somebody has that."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        is_free = probe.connect_ex(("127.0.0.1", PERL_PORT)) != 0
    for port in (PERL_PORT, 0) if is_free else (0,):
        try:
            async with served(profile(port=port)) as server:
                yield server, server.ports["carrier"]
                return
        except OSError:
            # Taken meanwhile.
            if port == 0:
                raise


def perl(name: str, port: int, path: Path, *arguments: str) -> list[str]:
    """The command for an example: the file of the package, or a copy with another port in it."""
    program = PERL_EXAMPLES / name
    if port != PERL_PORT:
        changed = path / name
        changed.write_text(program.read_text("latin-1").replace(f"$port = {PERL_PORT};", f"$port = {port};"))
        program = changed
    return ["perl", str(program), *arguments]


@pytest.mark.skipif(NO_PERL is not None, reason=str(NO_PERL))
@pytest.mark.skipif(
    not PERL_EXAMPLES.is_dir(), reason=f"the package's documentation is not at {PERL_EXAMPLES}"
)
async def test_the_example_programs_of_net_smpp_bind_send_and_receive(tmp_path: Path) -> None:
    async with carrier_for_perl() as (server, port):
        counters = server.carriers["carrier"].counters
        with trio.fail_after(PROGRAM_S):
            for name, arguments, messages in (("esme.pl", (), 1), ("esme-hammer.pl", ("3", "50"), 51)):
                command = perl(name, port, tmp_path, *arguments)
                done = await trio.run_process(command, capture_stderr=True, capture_stdout=True)
                # What came last is unbind_resp, as Data::Dumper shows it.
                assert b"'cmd' => 2147483654" in done.stderr
                assert counters.messages == messages
            process = await trio.lowlevel.open_process(
                perl("bind-hammer.pl", port, tmp_path), stderr=subprocess.DEVNULL
            )
            await until(lambda: counters.messages > 60)
            process.kill()
            await process.wait()
            assert await received(server, perl("esme-rec.pl", port, tmp_path))


async def received(server: CarrierServer, command: list[str]) -> bool:
    """Run the receiver until it tells of the message that its carrier has for it."""
    counters = server.carriers["carrier"].counters
    before = counters.binds
    process = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    await until(lambda: counters.binds > before)
    server.inject("carrier", "GSMSGW", DeliverSm(source_addr=b"8613900000001", short_message=b"hello"))
    assert process.stdout is not None
    printed = b""
    while more := await process.stdout.receive_some():
        printed += more
    # It knows no answer to deliver_sm, and ends.
    await process.wait()
    await process.stdout.aclose()
    return b"5:deliver_sm" in printed
