import pytest

from smpp_router.compliance.glyphs import MARKS_AT, SYLLABLES_AT, glyphs


def seen(text: str) -> str:
    return glyphs().light.lines([text])[:-1]


def heard(text: str) -> str:
    return glyphs().sound.translate(text)


@pytest.mark.parametrize(
    ("written", "plain"),
    [("Ａ", "a"), ("１", "1"), ("①", "1"), ("❶", "1"), ("𝟗", "9"), ("貸", "贷"), ("萬", "万"), ("а", "a"),
     ("é", "e"), ("㎏", "kg"), ("Ⅷ", "viii"), ("🅰", "a"), ("ﬁ", "fi"), ("ｶ", "カ")],
)  # fmt: skip
def test_a_character_looks_like_its_plain_form(written: str, plain: str) -> None:
    assert seen(written) == plain
    assert glyphs().light.origins(written) == [0] * len(plain)


@pytest.mark.parametrize(
    "unseen", [*"\u200b\u00ad\ufeff\u2060\ufe0f\u3000 \n\t\x00\x7f-_.,。，、！【】★丨丶😊", "\ud800"]
)
def test_what_is_read_over_is_not_seen(unseen: str) -> None:
    assert seen(unseen) == ""
    assert glyphs().light.origins(unseen) == []


def test_what_is_seen_looks_like_itself() -> None:
    codes = (*range(0x20, 0x3000), *range(0x3400, 0x9FFF), *range(0xF900, 0x10000))
    lines = glyphs().light.lines([chr(code) for code in codes])
    assert lines.count("\n") == len(codes)
    assert glyphs().light.lines(lines.split("\n")[:-1]) == lines


def test_several_texts_are_lines_whatever_is_in_them() -> None:
    assert glyphs().light.lines(["a\nb㎡", "", "\n", "℃①"]) == "abm2\n\n\nc1\n"
    assert glyphs().light.lines([]) == ""


def test_no_character_is_seen_as_one_of_those_that_stand_for_syllables_or_for_several() -> None:
    first, last = chr(SYLLABLES_AT), chr(SYLLABLES_AT + len(glyphs().syllables))
    assert seen(first + last + chr(MARKS_AT)) == ""


def test_homophones_sound_alike() -> None:
    assert heard("贷款发票微信") == heard("袋宽法漂威欣")
    assert heard("贷") == glyphs().syllables["dai"]


def test_a_rare_character_sounds_like_the_part_that_a_reader_knows() -> None:
    assert heard("渞") == heard("首")


def test_parts_of_a_character_are_found_from_left_to_right() -> None:
    tables = glyphs()
    assert [tables.wholes[number] for _, _, number in tables.pairs.find("走召代贝")] == ["超", "贷"]
    assert tables.pairs.find("女子人工手机今日生日") == []
