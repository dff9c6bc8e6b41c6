import pytest

from smpp_router.compliance.glyphs import SYLLABLES_AT, glyphs


@pytest.mark.parametrize(
    ("written", "seen"),
    [("Ａ", "a"), ("１", "1"), ("①", "1"), ("❶", "1"), ("𝟗", "9"), ("貸", "贷"), ("萬", "万"), ("а", "a"),
     ("é", "e"), ("㎏", "kg"), ("Ⅷ", "viii"), ("🅰", "a"), ("ﬁ", "fi"), ("ｶ", "カ")],
)  # fmt: skip
def test_a_character_looks_like_its_plain_form(written: str, seen: str) -> None:
    assert written.translate(glyphs().light) == seen


@pytest.mark.parametrize(
    "unseen", [*"\u200b\u00ad\ufeff\u2060\ufe0f\u3000 \n\t\x00\x7f-_.,。，、！【】★丨丶😊", "\ud800"]
)
def test_what_is_read_over_is_not_seen(unseen: str) -> None:
    assert unseen.translate(glyphs().light) == ""


def test_what_is_seen_looks_like_itself() -> None:
    light = glyphs().light
    for code in (*range(0x20, 0x3000), *range(0x3400, 0x9FFF), *range(0xF900, 0x10000)):
        seen = chr(code).translate(light)
        assert seen.translate(light) == seen, hex(code)


def test_no_character_is_seen_as_one_of_those_that_stand_for_syllables() -> None:
    first, last = chr(SYLLABLES_AT), chr(SYLLABLES_AT + len(glyphs().syllables))
    assert (first + last).translate(glyphs().light) == ""


def test_homophones_sound_alike() -> None:
    sound = glyphs().sound
    assert "贷款发票微信".translate(sound) == "袋宽法漂威欣".translate(sound)
    assert "贷".translate(sound) == glyphs().syllables["dai"]


def test_a_rare_character_sounds_like_the_part_that_a_reader_knows() -> None:
    assert "渞".translate(glyphs().sound) == "首".translate(glyphs().sound)


def test_parts_of_a_character_are_found_from_left_to_right() -> None:
    tables = glyphs()
    assert [tables.wholes[number] for _, _, number in tables.pairs.find("走召代贝")] == ["超", "贷"]
    assert tables.pairs.find("女子人工手机今日生日") == []
