# The text model: for each head (illicit, and each category) a weight for each bucket of features. A
# head's margin is the sum of the weights of a text's features over the length of the feature vector, plus
# a bias; a logistic curve makes it a probability. The length's square begins at DAMPING and not at nothing:
# a text of a word or two says little, so it stays near the bias, whatever the word.
#
# Weights are whole numbers of 8 bits, and sums of whole numbers do not depend on their order: a text has
# the same scores, bit by bit, alone and in any batch. Four weights lie in one 64-bit word, 16 bits each,
# so that one addition adds four; a weight is kept plus 128, and what was added too much is taken off at
# the end. A lane holds 256 such weights; what is added into one word is a piece of a text, of 64, and
# texts are sums of their pieces.
#
# Most of the time goes into reading weights from memory. So the weights begin where a line of the processor's
# cache does, and no more pieces are read at once than its second cache holds.
"""Scores of texts: linear in their hashed n-grams, calibrated, the same in any batch."""

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.features import BUCKETS, PIECE, Features, features
from smpp_router.compliance.views import light_views, shape_view, sound_view

ILLICIT = "illicit"
"""The head that says whether a text is illicit, whoever sends it."""
FORMAT = 2
DAMPING = 500.0
"""What is added to the square of a text's length; a tenth of what forty characters have."""

_LANES = 4
_LANE_BITS = 16
_OFFSET = 128
_PIECES_AT_ONCE = 64
"""256 kB with 32 heads."""
_CACHE_LINE = 64
# The logistic curve is a table: what exp() gives may differ in its last bit from place to place in an array.
_STEPS = 512
_LOGIT_MAX = 16
_SHARES = [
    round(1 / (1 + math.exp(-i / _STEPS)), 7) for i in range(-_LOGIT_MAX * _STEPS, _LOGIT_MAX * _STEPS + 1)
]
_LOGISTIC = np.array(_SHARES)
_SHARED = np.array(_SHARES, object)
"""The same as objects of Python, which all texts share."""


class ModelError(Exception):
    """A file that holds no usable model; says why."""


def _rises(model: "Model") -> NDArray[np.float64]:
    return model.scales[:-1] * model.slopes * _STEPS


def _levels(model: "Model") -> NDArray[np.float64]:
    return (model.biases * model.slopes + model.offsets) * _STEPS


@attrs.frozen(kw_only=True, eq=False)
class Model:
    """Weights and curves; `scores` is all that is asked of it."""

    name: str
    version: str
    """The name, and a hash of the file."""
    heads: tuple[str, ...]
    words: NDArray[np.uint64]
    """BUCKETS + 1 rows of packed weights; the last weighs nothing. The last lane in use is the length."""
    scales: NDArray[np.float64]
    """What one unit of a head's weight is, the length's as the last one."""
    biases: NDArray[np.float64]
    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    _rises: NDArray[np.float64] = attrs.field(init=False, default=attrs.Factory(_rises, takes_self=True))
    """By head: steps of the logistic table for one unit of its weight, in a text of length one."""
    _levels: NDArray[np.float64] = attrs.field(init=False, default=attrs.Factory(_levels, takes_self=True))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """For each text a row of probabilities in the order of `heads`."""
        if not texts:
            return np.zeros((0, len(self.heads)))
        shapes = shape_view(light_views(texts))
        return self.scores_of_views(shapes, sound_view(shapes), len(texts))

    def scores_of_views(self, shapes: str, sounds: str, count: int) -> NDArray[np.float64]:
        """`scores` for views with a line for each text."""
        return _LOGISTIC.take(self._steps(shapes, sounds, count), mode="clip")

    def shares_of_views(self, shapes: str, sounds: str, count: int) -> list[list[float]]:
        """`scores_of_views` as numbers of Python: equal ones are the same object, for they are kept."""
        shares: list[list[float]] = _SHARED.take(self._steps(shapes, sounds, count), mode="clip").tolist()
        return shares

    def _steps(self, shapes: str, sounds: str, count: int) -> NDArray[np.intp]:
        """Where in the logistic table each text's scores are, or beyond which end of it."""
        found = features(shapes, sounds, count)
        sums = self._sums(found, count)
        lengths = np.sqrt(sums[:, -1] * self.scales[-1] + DAMPING)
        steps = np.rint(sums[:, :-1] * self._rises / lengths[:, None] + self._levels)
        return steps.astype(np.intp) + _LOGIT_MAX * _STEPS

    def real_weights(self) -> NDArray[np.float64]:
        """The weights of each head by bucket."""
        return self._lanes()[:-1] * self.scales[:-1, None]

    def squares(self) -> NDArray[np.float64]:
        """What a bucket's n-gram adds to the square of a text's length."""
        return self._lanes()[-1] * self.scales[-1]

    def _lanes(self) -> NDArray[np.float64]:
        lanes = self.words.view("<u2")[:BUCKETS, : len(self.scales)].astype(np.float64) - _OFFSET
        return np.ascontiguousarray(lanes.T)

    def changed(
        self,
        heads: Sequence[str],
        weights: NDArray[np.float64],
        biases: NDArray[np.float64],
        slopes: NDArray[np.float64],
        offsets: NDArray[np.float64],
    ) -> "Model":
        """Return a model of other heads, with lengths as in this one."""
        file = io.BytesIO()
        save_model(file, self.name, heads, *packable(weights, self.squares(), biases, slopes, offsets))
        file.seek(0)
        return load_model(file)

    def save(self, file: Path | IO[bytes]) -> None:
        """Write it to a file."""
        curves = np.zeros((len(self.scales), 4))
        curves[:, 0] = self.scales
        curves[:-1, 1:] = np.stack((self.biases, self.slopes, self.offsets), 1)
        save_model(file, self.name, self.heads, self._lanes().astype(np.int8), curves)

    def _sums(self, found: Features, count: int) -> NDArray[np.float64]:
        """The sum of each text's weights, by head: whole numbers."""
        pieces = found.numbers.shape[1]
        words = np.empty((pieces, self.words.shape[1]), np.uint64)
        for at in range(0, pieces, _PIECES_AT_ONCE):
            rows = self.words.take(found.numbers[:, at : at + _PIECES_AT_ONCE], 0)
            np.add.reduce(rows, 0, out=words[at : at + _PIECES_AT_ONCE])
        lanes = words.view("<u2")
        lanes -= PIECE * _OFFSET
        sums = np.add.reduceat(lanes.view("<i2"), found.starts, 0, np.float64)[:, : len(self.scales)]
        return sums[:count] + sums[count:]


def load_model(file: IO[bytes]) -> Model:
    """Read a model that `save_model` wrote.

    Raises:
        ModelError: if it is none.
    """
    data = file.read()
    try:
        stored: Any = np.load(io.BytesIO(data), allow_pickle=False)
        about = json.loads(str(stored["about"]))
        weights: NDArray[np.int8] = stored["weights"]
        curves: NDArray[np.float64] = stored["curves"]
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile) as error:
        # numpy's own words would advise to load what it takes for pickled objects.
        raise ModelError("not a model: no archive of plain arrays, or not of all that a model has") from error
    heads = tuple(about["heads"])
    if about["format"] != FORMAT:
        raise ModelError(
            f"a model of format {about['format']}, and format {FORMAT} is read: remove it, and teach the "
            "package's model the samples again (lexicon update)"
        )
    if weights.shape != (len(heads) + 1, BUCKETS) or weights.dtype != np.int8:
        raise ModelError(f"not a model: weights of {weights.shape} {weights.dtype}")
    return Model(
        name=about["name"],
        version=f"{about['name']}-{hashlib.sha256(data).hexdigest()[:8]}",
        heads=heads,
        words=_packed(weights),
        scales=curves[:, 0],
        biases=curves[:-1, 1],
        slopes=curves[:-1, 2],
        offsets=curves[:-1, 3],
    )


def _packed(weights: NDArray[np.int8]) -> NDArray[np.uint64]:
    lanes = math.ceil(len(weights) / _LANES) * _LANES
    room = np.empty((BUCKETS + 1) * lanes * 2 + _CACHE_LINE, np.uint8)
    begin = -room.ctypes.data % _CACHE_LINE
    spread = room[begin : begin + (BUCKETS + 1) * lanes * 2].view("<u2").reshape(BUCKETS + 1, lanes)
    spread[:] = _OFFSET
    spread[:BUCKETS, : len(weights)] = (weights.T.astype(np.int16) + _OFFSET).astype("<u2")
    return spread.view("<u8")


def packable(
    weights: NDArray[np.float64],
    squares: NDArray[np.float64],
    biases: NDArray[np.float64],
    slopes: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Weights in 8 bits, and curves, as `save_model` takes them."""
    rows = np.vstack((weights, squares))
    scales = np.maximum(np.abs(rows).max(1), 1e-9) / 127
    curves = np.zeros((len(scales), 4))
    curves[:, 0] = scales
    curves[:-1, 1:] = np.stack((biases, slopes, offsets), 1)
    return np.rint(rows / scales[:, None]).astype(np.int8), curves


def save_model(
    file: Path | IO[bytes],
    name: str,
    heads: Sequence[str],
    weights: NDArray[np.int8],
    curves: NDArray[np.float64],
) -> None:
    """Write a model: weights by head and bucket, the length's last; by head its scale, bias and curve."""
    about = json.dumps({"format": FORMAT, "name": name, "heads": list(heads)})
    np.savez_compressed(file, about=np.array(about), weights=weights, curves=curves)


@cache
def shipped_model() -> Model:
    """Return the model of this package."""
    with (files("smpp_router.compliance") / "model.npz").open("rb") as file:
        return load_model(file)
