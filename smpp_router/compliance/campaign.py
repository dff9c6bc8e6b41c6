# A campaign is one text in many spellings. From one sample of it the others are found: each text has a
# signature, the least of its n-grams by each of 32 hash functions, and the share of equal places of two
# signatures is about the share of n-grams that their texts have in common (Broder, "On the resemblance
# and containment of documents", 1997). 10 of 32 equal is the measured line between another spelling and
# another text.
#
# Signatures are of both views, so that neither separators nor homophones hide a text from its campaign.
"""Campaigns: texts that are spellings of a known one."""

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.views import light_view, shape_view, sound_view

PLACES: Final = 32
EQUAL_MIN: Final = 10
CAMPAIGNS_MAX: Final = 5_000
"""Samples that are remembered; the oldest is forgotten. A day has dozens."""
GRAMS_MIN: Final = 6
"""A text with fewer n-grams resembles others by chance: only the same light view is the same campaign."""

_ORDER: Final = 3
_SEEDS = np.random.default_rng(20240501)
_FACTORS = (_SEEDS.integers(1, 1 << 31, PLACES).astype(np.uint32) << np.uint32(1)) | np.uint32(1)
_ADDENDS = _SEEDS.integers(0, 1 << 32, PLACES, dtype=np.uint64).astype(np.uint32)

Signature = NDArray[np.uint32]


def signatures(texts: Sequence[str]) -> list[tuple[Signature, Signature]]:
    """The signatures of texts, of the shape view and of the sound view."""
    found: list[tuple[Signature, Signature]] = []
    for text in texts:
        light = light_view(text)
        shape = shape_view(light)
        found.append((_signature(shape, light), _signature(sound_view(shape), light)))
    return found


def _signature(view: str, light: str) -> Signature:
    codes = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(codes) < _ORDER + GRAMS_MIN - 1:
        # All places from the whole light view: equal in all, or in none but by chance.
        return np.uint32(zlib.crc32(light.encode("utf-8", "surrogatepass"))) * _FACTORS + _ADDENDS
    grams = codes[:-2] * np.uint32(0x9E3779B1)
    grams = (grams ^ codes[1:-1]) * np.uint32(0x85EBCA6B)
    grams = (grams ^ codes[2:]) * np.uint32(0xC2B2AE35)
    grams ^= grams >> np.uint32(15)
    return (grams[:, None] * _FACTORS + _ADDENDS).min(0)


@attrs.define(eq=False)
class Campaigns:
    """Known campaigns by one sample each."""

    _names: dict[int, str] = attrs.Factory(dict[int, str])
    _keys: dict[int, list[tuple[int, int]]] = attrs.Factory(dict[int, "list[tuple[int, int]]"])
    _places: dict[tuple[int, int], set[int]] = attrs.Factory(dict[tuple[int, int], "set[int]"])
    _next: int = 0

    def __len__(self) -> int:
        return len(self._names)

    def add(self, text: str, name: str) -> None:
        """Remember a sample of a campaign."""
        if len(self._names) >= CAMPAIGNS_MAX:
            self._forget(next(iter(self._names)))
        number, self._next = self._next, self._next + 1
        self._names[number] = name
        self._keys[number] = keys = _keys(text)
        for key in keys:
            self._places.setdefault(key, set()).add(number)

    def _forget(self, number: int) -> None:
        del self._names[number]
        for key in self._keys.pop(number):
            here = self._places[key]
            here.discard(number)
            if not here:
                del self._places[key]

    def find(self, text: str) -> str | None:
        """Return the name of the campaign that a text belongs to; of several, the most like."""
        if not self._names:
            return None
        equal: Counter[tuple[int, int]] = Counter()
        for key in _keys(text):
            for number in self._places.get(key, ()):
                # Places of the two views are counted apart: half of each is no likeness.
                equal[number, key[0] // PLACES] += 1
        if not equal:
            return None
        (number, _), count = min(equal.items(), key=lambda item: (-item[1], item[0]))
        return self._names[number] if count >= EQUAL_MIN else None


def _keys(text: str) -> list[tuple[int, int]]:
    ((shape, sound),) = signatures([text])
    return list(enumerate((*shape.tolist(), *sound.tolist())))
