# A restart with many messages: the same as benchmarks/store.py measures, checked message by message.
from pathlib import Path

import pytest

from benchmarks.store import MIXES, batches_of, messages_of
from tests.store.stores import open_store


@pytest.mark.parametrize("mix", MIXES)
async def test_fifty_thousand_messages_are_all_there_after_a_restart(tmp_path: Path, mix: str) -> None:
    """What `python -m benchmarks.store` measures with a million, in segments that roll and retire."""
    count = 50_000
    store = open_store(tmp_path, segment_bytes=4 << 20, retention_s=1e9)
    store.load()
    seen = 0
    for batch in batches_of(mix, count, 500):
        await store.commit(batch)
        seen += len(batch.accepted)
        if seen % 5_000 == 0:
            await store.maintain(10.0)
    await store.aclose()
    assert seen == count
    store = open_store(tmp_path, segment_bytes=4 << 20, retention_s=1e9)
    recovered = store.load()
    expected = messages_of(0, count)
    assert recovered.owed == recovered.orphans == []
    assert recovered.message_id_last == expected[-1].message_id
    queued = [(m.message_id, m.account, m.addresses, m.expires_at) for m in recovered.queued]
    awaiting = [(p.message_id, p.account, p.addresses, p.expires_at) for p in recovered.awaiting]
    everything = [(m.message_id, m.account, m.addresses, m.expires_at) for m in expected]
    assert queued == (everything if mix == "queued" else [])
    assert awaiting == (everything if mix == "awaiting" else [])
    bodies = await store.bodies([m.handle for m in recovered.queued])
    assert bodies == [m.body for m in expected][: len(queued)]
    found = await store.finished([m.message_id for m in expected[::5_000]])
    assert [f is not None for f in found] == [mix == "finished"] * 10
    await store.aclose()
