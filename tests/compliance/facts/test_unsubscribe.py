import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.unsubscribe import find_unsubscribe


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("全场五折，拒收请回复R", "R"),
        ("全场五折 拒收请回R", "R"),
        ("全场五折，拒收回复 r", "R"),
        ("退订回T", "T"),
        ("拒收请回复：R", "R"),
        ("退订请回复TD", "TD"),
        ("回TD退订", "TD"),
        ("回复“N”退订", "N"),
        ("如需退订，请回复TD", "TD"),
        ("TD退订", "TD"),
        ("退订回复退订", "退订"),
        ("Big sale. Reply STOP to opt out", "STOP"),
        ("Sale! Text STOP to unsubscribe", "STOP"),
        ("Sale! Opt-out: reply STOP", "STOP"),
        ("Sale! STOP to end", "STOP"),
        ("Sale! To opt out text STOP", "STOP"),
        ("Sale! STOP=end HELP=help", "STOP"),
        ("Sale! No more texts? Reply STOP", "STOP"),
        ("Sale! Txt STOP.", "STOP"),
        ("全场五折，不接收请回R", "R"),
    ],
)
def test_an_entry_and_its_word_are_found(text: str, word: str) -> None:
    found = find_unsubscribe(text)
    assert found is not None
    assert found.word == word


@pytest.mark.parametrize(
    "text",
    [
        "全场五折",
        "不可拒收，请回复R参加",
        "拒收请回复R领取",
        "拒收请回复R1",
        "请回复R确认预约",
        "您已成功退订本业务",
        "T恤特卖",
        "stop by our shop",
        "拒收请致电客服",
        "回复1领取",
    ],
)
def test_what_only_resembles_one_is_none(text: str) -> None:
    assert find_unsubscribe(text) is None


@given(st.text(alphabet="拒收请回复退订RTDN stop，“”"))
def test_an_entry_stands_where_it_says(text: str) -> None:
    found = find_unsubscribe(text)
    if found is not None:
        assert found.word.lower() in text[found.start : found.end].lower()
