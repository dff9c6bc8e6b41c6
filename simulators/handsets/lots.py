# Chance that needs no memory: what a number draws is computed from the seed, the concern and the number. So a
# share of millions of numbers can be unknown, or switched off at noon, and none of them costs anything until
# somebody sends to it; and forgetting a number changes nothing of what it will draw.
"""Lots that numbers draw."""

from hashlib import blake2b
from typing import Final

_SPAN: Final = float(1 << 64)


def lot(seed: int, concern: str, number: bytes, turn: int = 0) -> float:
    """Return what a number draws: at least 0.0, less than 1.0, always the same of the same arguments."""
    text = b"%d %d %b %b" % (seed, turn, concern.encode(), number)
    return (int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 11) * 2048.0 / _SPAN
