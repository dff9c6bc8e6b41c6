# A text's features are the numbers of its n-grams: 1 to 4 characters of the shape view, 2 to 4 syllables
# of the sound view, each hashed to one of BUCKETS. No dictionary is kept, so an unseen n-gram has its
# features too.
#
# For a batch they are computed at once: views with a line a text, as one array of codes. An n-gram that
# would reach into the next line gets the number NOTHING, whose weight is nothing.
"""Texts as numbers of hashed n-grams."""

import attrs
import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 17
NOTHING = BUCKETS
"""The number behind the last bucket."""
SHAPE_ORDERS = (1, 2, 3, 4)
SOUND_ORDERS = (2, 3, 4)

_MULTIPLIER = np.uint32(0x01000193)  # FNV's prime
_MIX = np.uint32(0x9E3779B1)  # 2^32 / golden ratio, Knuth's multiplicative hash
_SHIFT = np.uint32(32 - 17)
_SEEDS = {"shape": np.uint32(0x811C9DC5), "sound": np.uint32(0x2545F491)}
_LINE_END = 0x0A


@attrs.define(eq=False)
class Features:
    """The features of a batch, in segments: all of one order, all of the next."""

    numbers: NDArray[np.int64]
    """One number for each position of each order."""
    starts: NDArray[np.int64]
    """Where the texts begin in each order: by order, then by text."""


def features(shapes: str, sounds: str, count: int) -> Features:
    """Number the n-grams of `count` texts, given as views with a line end after each text."""
    longest = SHAPE_ORDERS[-1]
    codes = np.frombuffer((shapes + sounds + "\n" * longest).encode("utf-32-le", "surrogatepass"), np.uint32)
    size, middle = len(codes) - longest, len(shapes)
    multiplied = codes * _MULTIPLIER
    hashed = codes ^ _SEEDS["shape"]
    hashed[middle:] = codes[middle:] ^ _SEEDS["sound"]
    # By order, then by the place where an n-gram begins.
    hashes = np.empty((longest, size), np.uint32)
    hashes[0] = hashed[:size]
    for order in range(2, longest + 1):
        hashed = hashed[:-1] * _MULTIPLIER + multiplied[order - 1 :]
        hashes[order - 1] = hashed[:size]
    numbers = ((hashes * _MIX) >> _SHIFT).astype(np.int64)
    ends = np.flatnonzero(codes[:size] == _LINE_END)
    assert len(ends) == 2 * count, "both views have a line for each text"
    for before in range(longest):
        # What begins so many places before a line's end reaches beyond it, if it is longer than that. Before
        # the first line there is nothing: its first n-gram reaches beyond its end then, too.
        numbers[before:, np.maximum(ends - before, 0)] = NOTHING
    begins = np.zeros(2 * count, np.int64)
    begins[1:] = ends[:-1] + 1
    # A syllable alone is no feature.
    assert SHAPE_ORDERS[1:] == SOUND_ORDERS
    flat = numbers.ravel()
    starts = [begins[:count], *(begins + (middle + row * size) for row in range(longest - 1))]
    return Features(np.concatenate((flat[:middle], flat[size:])), np.concatenate(starts))
