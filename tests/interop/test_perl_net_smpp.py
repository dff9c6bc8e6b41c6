"""Perl's Net::SMPP (Debian's libnet-smpp-perl)."""

from pathlib import Path

from tests.interop.foreign import HERE, needs, run
from tests.router_fixtures import NUMBER, PASSWORD, profile, serving

TEXTS = [(0, b"hello"), (8, "您的验证码是 123456".encode("utf-16-be"))]


@needs("perl", "-MNet::SMPP", "-e", "1", reason="perl or its module Net::SMPP is not installed")
async def test_net_smpp_binds_sends_and_gets_its_receipts(tmp_path: Path) -> None:
    texts = [f"{data_coding}:{octets.hex()}" for data_coding, octets in TEXTS]
    async with serving(tmp_path, profile(receipt_s=0.05)) as world:
        client = str(HERE / "perl" / "client.pl")
        printed = await run("perl", client, str(world.port), "bank", PASSWORD, NUMBER, *texts)
    values = [line.partition("=") for line in printed.splitlines()]
    ids = [value for name, _, value in values if name == "message_id"]
    receipts = [value for name, _, value in values if name == "receipt"]
    assert len(ids) == len(TEXTS)
    assert sorted(receipt.split()[0].removeprefix("id:") for receipt in receipts) == sorted(ids)
    assert all(" stat:DELIVRD err:000 " in receipt for receipt in receipts)
    assert ("unbound", "=", "0") in values
