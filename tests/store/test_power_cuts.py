"""The embedded store when the power is cut at any change to its disk, housekeeping included."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.world.power import FailingDisk, PowerCutError
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.seam import Batch
from tests.store.conformance import PROFILE, run
from tests.store.histories import KEEPING
from tests.store.stores import MEMORY, NOW, accepted, final, open_store, settled, taken

SEGMENT_BYTES = 700
STAYS_EVERY = 40
NOTHING, QUEUED, AWAITING, OWED, GONE = range(5)
STEPS: tuple[Callable[[list[int]], Batch], ...] = (accepted, taken, final, settled)
"""What takes a message from each state to the next."""


def states_of(store: EmbeddedStore) -> dict[int, int]:
    recovered = store.load()
    return {
        **{message.message_id: QUEUED for message in recovered.queued},
        **{pending.message_id: AWAITING for pending in recovered.awaiting},
        **{delivery.message_id: OWED for delivery in recovered.owed},
    }


class Life:
    """Messages that come and go in a store; `durable` is what it has promised, `tried` what it was told."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.durable: dict[int, int] = {}
        self.tried: dict[int, int] = {}
        self.now = NOW

    async def go_on(self, store: EmbeddedStore, steps: int) -> None:
        """Do some steps, of which each is a commit or a piece of housekeeping."""
        for _ in range(steps):
            if self.rng.random() < 0.3:
                self.now += 30.0
                await store.maintain(self.now)
            else:
                await self._commit(store)

    async def _commit(self, store: EmbeddedStore) -> None:
        state = self.rng.randrange(len(STEPS))
        if state == NOTHING:
            first = len(self.tried) + 1
            ids = list(range(first, first + self.rng.randint(1, 6)))
        else:
            # Some stay, and have to be carried out of segments that everything else has left.
            ids = [i for i, at in self.durable.items() if at == state and i % STAYS_EVERY][:6]
        if not ids:
            return
        self.tried = self.durable | dict.fromkeys(ids, state + 1)
        await store.commit(STEPS[state](ids))
        self.durable = self.tried


@settings(PROFILE, max_examples=150)
@given(seed=st.integers(0, 1 << 30), cuts=st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_what_was_promised_is_there_after_any_cut_of_the_power(seed: int, cuts: list[int]) -> None:
    life = Life(seed)
    with tempfile.TemporaryDirectory(prefix="store-", dir=MEMORY if MEMORY.is_dir() else None) as root:
        for cut in cuts:
            disk = FailingDisk(life.rng)
            disk.cut_after(cut)
            run(lambda disk=disk: until_the_cut(Path(root), life, disk))
        store = open_store(Path(root), segment_bytes=SEGMENT_BYTES)
        store.keep_history(KEEPING)
        check(life, states_of(store))
        ended = [message_id for message_id, state in life.durable.items() if state == GONE]
        found = run(lambda: store.finished(ended))
        assert [one for one in found if one is None] == [], "what has ended can be asked for"
        run(store.aclose)


async def until_the_cut(path: Path, life: Life, disk: FailingDisk) -> None:
    store = None
    try:
        store = open_store(path, segment_bytes=SEGMENT_BYTES, housekeeping="inline", disk=disk)
        store.keep_history(KEEPING)
        check(life, states_of(store))
        await life.go_on(store, 300)
    except PowerCutError:
        assert disk.is_dead
    finally:
        if store is not None:
            await store.aclose()


def check(life: Life, found: dict[int, int]) -> None:
    """Hold what was found to what was promised; a commit that was cut short may be there or not."""
    for message_id in life.tried:
        state = found.get(message_id, NOTHING)
        allowed = {life.durable.get(message_id, NOTHING), life.tried[message_id]}
        assert state in allowed or (state == NOTHING and GONE in allowed), message_id
        life.durable[message_id] = GONE if state == NOTHING and GONE in allowed else state
    assert found.keys() <= life.tried.keys()
    life.durable = {message_id: state for message_id, state in life.durable.items() if state != NOTHING}
    life.tried = dict(life.durable)
