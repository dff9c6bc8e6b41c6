from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.plain import INVISIBLE, plain


@given(st.text())
def test_every_plain_character_stands_for_one_of_the_text(text: str) -> None:
    copy = plain(text)
    assert len(copy.text) + copy.invisible == len(text)
    for at in range(len(copy.text)):
        start, end = copy.span(at, at + 1)
        assert end == start + 1
        alone = plain(text[start:end]).text
        assert alone == copy.text[at] or (alone in "\u3002\uff61" and copy.text[at] == ".")


@given(st.text(), st.sampled_from(sorted(INVISIBLE)), st.data())
def test_an_invisible_character_changes_nothing(text: str, sign: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    assert plain(text[:at] + sign + text[at:]).text == plain(text).text


def test_full_width_letters_and_dots_become_narrow() -> None:
    assert plain("ｗｗｗ。ＡＢＣ．ｃｏｍ／ｘ").text == "www.ABC.com/x"


def test_a_full_stop_that_ends_a_sentence_is_no_dot() -> None:
    assert plain("发送至10086。中国移动").text == "发送至10086。中国移动"
