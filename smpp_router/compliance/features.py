# A text's features are the numbers of its n-grams: 1 to 4 characters of the shape view, 2 to 4 syllables
# of the sound view, each hashed to one of BUCKETS. No dictionary is kept, so an unseen n-gram has its
# features too.
#
# For a batch they are computed at once. Every line of the views is filled up with line ends to whole
# pieces of PLACES characters, and the n-grams that begin in a piece are a column of numbers: what is done
# with a piece is done with all pieces of a batch in one step, and lines meet no others. An n-gram that
# would reach beyond its line gets the number NOTHING, whose weight is nothing.
"""Texts as numbers of hashed n-grams."""

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.glyphs import as_codes

_BITS = 18
BUCKETS = 1 << _BITS
NOTHING = BUCKETS
"""The number behind the last bucket."""
SHAPE_ORDERS = (1, 2, 3, 4)
SOUND_ORDERS = (2, 3, 4)
PLACES = 16
"""Characters of a piece. A text has two or more of them, so few are filled up with much."""
PIECE = PLACES * len(SHAPE_ORDERS)
"""Numbers of a piece."""

_MULTIPLIER = np.uint32(0x01000193)  # FNV's prime
_MIX = np.uint32(0x9E3779B1)  # 2^32 / golden ratio, Knuth's multiplicative hash
_SHIFT = np.uint32(32 - _BITS)
_SHAPE_SEED = np.uint32(0x811C9DC5)
_SOUND_SEED = np.uint32(0x2545F491)
_LINE_END = np.uint32(0x0A)
_NOTHING = np.uint32(NOTHING)


@attrs.define(eq=False)
class Features:
    """The features of a batch."""

    numbers: NDArray[np.intp]
    """PIECE rows; a column for each piece."""
    starts: list[int]
    """The columns where the texts' shape views begin, then those where their sound views do."""

    def by_text(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Every number that is something, and the text that it is of."""
        count = len(self.starts) // 2
        columns = np.diff(self.starts, append=self.numbers.shape[1])
        owners = np.broadcast_to(np.repeat(np.arange(2 * count) % count, columns), self.numbers.shape)
        some = self.numbers != NOTHING
        return self.numbers[some], owners[some]


def features(shapes: str, sounds: str, count: int) -> Features:
    """Number the n-grams of `count` texts, given as views with a line end after each text."""
    lines = (shapes + sounds).split("\n")
    assert len(lines) == 2 * count + 1, "both views have a line for each text"
    del lines[-1]
    # To the next multiple of PLACES, so that each line is followed by a line end of its own.
    filled = [line.ljust((len(line) // PLACES + 1) * PLACES, "\n") for line in lines]
    starts: list[int] = []
    pieces = 0
    for line in filled:
        starts.append(pieces)
        pieces += len(line) // PLACES
    size, middle = pieces * PLACES, starts[count] * PLACES
    longest = len(SHAPE_ORDERS)
    text = "".join((*filled, "\n" * (longest - 1)))
    codes = as_codes(text)
    numbers = _hashes(codes, size, middle)
    is_end = codes == _LINE_END
    beyond = np.empty((longest, size), np.bool_)
    beyond[0] = is_end[:size]
    for order in range(1, longest):
        np.logical_or(beyond[order - 1], is_end[order : order + size], out=beyond[order])
    # A syllable alone is no feature.
    beyond[0, middle:] = True
    np.putmask(numbers, beyond, _NOTHING)
    columns = numbers.reshape(longest, pieces, PLACES).transpose(0, 2, 1)
    return Features(columns.astype(np.intp, order="C").reshape(PIECE, pieces), starts)


def _hashes(codes: NDArray[np.uint32], size: int, middle: int) -> NDArray[np.uint32]:
    """Hash the n-grams, by order, then by the place where they begin; sounds begin in the middle."""
    multiplied = codes * _MULTIPLIER
    hashes = np.empty((len(SHAPE_ORDERS), size), np.uint32)
    np.bitwise_xor(codes[:middle], _SHAPE_SEED, out=hashes[0, :middle])
    np.bitwise_xor(codes[middle:size], _SOUND_SEED, out=hashes[0, middle:])
    for order in range(1, len(SHAPE_ORDERS)):
        longer = np.multiply(hashes[order - 1], _MULTIPLIER, out=hashes[order])
        longer += multiplied[order : order + size]
    hashes *= _MIX
    hashes >>= _SHIFT
    return hashes
