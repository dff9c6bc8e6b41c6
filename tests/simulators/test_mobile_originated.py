"""Traffic from subscribers: as much as is asked for, from whom it says, and bounded."""

import random
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from simulators.esme import Esme, EsmeOptions, esme_over
from simulators.mobile_originated import BATCH_MAX, MoTraffic, Subscribers, parts_of
from simulators.profile import SimulatedAccount
from smpp_router.wire.multipart import part_of, user_text
from smpp_router.wire.text import decode_text
from tests.simulators.customers import profile
from tests.simulators.lines import Lines, lines

Clock = trio.testing.MockClock
HOUR_S = 3_600.0


def writing(**keys: Any) -> Subscribers:
    subscribers = Subscribers(random.Random(7))
    subscribers.configure(MoTraffic(**keys))
    return subscribers


def counts(subscribers: Subscribers, until_s: int, step_s: float = 1.0) -> list[int]:
    steps = int(until_s / step_s)
    return [len(list(subscribers.due(step * step_s, "gsm"))) for step in range(steps)]


def test_evenly_spaced_messages_come_at_their_rate() -> None:
    assert counts(writing(rate_per_s=2.0, arrival="fixed"), 100)[1:] == [2] * 99


def test_by_chance_it_is_the_rate_on_average_and_not_each_second() -> None:
    seen = counts(writing(rate_per_s=5.0), 4_000)
    assert sum(seen) == pytest.approx(20_000, rel=0.05)
    mean = sum(seen) / len(seen)
    variance = sum((count - mean) ** 2 for count in seen) / len(seen)
    assert variance == pytest.approx(mean, rel=0.15)


@pytest.mark.parametrize("arrival", ["fixed", "poisson"])
def test_hours_differ_as_they_are_told_to(arrival: str) -> None:
    by_hour = tuple([2.0, 0.0, 0.5] + [1.0] * 21)
    seen = counts(writing(rate_per_s=1.0, arrival=arrival, by_hour=by_hour), 4 * 3_600)
    hours = [sum(seen[hour * 3_600 : (hour + 1) * 3_600]) for hour in range(4)]
    assert hours == [pytest.approx(share * 3_600, rel=0.1, abs=5) for share in (2.0, 0.0, 0.5, 1.0)]


def test_a_pause_ends_it_and_who_was_late_makes_up_for_a_batch_only() -> None:
    subscribers = writing(rate_per_s=100.0)
    assert list(subscribers.due(0.0, "gsm")) == []
    assert len(list(subscribers.due(HOUR_S, "gsm"))) == BATCH_MAX
    assert len(list(subscribers.due(HOUR_S + 1, "gsm"))) < 200
    subscribers.configure(MoTraffic(is_on=False, rate_per_s=100.0))
    assert list(subscribers.due(2 * HOUR_S, "gsm")) == []
    assert subscribers.next_at == float("inf")


def test_hours_without_any_messages_are_no_circle() -> None:
    subscribers = writing(rate_per_s=1.0, by_hour=(0.0,) * 24)
    assert list(subscribers.due(1.0, "gsm")) == []
    assert subscribers.next_at == float("inf")


def test_a_message_is_drawn_from_the_lists() -> None:
    subscribers = writing(texts=("TD", "您好"), sources=("8613", "Bank"), destinations=("10690", "10086"))
    seen = [subscribers.write("gsm") for _ in range(200)]
    texts = {decode_text(part.data_coding, part.short_message) for one in seen for part in one.parts}
    sources = {part.source_addr for one in seen for part in one.parts}
    assert texts == {"TD", "您好"}
    assert {one.destination for one in seen} == {b"10690", b"10086"}
    assert b"Bank" in sources
    numbers = sources - {b"Bank"}
    assert len(numbers) > 50
    assert all(len(number) == 13 and number.startswith(b"8613") for number in numbers)


def test_a_share_is_long_and_comes_in_parts() -> None:
    subscribers = writing(texts=("hello",), long_share=0.25, long_characters=350)
    seen = [subscribers.write("gsm").parts for _ in range(400)]
    assert {len(parts) for parts in seen} == {1, 3}
    assert 60 <= sum(len(parts) == 3 for parts in seen) <= 140
    first = next(parts for parts in seen if len(parts) == 3)
    numbered = [part_of(part) for part in first]
    assert [(part.seqnum, part.total) for part in numbered if part is not None] == [(1, 3), (2, 3), (3, 3)]
    whole = "".join(decode_text(part.data_coding, user_text(part)) for part in first)
    assert len(whole) == 350
    assert whole.startswith("hello hello ")


@given(st.text(max_size=400))
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    try:
        parts = parts_of(b"8613900000001", b"10690", text, 1, "gsm")
    except ValueError:
        return
    assert "".join(decode_text(part.data_coding, user_text(part)) for part in parts) == text


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"rate_per_s": -1}, "rate_per_s: must be from 0"),
        ({"texts": ()}, "texts: must have 1 to"),
        ({"texts": ("x" * 20_000,)}, "texts: must have at most 10000 characters each"),
        ({"by_hour": (1.0,)}, "by_hour: must have 24 entries"),
        ({"sources": ("",)}, "sources: must be 1 to 20"),
    ],
)
def test_what_can_not_be_is_refused_by_its_key(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        MoTraffic(**keys)


async def deliveries(esme: Esme, for_s: float) -> int:
    count = 0
    with trio.move_on_after(for_s):
        async for _ in esme.deliveries:
            count += 1
    return count


def bound(line: Lines) -> Any:
    return esme_over(line.connect, "x", "", options=EsmeOptions())


async def test_a_carrier_writes_from_when_it_is_told_to_until_told_not_to(
    autojump_clock: Clock,
) -> None:
    async with lines() as line, bound(line) as esme:
        assert await deliveries(esme, 20.0) == 0
        line.server.apply("carrier", {"mo.rate_per_s": 4.0, "mo.arrival": "fixed"})
        assert await deliveries(esme, 20.0) in (79, 80, 81)
        line.server.apply("carrier", {"mo.is_on": False})
        assert await deliveries(esme, 20.0) <= 1
        counters = line.carrier.counters
        assert counters.mobile_originated == counters.deliveries_answered >= 79
        assert counters.mobile_originated_dropped == 0


async def test_nobody_bound_so_much_waits_and_the_rest_is_dropped(autojump_clock: Clock) -> None:
    mo = MoTraffic(rate_per_s=50.0, waiting_max=30)
    async with lines(mo=mo, accounts=(SimulatedAccount(system_id="x"),)) as line:
        await trio.sleep(10.0)
        assert line.carrier.statistics()["deliveries_waiting"] == 30
        counters = line.carrier.counters
        assert counters.mobile_originated_dropped == counters.mobile_originated - 30
        line.server.apply("carrier", {"mo.is_on": False})
        async with bound(line) as esme:
            assert await deliveries(esme, 5.0) == 30


async def test_without_an_account_that_it_could_be_for_a_message_is_dropped(autojump_clock: Clock) -> None:
    two = (SimulatedAccount(system_id="x"), SimulatedAccount(system_id="y"))
    async with lines(accounts=two, mo_routes={"10690": "y"}) as line, bound(line) as esme:
        assert line.server.burst("carrier", 5) == 5
        assert await deliveries(esme, 1.0) == 0
        line.server.apply("carrier", {"mo.destinations": ["10086"]})
        assert line.server.burst("carrier", 5) == 0
        line.server.apply("carrier", {"mo.system_id": "x"})
        assert line.server.burst("carrier", 5) == 5
        assert await deliveries(esme, 1.0) == 5
        assert line.carrier.counters.mobile_originated_dropped == 5


def test_an_account_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mo\.system_id: z is no account's"):
        profile(accounts=(SimulatedAccount(system_id="x"),), mo=MoTraffic(system_id="z"))
