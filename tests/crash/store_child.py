# The process that test_store_kill.py kills: it commits batch after batch, keeps house beside that, and says
# which batches are durable. What is in batch N depends on N alone, so that the parent can count it again.
"""Commit until killed: python -m tests.crash.store_child DIRECTORY thread|inline."""

import sys
from pathlib import Path

import trio

from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.seam import FINAL, SETTLED, TAKEN, Batch, Fact
from tests.store.stores import NOW, message_of, open_store

PER_BATCH = 20
STAYS = 10
"""One in so many messages stays with its carrier for ever: something to carry forward."""


def ids_of(number: int) -> range:
    """The messages that batch `number` accepts, numbered from 1."""
    return range((number - 1) * PER_BATCH + 1, number * PER_BATCH + 1)


def leaves(number: int) -> list[int]:
    """Those of them that do not stay."""
    return [message_id for message_id in ids_of(number) if message_id % STAYS]


def batch_of(number: int) -> Batch:
    """Accept some, and bring those of the three batches before one step further."""
    facts: list[Fact] = []
    if number > 1:
        facts += [(TAKEN, i, NOW, 0, b"north\x00%x" % i) for i in ids_of(number - 1)]
    if number > 2:
        facts += [(FINAL, i, NOW, 2, b"receipt %d" % i) for i in leaves(number - 2)]
    if number > 3:
        facts += [(SETTLED, i, NOW, 0, b"") for i in leaves(number - 3)]
    return Batch([message_of(message_id) for message_id in ids_of(number)], facts)


def open_here(path: Path, commit: str) -> EmbeddedStore:
    """Open the store as child and parent do, with segments of about three batches."""
    return open_store(path, commit=commit, segment_bytes=8_000, retention_s=5.0)


async def main() -> None:
    """Go on from what is there."""
    store = open_here(Path(sys.argv[1]), sys.argv[2])
    number = store.load().message_id_last // PER_BATCH

    async def keep_house() -> None:
        now = NOW
        while True:
            now += 1.0
            await store.maintain(now)
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_house)
        while True:
            number += 1
            await store.commit(batch_of(number))
            print(number, flush=True)  # noqa: T201 - what the parent reads


if __name__ == "__main__":
    trio.run(main)
