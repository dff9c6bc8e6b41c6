# The embedded store: one directory, one process, no library.
#
#   directory/
#     lock             held by the process that uses it
#     manifest         from which segment on to replay
#     history/         what happened to every message, for months (history.py)
#     consents.log     opt-outs and renewed consent, for good (consents.py)
#     reviews.log      what people decided about held messages, for good (reviews.py)
#     0000000007.log   segments: everything that was committed, in order (segments.py, records.py)
#     0000000007.idx   where the messages of a closed segment are, for query_sm (index.py)
#
# A commit is one frame at the end of the last segment: encoded on the event loop, then written and synced in
# one call. In memory the store keeps one set of ids, those of the messages in flight, at 33 to 67 bytes each.
#
# Housekeeping retires segments from the oldest on: when nothing that stands in one is live, or after the few
# that are have been carried forward (survivors.py). Retired segments answer query_sm until they are too old.
# Rule 1: whoever appends holds runner.turn from before it encodes until what it wrote is in `live`.
# Rule 2: a handle is good as long as its message has not ended: `_moved` leads from where it was.
"""The store in a directory."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeVar

from smpp_router.message.message import Finished
from smpp_router.store import index, opening, records
from smpp_router.store.catalog import Catalog, enter
from smpp_router.store.consents import ConsentLog
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.history import History
from smpp_router.store.history_events import Keeping
from smpp_router.store.history_rows import delay_of, finished_of
from smpp_router.store.index import Columns
from smpp_router.store.journal import NO_ROOM, Journal
from smpp_router.store.lock import lock
from smpp_router.store.manifest import Manifest
from smpp_router.store.records import FRAME, Frame
from smpp_router.store.reviews import ReviewLog
from smpp_router.store.runner import Runner
from smpp_router.store.seam import (
    ADOPTED,
    FINAL,
    ORPHANED,
    OWED,
    SETTLED,
    Batch,
    Recovered,
    StoreFailedError,
    StoreFullError,
)
from smpp_router.store.survivors import Piece, Survivors, straightened, survey

CARRY_SHARE: Final = 8
"""Live messages are carried out of a segment of which less than one in so many is live, so that carrying
costs at most an eighth of writing; and out of any, once all of the replay is that thinly settled."""

LIVE_BYTES: Final = 512
"""What a live message is taken to need in the journal, to judge how thinly the replay is settled."""

PIECES_MAX: Final = 16
"""Pieces carried by one maintain(), commits coming between them: with one a second that is 4 MB/s, more than
an eighth of what a router writes at full load. With less, housekeeping would fall behind for good."""

REMOVED_MAX: Final = 4
"""Segments deleted by one maintain(): deleting a file of 64 MiB takes milliseconds."""

HISTORY_SLICES_MAX: Final = 32
"""Slices of work on history by one maintain(): one a second brings 10 MB/s of the journal into it."""

_OF_ORPHANS: Final = frozenset({ORPHANED, ADOPTED})

T = TypeVar("T")
R = TypeVar("R")


class EmbeddedStore:
    """A Store in a directory. See seam.py for what it promises."""

    def __init__(
        self,
        path: Path,
        *,
        commit: Literal["thread", "inline"] = "thread",
        segment_bytes: int,
        retention_s: float,
        disk_free_min_bytes: int,
        housekeeping: Literal["thread", "inline"] = "thread",
        disk: Disk = DISK,
    ) -> None:
        """Take the directory, making it if it is missing. Raises StoreFailedError.

        Housekeeping is done inline where time is virtual and does not wait for threads.
        """
        self._disk = disk
        self._path = path
        self._retention_s = retention_s
        self._segment_bytes = segment_bytes
        self._runner = Runner(is_threaded=commit == "thread", is_aside_threaded=housekeeping == "thread")
        self._journal = Journal(path, segment_bytes, disk_free_min_bytes, disk)
        self._consents = ConsentLog(path, disk)
        self._reviews = ReviewLog(path, disk)
        self._catalog = Catalog(path)
        self._manifest = Manifest()
        self._live: set[int] = set()
        self._orphans: dict[bytes, tuple[int, float, int]] = {}
        self._moved: dict[int, int] = {}
        self._survivors: Survivors | None = None
        self._message_id_last = 0
        self._readers = 0
        self._commits = 0
        self._carried = 0
        self._is_loaded = False
        self._lock_fd = lock(path, disk)
        self._history: History | None = None
        self._keeping: Keeping | None = None

    # ------------------------------------------------------------------ the start

    def keep_history(self, keeping: Keeping) -> None:
        """Keep what happens to messages for as long as that says; to be called before load()."""
        assert not self._is_loaded, "history begins before the journal is loaded"
        self._keeping = keeping

    def load(self) -> Recovered:
        """See Store. Raises StoreFailedError."""
        assert not self._is_loaded, "load() is called once"
        opened = opening.open_directory(self._path, self._disk)
        self._manifest, self._catalog = opened.manifest, opened.catalog
        self._live, self._orphans = opened.live, opened.orphans
        self._message_id_last = opened.recovered.message_id_last
        if opened.head is not None:
            self._journal.resume(opened.head, self._catalog.sizes[opened.head.number])
        else:
            try:
                self._journal.roll(0)
            except StoreFullError as error:
                raise StoreFailedError(str(error)) from error
            self._segment_begun()
        opened.recovered.consents += self._consents.load()
        opened.recovered.reviews += self._reviews.load()
        if self._keeping is not None:
            self._history = History(self._path, self._keeping, self._disk)
        self._is_loaded = True
        return opened.recovered

    def _segment_begun(self) -> None:
        journal = self._journal
        self._catalog.sizes[journal.number] = journal.size
        self._catalog.columns[journal.number] = Columns()

    # ------------------------------------------------------------------ commits

    async def commit(self, batch: Batch) -> None:
        """See Store. Raises StoreFullError, StoreFailedError."""
        assert self._is_loaded, "load() comes first"
        async with self._runner.turn:
            self._journal.check()
            if batch.accepted and self._journal.is_short_of_room(self._runner.now()):
                raise StoreFullError(f"{self._path}: less than the configured free space is left")
            if batch.consents:
                await self._runner.run(self._consents.append, batch.consents)
            if batch.reviews:
                await self._runner.run(self._reviews.append, batch.reviews)
            if batch.accepted or batch.facts or batch.notes:
                await self._append(batch)
            self._commits += 1

    async def _append(self, batch: Batch) -> tuple[Frame, int]:
        """Write a batch; return its frame and the handle of where that begins. The caller holds the turn."""
        journal = self._journal
        if journal.is_due:
            await self._runner.run(journal.roll, self._message_id_last)
            self._segment_begun()
        frame = records.encode(batch, journal.salt)
        start = journal.size
        await self._runner.run(journal.append, frame.data)
        base = (journal.number << OFFSET_BITS) + start
        for message, offset in zip(batch.accepted, frame.body_offsets, strict=False):
            message.handle = base + offset
        self._apply(batch, frame)
        self._catalog.sizes[journal.number] = journal.size
        view = memoryview(frame.data)
        enter(self._catalog.columns[journal.number], view, FRAME.size, len(view), start + FRAME.size)
        return frame, base

    def _apply(self, batch: Batch, frame: Frame) -> None:
        live = self._live
        facts = frame.facts
        if frame.ids:
            live.update(frame.ids)
            self._saw(frame.ids)
        if OWED in facts:
            ids = [fact[1] for fact in facts[OWED]]
            live.update(ids)
            self._saw(ids)
        if FINAL in facts:
            live.difference_update([fact[1] for fact in facts[FINAL] if not fact[4]])
        if SETTLED in facts:
            live.difference_update([fact[1] for fact in facts[SETTLED]])
        if not _OF_ORPHANS.isdisjoint(facts):
            for kind, _, at, code, detail in batch.facts:
                if kind == ORPHANED:
                    self._orphans[detail] = (code, at, self._journal.number)
                elif kind == ADOPTED:
                    self._orphans.pop(detail, None)

    def _saw(self, ids: list[int]) -> None:
        highest = max(ids)
        self._message_id_last = max(self._message_id_last, highest)

    # ------------------------------------------------------------------ reading

    async def bodies(self, handles: Sequence[int]) -> list[bytes]:
        """See Store. Raises StoreFailedError."""
        if self._moved:
            handles = [self._now_at(handle) for handle in handles]
        return await self._read(self._catalog.bodies, handles)

    def _now_at(self, handle: int) -> int:
        while handle in self._moved:
            handle = self._moved[handle]
        return handle

    async def finished(self, message_ids: Sequence[int]) -> list[Finished | None]:
        """See Store. Raises StoreFailedError."""
        found = await self._read(self._catalog.snapshot().finished, message_ids)
        history = self._history
        missing = [i for i, one in zip(message_ids, found, strict=True) if one is None]
        if history is None or not missing:
            return found
        rows = await self._read(partial(_in_history, history, self._catalog.snapshot()), missing)
        told = dict(zip(missing, rows, strict=True))
        return [told.get(i) if one is None else one for i, one in zip(message_ids, found, strict=True)]

    async def _read(self, function: Callable[[Sequence[T]], list[R]], wanted: Sequence[T]) -> list[R]:
        # Segments are not deleted under a reader.
        self._readers += 1
        try:
            return await self._runner.run(function, wanted)
        finally:
            self._readers -= 1

    # ------------------------------------------------------------------ housekeeping

    async def maintain(self, now: float) -> None:
        """See Store. Raises StoreFailedError."""
        async with self._runner.housekeeping:
            try:
                await self._write_index()
                await self._keep_history(now)
                await self._remove_old(now)
                await self._retire(now)
            except StoreFullError:
                # What was not done is done another time; nothing hangs on it.
                return
            except OSError as error:
                if error.errno not in NO_ROOM:
                    raise StoreFailedError(f"{self._path}: {error.strerror}") from error

    async def _write_index(self) -> None:
        """Put the index of the oldest closed segment that has none into a file."""
        catalog = self._catalog
        number = min(catalog.columns)
        if number != self._journal.number:
            columns = catalog.columns[number]
            catalog.bounds[number] = await self._runner.run_aside(
                index.write, self._path, number, columns, self._disk
            )
            del catalog.columns[number]

    async def _keep_history(self, now: float) -> None:
        """Bring what has been closed into history, some slices of it."""
        history = self._history
        if history is None:
            return
        closed = sorted(self._catalog.bounds)
        await self._runner.run_aside(history.follow, dict(self._catalog.sizes), self._journal.number)
        for _ in range(HISTORY_SLICES_MAX):
            if not await self._runner.run_aside(history.step, closed, now):
                return

    async def _remove_old(self, now: float) -> None:
        retired = self._manifest.retired
        known = [number for number in self._catalog.sizes if number < self._manifest.replay_from]
        for number in known:
            # One that the manifest does not know was to be deleted, or came from a copy: its time begins now.
            retired.setdefault(number, now)
        old = [number for number in sorted(known) if retired[number] + self._retention_s <= now]
        if self._history is not None:
            old = [number for number in old if number <= self._history.compacted_to]
        for number in old[:REMOVED_MAX]:
            if self._readers:
                return
            self._catalog.forget(number)
            await self._runner.run_aside(opening.remove_segment, self._path, number, self._disk)
            retired.pop(number, None)

    async def _retire(self, now: float) -> None:
        """Do some steps towards taking the oldest segment out of the replay."""
        number = self._manifest.replay_from
        if number not in self._catalog.bounds:
            return
        survivors = self._survivors
        if survivors is None:
            survivors = await self._runner.run_aside(survey, self._path, number, self._live)
            self._survivors = survivors
        await self._runner.run_aside(survivors.refresh, self._live)
        if survivors.ids:
            if not self._is_worth_carrying(survivors):
                return
            for _ in range(PIECES_MAX):
                if survivors.is_read:
                    break
                piece = await self._runner.run_aside(survivors.read)
                await self._carry(piece)
                survivors.passed(piece)
            if not survivors.is_read:
                return
        await self._carry_orphans(number)
        await self._leave_replay(number, now)

    def _is_worth_carrying(self, survivors: Survivors) -> bool:
        if survivors.is_begun or len(survivors.ids) * CARRY_SHARE <= survivors.accepted:
            return True
        replayed = sum(size for n, size in self._catalog.sizes.items() if n >= survivors.number)
        return replayed > CARRY_SHARE * (len(self._live) * LIVE_BYTES + self._segment_bytes)

    async def _carry(self, piece: Piece) -> None:
        """Write a piece of the oldest segment at the end of the journal."""
        async with self._runner.turn:
            batch = piece.sift(self._live)
            if batch:
                frame, base = await self._append(batch)
                self._moved.update(piece.moves(frame, base))
                self._carried += len(batch.accepted)

    async def _carry_orphans(self, number: int) -> None:
        """Write the parked receipts of a segment again."""
        async with self._runner.turn:
            facts = [
                (ORPHANED, 0, at, code, detail)
                for detail, (code, at, where) in self._orphans.items()
                if where <= number
            ]
            if facts:
                await self._append(Batch([], facts))

    async def _leave_replay(self, number: int, now: float) -> None:
        """Let the oldest segment retire: nothing that stands in it is live."""
        retired = {**self._manifest.retired, number: now}
        # One that was deleted shortly before a crash may still stand in the manifest that was read.
        there = {known: at for known, at in retired.items() if known in self._catalog.sizes}
        manifest = Manifest(number + 1, there)
        await self._runner.run_aside(manifest.write, self._path, self._disk)
        self._manifest = manifest
        self._survivors = None
        if self._moved:
            self._moved = await self._runner.run_aside(straightened, self._moved, number)

    # ------------------------------------------------------------------ the rest

    def statistics(self) -> dict[str, float]:
        """See Store."""
        sizes = self._catalog.sizes
        replay_from = self._manifest.replay_from
        return {
            "bytes": sum(sizes.values()),
            "replay_bytes": sum(size for number, size in sizes.items() if number >= replay_from),
            "segments": len(sizes),
            "replay_segments": sum(number >= replay_from for number in sizes),
            "commits": self._commits,
            "carried": self._carried,
            "live": len(self._live),
            "orphans": len(self._orphans),
            **(self._history.statistics() if self._history is not None else {}),
        }

    async def aclose(self) -> None:
        """See Store. Waits for nothing, so that it also works where all else is cancelled.

        The directory is free for the next store even if something can't be closed.
        """
        with ExitStack() as closing:
            closing.callback(self._unlock)
            closing.callback(self._reviews.close)
            closing.callback(self._consents.close)
            if self._history is not None:
                closing.callback(self._history.close)
            closing.callback(self._journal.close)

    def _unlock(self) -> None:
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1


def _in_history(history: History, catalog: Catalog, message_ids: Sequence[int]) -> list[Finished | None]:
    # What a message is may be in history only while its end, which came later, is still in the journal only.
    finals = catalog.finals(message_ids).items()
    ends = {i: [(FINAL, delay_of(i, at), code, b"")] for i, (at, code) in finals}
    return [finished_of(i, history.find(i) + ends.get(i, [])) for i in message_ids]
