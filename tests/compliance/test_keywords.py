import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.keywords import CATEGORY_CAP, KeywordFindings, Keywords, findings
from smpp_router.compliance.lexicon import HEAD_LINE, read_terms
from smpp_router.compliance.views import light_view, shape_view, sound_view

DAY = datetime.date(2026, 5, 1)


def keywords(*rows: str) -> Keywords:
    lines = [row.replace("  ", "\t") for row in rows]
    return Keywords(read_terms([("f", "\n".join([HEAD_LINE, *lines]))]))


def found(words: Keywords, text: str, traffic_class: str = "", day: datetime.date = DAY) -> KeywordFindings:
    light = light_view(text) + "\n"
    (hits,) = words.hits(light, sound_view(shape_view(light)), 1)
    return findings(text, hits, traffic_class, day)


INVOICE = "代开发票  invoice  *  hold  3  法  -  -  严禁代开发票|不代开发票  sound"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("可代开发票吗", "代开发票"),
        ("可代 開。发\u200b票吗", "代 開。发\u200b票"),
        ("可岱开髮漂吗", "岱开髮漂"),
        ("可daikaifapiao吗", "daikaifapiao"),
    ],
)
def test_a_term_is_found_however_it_is_written_and_shown_where_it_stands(text: str, shown: str) -> None:
    (symbol,) = found(keywords(INVOICE), text).symbols
    assert text[symbol.start : symbol.end] == shown
    assert (symbol.name, symbol.score, symbol.source) == ("TERM_INVOICE", 3.0, "法")


@pytest.mark.parametrize("text", ["我司严禁代开发票", "严 禁代開发票", "言午可发票", "晚上去吃饭"])
def test_an_innocent_phrase_is_none(text: str) -> None:
    assert found(keywords(INVOICE), text).symbols == ()


def test_an_innocent_phrase_excuses_only_what_stands_in_it() -> None:
    assert len(found(keywords(INVOICE), "严禁代开发票。代开发票找我").symbols) == 1


def test_a_term_does_not_begin_or_end_within_a_number() -> None:
    words = keywords("0元领  lure  *  tag  1  法", "买1  offer  *  tag  1  法")
    assert [symbol.name for symbol in found(words, "现在0 元领，买1送1").symbols] == [
        "TERM_LURE",
        "TERM_OFFER",
    ]
    assert found(words, "满100元领，买10件").symbols == ()


def test_a_term_whose_letters_its_sound_forgets_stands_for_any_name_but_no_link() -> None:
    words = keywords("加telegram  contact  *  tag  1  法  -  -  -  sound")
    for text in ("请 加Tele gram", "想看的加 faipiao_zm", "想看的添加fai.piao_zm"):
        assert len(found(words, text).symbols) == 1, text
    for text in ("请评价https://example.com/pj", "请加https://example.com/pj", "参与者与专家faipiaozm"):
        assert found(words, text).symbols == (), text


def test_a_term_counts_in_its_classes_and_in_its_time() -> None:
    words = keywords("最佳  superlative  marketing  tag  0.5  法  2026-01-01  2026-12-31")
    assert found(words, "最佳", "marketing").score == 0.5
    assert found(words, "最佳", "verification").score == 0
    assert found(words, "最佳", "marketing", datetime.date(2025, 12, 31)).score == 0
    assert found(words, "最佳", "marketing", datetime.date(2027, 1, 1)).score == 0


def test_terms_of_a_category_add_up_to_its_cap() -> None:
    words = keywords(*(f"词{c}  many  *  tag  4" for c in "甲乙丙丁戊己"))
    text = "".join(f"词{c}" for c in "甲乙丙丁戊己")
    assert found(words, text).score == CATEGORY_CAP
    assert sum(symbol.score for symbol in found(words, text).symbols) == CATEGORY_CAP
    assert found(words, "词甲词甲词甲").score == 4.0


def test_the_longer_of_two_terms_of_a_category_counts() -> None:
    words = keywords("贷款  loan  *  tag  1", "无抵押贷款  loan  *  hold  2", "贷款  other  *  tag  1")
    assert [(s.name, s.score) for s in found(words, "无抵押贷款").symbols] == [
        ("TERM_LOAN", 2.0),
        ("TERM_OTHER", 1.0),
    ]


def test_the_severest_action_is_asked_for_by_its_term() -> None:
    words = keywords("甲  a  *  tag  1", "乙  b  *  refuse  1", "丙  c  *  hold  1")
    action, symbol = found(words, "甲乙丙").severest
    assert symbol is not None
    assert (action, symbol.name) == ("refuse", "TERM_B")
    assert found(words, "丁").severest == ("accept", None)


@given(st.lists(st.text(st.sampled_from("代开发票贷款abc0"), max_size=12), min_size=1, max_size=6))
def test_a_text_has_the_same_terms_in_any_batch(batch: list[str]) -> None:
    words = keywords(INVOICE, "贷款  loan  *  tag  1", "a  letter  *  tag  1", "发票贷款  x  *  tag  1")
    lights = "".join(light_view(text) + "\n" for text in batch)
    together = words.hits(lights, sound_view(shape_view(lights)), len(batch))
    for text, hits in zip(batch, together, strict=True):
        assert findings(text, hits, "", DAY) == found(words, text)


def test_where_digits_may_make_a_term_it_is_said() -> None:
    words = keywords("满100减50  promo  *  tag  1")
    assert words.lines_with_digits("您好\n满000减00\n满00减00\n\n满000减00满000减00\n") == {1, 4}
    assert keywords(INVOICE).lines_with_digits("满000减00\n") == set()


def test_within_a_longer_number_no_digits_make_a_term() -> None:
    words = keywords("618  promo  *  tag  1", "0元领  promo  *  tag  1")
    assert words.lines_with_digits("验证码000000\n在000大促\n00000000000\n000000和000\n00元领\n0元领") == {
        1,
        3,
        5,
    }


def test_a_version_is_that_of_its_terms() -> None:
    one, other = keywords(INVOICE, "甲  a  *  tag  1"), keywords("甲  a  *  tag  1", INVOICE)
    assert one.version == other.version != keywords(INVOICE).version


def test_a_large_lexicon_is_made_with_pauses_in_which_others_run() -> None:
    terms = read_terms(
        [("f", "\n".join([HEAD_LINE, *(f"词{i}语{i * 7}\tc\t*\ttag\t1" for i in range(5_000))]))]
    )
    pauses: list[int] = []
    made = Keywords(terms, lambda: pauses.append(1))
    assert len(pauses) >= 5_000 // 256
    assert found(made, "词42语294").score == 1
