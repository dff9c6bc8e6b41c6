"""smpplib's client, as its users write it."""

from pathlib import Path
from typing import Any

import smpplib.client
import smpplib.consts
import smpplib.gsm
import trio

from smpp_router.wire.pdu import DeliverSm
from smpp_router.wire.receipt import parse_receipt
from tests.router_fixtures import NUMBER, PASSWORD, profile, serving

TEXTS = ["hello", "您的验证码是 123456，请勿告诉他人。", "长短信" * 60]


def converse(port: int) -> dict[str, Any]:
    client: Any = smpplib.client.Client("127.0.0.1", port, timeout=20, allow_unknown_opt_params=True)
    seen: dict[str, Any] = {"ids": [], "receipts": [], "parts": 0}
    client.set_message_sent_handler(lambda pdu: seen["ids"].append(pdu.message_id))

    def received(pdu: Any) -> int:
        seen["receipts"].append(pdu)
        return smpplib.consts.SMPP_ESME_ROK

    client.set_message_received_handler(received)
    client.connect()
    client.bind_transceiver(system_id="bank", password=PASSWORD)
    for text in TEXTS:
        parts, data_coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            seen["parts"] += 1
            client.send_message(
                source_addr="106900",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                destination_addr=NUMBER,
                short_message=part,
                data_coding=data_coding,
                esm_class=esm_class,
                registered_delivery=1,
            )
    while len(seen["receipts"]) < seen["parts"]:
        client.read_once()
    client.unbind()
    client.disconnect()
    return seen


async def test_smpplib_sends_and_gets_its_receipts(tmp_path: Path) -> None:
    async with serving(tmp_path, profile(receipt_s=0.05)) as world:
        seen = await trio.to_thread.run_sync(converse, world.port)
    receipts = [
        parse_receipt(DeliverSm(esm_class=pdu.esm_class, short_message=pdu.short_message))
        for pdu in seen["receipts"]
    ]
    assert seen["parts"] == len(TEXTS) + 2
    assert sorted(seen["ids"]) == sorted(receipt.message_id for receipt in receipts if receipt is not None)
    assert {receipt.stat for receipt in receipts if receipt is not None} == {b"DELIVRD"}
