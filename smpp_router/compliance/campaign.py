# A campaign is one text in many spellings. From one sample of it the others are found in two steps. Each
# text has a signature, the least of its n-grams by each of 32 hash functions, and the share of equal places
# of two signatures is about the share of n-grams that their texts have in common (Broder, "On the
# resemblance and containment of documents", 1997): a few equal places make a candidate. Then the share is
# counted exactly: 32 places know it to a tenth only.
#
# N-grams are of two characters. Spellings of a campaign have every few characters changed, and a change
# breaks two pairs, but three triples.
#
# Signatures are of both views, so that neither separators nor homophones hide a text from its campaign.
"""Campaigns: texts that are spellings of a known one."""

import zlib
from collections import Counter
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.compliance.views import light_view, shape_view, sound_view

PLACES: Final = 32
EQUAL_MIN: Final = 4
"""Equal places of a candidate: of the texts at LIKE_MIN one in sixty has fewer."""
CANDIDATES_MAX: Final = 8
"""Those with most equal places are compared."""
LIKE_MIN: Final = 0.28
"""The share of n-grams in common, of those of both: the measured line between another spelling and another
text."""
CAMPAIGNS_MAX: Final = 5_000
"""Samples that are remembered; the oldest is forgotten. A day has dozens."""
GRAMS_MIN: Final = 6
"""A text with fewer n-grams resembles others by chance: only the same light view is the same campaign."""

_ORDER: Final = 2
_SEEDS = np.random.default_rng(20240501)
_FACTORS = (_SEEDS.integers(1, 1 << 31, PLACES).astype(np.uint32) << np.uint32(1)) | np.uint32(1)
_ADDENDS = _SEEDS.integers(0, 1 << 32, PLACES, dtype=np.uint64).astype(np.uint32)

Grams = NDArray[np.uint32]
"""The n-grams of a view, hashed; of a short text only one, of its whole light view."""


def grams_of(text: str) -> tuple[Grams, Grams]:
    """The n-grams of the shape view and of the sound view."""
    light = light_view(text)
    shape = shape_view(light)
    return _grams(shape, light), _grams(sound_view(shape), light)


def _grams(view: str, light: str) -> Grams:
    codes = np.frombuffer(view.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(codes) < _ORDER + GRAMS_MIN - 1:
        return np.array([zlib.crc32(light.encode("utf-8", "surrogatepass"))], np.uint32)
    grams = codes[:-1] * np.uint32(0x9E3779B1)
    grams = (grams ^ codes[1:]) * np.uint32(0x85EBCA6B)
    grams ^= grams >> np.uint32(15)
    return grams


def _keys(views: tuple[Grams, Grams]) -> list[tuple[int, int]]:
    """The places of both signatures, numbered, with what is in them."""
    shape, sound = ((grams[:, None] * _FACTORS + _ADDENDS).min(0).tolist() for grams in views)
    return list(enumerate((*shape, *sound)))


def _likeness(one: frozenset[int], other: frozenset[int]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def _sets(views: tuple[Grams, Grams]) -> tuple[frozenset[int], frozenset[int]]:
    return frozenset(views[0].tolist()), frozenset(views[1].tolist())


@attrs.define(eq=False)
class Campaigns:
    """Known campaigns by one sample each."""

    _names: dict[int, str] = attrs.Factory(dict[int, str])
    _keys: dict[int, list[tuple[int, int]]] = attrs.Factory(dict[int, "list[tuple[int, int]]"])
    _grams: dict[int, tuple[frozenset[int], frozenset[int]]] = attrs.Factory(
        dict[int, "tuple[frozenset[int], frozenset[int]]"]
    )
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
        views = grams_of(text)
        self._grams[number] = _sets(views)
        self._keys[number] = keys = _keys(views)
        for key in keys:
            self._places.setdefault(key, set()).add(number)

    def _forget(self, number: int) -> None:
        del self._names[number], self._grams[number]
        for key in self._keys.pop(number):
            here = self._places[key]
            here.discard(number)
            if not here:
                del self._places[key]

    def find(self, text: str) -> str | None:
        """Return the name of the campaign that a text belongs to; of several, the most like."""
        if not self._names:
            return None
        views = grams_of(text)
        equal: Counter[tuple[int, int]] = Counter()
        for key in _keys(views):
            for number in self._places.get(key, ()):
                # Places of the two views are counted apart: half of each is no likeness.
                equal[number, key[0] // PLACES] += 1
        candidates = sorted((-count, number) for (number, _), count in equal.items() if count >= EQUAL_MIN)
        if not candidates:
            return None
        mine = _sets(views)
        likest = max(
            (max(map(_likeness, mine, self._grams[number])), -number)
            for _, number in candidates[:CANDIDATES_MAX]
        )
        return self._names[-likest[1]] if likest[0] >= LIKE_MIN else None
