# node-smpp, the SMPP library of npm: `npm install --prefix tests/interop/node` brings it.
import shutil
from pathlib import Path

import pytest

from tests.interop.clients import check, foreign_world, run_client

FOLDER = Path(__file__).parent / "node"


def missing() -> str | None:
    """Why the client cannot be run here."""
    if shutil.which("node") is None:
        return "node is not installed"
    is_there = (FOLDER / "node_modules" / "smpp").is_dir()
    return None if is_there else "node-smpp is not installed: npm install --prefix tests/interop/node"


MISSING = missing()


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
async def test_node_smpp_is_served(tmp_path: Path) -> None:
    async with foreign_world(tmp_path) as world:
        seen = await run_client(world, ["node", str(FOLDER / "client.js")])
        await check(world, seen)
        assert len(seen.receipts) == 5
