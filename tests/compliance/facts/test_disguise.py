import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.disguise import find_disguises


@pytest.mark.parametrize(
    ("text", "disguise", "words"),
    [
        ("全场优.惠.大.酬.宾", "separators", "优.惠.大.酬.宾"),
        ("代*开*发*票，低价", "separators", "代*开*发*票"),
        ("加_微_信_领", "separators", "加_微_信_领"),
        ("大 额 贷 款 秒 批", "separators", "大 额 贷 款 秒 批"),
        ("加微亻言领取", "split", "亻"),
        ("联系ⓥⓧ领取", "variants", "ⓥⓧ"),
        ("拨打➊➌➑零零", "variants", "➊➌➑"),
        ("優惠大酬賓，全場半價", "traditional", "優惠大酬賓，全場半價"),
    ],
)
def test_disguises_are_found_where_they_stand(text: str, disguise: str, words: str) -> None:
    (found,) = find_disguises(text)
    assert found.disguise == disguise
    assert text[found.start : found.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "【示例】您的包裹已到达，请凭取件码3-2-1011领取。",
        "东、南、西、北四门，A/B/C/D座",
        "①登录 ②签到 ③领取",
        "收件人：张 三，地址：上 海",
        "陳先生您好，您預约的门诊为明日9点",
        "满200减50，限苹果/香蕉/橙子/葡萄",
        "Your parcel: 1 - 2 - 3 - 4",
        "恭喜！！！。。。———",
        "",
    ],
)
def test_ordinary_writing_is_no_disguise(text: str) -> None:
    assert find_disguises(text) == ()


@given(st.text(alphabet="优惠大.* _优優惠實場价ⓥ①亻a1\u200b"))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    for found in find_disguises(text):
        assert 0 <= found.start < found.end <= len(text)
