# The tables of glyphs.npz. `python -m benchmarks.compliance.glyphs` makes the file and tells its sources.
#
# A table is an array from code to code: a batch of texts is translated in one step. What becomes several
# characters becomes a mark there first, a code of the last private plane, which no view holds otherwise;
# there are few of them in a text. Syllables are codes of the private use area, which the light view never
# holds either.
"""Tables of characters: what each looks like and sounds like, and which two are read as one."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
import daachorse
import numpy as np
from numpy.typing import NDArray

SYLLABLES_AT = 0xE000
"""The code of the first syllable."""


MARKS_AT = 0x10F000
"""The code of the first mark."""
_MARK = re.compile(f"[{chr(MARKS_AT)}-\U0010ffff]")
_LINE_END = 0x0A


class Table:
    """From each code to the code or text that stands for it."""

    def __init__(self, codes: NDArray[np.uint32], expansions: dict[int, str]) -> None:
        """Take `codes` as they are, and write marks for the expansions into them."""
        self._codes = codes
        self._texts = list(expansions.values())
        codes[list(expansions)] = np.arange(len(expansions)) + MARKS_AT

    def lines(self, texts: Sequence[str]) -> str:
        """Translate texts to a line each; no line end is let through."""
        if not texts:
            return ""
        codes = self._codes.take(as_codes("\n".join((*texts, ""))))
        end = -1
        for text in texts:
            end += len(text) + 1
            codes[end] = _LINE_END
        return _MARK.sub(self._expansion, as_text(codes[codes.nonzero()]))

    def _expansion(self, mark: re.Match[str]) -> str:
        return self._texts[ord(mark[0]) - MARKS_AT]

    def translate(self, text: str) -> str:
        """Translate a text whose characters all have one that stands for them."""
        return as_text(self._codes.take(as_codes(text)))

    def origins(self, text: str) -> list[int]:
        """For each character of a text's line, which one of the text it comes from."""
        codes = self._codes.take(as_codes(text))
        times = (codes != 0).astype(np.intp)
        marks: list[int] = np.flatnonzero(codes >= MARKS_AT).tolist()
        for i in marks:
            times[i] = len(self._texts[int(codes[i]) - MARKS_AT])
        origins: list[int] = np.repeat(np.arange(len(codes)), times).tolist()
        return origins


# "utf-32" with its mark, in the machine's own order, is known to the interpreter itself; "utf-32-le" is
# looked up as a codec, which takes a multiple of the time for one text.
_MARK_OCTETS = 4


def as_codes(text: str) -> NDArray[np.uint32]:
    """The codes of a text; lone surrogates have theirs."""
    return np.frombuffer(text.encode("utf-32", "surrogatepass"), np.uint32, -1, _MARK_OCTETS)


def as_text(codes: NDArray[np.uint32]) -> str:
    """The text of codes, of which the first is no byte order mark: no view has one."""
    return codes.tobytes().decode("utf-32", "surrogatepass")


@attrs.frozen(kw_only=True, eq=False)
class Glyphs:
    """All tables."""

    light: Table
    """What a reader sees; nothing for what is not seen or read over."""
    sound: Table
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
    sound = np.arange(0x110000, dtype=np.uint32)
    sound[tables["sound_from"]] = tables["sound_to"].astype(np.uint32) + SYLLABLES_AT
    expansions: dict[int, str] = dict(
        zip(tables["expansion_from"].tolist(), tables["expansion_to"].tolist(), strict=True)
    )
    pairs: list[tuple[int, int, int]] = tables["pairs"].tolist()
    return Glyphs(
        light=Table(light, expansions),
        sound=Table(sound, {}),
        syllables={name: chr(SYLLABLES_AT + i) for i, name in enumerate(tables["syllables"].tolist())},
        pairs=daachorse.CharwiseDoubleArrayAhoCorasick([chr(left) + chr(right) for left, right, _ in pairs]),
        wholes="".join(chr(whole) for _, _, whole in pairs),
    )
