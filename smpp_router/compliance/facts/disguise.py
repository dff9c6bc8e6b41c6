# Writing that people read and machines stumble over. What is looked for is what nobody does by accident:
#
#   separators    four Chinese characters and more with a sign between each two, five with spaces: 优.惠.大.酬
#   split         a radical that stands alone: 亻言 for 信
#   variants      letters or digits in circles and the like, several in a row: ⓥⓧ, ➊➌➑
#   traditional   characters that the simplified market does not write, three and more of them
"""Disguises of texts."""

import re
from functools import cache
from typing import Final, Literal

import attrs

from smpp_router.compliance.glyphs import glyphs

Disguise = Literal["separators", "split", "variants", "traditional"]

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_SIGN: Final = rf"[^\w\s{_HAN}，。！？、；：,!?;:《》“”‘’（）()【】\[\]<>…—～~/%％¥￥+=\u2019\u201d]"
_SEPARATED: Final = re.compile(rf"[{_HAN}](?:(?:{_SIGN}|_){{1,2}}[{_HAN}]){{3,}}(?![{_HAN}]{{4}})")
_SPACED: Final = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:[ \u3000][{_HAN}]){{4,}}(?![{_HAN}])")
_RADICALS: Final = frozenset("亻钅氵扌犭纟讠饣忄礻衤冖勹辶彳疒阝丬艹罒刂灬宀攵牜虍糹訁釒飠")
_VARIANTS: Final = re.compile(
    "[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189\U0001d400-\U0001d7ff]{2,}"
    "|[\u2460-\u2473\u2776-\u2793\u3220-\u3243\u3280-\u32b0]{3,}"
)
_SPACES_MIN: Final = 4
TRADITIONAL_MIN: Final = 3
"""A name has one or two."""


@attrs.frozen
class Found:
    """A disguise and where it stands."""

    disguise: Disguise
    start: int
    end: int


def find_disguises(text: str) -> tuple[Found, ...]:
    """Find the disguises of a text, each once."""
    if text.isascii():
        return ()
    found: list[Found] = []
    separated = _SEPARATED.search(text)
    if separated is None and text.count(" ") + text.count("\u3000") >= _SPACES_MIN:
        separated = _SPACED.search(text)
    if separated is not None:
        found.append(Found("separators", *separated.span()))
    if not _RADICALS.isdisjoint(text):
        at = next(at for at, sign in enumerate(text) if sign in _RADICALS)
        found.append(Found("split", at, at + 1))
    variants = _VARIANTS.search(text)
    if variants is not None:
        found.append(Found("variants", *variants.span()))
    traditional = traditional_signs()
    if not traditional.isdisjoint(text):
        old = [at for at, sign in enumerate(text) if sign in traditional]
        if len(old) >= TRADITIONAL_MIN:
            found.append(Found("traditional", old[0], old[-1] + 1))
    return tuple(found)


@cache
def traditional_signs() -> frozenset[str]:
    """Return the characters that a reader of simplified ones knows by another form.

    The first call takes some 20 ms; whoever screens makes it before there is traffic.
    """
    signs = "".join(map(chr, range(0x3400, 0xA000)))
    seen = glyphs().light.translate(signs)
    return frozenset(sign for sign, plain in zip(signs, seen, strict=True) if plain not in (sign, "\0"))
