import json

import trio

from simulators.esme_cli import assembled
from simulators.outbind_config import OutbindConfig
from simulators.profile import SimulatedAccount
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import DeliverSm
from smpp_router.wire.reassembly import Reassembler
from smpp_router.wire.receipt import format_receipt
from tests.simulators.commands import command
from tests.simulators.customers import profile
from tests.simulators.lines import served


def test_a_long_message_is_shown_once_and_whole_whatever_order_its_parts_come_in() -> None:
    text = "长短信" * 60
    pdus = [
        DeliverSm(
            source_addr=b"8613900000001",
            destination_addr=b"106900",
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
        )
        for segment in split_text(text, reference=9)
    ]
    reassembler = Reassembler()
    shown = [assembled(pdu, reassembler, 0.0) for pdu in reversed(pdus)]
    assert shown[:-1] == [None] * (len(pdus) - 1)
    assert shown[-1] == {"from": "8613900000001", "to": "106900", "text": text, "parts": len(pdus)}


def test_short_messages_and_receipts_are_shown_as_they_come() -> None:
    reassembler = Reassembler()
    short = assembled(DeliverSm(short_message=b"TD"), reassembler, 0.0)
    assert short is not None
    assert short["text"] == "TD"
    receipt = format_receipt(b"7", b"2601010000", b"2601010001", c.DELIVERED, b"000")
    shown = assembled(DeliverSm(esm_class=4, short_message=receipt), reassembler, 0.0)
    assert shown is not None
    assert shown["stat"] == "DELIVRD"


async def test_who_waits_to_be_called_gets_what_waits() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    account = SimulatedAccount(system_id="x", outbind=OutbindConfig(host="127.0.0.1", port=port, retry_s=0.1))
    async with served(profile(accounts=(account,))) as server:
        server.inject("carrier", "x", DeliverSm(source_addr=b"7", destination_addr=b"2", short_message=b"TD"))
        listen = ("esme", "listen", "--outbind-port", str(port), "--system-id", "x", "--count", "1", "--json")
        done = await trio.to_thread.run_sync(command, *listen)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"from": "7", "to": "2", "text": "TD"}
