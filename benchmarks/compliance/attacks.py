# Ways to write so that filters do not read it. Each is a function of a text and chance; what it may
# choose from comes in two disjoint tables: one for training, one that training never sees.
"""Evasive writing, for training and for measuring."""

import random
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
import numpy as np

Attack = Callable[[str, random.Random], str]


@attrs.frozen(kw_only=True)
class Tables:
    """What attacks choose from."""

    separators: str
    invisible: str
    homophones: dict[str, str]
    """By character: others of its sound."""
    splits: dict[str, tuple[str, ...]]
    lookalikes: dict[str, str]
    pinyin: dict[str, str]
    traditional: dict[str, str]
    fillers: tuple[str, ...]


SEPARATORS = (" .-·*|/~+^_,，。、", "\u3000…—※★●◆=`'\"：；!？丨丶☆→﹒")
INVISIBLE = ("\u200b\u200c\u200d\ufeff\u00ad", "\u2060\u2061\u180e\u200e\u202c\u034f\ufe0f\x08")
FILLERS = (
    ("祝您生活愉快", "感谢您的支持", "如有打扰请谅解", "天气转凉注意保暖"),
    ("新的一天请保持微笑", "愿您阖家安康", "路上注意安全", "记得按时吃饭"),
)
CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
SPELLED = "零一二三四五六七八九"


@cache
def tables(number: int) -> Tables:
    """Table 0 is for training, table 1 for measuring only; what both can choose is divided between them."""
    with (files("smpp_router.compliance") / "glyphs.npz").open("rb") as file:
        stored: Any = np.load(file, allow_pickle=False)
        glyphs: dict[str, list[Any]] = {name: stored[name].tolist() for name in stored.files}
    sound = dict(zip(map(chr, glyphs["sound_from"]), glyphs["sound_to"], strict=True))
    by_sound: dict[int, list[str]] = {}
    rare: dict[int, list[str]] = {}
    for character, syllable in sound.items():
        (by_sound if _level_1(character) else rare).setdefault(syllable, []).append(character)
    mine = [character for character in sound if ord(character) % 2 == number]
    keep = set(mine)
    splits: dict[str, list[str]] = {}
    for left, right, whole in glyphs["pairs"]:
        splits.setdefault(chr(whole), []).append(chr(left) + chr(right))
    traditional: dict[str, str] = {}
    for code, to in zip(glyphs["light_from"], glyphs["light_to"], strict=True):
        if 0x4E00 <= code <= 0x9FFF:
            traditional.setdefault(chr(to), chr(code))
    return Tables(
        separators=SEPARATORS[number],
        invisible=INVISIBLE[number],
        homophones={
            c: others
            for c, syllable in sound.items()
            if (others := "".join(o for o in by_sound.get(syllable, ()) if o in keep and o != c))
        },
        splits={whole: tuple(parts[number::2] or parts) for whole, parts in splits.items()},
        lookalikes={
            c: others
            for c, syllable in sound.items()
            if _level_1(c) and (others := "".join(o for o in rare.get(syllable, ()) if o in keep)[:12])
        },
        pinyin={c: glyphs["syllables"][syllable] for c, syllable in sound.items()},
        traditional=traditional,
        fillers=FILLERS[number],
    )


def _level_1(character: str) -> bool:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and code[0] < 0xD8


def attacks(number: int) -> dict[str, Attack]:
    """All families by name, with the choices of one table."""
    t = tables(number)
    families: dict[str, Attack] = {
        "separators": lambda text, rng: _between(text, rng, t.separators, 0.5),
        "spaces": lambda text, rng: _between(text, rng, " ", 0.9),
        "invisible": lambda text, rng: _between(text, rng, t.invisible, 0.5),
        "full width": lambda text, rng: "".join(_wide(c) if rng.random() < 0.8 else c for c in text),
        "traditional": lambda text, rng: _each(text, rng, t.traditional, 0.8),
        "homophones": lambda text, rng: _each(text, rng, t.homophones, 0.3),
        "split characters": lambda text, rng: "".join(
            rng.choice(t.splits[c]) if c in t.splits and rng.random() < 0.5 else c for c in text
        ),
        "rare characters": lambda text, rng: _each(text, rng, t.lookalikes, 0.3),
        "pinyin": lambda text, rng: "".join(
            t.pinyin[c] if c in t.pinyin and rng.random() < 0.2 else c for c in text
        ),
        "digits": lambda text, rng: "".join(
            rng.choice((SPELLED, CIRCLED))[int(c)] if c.isascii() and c.isdigit() else c for c in text
        ),
        "emoji": lambda text, rng: _between(text, rng, "😊🔥💰❤️👍🎉"[number::2], 0.25),
        "case and letters": _letters,
        "filler": lambda text, rng: f"{rng.choice(t.fillers)}{text}{rng.choice(t.fillers)}",
        "order": _swapped,
    }
    families["mixed"] = lambda text, rng: _mixed(text, rng, families)
    return families


def _between(text: str, rng: random.Random, choices: str, share: float) -> str:
    return "".join(c + rng.choice(choices) if rng.random() < share else c for c in text)


def _each(text: str, rng: random.Random, table: dict[str, str], share: float) -> str:
    return "".join(rng.choice(table[c]) if c in table and rng.random() < share else c for c in text)


def _wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


LETTERS = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")


def _letters(text: str, rng: random.Random) -> str:
    return "".join(
        c.translate(LETTERS) if rng.random() < 0.5 else (c.upper() if rng.random() < 0.5 else c) for c in text
    )


def _swapped(text: str, rng: random.Random) -> str:
    """Neighbours change places here and there; a reader hardly sees it."""
    characters = list(text)
    i = 0
    while i + 1 < len(characters):
        if rng.random() < 0.08:
            characters[i], characters[i + 1] = characters[i + 1], characters[i]
            i += 1
        i += 1
    return "".join(characters)


def _mixed(text: str, rng: random.Random, families: dict[str, Attack]) -> str:
    names = [name for name in families if name not in ("mixed", "filler")]
    for name in rng.sample(names, 3):
        text = families[name](text, rng)
    return text
