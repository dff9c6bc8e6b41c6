"""The load generator: what it counts is what happened."""

from typing import Any

import pytest
import trio
import trio.testing

from simulators.load import Load, run_load
from simulators.load_result import LoadOptions, LoadResult
from simulators.profile import SimulatedAccount
from simulators.traffic.accounts import LoadAccount
from simulators.traffic.mix import Kind
from simulators.traffic.pace import parse_ramp
from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import submit_sm_resp
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import DeliverSm, SubmitSm
from smpp_router.wire.receipt import format_receipt
from tests.simulators.customers import profile
from tests.simulators.lines import Lines, lines, served

Clock = trio.testing.MockClock


async def loaded(line: Lines, **options: Any) -> LoadResult:
    given: dict[str, Any] = {"binds": 2, "window": 10, "count": 500, **options}
    return await Load(LoadOptions(**given), line.connect).run()


def test_the_usual_text_is_one_full_short_message() -> None:
    (segment,) = split_text(LoadOptions().text)
    assert len(segment.short_message) == 140


async def test_a_closed_loop_sends_its_count_and_gets_everything_back(autojump_clock: Clock) -> None:
    async with lines(response_s=0.1, receipt_s=0.5) as line:
        result = await loaded(line)
        counters = line.carrier.counters
    assert (result.sent, result.accepted, result.receipts) == (500, 500, 500)
    assert result.is_clean
    assert (counters.messages, counters.receipts, counters.binds) == (500, 500, 2)
    assert result.submit.count == result.receipt.count == 500
    assert 100.0 <= result.submit.percentile_ms(0.5) <= 115.0
    assert 600.0 <= result.receipt.percentile_ms(0.5) <= 630.0
    # 20 under way, 0.1 s each: 200 a second.
    assert 2.9 <= result.elapsed_s <= 3.5
    assert len(result.bind_p99_ms) == 2


async def test_an_open_loop_keeps_its_rate(autojump_clock: Clock) -> None:
    async with lines(response_s=0.1) as line:
        result = await loaded(line, rate_per_s=250.0, count=None, duration_s=10.0, window=100)
    assert result.is_clean
    assert result.sent == pytest.approx(2_500, abs=5)
    assert result.submit.percentile_ms(0.99) <= 115.0


async def test_an_open_loop_spreads_over_its_sessions(autojump_clock: Clock) -> None:
    # 500 are under way, 100 in each session; on one of them they would be too many.
    async with lines(response_s=0.1, window_max=130) as line:
        result = await loaded(line, rate_per_s=5_000.0, count=3_000, binds=5, window=1_000)
    assert result.is_clean


async def test_an_open_loop_counts_from_when_a_message_was_due(autojump_clock: Clock) -> None:
    """Twice what windows allow: latencies grow, instead of the load becoming less."""
    async with lines(response_s=0.1) as line:
        result = await loaded(line, binds=1, window=10, rate_per_s=200.0, count=1_000)
    assert result.is_clean
    assert 9.0 <= result.elapsed_s <= 12.0
    # The last was due at 5 s and answered at 10 s.
    assert 4_500.0 <= result.submit.max_us / 1000.0 <= 6_500.0


async def test_a_duration_ends_a_closed_loop(autojump_clock: Clock) -> None:
    async with lines(response_s=0.1) as line:
        result = await loaded(line, count=None, duration_s=5.0)
    assert result.is_clean
    assert result.sent == pytest.approx(1_000, rel=0.15)


async def test_stop_ends_it_and_what_is_under_way_still_counts(autojump_clock: Clock) -> None:
    async with lines(response_s=0.1, receipt_s=3.0) as line:
        load = Load(LoadOptions(binds=1, window=10, count=1_000_000), line.connect)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(load.run)
            await trio.sleep(5.0)
            load.stop()
    assert load.result.is_clean
    assert load.result.receipts == load.result.sent < 1_000


async def test_long_texts_are_sent_whole(autojump_clock: Clock) -> None:
    async with lines(response_s=0.01) as line:
        result = await loaded(line, text="长" * 200, count=50, window=10)
        assert line.carrier.counters.messages == 150
    assert (result.sent, result.receipts) == (150, 150)


async def test_a_window_too_small_for_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="a window of 2 can't hold the 3 parts"):
        Load(LoadOptions(text="长" * 200, window=2))


async def test_refusals_are_counted_by_status(autojump_clock: Clock) -> None:
    async with lines(errors={"ESME_RSYSERR": 0.5}) as line:
        result = await loaded(line)
        assert line.carrier.counters.refused == result.refused
    assert result.statuses == {"ESME_RSYSERR": result.refused}
    assert result.accepted + result.refused == 500
    assert result.receipts == result.accepted
    assert not result.is_clean


async def test_a_throttled_closed_loop_pauses(autojump_clock: Clock) -> None:
    async with lines(throughput_per_s=100.0, response_s=0.01) as line:
        result = await loaded(line, count=None, duration_s=10.0)
    assert 700 <= result.accepted <= 1_100
    # Without pauses it would have been refused at every turn, 2000 times a second.
    assert 0 < result.refused < 3_000


async def test_messages_without_a_receipt_are_lost(autojump_clock: Clock) -> None:
    async with lines(outcomes={"DELIVRD": 1, "NONE": 1}) as line:
        result = await loaded(line, drain_s=5.0)
    assert result.lost + result.receipts == 500
    assert result.lost > 100
    assert result.lost < 400


async def test_without_receipts_none_is_waited_for(autojump_clock: Clock) -> None:
    async with lines(receipt_s=60.0) as line:
        result = await loaded(line, receipts=False)
        assert line.carrier.counters.receipts == 0
    assert result.is_clean
    assert trio.current_time() < 5.0


async def test_stats_of_receipts_are_counted(autojump_clock: Clock) -> None:
    async with lines(outcomes={"DELIVRD": 1, "EXPIRED": 1}) as line:
        result = await loaded(line)
    assert result.stats.keys() == {"DELIVRD", "EXPIRED"}
    assert sum(result.stats.values()) == 500


async def test_a_receipt_too_many_is_duplicated(autojump_clock: Clock) -> None:
    """A peer that answers every message with two receipts, the first one before the response."""
    near, far = trio.testing.memory_stream_pair()

    async def connect() -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        return near

    async with trio.open_nursery() as nursery:
        nursery.start_soon(two_receipts_each, far)
        result = await Load(LoadOptions(binds=1, window=1, count=5), connect).run()
    assert (result.accepted, result.receipts, result.duplicated, result.lost) == (5, 5, 5, 0)


async def two_receipts_each(stream: trio.abc.Stream) -> None:
    """Serve one connection: a receipt, the response, the same receipt."""
    session = Session(Role.MC, now=0.0, writable=[], window_size=100, limits=TimerLimits())
    while data := await stream.receive_some():
        pdus = session.receive(bytes(data), 0.0)
        if session.state is State.BINDING:
            pdus = session.accept_bind(b"mc", 0.0, 100, TimerLimits())
        for pdu in pdus:
            if isinstance(pdu, SubmitSm):
                message_id = b"%d" % pdu.sequence_number
                text = format_receipt(message_id, b"2401010000", b"2401010000", c.DELIVERED, b"")
                session.request(DeliverSm(esm_class=4, short_message=text), "first", 0.0)
                session.answer([submit_sm_resp(pdu.sequence_number, message_id)], 1)
                session.request(DeliverSm(esm_class=4, short_message=text), "second", 0.0)
        await stream.send_all(session.take_output())
        if session.close_reason is not None:
            await stream.aclose()
            return


async def test_a_wrong_password_ends_it_at_once(autojump_clock: Clock) -> None:
    async with lines(accounts=(SimulatedAccount(system_id="x"),)) as line:
        result = await loaded(line)
    assert (result.sent, result.unbound) == (0, 2)
    assert result.statuses == {"ESME_RINVSYSID": 2}
    assert not result.is_clean
    assert trio.current_time() < 5.0


async def test_a_session_that_is_lost_loses_what_it_had_under_way(autojump_clock: Clock) -> None:
    async with lines(response_s=1.0) as line:
        load = Load(LoadOptions(binds=2, window=10, count=1_000_000, drain_s=2.0), line.connect)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(load.run)
            await trio.sleep(5.5)
            await line.hang_up()
            await trio.sleep(2.0)
            load.stop()
    assert load.result.unbound == 1
    assert load.result.lost >= 10


async def test_when_all_sessions_are_lost_it_ends(autojump_clock: Clock) -> None:
    async with lines(response_s=1.0) as line:
        load = Load(LoadOptions(binds=1, window=10, count=1_000), line.connect)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(load.run)
            await trio.sleep(5.5)
            await line.hang_up()
    assert trio.current_time() < 10.0
    assert load.result.unbound == 1


async def test_over_tcp_and_with_nobody_there() -> None:
    async with served(profile(receipt_s=0.01, message_ids="uuid")) as server:
        port = server.ports["carrier"]
        result = await run_load(LoadOptions(port=port, count=2_000, binds=3, window=50))
        assert result.is_clean
        assert result.receipts == 2_000
        assert server.carriers["carrier"].counters.messages == 2_000
    with pytest.raises(OSError, match=r"attempts|connecting"):
        await run_load(LoadOptions(port=port))


def test_a_result_is_plain_values() -> None:
    result = LoadResult(sent=4, accepted=2, refused=1, answered=3, elapsed_s=0.5)
    result.matching.accepted(b"1", 0.0)
    result.matching.accepted(b"2", 0.0)
    for message_id in (b"1", b"1", b"7"):
        result.matching.received(message_id, 1.0)
    values = result.as_json()
    assert values["messages_per_s"] == 2.0
    assert [values[name] for name in ("receipts", "missing", "unanswered", "lost")] == [1, 1, 1, 2]
    assert [values[name] for name in ("duplicated", "unmatched")] == [1, 1]
    assert "series" not in values
    assert values["bind_p99_ms"] == {"median": 0.0, "max": 0.0}
    assert values["submit_ms"].keys() == {"p50", "p90", "p99", "p999", "max"}


async def test_a_poisson_load_along_a_ramp_ends_with_it(autojump_clock: Clock) -> None:
    async with lines(response_s=0.1) as line:
        result = await loaded(
            line,
            count=None,
            ramp=parse_ramp("100:300/10s,50/2s"),
            arrival="poisson",
            window=100,
            has_series=True,
        )
    assert result.is_clean
    assert result.sent == pytest.approx(2_100, rel=0.1)
    assert result.series is not None
    sent = [span.sent for span in result.series.spans]
    assert sum(sent) == result.sent
    assert sent[8] > 1.5 * sent[1] > 2 * sent[11]
    assert sum(span.accepted for span in result.series.spans) == result.accepted


async def test_what_never_had_room_is_overdue(autojump_clock: Clock) -> None:
    async with lines(response_s=1.0) as line:
        result = await loaded(line, binds=1, window=10, rate_per_s=100.0, count=None, duration_s=10.0)
    assert result.sent + result.overdue == 1_000
    assert result.overdue > 850
    assert not result.is_clean


async def test_a_mix_goes_out_as_its_file_says(autojump_clock: Clock) -> None:
    kinds = (
        Kind(texts=("长" * 100,), long="sar", weight=1.0),
        Kind(texts=("code {digits:6}",), weight=1.0, receipt=False, destinations=("4477########",)),
    )
    async with lines(response_s=0.01, receipt_s=0.1) as line:
        result = await loaded(line, kinds=kinds, count=200)
        counters = line.carrier.counters
    assert result.is_clean
    assert counters.messages == result.sent
    # Each long one is two parts with two receipts, each other one asks for none.
    assert 200 < result.sent < 400
    assert result.receipts == 2 * (result.sent - 200)


async def test_accounts_share_the_rate(autojump_clock: Clock) -> None:
    accounts = (
        LoadAccount(system_id="big", share=3.0, binds=2),
        LoadAccount(system_id="small", share=1.0, bind="split", receivers=2),
    )
    async with lines(response_s=0.05, receipt_s=0.2) as line:
        result = await loaded(
            line, accounts=accounts, rate_per_s=400.0, count=None, duration_s=5.0, window=100
        )
        assert line.carrier.counters.binds == 5
    assert result.is_clean
    assert result.sent_as == {"big": pytest.approx(1_500, abs=5), "small": pytest.approx(500, abs=5)}


async def test_the_same_seed_offers_the_same_messages(autojump_clock: Clock) -> None:
    async with lines() as line:
        first, second = Load(LoadOptions(seed=4), line.connect), Load(LoadOptions(seed=4), line.connect)
    assert [next(first._mix) for _ in range(20)] == [next(second._mix) for _ in range(20)]


async def test_bad_esmes_beside_a_load_do_it_no_harm(autojump_clock: Clock) -> None:
    names = ("resets", "garbage", "sends-before-bind", "no-deliver-sm-resp")
    async with lines(response_s=0.1, receipt_s=0.5) as line:
        result = await loaded(
            line, rate_per_s=100.0, count=500, window=50, misbehave=names, misbehave_as="bad"
        )
    assert result.is_clean
    assert list(result.misbehaved) == list(names)
    assert result.misbehaved["sends-before-bind"]["answers"]["submit_sm_resp ESME_RINVBNDSTS"] > 1
    assert all(found["rounds"] and found["connections"] for found in result.misbehaved.values())


def test_a_misbehaviour_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no rudeness"):
        Load(LoadOptions(misbehave=("rudeness",)))
