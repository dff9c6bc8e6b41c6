import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance import campaign
from smpp_router.compliance.campaign import Campaigns

SAMPLE = "尊敬的用户您的账户已满8888积分可兑换现金500元请登录手机网 www.icbc-cc.com 查询兑换逾期失效"


def with_sample() -> Campaigns:
    campaigns = Campaigns()
    campaigns.add(SAMPLE, "points")
    return campaigns


def test_other_spellings_are_found_from_one_sample() -> None:
    campaigns = with_sample()
    for spelling in (
        SAMPLE,
        SAMPLE.replace("8888", "12345").replace("icbc-cc", "95588x"),
        " ".join(SAMPLE),
        SAMPLE.replace("积分", "積份").replace("兑换", "兑唤"),
        f"你好，{SAMPLE}工商银行",
    ):
        assert campaigns.find(spelling) == "points"


def test_other_texts_are_not() -> None:
    campaigns = with_sample()
    for text in (
        "【招商银行】您尾号4118的信用卡本期账单3,028元",
        "明天见",
        "",
        "您的验证码是123456，请勿泄露",
    ):
        assert campaigns.find(text) is None


def test_a_short_text_is_found_only_by_itself() -> None:
    campaigns = Campaigns()
    campaigns.add("加微信", "short")
    assert campaigns.find("加.微.信") == "short"
    assert campaigns.find("加微博") is None


def test_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "CAMPAIGNS_MAX", 2)
    campaigns = with_sample()
    campaigns.add("另一条完全不同的短信内容说的是别的事情", "second")
    campaigns.add("第三条和前面都不一样的短信今天晚上开会", "third")
    assert len(campaigns) == 2
    assert campaigns.find(SAMPLE) is None
    assert campaigns.find("第三条和前面都不一样的短信今天晚上开会吧") == "third"


@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=30))
def test_any_text_can_be_added_and_looked_for(samples: list[str], text: str) -> None:
    campaigns = Campaigns()
    for sample in samples:
        campaigns.add(sample, "any")
    assert campaigns.find(text) in (None, "any")
    for sample in samples:
        assert campaigns.find(sample) == "any"
