# Stores and messages for the tests of this folder.
"""Short ways to make what the store's tests need."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from smpp_router.message.message import Message
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.seam import FINAL, SETTLED, TAKEN, Batch, Fact

NOW = 1_790_000_000.0
MEMORY = Path("/dev/shm")
"""Where a model's many stores go if they can: there is nothing that their syncs would prove."""
ADDRESSES = b"\x05\x00Company\x00\x01\x01861380013\x00"


def open_store(path: Path, **changed: Any) -> EmbeddedStore:
    settings: dict[str, Any] = {
        "commit": "inline",
        "segment_bytes": 1 << 20,
        "retention_s": 100.0,
        "disk_free_min_bytes": 0,
    }
    return EmbeddedStore(path, **(settings | changed))


def message_of(message_id: int, body: bytes | None = None) -> Message:
    return Message(
        message_id,
        message_id,
        "alpha",
        "otp",
        b"body %d" % message_id if body is None else body,
        ADDRESSES,
        1,
        NOW + 3600.0,
    )


def accepted(ids: Iterable[int]) -> Batch:
    return Batch([message_of(message_id) for message_id in ids])


def taken(ids: Iterable[int]) -> Batch:
    return Batch([], [(TAKEN, i, NOW, 0, b"north\x00%x" % i) for i in ids])


def final(ids: Iterable[int], receipt: bytes = b"receipt") -> Batch:
    return Batch([], [(FINAL, i, NOW, 2, receipt) for i in ids])


def settled(ids: Iterable[int]) -> Batch:
    return Batch([], [(SETTLED, i, NOW, 0, b"") for i in ids])


def facts(*staged: Fact) -> Batch:
    return Batch([], list(staged))
