# What history costs and how fast it answers. The messages are written as a router writes them: commits of
# whole lives through the embedded store, whose housekeeping makes history of them; then they are looked for
# as `smpp-router trace` does it, each time with files opened anew, and again with files that are open. What
# is in the last segment, which grows yet, is not in history, and is found all the same.
"""Cost of history and times to find messages in it: python -m benchmarks.history --count 1000000 [--json]."""

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import trio

from smpp_router.message.message import Message
from smpp_router.store import segments
from smpp_router.store.archive import Archive, Search
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.history import FOLDER, History, read_contents
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_compaction import compact
from smpp_router.store.history_events import Keeping
from smpp_router.store.seam import FINAL, SETTLED, TAKEN, Batch

NOW: Final = 1_790_000_000.0
RATE_PER_S: Final = 2_000
TOGETHER: Final = 500
TEXT: Final = (
    "【快递】您的包裹已到达菜鸟驿站，请凭取件码前往领取，营业时间八点至二十一点，逾期请联系客服。".encode(
        "utf-16-be"
    )
)
RECEIPT: Final = (
    b"id:0123456789012345678 sub:001 dlvrd:001 submit date:2607011200 done date:2607011201 stat:DELIVRD"
)
CARRIERS: Final = (b"china-mobile", b"unicom", b"telecom")
ACCOUNTS: Final = tuple(f"customer-{number}" for number in range(20))
KEEPING: Final = Keeping(retention_s=155 * 86_400.0)
LOOKS: Final = 300
LATE_SHARE: Final = 50
"""One message in so many ends an hour later, in another segment."""


def id_of(number: int) -> int:
    """The message_id of a message: RATE_PER_S a second."""
    milliseconds, counter = divmod(number * 1000, RATE_PER_S)
    return (int(NOW * 1000) + milliseconds) << 21 | counter


def at_of(number: int) -> float:
    """When a message is received."""
    return NOW + number / RATE_PER_S


def number_of(number: int) -> bytes:
    """Whom a message is for: numbers without an order, three messages each."""
    return b"861%010d" % (number // 3 * 2_654_435_761 % 10_000_000_000)


def message_of(number: int) -> Message:
    """A message as admission makes it."""
    addresses = b"\x05\x00106900%04d\x00\x01\x01%b\x00" % (number % 50, number_of(number))
    body = b"C%03d\x00" % (number % 100) + addresses + bytes((0, 0, 0, 0, 0, 1, 0, 8, 0, len(TEXT))) + TEXT
    message_id, account = id_of(number), ACCOUNTS[number % 20]
    return Message(message_id, message_id, account, "logistics", body, addresses, 1, at_of(number) + 86_400.0)


def lives(count: int) -> Iterator[Batch]:
    """Whole lives in the commits in which a router would make them durable."""
    late: list[int] = []
    for first in range(0, count, TOGETHER):
        numbers = range(first, min(first + TOGETHER, count))
        yield received(numbers)
        yield taken(numbers)
        ready = [n for n in numbers if n % LATE_SHARE]
        late += [n for n in numbers if not n % LATE_SHARE]
        while late and late[0] < first - 3_600 * RATE_PER_S:
            ready.append(late.pop(0))
        yield from ended(ready, at_of(first))
    yield from ended(late, at_of(count))


def received(numbers: Sequence[int]) -> Batch:
    """Messages that are admitted and planned."""
    batch = Batch([message_of(n) for n in numbers])
    for carrier in range(3):
        ids = [id_of(n) for n in numbers if n % 3 == carrier]
        reason = b"rule default (weighted): " + b" > ".join(CARRIERS) + b", chance 0.61, score 97"
        batch.notes.append((33, ids, at_of(numbers[0]), 0, b" > ".join(CARRIERS) + b"\0" + reason))
    return batch


def taken(numbers: Sequence[int]) -> Batch:
    """The same, sent and answered for."""
    batch = Batch()
    for carrier in range(3):
        ids = [id_of(n) for n in numbers if n % 3 == carrier]
        batch.notes.append((34, ids, at_of(numbers[0]) + 0.004, 1, CARRIERS[carrier]))
    batch.facts = [
        (TAKEN, id_of(n), at_of(n) + 0.03, 0, CARRIERS[n % 3] + b"\0%019d" % (n * 7_777_777_777 % 10**19))
        for n in numbers
    ]
    return batch


def ended(numbers: Sequence[int], at: float) -> Iterator[Batch]:
    """Receipts, handed over and answered."""
    if numbers:
        states = [(n, 5 | 34 << 8 if n % 97 == 0 else 2) for n in numbers]
        facts = [(FINAL, id_of(n), at + 2 + n % 100 / 9, s | 1 << 24 | 1 << 31, RECEIPT) for n, s in states]
        yield Batch([], facts)
        handed = Batch([], [(SETTLED, id_of(n), at + 15.01, 0, b"") for n in numbers])
        handed.notes = [(40, [id_of(n) for n in numbers], at + 15.0, 0, b"")]
        yield handed


class Measured(History):
    """A history that counts what its work costs and how long its slices take."""

    cpu_s = 0.0
    slices_s: list[float]
    slices_cpu_s: list[float]

    def follow(self, sizes: Any, growing: int) -> None:
        """See History."""
        cpu = time.thread_time()
        super().follow(sizes, growing)
        Measured.cpu_s += time.thread_time() - cpu

    def step(self, closed: Any, now: float) -> bool:
        """See History."""
        cpu, began = time.thread_time(), time.perf_counter()
        more = super().step(closed, now)
        Measured.slices_s.append(time.perf_counter() - began)
        Measured.slices_cpu_s.append(time.thread_time() - cpu)
        Measured.cpu_s += Measured.slices_cpu_s[-1]
        return more


def opened(path: Path, segment_bytes: int) -> EmbeddedStore:
    """Return a store that makes history of each segment as soon as it is full."""
    store = EmbeddedStore(
        path,
        segment_bytes=segment_bytes,
        retention_s=0.0,
        disk_free_min_bytes=0,
        commit="inline",
        housekeeping="inline",
    )
    store.load()
    return store


async def write(path: Path, count: int, segment_bytes: int) -> dict[str, Any]:
    """Let messages live in a store, until all but those of the last segment are in history."""
    Measured.slices_s, Measured.slices_cpu_s = [], []
    store = opened(path, segment_bytes)
    store._history = Measured(path, KEEPING)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - to measure it
    began = time.perf_counter()
    for number, batch in enumerate(lives(count)):
        await store.commit(batch)
        if number % 20 == 0:
            await store.maintain(at_of(number * TOGETHER // 4))
    committed_s = time.perf_counter() - began
    now, quiet = at_of(count) + 60.0, 0
    while quiet < 3:
        slices = len(Measured.slices_s)
        await store.maintain(now)
        quiet = quiet + 1 if len(Measured.slices_s) == slices + 1 else 0
    told = store.statistics()
    await store.aclose()
    size = sum(file.stat().st_size for file in (path / FOLDER).iterdir())
    slices_ms = sorted(one * 1e3 for one in Measured.slices_s)
    slices_cpu_ms = sorted(one * 1e3 for one in Measured.slices_cpu_s)
    return {
        "rows": told["history_rows"],
        "files": told["history_files"],
        "journal_mb": told["bytes"] / 1e6,
        "history_mb": size / 1e6,
        "bytes_per_message": size / count,
        "history_cpu_us_per_message": Measured.cpu_s * 1e6 / count,
        "slice_p99_ms": slices_ms[len(slices_ms) * 99 // 100],
        "slice_max_ms": slices_ms[-1],
        "slice_cpu_p99_ms": slices_cpu_ms[len(slices_cpu_ms) * 99 // 100],
        "slice_cpu_max_ms": slices_cpu_ms[-1],
        "written_s": committed_s,
        "rss_max_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def compaction_peak_mb(path: Path, segment_bytes: int) -> float:
    """What making history of one full segment allocates at most, in MB of 10^6 octets."""
    store = opened(path, segment_bytes)
    for batch in lives(1 << 30):
        await store.commit(batch)
        if len(segments.numbers(path)) > 1:
            break
    await store.aclose()
    tracemalloc.start()
    for _ in compact(path, segments.numbers(path)[0], path / "made.smh", Marks(b"k" * 16), KEEPING):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def times(look: Callable[[int], Any], numbers: Sequence[int]) -> dict[str, float]:
    """Milliseconds of looks for messages: by the clock, and of CPU, which others' work disturbs less."""
    taken_ms: list[float] = []
    cpu_ms: list[float] = []
    for number in numbers:
        began, cpu = time.perf_counter(), time.thread_time()
        found = look(number)
        cpu_ms.append((time.thread_time() - cpu) * 1e3)
        taken_ms.append((time.perf_counter() - began) * 1e3)
        assert found, f"message {number} is not found"
    taken_ms.sort()
    return {
        "p50_ms": statistics.median(taken_ms),
        "p99_ms": taken_ms[len(taken_ms) * 99 // 100],
        "max_ms": taken_ms[-1],
        "cpu_p50_ms": statistics.median(cpu_ms),
    }


def look(path: Path, count: int, looks: int) -> dict[str, Any]:
    """Look in every way for messages chosen by chance, of all and of those that are in the journal only."""
    archive = Archive(path, KEEPING)

    def by_id(where: Archive, number: int) -> Any:
        return where.by_id([id_of(number)])

    def by_number(where: Archive, number: int) -> Any:
        return where.by_number(number_of(number).decode(), 20)

    def failed(number: int) -> Any:
        search = Search(account=ACCOUNTS[number % 20], message_state=5, until=at_of(number) + 600.0)
        return archive.search(search, 20) if number > 50_000 else [number]

    rng = random.Random(7)
    told = read_contents(path / FOLDER)
    recent = max((entry.last_id for entry in told.files), default=0) if told else 0
    first_recent = next((n for n in range(0, count, TOGETHER) if id_of(n) > recent), count - 1)
    some = [rng.randrange(count) for _ in range(looks)]
    late = [rng.randrange(first_recent, count) for _ in range(looks)]
    result: dict[str, Any] = {"not_in_history": count - first_recent}
    for name, numbers in (("", some), ("_of_journal", late)):
        result |= {
            f"id{name}_files_opened": times(lambda n: by_id(Archive(path, KEEPING), n), numbers),
            f"id{name}": times(lambda n: by_id(archive, n), numbers),
            f"number{name}_files_opened": times(lambda n: by_number(Archive(path, KEEPING), n), numbers),
            f"number{name}": times(lambda n: by_number(archive, n), numbers),
        }
    result["account_and_state"] = times(failed, some[:50])
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; an assertion fails if a message is not found again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000, help="messages (default: %(default)s)")
    parser.add_argument(
        "--looks", type=int, default=LOOKS, help="for each way to look (default: %(default)s)"
    )
    parser.add_argument(
        "--segment-mb",
        type=float,
        default=64.0,
        help="of the journal; small ones make many files (%(default)g)",
    )
    parser.add_argument("--directory", type=Path, help="where to write; a temporary directory by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="history-") as directory:
        path = Path(directory) / "store"
        segment_bytes = int(options.segment_mb * 2**20)
        result: dict[str, Any] = {"count": options.count}
        result |= trio.run(write, path, options.count, segment_bytes)
        result |= look(path, options.count, options.looks)
        one = Path(directory) / "one-segment"
        result["compaction_peak_mb"] = trio.run(compaction_peak_mb, one, segment_bytes)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            numbers = cast("dict[str, float]", value if isinstance(value, dict) else {"": value})
            print(f"{name:30}" + "".join(f"  {key}{number:10,.2f}" for key, number in numbers.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
