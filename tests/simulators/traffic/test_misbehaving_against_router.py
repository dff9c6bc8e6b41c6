# The real router and an ESME that misbehaves in each of the ways there are, on memory streams and a virtual
# clock; beside it one that behaves. Whatever the first one does, the second one's messages are answered, and
# each ends once.
"""Every misbehaviour against the router."""

from collections import Counter
from pathlib import Path

import pytest
import trio
import trio.testing

from simulators.traffic.misbehaving import Misbehaving
from simulators.traffic.misbehaviours import MISBEHAVIOURS
from smpp_router.wire.receipt import parse_receipt
from tests.router_fixtures import NUMBER, PASSWORD, Pace, account, message_ids, on_memory, profile

MESSAGES = 8
PACE = Pace(tick_s=0.1, librarian_s=0.1)
ELSEWHERE = {"wrong-password"}
"""A virtual clock does not wait for the thread that checks a password: tests/net/test_esme_side.py has it."""
LONG_S = 120.0
"""Virtual: more than any answer to a good client takes."""


@pytest.mark.parametrize("name", sorted(MISBEHAVIOURS.keys() - ELSEWHERE))
async def test_who_behaves_is_served_beside_one_who_does_not(
    name: str, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    accounts = (account(), account("bad", binds_max=4, window_max=50))
    finals: Counter[bytes] = Counter()
    async with (
        on_memory(tmp_path / "store", profile(receipt_s=1.0), accounts=accounts, pace=PACE) as world,
        world.esme() as good,
        trio.open_nursery() as nursery,
    ):
        bad = Misbehaving((name,), world.connect, b"bad", PASSWORD.encode())
        nursery.start_soon(bad.run)
        sent: list[bytes] = []
        for _ in range(MESSAGES):
            with trio.fail_after(LONG_S):
                sent += message_ids(await good.submit(NUMBER, "hello", source="10690"))
            await trio.sleep(0.1)
        with trio.fail_after(LONG_S):
            while len(finals) < MESSAGES:
                receipt = parse_receipt(await good.deliveries.receive())
                if receipt is not None and receipt.is_final:
                    finals[receipt.message_id] += 1
        await bad.finish()
        nursery.cancel_scope.cancel()
    assert finals == Counter(sent)
    found = bad.found[name]
    assert found.connections
    assert found.rounds
