# smpplib's own client, on a thread of its own, as Python programs use it.
from pathlib import Path
from typing import Any

import pytest
import smpplib.client
import trio
from smpplib import consts, exceptions, gsm

from tests.interop.clients import (
    CLIENT_S,
    KEPT,
    MOBILE,
    SENDER,
    TEXTS,
    Seen,
    check,
    foreign_world,
)
from tests.router_fixtures import HOST, PASSWORD

# smpplib has no types.
library: Any = smpplib.client


class Talker:
    """A synchronous client that reads until it has what it waits for."""

    def __init__(self, port: int) -> None:
        self.client = library.Client(HOST, port, timeout=5, allow_unknown_opt_params=True)
        self.seen = Seen([], [], {}, -1, enquired=False, unbound=False, refused_status=-1)
        self.submits = 0
        self.wanted: list[int] = []
        """sequence_numbers of submits whose receipts are waited for."""
        self.ids: dict[int, str] = {}
        self.client.set_message_sent_handler(self.sent)
        self.client.set_message_received_handler(self.received)
        self.client.set_query_resp_handler(self.queried)

    def sent(self, pdu: Any) -> None:
        self.seen.statuses.append(pdu.status)
        self.seen.message_ids.append(pdu.message_id.decode())
        self.ids[pdu.sequence] = pdu.message_id.decode()

    def received(self, pdu: Any) -> None:
        assert pdu.esm_class == 0x04
        stat = pdu.short_message.split(b"stat:")[1][:7].decode()
        self.seen.receipts[pdu.receipted_message_id.decode()] = stat
        assert pdu.message_state == consts.SMPP_MESSAGE_STATE_DELIVERED

    def queried(self, pdu: Any) -> None:
        self.seen.query_state = pdu.message_state

    def submit(self, text: str, destination: str, *, receipt: bool) -> None:
        parts, coding, esm_class = gsm.make_parts(text)
        for part in parts:
            pdu = self.client.send_message(
                source_addr_ton=consts.SMPP_TON_UNK,
                source_addr=SENDER,
                dest_addr_ton=consts.SMPP_TON_INTL,
                dest_addr_npi=consts.SMPP_NPI_ISDN,
                destination_addr=destination,
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=receipt,
            )
            self.submits += 1
            if receipt:
                self.wanted.append(pdu.sequence)

    def has_all(self) -> bool:
        return len(self.ids) == self.submits and all(
            self.ids[number] in self.seen.receipts for number in self.wanted
        )

    def talk(self) -> Seen:
        """Do everything that the client can."""
        client = self.client
        client.connect()
        with pytest.raises(exceptions.PDUError) as refused:
            client.bind_transceiver(system_id="bank", password="wrong")
        self.seen.refused_status = refused.value.args[1]
        client.bind_transceiver(system_id="bank", password=PASSWORD)
        for text in TEXTS:
            self.submit(text, KEPT, receipt=False)
            self.submit(text, MOBILE, receipt=True)
        while not self.has_all():
            client.read_once(auto_send_enquire_link=False)
        message_id = self.ids[self.wanted[0]]
        client.query_message(message_id=message_id, source_addr_ton=0, source_addr_npi=0, source_addr=SENDER)
        client.read_once(auto_send_enquire_link=False)
        client.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=client))
        self.seen.enquired = client.read_pdu().command == "enquire_link_resp"
        self.seen.unbound = client.unbind().command == "unbind_resp"
        client.disconnect()
        return self.seen


async def test_smpplib_is_served(tmp_path: Path) -> None:
    async with foreign_world(tmp_path) as world:
        with trio.fail_after(CLIENT_S):
            seen = await trio.to_thread.run_sync(Talker(world.port).talk, abandon_on_cancel=True)
        await check(world, seen)
        assert len(seen.receipts) == 5
