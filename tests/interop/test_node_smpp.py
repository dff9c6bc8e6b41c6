"""node-smpp's client (npm package smpp)."""

import json
from pathlib import Path

from tests.interop.foreign import HERE, needs, run
from tests.router_fixtures import NUMBER, PASSWORD, profile, serving

TEXTS = ["hello {world} €", "您的验证码是 123456"]


@needs(
    "node", "-e", "require('./node/node_modules/smpp')", reason="node or its package smpp is not installed"
)
async def test_node_smpp_binds_sends_and_gets_its_receipts(tmp_path: Path) -> None:
    async with serving(tmp_path, profile(receipt_s=0.05)) as world:
        client = str(HERE / "node" / "client.js")
        printed = await run("node", client, str(world.port), "bank", PASSWORD, NUMBER, *TEXTS)
    result = json.loads(printed)
    assert len(result["message_ids"]) == len(TEXTS)
    assert sorted(receipt["receipted_message_id"] for receipt in result["receipts"]) == sorted(
        result["message_ids"]
    )
    assert {receipt["message_state"] for receipt in result["receipts"]} == {2}
    assert {receipt["esm_class"] for receipt in result["receipts"]} == {4}
    assert all("stat:DELIVRD" in receipt["text"] for receipt in result["receipts"])
    assert result["enquired"]
    assert result["unbound"]
