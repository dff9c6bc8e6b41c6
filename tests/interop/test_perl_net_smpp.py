# Net::SMPP, from Debian's libnet-smpp-perl: what many an old ESME is written with.
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.interop.clients import check, foreign_world, run_client

CLIENT = Path(__file__).parent / "perl" / "client.pl"


def missing() -> str | None:
    """Why the client cannot be run here."""
    perl = shutil.which("perl")
    if perl is None:
        return "perl is not installed"
    found = subprocess.run([perl, "-MNet::SMPP", "-MJSON::PP", "-e1"], capture_output=True, check=False)
    return None if found.returncode == 0 else "Net::SMPP is not installed: apt-get install libnet-smpp-perl"


MISSING = missing()


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
async def test_net_smpp_is_served(tmp_path: Path) -> None:
    async with foreign_world(tmp_path) as world:
        seen = await run_client(world, ["perl", str(CLIENT)])
        await check(world, seen)
        assert len(seen.receipts) == 5
