# A text's features are the numbers of its n-grams: 1 to 4 characters of the shape view, 2 to 4 syllables
# of the sound view, each hashed to one of BUCKETS. No dictionary is kept, so an unseen n-gram has its
# features too.
#
# For a batch they are computed at once: views with a line a text, as one array of codes. An n-gram that
# would reach into the next line gets the number NOTHING, whose weight is nothing.
"""Texts as numbers of hashed n-grams."""

from collections.abc import Sequence

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
    numbers: list[NDArray[np.int64]] = []
    starts: list[NDArray[np.int64]] = []
    offset = 0
    for name, view, orders in (("shape", shapes, SHAPE_ORDERS), ("sound", sounds, SOUND_ORDERS)):
        codes = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), np.uint32)
        ends = np.flatnonzero(codes == _LINE_END)
        assert len(ends) == count, "a view has a line for each text"
        begins = np.zeros(count, np.int64)
        begins[1:] = ends[:-1] + 1
        for order, found in _by_order(codes, ends, _SEEDS[name], orders):
            assert order in orders
            numbers.append(found)
            starts.append(begins + offset)
            offset += len(found)
    return Features(np.concatenate(numbers), np.concatenate(starts))


def _by_order(
    codes: NDArray[np.uint32], ends: NDArray[np.int64], seed: np.uint32, orders: Sequence[int]
) -> "list[tuple[int, NDArray[np.int64]]]":
    """For each order the number of the n-gram that ends at each position, line ends included."""
    found: list[tuple[int, NDArray[np.int64]]] = []
    multiplied = codes * _MULTIPLIER
    hashed = codes ^ seed
    crossing = ends
    for order in range(1, max(orders) + 1):
        if order > 1:
            # The hash of the n-gram before, one place earlier, and this character.
            hashed = np.concatenate((hashed[:1], hashed[:-1])) * _MULTIPLIER + multiplied
            reach = ends + (order - 1)
            crossing = np.concatenate((crossing, reach[reach < len(codes)], np.array([order - 2])))
        if order in orders:
            numbers = ((hashed * _MIX) >> _SHIFT).astype(np.int64)
            numbers[crossing[crossing < len(codes)]] = NOTHING
            found.append((order, numbers))
    return found
