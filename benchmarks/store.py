# What the embedded store costs: commits of accepted messages and of facts, and the load that a restart waits
# for. Loads run in processes of their own, so that each one's memory is its own.
#
# CPU is given twice: of the thread that runs the event loop, which is what the router has least of, and of
# the whole process. The rates include the disk, and say as much about that.
"""Commit rates, CPU per record, load times: python -m benchmarks.store --messages 1000000 [--json]."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
import trio

from smpp_router.message.message import Message
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.records import encode
from smpp_router.store.seam import FINAL, SETTLED, TAKEN, Batch, Fact

FIRST_ID: Final = 1_790_000_000_000 << 21
NOW: Final = 1_790_000_000.0
BODY_BYTES: Final = 250
RECEIPT: Final = (
    b"id:0123456789 sub:001 dlvrd:001 submit date:2607011200 done date:2607011201 stat:DELIVRD " * 2
)
MIXES: Final = ("queued", "awaiting", "finished")
CARRIERS: Final = ("mobile-a", "mobile-b", "aggregator")
ACCOUNTS: Final = tuple(f"customer-{number}" for number in range(20))


@attrs.frozen
class Commits:
    """What committing records of one kind in batches of one size came to."""

    kind: str
    batch: int
    records_per_s: float
    encode_us: float
    loop_cpu_us: float
    process_cpu_us: float
    commit_p50_ms: float
    commit_p99_ms: float


@attrs.frozen
class Load:
    """What loading one mix came to; megabytes are resident ones of the process."""

    mix: str
    messages: int
    seconds: float
    before_mb: float
    after_mb: float
    peak_mb: float
    disk_mb: float


def open_store(path: Path, mode: str = "thread") -> EmbeddedStore:
    """Open a store as a router would."""
    return EmbeddedStore(
        path,
        commit="inline" if mode == "inline" else "thread",
        segment_bytes=64 << 20,
        retention_s=7 * 86_400.0,
        disk_free_min_bytes=0,
    )


def messages_of(first: int, count: int) -> list[Message]:
    """Messages as admission makes them."""
    made: list[Message] = []
    for number in range(first, first + count):
        destination = b"\x01\x01%d\x00" % (8_613_800_000_000 + number)
        addresses = b"\x05\x00Company\x00" + destination
        body = b"\x00" + addresses + b"\x00" * 8
        message_id = FIRST_ID + number * 7
        made.append(
            Message(
                message_id,
                message_id,
                ACCOUNTS[number % len(ACCOUNTS)],
                "otp" if number % 4 else "bulk",
                body + bytes(BODY_BYTES - len(body)),
                addresses,
                1,
                NOW + 86_400.0 + number // 100,
            )
        )
    return made


def facts_of(kind: int, messages: Sequence[Message]) -> list[Fact]:
    """The next fact in the lives of messages."""
    if kind == TAKEN:
        return [
            (
                TAKEN,
                m.message_id,
                NOW,
                0,
                b"%s\x00%016x" % (CARRIERS[m.message_id % 3].encode(), m.message_id),
            )
            for m in messages
        ]
    if kind == FINAL:
        return [(FINAL, m.message_id, NOW, 2, RECEIPT) for m in messages]
    return [(SETTLED, m.message_id, NOW, 0, b"") for m in messages]


def batches_of(mix: str, count: int, size: int) -> Iterator[Batch]:
    """Commits of `size` new messages, and of what has become of those before."""
    stages = {"queued": (), "awaiting": (TAKEN,), "finished": (TAKEN, FINAL, SETTLED)}[mix]
    past: list[list[Message]] = []
    for first in range(0, count + size * len(stages), size):
        new = messages_of(first, min(size, count - first)) if first < count else []
        past.insert(0, new)
        del past[len(stages) + 1 :]
        facts: list[Fact] = []
        for kind, messages in zip(stages, past[1:], strict=False):
            facts += facts_of(kind, messages)
        yield Batch(new, facts)


async def measure_commits(path: Path, kind: str, size: int, records: int, mode: str) -> Commits:
    """Commit records of one kind."""
    store = open_store(path, mode)
    store.load()
    made = messages_of(0, records)
    batches: list[Batch] = []
    for first in range(0, records, size):
        chunk = made[first : first + size]
        if kind == "accepted":
            batches.append(Batch(chunk))
        else:
            batches.append(
                Batch([], facts_of({"taken": TAKEN, "final": FINAL, "settled": SETTLED}[kind], chunk))
            )
    started = time.thread_time()
    for batch in batches:
        encode(batch, 1)
    encode_us = (time.thread_time() - started) / records * 1e6
    times: list[float] = []
    loop_cpu, process_cpu, started = time.thread_time(), time.process_time(), time.perf_counter()
    for batch in batches:
        began = time.perf_counter()
        await store.commit(batch)
        times.append(time.perf_counter() - began)
    seconds = time.perf_counter() - started
    loop_cpu, process_cpu = time.thread_time() - loop_cpu, time.process_time() - process_cpu
    await store.aclose()
    times.sort()
    return Commits(
        kind,
        size,
        records / seconds,
        encode_us,
        loop_cpu / records * 1e6,
        process_cpu / records * 1e6,
        times[len(times) // 2] * 1e3,
        times[len(times) * 99 // 100] * 1e3,
    )


async def fill(path: Path, mix: str, count: int) -> None:
    """Write a store to load. What has finished is left in the replay, as if housekeeping never got to it."""
    store = open_store(path)
    store.load()
    for number, batch in enumerate(batches_of(mix, count, 256)):
        await store.commit(batch)
        if number % 100 == 0 and mix != "finished":
            await store.maintain(NOW)
    await store.aclose()


def resident_mb() -> float:
    """Resident memory now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


async def measure_load(path: Path, mix: str, count: int) -> Load:
    """Load a store, in a process that has done nothing else."""
    before = resident_mb()
    store = open_store(path)
    started = time.perf_counter()
    recovered = store.load()
    seconds = time.perf_counter() - started
    found = {"queued": recovered.queued, "awaiting": recovered.awaiting, "finished": []}[mix]
    assert len(found) == (0 if mix == "finished" else count), "the store lost messages"
    assert len(recovered.owed) == 0, "the store owes what was settled"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    disk = store.statistics()["bytes"] / 1e6
    after = resident_mb()
    await store.aclose()
    return Load(mix, count, seconds, before, after, peak, disk)


def load_in_child(path: Path, mix: str, count: int) -> Load:
    """Measure a load in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.store", "--load", str(path), mix, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own module
    return Load(**json.loads(done.stdout))


def measure(directory: Path, messages: int, mode: str) -> tuple[list[Commits], list[Load]]:
    """All of it, in a directory that is on the disk in question."""
    commits: list[Commits] = []
    for kind in ("accepted", "taken", "final", "settled"):
        for size in (32, 256):
            records = min(messages, 200 * size if size == 32 else 400 * size)
            path = directory / f"{kind}-{size}"
            commits.append(trio.run(measure_commits, path, kind, size, records, mode))
    loads: list[Load] = []
    for mix in MIXES:
        path = directory / mix
        trio.run(fill, path, mix, messages)
        loads.append(load_in_child(path, mix, messages))
    return commits, loads


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.store", description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000, help="messages in each load")
    parser.add_argument("--directory", type=Path, help="where to write; a temporary directory by default")
    parser.add_argument("--mode", choices=("thread", "inline"), default="thread")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--load", nargs=3, metavar=("PATH", "MIX", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.load:
        path, mix, count = options.load
        print(json.dumps(attrs.asdict(trio.run(measure_load, Path(path), mix, int(count)))))
        return
    with tempfile.TemporaryDirectory(dir=options.directory) as directory:
        commits, loads = measure(Path(directory), options.messages, options.mode)
    if options.json:
        print(json.dumps({"commits": [*map(attrs.asdict, commits)], "loads": [*map(attrs.asdict, loads)]}))
        return
    print("commits       batch  records/s  encode us  loop CPU us  process CPU us  p50 ms  p99 ms")
    for c in commits:
        print(
            f"{c.kind:12} {c.batch:6} {c.records_per_s:10,.0f} {c.encode_us:10.2f} {c.loop_cpu_us:12.2f}"
            f" {c.process_cpu_us:15.2f} {c.commit_p50_ms:7.2f} {c.commit_p99_ms:7.2f}"
        )
    print("load          messages  seconds  RSS before  after  peak MB  on disk MB")
    for m in loads:
        print(
            f"{m.mix:12} {m.messages:9,} {m.seconds:8.2f} {m.before_mb:11.0f} {m.after_mb:6.0f}"
            f" {m.peak_mb:8.0f} {m.disk_mb:11.0f}"
        )


if __name__ == "__main__":
    main()
