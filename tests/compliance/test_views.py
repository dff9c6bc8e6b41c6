import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.glyphs import glyphs
from smpp_router.compliance.views import (
    RUN_MARK,
    WORDS_MARK,
    light_view,
    light_views,
    shape_view,
    sound_of,
    sound_view,
    trace_light,
    trace_sound,
)

READ_OVER = " .-·*|/~+^_,，。、\u3000…—★●=`'\u200b\u200c\u200d\ufeff\u00ad\u2060\u180e\u200e\x08\n\r\t丨😊️"
texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("贷款微信代开发票加走召值一二三四五六七八九零0123456789abcdaikuanhttp:/.w壹𝟗㎏①Ａ"),
    ),
    max_size=60,
)


def heard(*names: str) -> str:
    return "".join(glyphs().syllables[name] for name in names)


@pytest.mark.parametrize(
    ("text", "light"),
    [
        ("代.开*发\u200b票", "代开发票"),
        ("貸款１０萬", "贷款10万"),
        ("加V信：Ａ①", "加v信a1"),
        ("电话一三八零零一三八", "电话13800138"),
        ("三八妇女节", "三八妇女节"),
        ("【招行】尾号1234", "招行尾号1234"),
        ("", ""),
        ("\ud800\x00", ""),
    ],
)
def test_the_light_view_is_what_a_reader_sees(text: str, light: str) -> None:
    assert light_view(text) == light


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("尾号4118余额3,028.40元", "尾号0余额0元"),
        ("点 http://t.cn/RvPmYtd 查", f"点{RUN_MARK}查"),
        ("单号ab12cd34ef56到了", f"单号{RUN_MARK}到了"),
        ("住 Shaw house 三楼", f"住{WORDS_MARK}三楼"),
        ("用iphone扫", "用iphone扫"),
        ("daikuandianhua", "daikuandianhua"),
    ],
)
def test_the_shape_view_forgets_numbers_and_links(text: str, shape: str) -> None:
    assert shape_view(light_view(text)) == shape


def test_a_text_in_latin_letters_keeps_them() -> None:
    light = light_view("Your parcel is held at customs, please pay the outstanding fee at once " * 2)
    assert shape_view(light) == light


@pytest.mark.parametrize("text", ["See you at 5", "Your code is 482913", "Meet us at www.example.com"])
def test_a_short_text_in_latin_letters_keeps_them_where_nothing_stands_beside_it(text: str) -> None:
    shape = shape_view(light_view(text))
    assert len(shape) > 8
    # A line of a batch has no other neighbours than a text alone.
    assert shape_view(light_views(["贷款", text, "贷款"])) == f"贷款\n{shape}\n贷款\n"


@pytest.mark.parametrize("text", ["https://t.cn/RvPmYtd", "WOSL87558177-c04d05b88d8f3bd9a-0-309-1", ""])
def test_a_code_or_a_link_alone_says_nothing(text: str) -> None:
    assert shape_view(light_view(text)) == ""


@pytest.mark.parametrize("text", ["贷款", "袋宽", "daikuan", "代贝款", "dai款", "d a i k u a n", "ＤＡＩ寬"])
def test_the_sound_view_hears_a_word_however_it_is_written(text: str) -> None:
    assert sound_of(text) == heard("dai", "kuan")


@given(texts, st.randoms(use_true_random=False))
def test_what_is_read_over_changes_no_view(text: str, rng: random.Random) -> None:
    spread = "".join(c + rng.choice(READ_OVER) * rng.randint(0, 2) for c in text)
    assert light_view(spread) == light_view(text)


@given(texts)
def test_width_changes_no_view(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert light_view(wide) == light_view(text)


@given(texts)
def test_any_text_has_its_views_and_the_ways_back_lead_into_it(text: str) -> None:
    light, sound = trace_light(text), trace_sound(text)
    assert light.text == light_view(text)
    assert sound.text == sound_of(text)
    for traced in (light, sound):
        assert "\n" not in traced.text
        assert len(traced.begins) == len(traced.ends) == len(traced.text)
        assert all(0 <= b < e <= len(text) for b, e in zip(traced.begins, traced.ends, strict=True))
        assert list(traced.begins) == sorted(traced.begins)


@given(st.lists(texts, max_size=5))
def test_texts_have_the_same_views_in_a_batch(batch: list[str]) -> None:
    lights = light_views(batch)
    alone = [light_view(text) for text in batch]
    assert lights.split("\n")[:-1] == alone
    assert shape_view(lights).split("\n")[:-1] == [shape_view(light) for light in alone]
    assert sound_view(shape_view(lights)).split("\n")[:-1] == [sound_of(text) for text in batch]


def test_a_hit_is_shown_where_it_stands() -> None:
    text = "可 代。开\u200b發 票吗"
    traced = trace_light(text)
    at = traced.text.index("代开发票")
    start, end = traced.span(at, at + 4)
    assert text[start:end] == "代。开\u200b發 票"


def test_a_syllable_in_letters_is_shown_whole() -> None:
    text = "做dai-kuan吗"
    traced = trace_sound(text)
    start, end = traced.span(1, 3)
    assert text[start:end] == "dai-kuan"
