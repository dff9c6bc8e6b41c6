import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.views import light_view
from smpp_router.compliance.warning_texts import only_warns

WARNINGS = [
    "【上海公安】您刚接听的境外来电疑似诈骗电话，请勿相信对方所说“注销校园贷影响征信”等内容，有疑问请咨询96110。",
    "【中国ETC服务】春节免费通行期为1月28日0时至2月4日24时。请勿相信“ETC认证失效”短信链接。",
    "刷单就是诈骗，先垫资后返利的兼职不要信；不出租、出借、出售银行卡。",
    "近日有不法分子冒充本局发送“社保卡停用”短信，我局从不通过短信链接索要银行卡及密码。",
    "民警提醒：谨防冒充公检法诈骗",
]


@pytest.mark.parametrize("text", WARNINGS)
def test_a_warning_that_leads_nowhere_is_one(text: str) -> None:
    assert only_warns(light_view(text))


@pytest.mark.parametrize(
    "text",
    [
        "谨防诈骗，请登录 anquan.cn/a1 核实您的账户",
        "谨防诈骗，客服电话13800138000",
        "请勿泄露，加微信 abc_12345 领取",
        "谨防诈骗，客服一三八零零一三八零零零",
        "您好，您涉嫌一起诈骗案，请勿告诉家人，一小时内到线上笔录室",
        "我是刑警队赵强警官，你涉及一起跨境诈骗案，不会通知家人",
        "高价收购银行卡，当天结",
        "绝密项目，缴纳建档费即可领取补助金，请勿外泄",
        "反诈中心：您的账户已被列入涉诈名单，请下载专版进行资金核查",
        "提币申请被风控暂缓，请先充入同额度资产，切勿重复提交",
        "家长您好，孩子住院需先缴押金，电话占线请勿拨打",
        "",
    ],
)
def test_what_leads_somewhere_accuses_or_does_not_warn_is_none(text: str) -> None:
    assert not only_warns(light_view(text))


@given(st.sampled_from(WARNINGS), st.data())
def test_what_is_read_over_changes_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(st.sampled_from(["\u200b", " ", "…", "\u00ad", "·", "\n"]))
    assert only_warns(light_view(text[:at] + put + text[at:]))


@given(st.text(max_size=5), st.sampled_from(WARNINGS))
def test_a_way_to_go_makes_a_warning_suspicious_wherever_it_stands(before: str, text: str) -> None:
    assert not only_warns(light_view(f"{before} 加微信abc12345 {text}"))
