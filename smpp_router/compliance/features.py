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
    numbers: list[NDArray[np.int64]] = []
    starts: list[NDArray[np.int64]] = []
    offset = 0
    both = ((shapes, _SEEDS["shape"], SHAPE_ORDERS), (sounds, _SEEDS["sound"], SOUND_ORDERS))
    for view, seed, orders in both:
        found, begins = _numbered(view, seed, orders, count)
        size = found.shape[1]
        starts.extend(begins + at for at in range(offset, offset + found.size, size))
        numbers.append(found.ravel())
        offset += found.size
    return Features(np.concatenate(numbers), np.concatenate(starts))


def _numbered(
    view: str, seed: np.uint32, orders: tuple[int, ...], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By order and place, the number of the n-gram that begins there; and where the lines begin."""
    longest = orders[-1]
    padded = np.frombuffer((view + "\n" * longest).encode("utf-32-le", "surrogatepass"), np.uint32)
    size = len(padded) - longest
    multiplied = padded * _MULTIPLIER
    hashed = padded ^ seed
    hashes = np.empty((len(orders), size), np.uint32)
    for order in range(1, longest + 1):
        if order > 1:
            hashed = hashed[:-1] * _MULTIPLIER + multiplied[order - 1 :]
        if order in orders:
            hashes[order - orders[0]] = hashed[:size]
    numbers = ((hashes * _MIX) >> _SHIFT).astype(np.int64)
    if count == 1:
        assert padded[size - 1] == _LINE_END, "a view ends with its line"
        for row, order in enumerate(orders):
            numbers[row, max(0, size - order) :] = NOTHING
        return numbers, np.zeros(1, np.int64)
    ends = np.flatnonzero(padded[:size] == _LINE_END)
    assert len(ends) == count, "a view has a line for each text"
    for row, order in enumerate(orders):
        # What begins less than an order before a line's end would reach beyond it. Before the first line
        # there is nothing: its first n-gram reaches beyond its end then, too.
        for before in range(order):
            numbers[row, np.maximum(ends - before, 0)] = NOTHING
    begins = np.zeros(count, np.int64)
    begins[1:] = ends[:-1] + 1
    return numbers, begins
