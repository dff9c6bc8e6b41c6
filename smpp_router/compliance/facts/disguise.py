# Writing that people read and machines stumble over. What is looked for is what nobody does by accident:
#
#   separators    four Chinese characters and more with a sign between each two, five with spaces: 优.惠.大.酬
#   split         a radical that stands alone: 亻言 for 信
#   variants      letters or digits in circles and the like, several in a row: ⓥⓧ, ➊➌➑,
#                 and digits as one says those of a telephone, such as 幺三八零零,
#                 and Cyrillic letters in Latin words
#   traditional   characters that the simplified market does not write, three and more of them
"""Disguises of texts."""

import re
from collections.abc import Container, Iterator
from functools import cache
from typing import Final, Literal

import attrs

from smpp_router.compliance.glyphs import glyphs

Disguise = Literal["separators", "split", "variants", "traditional"]

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_SIGN: Final = rf"[^\w\s{_HAN}，。！？、；：,!?;:《》“”‘’（）()【】\[\]<>…—～~/%％¥￥+=\u2019\u201d]"
_SEPARATED: Final = re.compile(rf"[{_HAN}](?:(?:{_SIGN}|_){{1,2}}[{_HAN}]){{3,64}}(?![{_HAN}]{{4}})")
_SEPARATOR: Final = re.compile(_SIGN)
_SPACED: Final = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:[ \u3000][{_HAN}]){{4,64}}(?![{_HAN}])")
_RADICALS: Final = frozenset("亻钅氵扌犭纟讠饣忄礻衤冖勹辶彳疒阝丬艹罒刂灬宀攵牜虍糹訁釒飠")
_LETTERS: Final = (
    "\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189\U0001d400-\U0001d7ff"
)
_NUMBERS: Final = "\u2460-\u2473\u2776-\u2793\u3220-\u3243\u3280-\u32b0"
_VARIANTS: Final = re.compile(f"[{_LETTERS}]{{2,64}}|[{_NUMBERS}]{{3,64}}")
_MIXED: Final = re.compile("[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
"""Letters of two alphabets that look alike, in one word."""
_SPOKEN: Final = re.compile("[零〇一二三四五六七八九]{0,20}幺[零〇一二三四五六七八九幺]{4,20}")
"""A number to call as one says it: 幺三八零零."""
_SPACES_MIN: Final = 4
TRADITIONAL_MIN: Final = 3
"""A name has one or two."""
ALL: Final = frozenset({"split", "variants", "traditional"})


@attrs.frozen
class Found:
    """A disguise and where it stands."""

    disguise: Disguise
    start: int
    end: int


def words() -> dict[str, str]:
    """Return what disguises but for separators cannot be without: see needed.py.

    The first call takes some 20 ms; whoever screens makes it before there is traffic.
    """
    return {
        "split": " ".join(_RADICALS),
        "variants": " ".join(["幺", *_signs(_LETTERS + _NUMBERS + "\u0400-\u04ff")]),
        "traditional": " ".join(traditional_signs()),
    }


def _signs(ranges: str) -> Iterator[str]:
    for first, last in zip(ranges[::3], ranges[2::3], strict=True):
        yield from map(chr, range(ord(first), ord(last) + 1))


def find_disguises(text: str, possible: Container[str] = ALL) -> tuple[Found, ...]:
    """Find the disguises of a text, each once; but for separators, only those that are `possible`."""
    if text.isascii():
        return ()
    found: list[Found] = []
    separated = _SEPARATED.search(text) if "_" in text or _SEPARATOR.search(text) else None
    if separated is None and text.count(" ") + text.count("\u3000") >= _SPACES_MIN:
        separated = _SPACED.search(text)
    if separated is not None:
        found.append(Found("separators", *separated.span()))
    if "split" in possible:
        split = next((at for at, sign in enumerate(text) if sign in _RADICALS), None)
        if split is not None:
            found.append(Found("split", split, split + 1))
    if "variants" in possible:
        variants = _VARIANTS.search(text) or _SPOKEN.search(text) or _MIXED.search(text)
        if variants is not None:
            found.append(Found("variants", *variants.span()))
    if "traditional" in possible:
        traditional = traditional_signs()
        old = [at for at, sign in enumerate(text) if sign in traditional]
        if len(old) >= TRADITIONAL_MIN:
            found.append(Found("traditional", old[0], old[-1] + 1))
    return tuple(found)


@cache
def traditional_signs() -> frozenset[str]:
    """Return the characters that a reader of simplified ones knows by another form."""
    signs = "".join(map(chr, range(0x3400, 0xA000)))
    seen = glyphs().light.translate(signs)
    return frozenset(sign for sign, plain in zip(signs, seen, strict=True) if plain not in (sign, "\0"))
