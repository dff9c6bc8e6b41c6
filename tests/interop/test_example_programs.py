# Example programs of other people's clients, as their packages ship them, against a simulated carrier by
# itself. Only what each program leaves to its reader is filled in: address, account, destination.
import re
import subprocess

import pytest
import trio

from tests.interop.test_node_smpp import FOLDER, MISSING
from tests.simulators.customers import profile
from tests.simulators.lines import served

PROGRAM_S = 20.0


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
