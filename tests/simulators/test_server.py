"""Carriers behind streams: real sockets, foreign clients, the end of a process."""

from typing import Any

import pytest
import smpplib.client
import smpplib.consts
import smpplib.gsm
import trio
import trio.testing

from simulators.esme import esme_over, open_esme
from simulators.load import Load
from simulators.load_result import LoadOptions
from simulators.server import CarrierServer, serve_carriers
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind, SubmitSmResp
from tests.simulators.customers import message, profile
from tests.simulators.lines import lines, served

FOREIGN_TIMEOUT_S = 10


async def test_a_window_of_64_at_500_ms_sustains_128_messages_a_second(
    autojump_clock: trio.testing.MockClock,
) -> None:
    options = LoadOptions(binds=2, window=64, count=None, duration_s=20.0)
    async with lines(response_s=0.5, receipt_s=2.0, receipt_jitter_s=3.0) as line:
        result = await Load(options, line.connect).run()
    assert 2 * 124 <= result.accepted / 20.0 <= 2 * 132
    assert result.is_clean
    assert result.receipts == result.accepted
    assert 500.0 <= result.submit.percentile_ms(0.5) <= 520.0


async def test_a_delivery_that_is_never_answered_comes_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with lines(deliver_timeout_s=3.0, enquire_link_s=0.0) as line:
        stream = await line.connect()
        submit = message()
        submit.sequence_number = 2
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")) + encode(submit))
        got, marker = b"", b"stat:DELIVRD"
        while got.count(marker) < 3:
            got += await stream.receive_some()
        assert 6.0 < trio.current_time() < 10.0
        await stream.aclose()


async def test_stop_unbinds_everybody() -> None:
    async with served(profile()) as server:
        port = server.ports["carrier"]
        async with open_esme("127.0.0.1", port, "x", "") as one, open_esme("127.0.0.1", port, "y", "") as two:
            await server.stop()
            assert len(server.outlets) == 0
            with trio.fail_after(5.0):
                for esme in (one, two):
                    assert [delivery async for delivery in esme.deliveries] == []


async def test_stop_does_not_wait_for_a_peer_that_is_deaf(autojump_clock: trio.testing.MockClock) -> None:
    async with lines() as line:
        stream = await line.connect()
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
        await stream.receive_some()
        await line.server.stop()
        assert trio.current_time() < 2.0


async def test_a_port_that_is_taken_is_named() -> None:
    async with served(profile()) as server:
        port = server.ports["carrier"]
        with pytest.raises(OSError, match=rf"other on 127\.0\.0\.1:{port}: .*in use"):
            await serve_carriers([profile(name="free"), profile(name="other", port=port)])


async def test_a_tester_can_have_its_carriers_at_another_time() -> None:
    async with trio.open_nursery() as nursery:

        async def serve(task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
            await serve_carriers([profile()], started_at=1_000_000_000.0, task_status=task_status)

        server = await nursery.start(serve)
        async with open_esme("127.0.0.1", server.ports["carrier"], "x", "") as esme:
            (resp,) = await esme.submit("8613900000001", "hello")
            assert isinstance(resp, SubmitSmResp)
            assert (await esme.receipt(resp.message_id)).done_date == b"0109090146"
        nursery.cancel_scope.cancel()


# ---------------------------------------------------------------------- a foreign client


def smpplib_conversation(port: int) -> tuple[list[str], list[bytes]]:
    """Bind as a transceiver with smpplib, submit a long text, and read until each part has its receipt."""
    client = smpplib.client.Client(
        "127.0.0.1", port, timeout=FOREIGN_TIMEOUT_S, allow_unknown_opt_params=True
    )
    sent: list[str] = []
    receipts: list[bytes] = []

    def delivered(pdu: Any) -> int:
        receipts.append(pdu.short_message)
        return smpplib.consts.SMPP_ESME_ROK

    client.set_message_sent_handler(lambda pdu, **_: sent.append(pdu.message_id.decode()))
    client.set_message_received_handler(delivered)
    client.connect()
    client.bind_transceiver(system_id="foreign", password="secret")
    parts, encoding, msg_type = smpplib.gsm.make_parts("Grüße aus der Ferne " * 12)
    for part in parts:
        client.send_message(
            source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
            source_addr="BANK",
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
            destination_addr="8613900000001",
            short_message=part,
            data_coding=encoding,
            esm_class=msg_type,
            registered_delivery=True,
        )
    while len(receipts) < len(parts) or len(sent) < len(parts):
        client.read_once()
    client.unbind()
    client.disconnect()
    return sent, receipts


@pytest.mark.parametrize("receipt_s", [0.0, 0.05])
async def test_smpplib_gets_its_responses_and_receipts(receipt_s: float) -> None:
    async with served(profile(receipt_s=receipt_s, outcomes={"UNDELIV": 1})) as server:
        port = server.ports["carrier"]
        with trio.fail_after(FOREIGN_TIMEOUT_S):
            sent, receipts = await trio.to_thread.run_sync(smpplib_conversation, port)
        assert len(sent) == len(receipts) == 2
        for message_id in sent:
            assert any(text.startswith(b"id:" + message_id.encode()) for text in receipts)
        assert all(b"stat:UNDELIV err:001" in text for text in receipts)


async def test_a_carrier_that_is_brought_up_twice_at_once_listens_once_and_can_be_taken_down() -> None:
    async with trio.open_nursery() as nursery:
        server = await nursery.start(_serve_one)
        server.take_down("line")
        async with trio.open_nursery() as both:
            both.start_soon(server.bring_up, "line")
            both.start_soon(server.bring_up, "line")
        port = server.ports["line"]
        await (await trio.open_tcp_stream("127.0.0.1", port)).aclose()
        server.take_down("line")
        assert server.ports == {}
        nursery.cancel_scope.cancel()


async def test_a_carrier_that_is_taken_down_while_it_comes_up_stays_down() -> None:
    async with trio.open_nursery() as nursery:
        server = await nursery.start(_serve_one)
        server.take_down("line")
        async with trio.open_nursery() as both:
            both.start_soon(server.bring_up, "line")
            while "line" not in server._listening:
                await trio.lowlevel.checkpoint()
            server.take_down("line")
        assert server.ports == {}
        nursery.cancel_scope.cancel()


async def _serve_one(task_status: "trio.TaskStatus[CarrierServer]") -> None:
    await serve_carriers([profile(name="line", port=0)], task_status=task_status)


class _Steps(trio.abc.Instrument):
    """Counts how often any task goes on."""

    count = 0

    def before_task_step(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002 - as trio calls it
        self.count += 1


async def test_a_day_without_sessions_costs_nothing(autojump_clock: trio.testing.MockClock) -> None:
    async with lines():
        steps = _Steps()
        trio.lowlevel.add_instrument(steps)
        await trio.sleep(86_400.0)
        trio.lowlevel.remove_instrument(steps)
    assert steps.count < 100


async def test_what_is_due_in_an_hour_is_not_looked_at_before(
    autojump_clock: trio.testing.MockClock,
) -> None:
    submit = message()
    submit.sequence_number = 2
    async with lines(receipt_s=3_600.0) as line:
        stream = await line.connect()
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")) + encode(submit))
        await stream.receive_some()
        await stream.aclose()
        steps = _Steps()
        trio.lowlevel.add_instrument(steps)
        await trio.sleep(3_590.0)
        trio.lowlevel.remove_instrument(steps)
        assert line.carrier.statistics()["under_way"] == 1
        await trio.sleep(20.0)
        assert line.carrier.statistics()["under_way"] == 0
    assert steps.count < 100


async def test_a_server_that_looks_seldom_at_the_time_lets_what_is_due_come_together(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with lines(response_s=1.0) as line:
        line.server.tick_s = 10.0
        async with esme_over(line.connect, "bank", "") as esme:
            began_at = trio.current_time()
            ended_at: list[float] = []

            async def send(after_s: float) -> None:
                await trio.sleep(after_s)
                await esme.request(message())
                ended_at.append(trio.current_time())

            async with trio.open_nursery() as nursery:
                for after_s in (0.0, 2.0, 4.0):
                    nursery.start_soon(send, after_s)
    assert len(set(ended_at)) == 1
    assert 5.0 <= ended_at[0] - began_at <= 20.0
