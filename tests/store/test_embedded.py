# The embedded store against the conformance model, with what only it has: housekeeping, and crashes that cut
# its last frame at any byte. (Real kills of a real process are in tests/crash.)
import errno
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
import trio
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from smpp_router.store import segments
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.history_events import Keeping
from smpp_router.store.journal import Journal
from smpp_router.store.seam import Batch, StoreFailedError, StoreFullError
from smpp_router.store.segments import frames, mapped, read_head
from tests.store.conformance import PROFILE, Life, StoreMachine, seeds
from tests.store.stores import MEMORY, accepted, final, open_store, settled, taken

ROOT = Path(__file__).parents[2]

RETENTION_S = 100.0


def last_frame(directory: Path) -> tuple[Path, int, int]:
    """The last segment, and where its last frame starts and ends."""
    number = segments.numbers(directory)[-1]
    path = segments.log_path(directory, number)
    with mapped(directory, number) as view:
        salt = read_head(path, view, number).salt
        start, end = segments.HEAD_BYTES, segments.HEAD_BYTES
        for inside, inside_end in frames(view, salt):
            start, end = inside - 12, inside_end
    return path, start, end


class EmbeddedMachine(StoreMachine):
    """Small segments, so that they roll, retire and go while the machine looks on."""

    segment_bytes = 700

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="store-", dir=MEMORY if MEMORY.is_dir() else None))
        self.directory = self.root / "0"
        super().__init__()

    def open_store(self) -> EmbeddedStore:
        return EmbeddedStore(
            self.directory,
            commit="inline",
            segment_bytes=self.segment_bytes,
            retention_s=RETENTION_S,
            disk_free_min_bytes=0,
        )

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.root)

    @rule(count=st.integers(1, 30), seconds=st.sampled_from([0.0, 1.0, 30.0]))
    def keep_house(self, count: int, seconds: float) -> None:
        for _ in range(count):
            self.now += seconds
            self.run(self.store.maintain, self.now)

    @rule(count=st.integers(10, 40), seed=seeds, rounds=st.integers(1, 4))
    def some_days(self, count: int, seed: int, rounds: int) -> None:
        """Many messages come and go, a few stay, and there is time to keep house."""
        for number in range(rounds):
            self.pass_through(count, seed + number, 4)
            self.keep_house(6, 10.0)

    def must_be_found(self, life: Life) -> bool:
        assert life.final_at is not None
        return self.now < life.final_at + RETENTION_S

    @precondition(lambda self: self.batch)
    @rule(seed=seeds, is_filled=st.booleans())
    def crash_while_committing(self, seed: int, is_filled: bool) -> None:
        """The copy has the last frame in part: cut at any byte, its rest perhaps zeros that never came."""
        batch, steps = self.take_batch()
        self.run(self.store.commit, batch)
        self.run(self.store.aclose)
        copy = self.root / f"{int(self.directory.name) + 1}"
        shutil.copytree(self.directory, copy)
        path, start, end = last_frame(copy)
        data = path.read_bytes()
        cut = start + seed % (end - start)
        torn = data[:cut] + (bytes(end - cut) if is_filled else b"")
        path.write_bytes(torn)
        if torn == data:
            # What was cut off were zeros anyway.
            for step in steps:
                step()
        shutil.rmtree(self.directory)
        self.directory = copy
        self.store = self.open_store()
        self.check(self.store.load())


class HistoryMachine(EmbeddedMachine):
    """The same with history: what has ended is found for as long as anybody looks."""

    def open_store(self) -> EmbeddedStore:
        store = super().open_store()
        store.keep_history(Keeping(retention_s=1e12))
        return store

    def must_be_found(self, life: Life) -> bool:
        return not life.is_mobile_originated


TestEmbedded = EmbeddedMachine.TestCase
TestWithHistory = HistoryMachine.TestCase
TestWithHistory.settings = PROFILE
TestEmbedded.settings = PROFILE


# ---------------------------------------------------------------------- what the model does not reach


async def test_a_directory_is_free_again_whatever_fails_while_its_store_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    store = open_store(tmp_path)
    store.load()
    await store.commit(accepted([1]))
    with monkeypatch.context() as broken:
        broken.setattr(Journal, "close", fails)
        with pytest.raises(OSError, match="Input/output"):
            await store.aclose()
    again = open_store(tmp_path)
    assert [message.message_id for message in again.load().queued] == [1]
    await again.aclose()


async def test_two_processes_can_not_share_a_directory(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    code = (
        "from pathlib import Path; from tests.store.stores import open_store; import sys\n"
        "try: open_store(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    assert done.stdout.decode() == f"StoreBusyError {tmp_path}: used by another process\n"
    await store.aclose()
    await store.aclose()
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    assert done.stdout == b""


def test_a_directory_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailedError, match="Not a directory"):
        open_store(tmp_path / "file" / "store")


async def test_a_disk_that_is_nearly_full_takes_facts_only(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    await store.commit(accepted([1]))
    await store.aclose()
    store = open_store(tmp_path, disk_free_min_bytes=1 << 60)
    store.load()
    with pytest.raises(StoreFullError):
        await store.commit(Batch(accepted([2]).accepted, taken([1]).facts))
    await store.commit(taken([1]))
    await store.aclose()
    store = open_store(tmp_path)
    recovered = store.load()
    assert [pending.message_id for pending in recovered.awaiting] == [1]
    assert recovered.queued == []
    await store.aclose()


FULL_DISK = """
import errno, resource, sys, trio
from pathlib import Path
from smpp_router.store.seam import Batch, StoreFullError
from tests.store.stores import accepted, open_store, taken

async def main():
    store = open_store(Path(sys.argv[1]), segment_bytes=int(sys.argv[2]), commit=sys.argv[3])
    store.load()
    durable, full = [], 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 1_000_000))
    for first in range(1, 2_001, 10):
        try:
            await store.commit(accepted(range(first, first + 10)))
            durable += range(first, first + 10)
        except StoreFullError:
            full += 1
            if full == 3:
                # Room again, and all goes on where it stood.
                resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        await store.maintain(10.0)
    assert full == 3, full
    print(*durable)

trio.run(main)
"""


@pytest.mark.parametrize("commit", ["thread", "inline"])
async def test_a_full_disk_loses_nothing_that_was_committed(tmp_path: Path, commit: str) -> None:
    """The kernel refuses to let files grow beyond 20,000 bytes: a write comes back short, then EFBIG."""
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path), "1000000", commit]
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    durable = [int(number) for number in done.stdout.split()]
    assert len(durable) == 1_970
    store = open_store(tmp_path)
    assert [message.message_id for message in store.load().queued] == durable
    await store.aclose()


NO_SEGMENT = """
import resource, sys, trio
from pathlib import Path
from smpp_router.store.seam import StoreFailedError, StoreFullError
from tests.store.stores import accepted, open_store

async def main():
    store = open_store(Path(sys.argv[1]) / "a", segment_bytes=10)
    store.load()
    await store.commit(accepted([1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, 1_000_000))
    for _ in range(2):
        try:
            await store.commit(accepted([2]))
        except StoreFullError:
            print("full")
        await store.maintain(10.0)
    try:
        open_store(Path(sys.argv[1]) / "b").load()
    except StoreFailedError:
        print("failed")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    await store.commit(accepted([3]))
    for _ in range(4):
        await store.maintain(10.0)
    await store.aclose()

trio.run(main)
"""


async def test_without_room_for_a_segment_or_an_index_the_store_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_SEGMENT, str(tmp_path)]
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    assert done.stdout.split() == [b"full", b"full", b"failed"]
    store = open_store(tmp_path / "a")
    assert [message.message_id for message in store.load().queued] == [1, 3]
    await store.aclose()


NO_ROOM_TO_CARRY = """
import resource, sys, trio
from pathlib import Path
from smpp_router.store.seam import Batch
from tests.store.stores import final, message_of, open_store

async def main():
    store = open_store(Path(sys.argv[1]), segment_bytes=2_000)
    store.load()
    for first in range(1, 401, 40):
        ids = range(first, first + 40)
        await store.commit(Batch([message_of(i, bytes(0 if i % 20 else 3_000)) for i in ids]))
        await store.commit(final([i for i in ids if i % 20], b""))
    # Enough for an index and a manifest, not for the messages that stay.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 1_000_000))
    for _ in range(30):
        await store.maintain(10.0)
    assert (Path(sys.argv[1]) / "0000000003.idx").exists()
    assert store.statistics()["carried"] == 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    for _ in range(30):
        await store.maintain(10.0)
    print(int(store.statistics()["carried"]))

trio.run(main)
"""


async def test_what_could_not_be_carried_for_want_of_room_is_carried_later(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_ROOM_TO_CARRY, str(tmp_path)]
    done = await trio.run_process(command, capture_stdout=True, cwd=ROOT)
    assert int(done.stdout) >= 16
    store = open_store(tmp_path)
    assert [message.message_id for message in store.load().queued] == list(range(20, 401, 20))
    await store.aclose()


async def test_a_store_that_has_failed_stays_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    await store.aclose()
    with pytest.raises(StoreFailedError, match="Bad file descriptor"):
        await store.commit(accepted([1]))
    with pytest.raises(StoreFailedError, match="failed before"):
        await store.commit(accepted([1]))


async def test_housekeeping_that_can_not_write_fails_the_store(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    await store.commit(accepted([1]))
    await store.commit(accepted([2]))
    (tmp_path / "0000000001.new").mkdir()
    with pytest.raises(StoreFailedError, match="Is a directory"):
        await store.maintain(10.0)
    await store.aclose()


async def test_a_store_closes_where_all_else_is_cancelled(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    with trio.CancelScope() as scope:
        scope.cancel()
        await store.aclose()
    await open_store(tmp_path).aclose()


async def test_segments_that_the_manifest_does_not_know_go_after_their_time(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    for batch in (accepted([1]), final([1], b""), accepted([2])):
        await store.commit(batch)
    for _ in range(3):
        await store.maintain(10.0)
    await store.aclose()
    (tmp_path / "manifest").write_text('{"replay_from": 2, "retired": {}}', "ascii")
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    for now, is_there in ((500.0, True), (599.0, True), (600.0, False)):
        await store.maintain(now)
        assert (tmp_path / "0000000001.log").exists() == is_there
    await store.aclose()


@pytest.mark.parametrize("commit", ["thread", "inline"])
async def test_everything_goes_on_at_once(tmp_path: Path, commit: str) -> None:
    """Commits, reads, queries and housekeeping side by side; nothing is lost and nothing comes back."""
    store = open_store(tmp_path, commit=commit, segment_bytes=3_000, retention_s=1e9)
    store.load()
    handles: dict[int, int] = {}
    ended: list[int] = []
    is_done = False

    async def commits() -> None:
        nonlocal is_done
        for first in range(1, 3_001, 10):
            batch = accepted(range(first, first + 10))
            ids = range(first - 30, first - 20) if first > 30 else range(0)
            # Every tenth stays.
            going = [i for i in ids if i % 10]
            batch.facts += taken(ids).facts + final(going).facts + settled(going).facts
            await store.commit(batch)
            handles.update({m.message_id: m.handle for m in batch.accepted})
            ended.extend(going)
            for message_id in going:
                handles.pop(message_id, None)
        is_done = True

    async def housekeeping() -> None:
        while not is_done:
            await store.maintain(10.0)

    async def reads() -> None:
        while not is_done:
            wanted = list(handles)[:50]
            found = await store.bodies([handles[i] for i in wanted])
            assert found == [b"body %d" % i for i in wanted]

    async def queries() -> None:
        while not is_done:
            wanted = ended[:: 1 + len(ended) // 40]
            for message_id, finished in zip(wanted, await store.finished(wanted), strict=True):
                assert finished is not None
                assert finished.message_id == message_id

    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            for task in (commits, housekeeping, reads, queries):
                nursery.start_soon(task)
    statistics = store.statistics()
    assert statistics["carried"] > 0
    assert statistics["live"] == len(handles)
    await store.aclose()
    store = open_store(tmp_path)
    recovered = store.load()
    live = [m.message_id for m in recovered.queued] + [p.message_id for p in recovered.awaiting]
    assert sorted(live) == sorted(handles)
    await store.aclose()
