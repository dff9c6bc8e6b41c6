import datetime
import random
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.compliance import textscreen
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.lexicon import HEAD_LINE, read_terms
from smpp_router.compliance.model import shipped_model
from smpp_router.compliance.textscreen import TextFindings, TextScreen

DAY = datetime.date(2026, 5, 1)
ROWS = ("代开发票\tinvoice\t*\thold\t3", "满100减50\tpromo\t*\ttag\t1", "最佳\tbest\tmarketing\ttag\t1")


@cache
def keywords(*rows: str) -> Keywords:
    return Keywords(read_terms([("f", "\n".join([HEAD_LINE, *rows]))]))


def a_screen(*rows: str) -> TextScreen:
    return TextScreen(keywords(*(rows or ROWS)), shipped_model(), DAY)


def one(screen: TextScreen, text: str, traffic_class: str = "", day: datetime.date = DAY) -> TextFindings:
    return screen.screen([text], [traffic_class], day)[0]


def values(found: TextFindings) -> tuple[object, ...]:
    return found.illicit, found.categories, found.keywords, found.symbols


def test_a_template_is_screened_once() -> None:
    screen = a_screen()
    first = one(screen, "您的验证码是123456，5分钟内有效")
    assert one(screen, "您的验证码是987650，3分钟内有效") is first
    counts = screen.statistics()
    assert (counts.hits, counts.misses) == (1, 1)


def test_a_template_does_not_decide_where_digits_do() -> None:
    screen = a_screen()
    for text, score in (("满200减30", 0.0), ("满100减50", 1.0), ("满999减99", 0.0), ("满100减50", 1.0)):
        assert one(screen, text).keywords.score == score
    batch = ["满300减30", "满100减50", "满400减40"]
    assert [f.keywords.score for f in screen.screen(batch, [""] * 3, DAY)] == [0, 1, 0]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.from_regex(re.compile("(满[0-9]{3}减[0-9]{2}|代开发票|最佳|[0-9]|您好|a){0,4}"), fullmatch=True),
        max_size=12,
    )
)
def test_what_is_kept_is_what_would_be_found(texts: list[str]) -> None:
    screen = a_screen()
    again = [*texts, *texts]
    found = screen.screen(again, [""] * len(again), DAY)
    for text, got in zip(again, found, strict=True):
        assert values(got) == values(one(a_screen(), text))


def test_the_term_that_asks_for_most_comes_first() -> None:
    found = one(a_screen("甲甲\ta\t*\ttag\t9", "乙乙\tb\t*\thold\t1"), "甲甲乙乙")
    assert found.symbols[0].name == "TERM_B"
    assert found.actions == {"hold"}
    assert one(a_screen(), "您好").actions == {"accept"}


def test_terms_raise_the_probability_and_leave_the_models_alone() -> None:
    text = "我司可代开发票"
    plain, with_term = one(a_screen("甲甲\ta\t*\ttag\t9"), text), one(a_screen(), text)
    assert plain.illicit == plain.model == with_term.model < with_term.illicit <= 1


def test_classes_and_days_have_their_own_answers() -> None:
    screen = a_screen()
    assert one(screen, "最佳", "marketing").keywords.score == 1
    assert one(screen, "最佳", "verification").keywords.score == 0
    timed = a_screen("最佳\tbest\t*\ttag\t1\t-\t-\t2026-05-01")
    assert one(timed, "最佳").keywords.score == 1
    assert one(timed, "最佳", day=datetime.date(2026, 5, 2)).keywords.score == 0


def test_a_new_lexicon_holds_from_the_next_batch_on_and_nothing_old_is_kept() -> None:
    screen = a_screen()
    assert one(screen, "代开发票").keywords.score == 3
    versions = screen.versions
    screen.swap(keywords=keywords("代开发票\tinvoice\t*\thold\t1"))
    assert one(screen, "代开发票").keywords.score == 1
    assert screen.versions[0] != versions[0]
    assert screen.versions[1] == versions[1]


def test_the_oldest_template_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = a_screen()
    monkeypatch.setattr(textscreen, "TEMPLATES_MAX", 3)
    for text in "甲乙丙丁":
        one(screen, text)
    assert screen.statistics().evicted == 1
    one(screen, "丁")
    assert screen.statistics().hits == 1
    one(screen, "甲")
    assert screen.statistics().misses == 5


@settings(deadline=None)
@given(st.lists(st.text(), max_size=8))
def test_any_text_gets_an_answer(texts: list[str]) -> None:
    found = a_screen().screen(texts, [""] * len(texts), DAY)
    assert all(0 <= one.illicit <= 1 for one in found)
    assert len(found) == len(texts)


@settings(deadline=None, max_examples=40)
@given(
    st.text(st.sampled_from("代开发票满100减50最佳abc贷款加微信您好积分"), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_invisible_separating_and_wide_characters_lower_no_score(text: str, rng: random.Random) -> None:
    screen = a_screen()
    plain = one(screen, text)
    spread = "".join(c + rng.choice("\u200b -.·\u3000｜|") for c in text)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in spread)
    for changed in (spread, wide):
        got = one(screen, changed)
        assert got.illicit == plain.illicit
        assert got.keywords.score == plain.keywords.score
        assert got.categories == plain.categories


QUOTED = "【市公安局】谨防诈骗：凡是说日息万三的都不要信"


def test_terms_in_a_text_that_only_warns_are_quotations() -> None:
    screen = a_screen("日息万三\tloan_rate\t\thold\t3.0\t\t")
    warned = one(screen, QUOTED)
    assert "WARNING" in [symbol.name for symbol in warned.symbols]
    assert warned.actions == {"tag"}
    assert warned.illicit < max(warned.model, 0.05)
    led = one(screen, QUOTED + "，核实请加微信abc12345")
    assert led.actions == {"hold"}
    assert led.illicit > led.model


def test_what_is_refused_in_every_context_is_so_in_a_warning() -> None:
    assert one(a_screen("日息万三\tloan_rate\t\trefuse\t3.0\t\t"), QUOTED).actions == {"refuse"}


def test_a_template_does_not_decide_where_the_digits_of_a_phrase_excuse_a_term() -> None:
    screen = a_screen("优惠\tpromo\t*\ttag\t1\t\t\t\t9折优惠")
    for text, score in (("9折优惠", 0.0), ("8折优惠", 1.0), ("9折优惠", 0.0), ("19折优惠", 0.0)):
        assert one(screen, text).keywords.score == score
