# Opening a directory: which segments there are, whether they fit together, and what they come to.
"""Load a store's directory."""

import contextlib
from pathlib import Path

import attrs

from smpp_router import collector
from smpp_router.store import index, manifest, records
from smpp_router.store.catalog import Catalog, enter
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.fold import Fold
from smpp_router.store.index import INDEX_SUFFIX, Columns, index_path, read_bounds
from smpp_router.store.manifest import Manifest
from smpp_router.store.seam import Recovered, StoreFailedError
from smpp_router.store.segments import (
    HEAD_BYTES,
    Head,
    forget_pages,
    frames,
    is_torn,
    log_path,
    mapped,
    numbers,
    read_head,
)


@attrs.define(eq=False)
class Opened:
    """A directory as it was found. `head` is that of the last segment, None if there is none yet."""

    manifest: Manifest
    catalog: Catalog
    recovered: Recovered
    live: set[int]
    orphans: dict[bytes, tuple[int, float, int]]
    head: Head | None


def open_directory(directory: Path, disk: Disk = DISK) -> Opened:
    """Read the manifest and every segment that is to be replayed. Raises StoreFailedError."""
    try:
        # A collection now and then among a million new objects would double the time, and free nothing.
        with collector.paused():
            return _open(directory, disk)
    except OSError as error:
        raise StoreFailedError(f"{directory}: {error.strerror}") from error


def _open(directory: Path, disk: Disk) -> Opened:
    found = manifest.read(directory)
    present = numbers(directory)
    if present and _is_unborn(directory, present[-1]):
        disk.unlink(log_path(directory, present.pop()))
        disk.sync_directory(directory)
    _remove_left_over(directory, present, disk)
    if present or found.replay_from > 1:
        for wanted in range(found.replay_from, max([found.replay_from, *present]) + 1):
            if wanted not in present:
                raise StoreFailedError(f"{log_path(directory, wanted)}: missing")
    catalog = Catalog(directory)
    for number in present:
        if number < found.replay_from:
            _enter_retired(catalog, number, disk)
    replayed = [number for number in present if number >= found.replay_from]
    fold = Fold()
    head = None
    with contextlib.ExitStack() as stack:
        for number in replayed:
            view = stack.enter_context(mapped(directory, number))
            head = _replay(catalog, fold, number, view, head, is_last=number == replayed[-1])
            forget_pages(view)
        recovered = fold.result()
    return Opened(found, catalog, recovered, fold.live, fold.orphans, head)


def _remove_left_over(directory: Path, present: list[int], disk: Disk) -> None:
    """Remove what a crash left: files half written, and indexes of segments that are gone."""
    for path in directory.glob("*.new"):
        disk.unlink(path)
    for path in directory.glob(f"[0-9]*{INDEX_SUFFIX}"):
        if int(path.stem) not in present:
            disk.unlink(path)


def _enter_retired(catalog: Catalog, number: int, disk: Disk) -> None:
    """Enter a segment that is not replayed, making its index again if it has no whole one."""
    directory = catalog.directory
    catalog.sizes[number] = log_path(directory, number).stat().st_size
    bounds = read_bounds(directory, number)
    if bounds is not None:
        catalog.bounds[number] = bounds
        return
    columns = _columns_of(directory, number)
    try:
        catalog.bounds[number] = index.write(directory, number, columns, disk)
    except OSError:
        # Housekeeping will try again, and tell if it can't.
        catalog.columns[number] = columns


def _columns_of(directory: Path, number: int) -> Columns:
    columns = Columns()
    path = log_path(directory, number)
    with mapped(directory, number) as view:
        end = HEAD_BYTES
        for start, end in frames(view, read_head(path, view, number).salt):
            enter(columns, view, start, end, start)
        if end != len(view):
            raise StoreFailedError(f"{path}: damaged at offset {end}: not a whole frame")
    return columns


def _is_unborn(directory: Path, number: int) -> bool:
    """Whether a segment's creation was cut short: without a whole head, nothing was written to it."""
    with mapped(directory, number) as view:
        if len(view) > HEAD_BYTES:
            return False
        try:
            read_head(log_path(directory, number), view, number)
        except StoreFailedError:
            return True
        return False


def _replay(
    catalog: Catalog, fold: Fold, number: int, view: memoryview, previous: Head | None, *, is_last: bool
) -> Head:
    path = log_path(catalog.directory, number)
    head = read_head(path, view, number)
    if previous is not None and head.previous_bytes != catalog.sizes[previous.number]:
        size = catalog.sizes[previous.number]
        path = log_path(catalog.directory, previous.number)
        raise StoreFailedError(f"{path}: damaged at offset {size}: it had {head.previous_bytes} bytes")
    fold.message_id_last = max(fold.message_id_last, head.message_id_last)
    # The segment that grows has no index file; a left-over one would not know its last frames.
    bounds = None if is_last else read_bounds(catalog.directory, number)
    columns = Columns()
    size = HEAD_BYTES
    for start, end in frames(view, head.salt):
        for section in records.sections(view, start, end):
            fold.add(number, view, section)
        if bounds is None:
            enter(columns, view, start, end, start)
        size = end
    if size != len(view) and not (is_last and is_torn(view, head.salt, size)):
        raise StoreFailedError(f"{path}: damaged at offset {size}: not a whole frame")
    catalog.sizes[number] = size
    if bounds is None:
        catalog.columns[number] = columns
    else:
        catalog.bounds[number] = bounds
    return head


def prepare(directory: Path, disk: Disk = DISK) -> None:
    """Make the directory and those above it, durably, if they are missing. Raises OSError."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    for path in missing:
        disk.sync_directory(path.parent)


def remove_segment(directory: Path, number: int, disk: Disk = DISK) -> None:
    """Delete a segment and its index. Raises OSError, but not if they are gone already."""
    for path in (log_path(directory, number), index_path(directory, number)):
        with contextlib.suppress(FileNotFoundError):
            disk.unlink(path)
