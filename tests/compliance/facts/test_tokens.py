"""Words to copy, and addresses of programs within programs, lead somewhere as links do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts import tokens
from smpp_router.compliance.facts.facts import Facts, needed
from smpp_router.compliance.facts.plain import plain
from smpp_router.compliance.facts.tokens import find_tokens
from smpp_router.compliance.senders import Sender
from smpp_router.config_compliance import RegistrationConfig


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("领券￥abc123￥进店", "token://copy/abc123", "￥abc123￥"),
        ("领券¥8uKz2abcdE¥", "token://copy/8uKz2abcdE", "¥8uKz2abcdE¥"),
        ("₤V8F2dXyz9aB₤去看", "token://copy/V8F2dXyz9aB", "₤V8F2dXyz9aB₤"),
        ("€Xy7Kq2LmNoP€", "token://copy/Xy7Kq2LmNoP", "€Xy7Kq2LmNoP€"),
        ("看$aB3dE5fGh1J$", "token://copy/aB3dE5fGh1J", "$aB3dE5fGh1J$"),
        ("￥ aB3dE5fGh1J ￥", "token://copy/aB3dE5fGh1J", "￥ aB3dE5fGh1J ￥"),
        ("￥ａｂｃ１２３￥", "token://copy/abc123", "￥ａｂｃ１２３￥"),
        ("￥abc\u200b123￥", "token://copy/abc123", "￥abc\u200b123￥"),
        ("淘口令：8uKz2abcdE", "token://copy/8uKz2abcdE", "淘口令：8uKz2abcdE"),
        ("复制这段话打开淘宝", "token://copy", "复制这段话打开淘宝"),
        ("复制本条信息，打开手机天猫即可", "token://copy", "复制本条信息，打开手机天猫"),
        ("复制这条消息后打开【拼多多】", "token://copy", "复制这条消息后打开【拼多多"),
        ("5.86 复制打开抖音，看看", "token://copy", "复制打开抖音"),
        ("複製這段話打開淘寶領券", "token://copy", "複製這段話打開淘寶"),
        ("打开淘宝APP，粘贴口令即可", "token://copy", "打开淘宝APP，粘贴口令"),
        ("#小程序://示例商城/AbCdEf", "miniprogram://示例商城/AbCdEf", "#小程序://示例商城/AbCdEf"),
        ("点击#小程序：//示例商城/AbCdEf领取", "miniprogram://示例商城/AbCdEf", "#小程序：//示例商城/AbCdEf"),
        ("打开weixin://，领红包", "weixin://open", "weixin://"),
        ("打开 alipays:// 领红包", "alipays://open", "alipays://"),
    ],
)
def test_what_opens_a_program_is_found(text: str, url: str, shown: str) -> None:
    (link,) = Facts(text).links
    assert link.url == url
    assert link.is_token
    assert text[link.start : link.end] == shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            "原价￥1299￥，现价￥999",
            "￥99VIP￥199",
            "$50off $100",
            "$25Discount $50",
            "充￥100送￥abc",
            "￥￥￥",
        ),
        *(
            "您的验证码是123456，请复制后返回App填写",
            "请复制取件码",
            "复制微信号abc123打开微信添加",
            "请打开淘宝查看订单",
        ),
        *(
            "请在微信小程序中查看",
            "打开示例医院小程序预约",
            "订单号ABC123",
            "US$100",
            "价格¥12.5/kg¥",
            "https://",
            "本店口令abc",
        ),
    ],
)
def test_prices_and_programs_that_are_only_named_are_no_links(text: str) -> None:
    assert Facts(text).links == ()


@given(st.text(st.sampled_from("￥¥$aB3复制这段话打开淘宝小程序:：//#weixn \u200b"), max_size=60))
def test_each_stands_where_it_is_told_and_none_is_missed_for_want_of_a_word(text: str) -> None:
    found = list(find_tokens(plain(text)))
    for link in found:
        assert 0 <= link.start < link.end <= len(text)
    if found:
        assert "tokens" in needed().of(text) or "unusual" in needed().of(text)
        assert set(found) <= set(Facts(text).links)


@pytest.mark.parametrize("text", ["￥" * 5_000, "￥aB1" * 2_000, "复制" * 5_000, "小程序://" * 1_000])
def test_long_texts_take_no_longer_than_they_are(text: str) -> None:
    assert len(list(find_tokens(plain(text)))) <= len(text)


def test_a_token_is_registered_as_what_stands_between_its_signs_and_words_by_the_star() -> None:
    sender = Sender(
        RegistrationConfig(account="shop", links=("token://copy/abC123", "miniprogram://示例商城/Ab*"))
    )
    every = Sender(RegistrationConfig(account="shop", links=("token://copy/*",)))
    for text, is_own in (
        ("￥abC123￥", True),
        ("￥abC124￥", False),
        ("￥ABc123￥", False),
        ("复制这段话打开淘宝", False),
        ("#小程序://示例商城/AbC", True),
        ("#小程序://别家商城/AbC", False),
    ):
        (link,) = Facts(text).links
        assert sender.has_link(link) is is_own
        assert every.has_link(link) is (link.scheme == "token")


def test_no_scheme_of_a_program_is_one_of_the_web() -> None:
    assert not {"http", "https", "token", "miniprogram"} & set(tokens.PROGRAMS)
