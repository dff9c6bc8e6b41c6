# The embedded store against the conformance model, with what only it has: housekeeping, and crashes that cut
# its last frame at any byte. (Real kills of a real process are in tests/crash.)
import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from smpp_router.store import segments
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.segments import frames, mapped, read_head
from tests.store.conformance import PROFILE, Life, StoreMachine, seeds

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
        self.root = Path(tempfile.mkdtemp(prefix="store-"))
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


TestEmbedded = EmbeddedMachine.TestCase
TestEmbedded.settings = PROFILE
