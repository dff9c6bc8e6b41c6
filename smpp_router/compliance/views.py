# Three views of a text.
#
# The light view is what a reader sees: letters, digits and Chinese characters, in lower case, simplified,
# in their plain forms; everything that is read over is gone (space, punctuation, symbols, invisible and
# control characters, marks). So whatever of these is put between two characters changes nothing in any
# view, and no score can sink by it. Digits written in characters are digits. The shape view is the light
# view for the model: a number of any length is one 0, and a long run of letters and digits (a link, a
# code) is one mark. The sound view is the shape view with split characters rejoined and each character as
# its syllable, also where the syllable was written in letters. It is what is left of a text in
# homophones.
#
# A batch is viewed as one text, a line each: light_view lets no line end through. The way back to what
# was written is walked only for the few texts whose hits are shown (trace_light, trace_sound).
"""Texts as a reader sees them, with the way back to what was written."""

import re
from collections.abc import Callable, Iterator, Sequence

import attrs

from smpp_router.compliance.glyphs import glyphs

# Where a pattern begins with one character of a set, not with a repetition, re passes over a text ten times
# as fast.
#
# 三八 is as often in a word (三八妇女节) as in a number; five such characters in a row are a number.
_SPELLED = re.compile("{0}{0}{{4,}}".format("[零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两0-9]"))
_SPELLED_DIGITS = str.maketrans("零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两", "012345678912345678912")
_NUMBER = re.compile("[0-9]+")
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
# Runs of letters and numbers that say no more than that they are there: links, codes, accounts. Beyond 60,
# or where nothing stands beside it, it is a text in Latin letters; a code or a link alone says nothing.
_RUN = re.compile("[0a-z][0a-z]{7,}")
_RUN_MAX = 60
_LETTERS_A_NUMBER = 8
"""What has more numbers among its letters is a code, not a text."""
# No digit but 0 is left in a shape, so no text has these of its own.
RUN_MARK = "1"
WORDS_MARK = "2"
"""The same of letters alone that are not of a link: words of another language, for the most part."""
_OF_LINK = re.compile("0|^http|^www|(?:com|cn|net|org|top|cc|vip|xyz)$")
_LETTERS = re.compile("[a-z][a-z]+")
# Nobody writes more than a few words of a message in the letters of their sounds.
_SPELLED_SOUND_MAX = 40


def light_view(text: str) -> str:
    """What a reader sees of a text. Any str has one: lone surrogates are not seen."""
    return light_views((text,))[:-1]


def light_views(texts: Sequence[str]) -> str:
    """The light views of several texts, each followed by a line end."""
    return _SPELLED.sub(_spelled_digits, glyphs().light.lines(texts))


def _spelled_digits(match: re.Match[str]) -> str:
    return match[0].translate(_SPELLED_DIGITS)


def shape_view(light: str) -> str:
    """The light view of one text or of several, a line each, for the model."""
    return shape_of_zeroed(zeroed(light))


def loses_letters(light: str) -> bool:
    """Whether the shape of a term has a mark in place of letters, which any other letters have too."""
    return any(_is_marked(run) for run in _RUN.findall(_folded(zeroed(light))))


def shape_of_zeroed(shape: str) -> str:
    """The shape view of a light view with every digit as 0."""
    return _RUN.sub(_marked_run, _folded(shape))


def _folded(shape: str) -> str:
    # Each step halves the runs. A fifth of what re takes for it.
    while "00" in shape:
        shape = shape.replace("00", "0")
    return shape


def zeroed(light: str) -> str:
    """A view with every digit as 0, by way of UTF-8, in which digits are digits and nothing else."""
    return _zeroed(light).decode("utf-8", "surrogatepass")


def zeroed_texts(texts: Sequence[str]) -> list[bytes]:
    """Texts as written in UTF-8 with every digit as 0."""
    together = _zeroed("\n".join(texts)).split(b"\n")
    # A batch at once takes half the time; a text with a line end of its own makes it one too many.
    return together if len(together) == len(texts) else [_zeroed(text) for text in texts]


def _zeroed(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").translate(_ZEROS)


def _marked_run(match: re.Match[str]) -> str:
    run, line, begin, end = match[0], match.string, match.start(), match.end()
    if not _is_marked(run):
        return run
    if line[begin - 1 : begin] in ("", "\n") and line[end : end + 1] in ("", "\n"):
        coded = run.count("0") * _LETTERS_A_NUMBER > len(run) or run.startswith(("http", "www"))
        return "" if coded else run
    return RUN_MARK if _OF_LINK.search(run) else WORDS_MARK


def _is_marked(run: str) -> bool:
    return len(run) <= _RUN_MAX and not _sounds(run)


def sound_view(shape: str) -> str:
    """What is heard when the shape view is read aloud, a private character for each syllable."""
    tables = glyphs()
    found = tables.pairs.find(shape)
    if found:
        parts: list[str] = []
        at = 0
        for start, end, number in found:
            parts += (shape[at:start], tables.wholes[number])
            at = end
        shape = "".join((*parts, shape[at:]))
    return _LETTERS.sub(_heard, tables.sound.translate(shape))


def _heard(match: re.Match[str]) -> str:
    return _sounds(match[0]) or match[0]


# Runs of letters repeat (brands, words in letters, parts of links); what was asked is remembered.
_SOUNDS_KNOWN_MAX = 10_000
_sounds_known: dict[str, str] = {}


def _sounds(run: str) -> str:
    """The syllables that a run of letters spells without a rest; nothing, if it spells none."""
    known = _sounds_known.get(run)
    if known is None:
        known = _parse_sounds(run) if len(run) <= _SPELLED_SOUND_MAX else ""
        if len(_sounds_known) >= _SOUNDS_KNOWN_MAX:
            _sounds_known.clear()
        _sounds_known[run] = known
    return known


def _parse_sounds(run: str) -> str:
    syllables = glyphs().syllables
    # rests[i]: the syllables of run[i:]; the longest first syllable that leaves a rest of whole ones is
    # taken.
    rests: list[str | None] = [None] * len(run) + [""]
    for i in range(len(run) - 1, -1, -1):
        for length in range(min(6, len(run) - i), 1, -1):
            syllable = syllables.get(run[i : i + length])
            rest = rests[i + length]
            if syllable is not None and rest is not None:
                rests[i] = syllable + rest
                break
    return rests[0] or ""


def sound_of(text: str) -> str:
    """The sound view of one text as written."""
    return sound_view(shape_view(light_view(text)))


# --- the way back


@attrs.frozen(eq=False)
class Traced:
    """A view of one text, and for each of its characters where what it stands for begins and ends."""

    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the text as written that a part of the view stands for."""
        return self.begins[start], self.ends[end - 1]


def trace_light(text: str) -> Traced:
    """light_view, traced."""
    origins = light_origins(text)
    return Traced(light_view(text), tuple(origins), tuple(i + 1 for i in origins))


def light_origins(text: str) -> list[int]:
    """For each character of the light view, which one of the text it comes from."""
    return glyphs().light.origins(text)


def trace_sound(text: str) -> Traced:
    """The sound view of a text as written, traced."""
    tables = glyphs()
    traced = _replaced(trace_light(text), _NUMBER.finditer, lambda _: "0")
    traced = _replaced(traced, _RUN.finditer, _marked_run)
    pairs = [(start, end, tables.wholes[number]) for start, end, number in tables.pairs.find(traced.text)]
    traced = _spliced(traced, iter(pairs))
    traced = attrs.evolve(traced, text=tables.sound.translate(traced.text))
    return _replaced(traced, _LETTERS.finditer, _heard)


def _replaced(
    traced: Traced,
    find: Callable[[str], Iterator[re.Match[str]]],
    replace: Callable[[re.Match[str]], str],
) -> Traced:
    return _spliced(traced, ((m.start(), m.end(), replace(m)) for m in find(traced.text)))


def _spliced(traced: Traced, changes: Iterator[tuple[int, int, str]]) -> Traced:
    """Put texts in the place of parts; each of their characters stands for the whole part."""
    parts: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    at = 0
    for start, end, new in changes:
        if new == traced.text[start:end]:
            continue
        parts += (traced.text[at:start], new)
        begins += (*traced.begins[at:start], *([traced.begins[start]] * len(new)))
        ends += (*traced.ends[at:start], *([traced.ends[end - 1]] * len(new)))
        at = end
    parts.append(traced.text[at:])
    return Traced("".join(parts), (*begins, *traced.begins[at:]), (*ends, *traced.ends[at:]))
