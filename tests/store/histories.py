# A store whose messages live whole lives and pass into history, for the tests of that.
"""Short ways to make history."""

from pathlib import Path

from smpp_router.message.message import Message
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.history_events import Keeping
from smpp_router.store.seam import FINAL, SETTLED, TAKEN, Batch
from tests.store.stores import open_store

FIRST = 1_790_000_000_000 << 21
KEEPING = Keeping(retention_s=1e9)


def id_of(number: int) -> int:
    """One message a millisecond."""
    return FIRST + (number << 21)


def at_of(number: int) -> float:
    return 1_790_000_000.0 + number / 1000.0


def number_of(number: int) -> bytes:
    return b"86138%08d" % number


def message_of(number: int) -> Message:
    addresses = b"\x05\x00Company%d\x00\x01\x01%b\x00" % (number % 3, number_of(number))
    body = b"CAMP%d\x00" % (number % 2) + addresses + bytes(8) + b"secret text"
    account = ("alpha", "beta", "gamma")[number % 3]
    return Message(id_of(number), id_of(number), account, "otp", body, addresses, 1, at_of(number) + 3600.0)


def life_of(numbers: range) -> list[Batch]:
    """All that happens to some messages, in the commits that it comes in; every seventh fails."""
    notes = Batch([message_of(n) for n in numbers])
    notes.notes = [(33, [id_of(n) for n in numbers], at_of(numbers[0]) + 0.1, 0, b"north > south\0first")]
    taken = Batch([], [(TAKEN, id_of(n), at_of(n) + 1, 0, b"north\0%x" % n) for n in numbers])
    taken.notes = [(34, [id_of(n) for n in numbers], at_of(numbers[0]) + 0.5, 1, b"north")]
    states = [(n, 2 if n % 7 else 5) for n in numbers]
    final = Batch([], [(FINAL, id_of(n), at_of(n) + 5, state | 1 << 31, b"receipt") for n, state in states])
    settled = Batch([], [(SETTLED, id_of(n), at_of(n) + 6, 0, b"") for n in numbers])
    return [notes, taken, final, settled]


def open_history(path: Path, *, keeping: Keeping = KEEPING, **changed: object) -> EmbeddedStore:
    settings: dict[str, object] = {"segment_bytes": 20_000, "retention_s": 0.0, **changed}
    store = open_store(path, **settings)
    store.keep_history(keeping)
    store.load()
    return store


async def live(store: EmbeddedStore, count: int, *, first: int = 0, together: int = 20) -> None:
    """Let messages live whole lives, keeping house now and then."""
    for start in range(first, first + count, together):
        for batch in life_of(range(start, min(start + together, first + count))):
            await store.commit(batch)
        await store.maintain(at_of(start) + 10.0)


async def keep_house(store: EmbeddedStore, now: float, rounds: int = 60) -> None:
    for _ in range(rounds):
        await store.maintain(now + 20.0)
