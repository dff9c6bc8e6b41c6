# The whole way over real sockets: ESMEs, router, store, carriers. What one part does alone is tested beside it.
from pathlib import Path

import trio
import trio.testing

from tests.router_fixtures import NUMBER, message_ids, on_memory, profile, serving


async def test_a_message_goes_to_its_carrier_and_its_receipt_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as world, world.esme() as esme:
        ids = message_ids(await esme.submit(NUMBER, "您的验证码是123456", source="106900"))
        ids += message_ids(await esme.submit(NUMBER, "long " * 100, source="106900"))
        assert len(set(ids)) == 5
        for message_id in ids:
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        assert world.carrier().counters.messages == 5


async def test_a_window_of_64_carries_128_a_second_over_a_link_of_half_a_second(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    seconds = 30
    latency = profile(response_s=0.5, receipt_s=1.0)
    async with (
        on_memory(tmp_path, latency, carrier_changes={"window": 64}) as world,
        world.esme(window=512) as esme,
    ):
        started_at = trio.current_time()
        await trio.sleep(seconds)
        print(world.carrier().counters.messages, trio.current_time() - started_at, esme)
