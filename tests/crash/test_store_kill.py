# kill -9 at any instant: every batch whose commit returned is there, in whole, and at most one more.
import random
import subprocess
import sys
from pathlib import Path

import trio

from smpp_router.message.message import Delivery
from smpp_router.store.seam import Recovered
from tests.crash.store_child import PER_BATCH, STAYS, ids_of, leaves, open_here
from tests.store.stores import NOW

ROOT = Path(__file__).parents[2]
RUNS = 8


def kill_after(path: Path, commit: str, batches: int) -> int:
    """Let a child commit, kill it when it has told of so many batches; return the last it told of."""
    command = [sys.executable, "-m", "tests.crash.store_child", str(path), commit]
    told = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = int(line)
            batches -= 1
            if batches == 0:
                child.kill()
            # What was told before the kill is read to the end: it is all durable.
    assert child.returncode == -9
    return told


def check(recovered: Recovered, last: int) -> None:
    """Count again what batches 1 to `last` come to."""
    assert [message.message_id for message in recovered.queued] == list(ids_of(last))
    taken = set(range(STAYS, (last - 1) * PER_BATCH + 1, STAYS)) | set(leaves(last - 1))
    assert [pending.message_id for pending in recovered.awaiting] == sorted(taken)
    assert recovered.owed == [Delivery(i, "alpha", b"receipt %d" % i, NOW) for i in leaves(last - 2)]
    for pending in recovered.awaiting:
        assert pending.carrier_message_id == b"%x" % pending.message_id


async def test_a_killed_store_has_all_that_it_promised(tmp_path: Path) -> None:
    rng = random.Random(20)
    last = 0
    for run in range(RUNS):
        commit = ("thread", "inline")[run % 2]
        told = await trio.to_thread.run_sync(kill_after, tmp_path, commit, rng.randint(5, 120))
        assert told > last
        store = open_here(tmp_path, commit)
        recovered = store.load()
        last = recovered.message_id_last // PER_BATCH
        assert last in {told, told + 1}, "a batch is durable when its commit returns, and at most one more"
        check(recovered, last)
        found = await store.bodies([message.handle for message in recovered.queued])
        assert found == [b"body %d" % message_id for message_id in ids_of(last)]
        assert (await store.finished([leaves(last - 2)[0]]))[0] is not None
        await store.aclose()
    assert (tmp_path / "manifest").exists(), "segments were retired under way"
    assert not (tmp_path / "0000000001.log").exists(), "and deleted"
