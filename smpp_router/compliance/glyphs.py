# The tables of glyphs.npz. `python -m benchmarks.compliance.glyphs` makes the file and tells its sources.
#
# str.translate wants a mapping from code to code or text. A Mapping here answers from the arrays and
# remembers what it was asked, so that a character costs a look into a dict; it cannot grow beyond the
# codes that there are. Syllables are codes of the private use area, which the light view never holds.
"""Tables of characters: what each looks like and sounds like, and which two are read as one."""

from functools import cache
from importlib.resources import files
from typing import Any

import attrs
import daachorse
import numpy as np
from numpy.typing import NDArray

SYLLABLES_AT = 0xE000
"""The code of the first syllable."""


class Mapping(dict[int, "int | str"]):
    """From each code to the code or text that stands for it, for str.translate."""

    def __init__(self, codes: NDArray[np.uint32], expansions: dict[int, str]) -> None:
        super().__init__(expansions)
        self._codes = codes

    def __missing__(self, code: int) -> "int | str":
        """Answer the first question after a code."""
        to = int(self._codes[code]) if code < len(self._codes) else code
        self[code] = value = to or ""
        return value


@attrs.frozen(kw_only=True, eq=False)
class Glyphs:
    """All tables."""

    light: Mapping
    """What a reader sees; nothing for what is not seen or read over."""
    sound: Mapping
    """The syllable of a Chinese character of the light view; others stand for themselves."""
    syllables: dict[str, str]
    """Each syllable without its tone, in letters, and the character that stands for it."""
    pairs: daachorse.CharwiseDoubleArrayAhoCorasick
    """Finds split characters, from left to right."""
    wholes: str
    """The character that each pair makes, by its number."""


@cache
def glyphs() -> Glyphs:
    """Return the tables; they are read from the package once, in a tenth of a second."""
    with (files("smpp_router.compliance") / "glyphs.npz").open("rb") as file:
        stored: Any = np.load(file, allow_pickle=False)
        tables: dict[str, Any] = {name: stored[name] for name in stored.files}
    light = np.arange(0x110000, dtype=np.uint32)
    for start, end in tables["unseen"].reshape(-1, 2).tolist():
        light[start:end] = 0
    light[tables["light_from"]] = tables["light_to"]
    sound = np.arange(0x10000, dtype=np.uint32)
    sound[tables["sound_from"]] = tables["sound_to"].astype(np.uint32) + SYLLABLES_AT
    expansions: dict[int, str] = dict(
        zip(tables["expansion_from"].tolist(), tables["expansion_to"].tolist(), strict=True)
    )
    pairs: list[tuple[int, int, int]] = tables["pairs"].tolist()
    return Glyphs(
        light=Mapping(light, expansions),
        sound=Mapping(sound, {}),
        syllables={name: chr(SYLLABLES_AT + i) for i, name in enumerate(tables["syllables"].tolist())},
        pairs=daachorse.CharwiseDoubleArrayAhoCorasick([chr(left) + chr(right) for left, right, _ in pairs]),
        wholes="".join(chr(whole) for _, _, whole in pairs),
    )
