# The structure of a text - links, numbers, brackets - is looked for in a plain copy of it: full-width ASCII
# made narrow, dots and slashes of other scripts made ASCII, invisible characters left out.
#
# Rule 1: a plain character stands for exactly one of the text, and `offsets` says for which, so that
#         whatever is found can be shown where it stands.
# Rule 2: nothing is taken for something that a reader would not see there too.
"""A text's plain copy, with the way back to the original."""

import re
from typing import Final

import attrs

INVISIBLE: Final = frozenset(
    chr(code)
    for code in (
        0x00AD,
        0x034F,
        0x061C,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0x3164,
        *range(0xFE00, 0xFE10),
        0xFEFF,
        0xFFA0,
        *range(0xE0000, 0xE0080),
    )
)
"""Characters that no handset shows: soft hyphens, joiners, direction marks, variation selectors, tags."""

_NARROW: Final = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    0x3000: 0x20,
    0x00A0: 0x20,
    **dict.fromkeys(range(0x2000, 0x200B), 0x20),
    0x202F: 0x20,
    0x205F: 0x20,
    # Roman numerals that are letters to whoever reads them, and to programs that open links.
    **dict(zip(range(0x217C, 0x2180), b"lcdm", strict=True)),
    **dict(zip(range(0x216C, 0x2170), b"LCDM", strict=True)),
    0x2170: 0x69,
    0x2174: 0x76,
    0x2179: 0x78,
    0x2160: 0x49,
    0x2164: 0x56,
    0x2169: 0x58,
    # A dot, a slash and hyphens like those of a host.
    0x2024: 0x2E,
    0x2044: 0x2F,
    0x2215: 0x2F,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2012: 0x2D,
    0x2013: 0x2D,
}


_NARROW_SIGNS: Final = {chr(wide): chr(narrow) for wide, narrow in _NARROW.items()}
_NARROWED: Final = re.compile(f"[{''.join(_NARROW_SIGNS)}]")
# A class of characters of the first plane takes a hundredth of the time of one that has others too.
_INVISIBLE: Final = re.compile(f"[{''.join(sorted(sign for sign in INVISIBLE if ord(sign) <= 0xFFFF))}]")
_TAG: Final = re.compile("[\U000e0000-\U000e007f]")

STOP: Final = re.compile("[\u3002\uff61](?<=[0-9A-Za-z].)(?=[0-9A-Za-z])")
"""A full stop that stands between the labels of a host (RFC 3490 section 3.1) and ends no sentence."""


WORDS: Final[dict[str, str]] = {
    "stop": "\u3002 \uff61",
    "unusual": " ".join(
        [*INVISIBLE, *(wide for wide, narrow in _NARROW_SIGNS.items() if narrow.isalnum() or narrow in "./")]
    ),
}
"""A text with nothing unusual has the letters, digits, slashes and, but where STOP fits, dots of its copy."""


@attrs.define(eq=False)
class Plain:
    """A plain copy. `offsets[i]` is where in the text character i stands; None: at i itself."""

    text: str = attrs.field(repr=False)
    offsets: list[int] | None = attrs.field(default=None, repr=False)
    invisible: int = 0
    """How many invisible characters were left out."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where text[start:end] of the copy stands in the original."""
        if self.offsets is None or start == end:
            return (start, end) if self.offsets is None else (self._at(start), self._at(start))
        return self.offsets[start], self.offsets[end - 1] + 1

    def _at(self, index: int) -> int:
        assert self.offsets is not None
        return (
            self.offsets[index]
            if index < len(self.offsets)
            else (self.offsets[-1] + 1 if self.offsets else 0)
        )


def _narrowed(match: "re.Match[str]") -> str:
    return _NARROW_SIGNS[match[0]]


def plain(text: str) -> Plain:
    """Return a text's plain copy."""
    if text.isascii():
        return Plain(text)
    narrow = _NARROWED.sub(_narrowed, text)
    if _INVISIBLE.search(narrow) is None and _TAG.search(narrow) is None:
        return Plain(STOP.sub(".", narrow))
    offsets = [at for at, sign in enumerate(narrow) if sign not in INVISIBLE]
    seen = "".join([narrow[at] for at in offsets])
    return Plain(STOP.sub(".", seen), offsets, len(narrow) - len(offsets))
