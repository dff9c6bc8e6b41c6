from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.links import find_links
from smpp_router.compliance.facts.plain import plain


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("点击https://a.cn/x?phone=1查看", "https://a.cn/x?phone=1", "https://a.cn/x?phone=1"),
        ("网址www.c2388.com第三方", "http://www.c2388.com", "www.c2388.com"),
        ("看http://t.cn/R7YQqO0。好", "http://t.cn/R7YQqO0", "http://t.cn/R7YQqO0"),
        ("去ＷＷＷ．ａｂｃ．ＣＯＭ登录", "http://www.abc.com", "ＷＷＷ．ａｂｃ．ＣＯＭ"),
        ("去www点abc点com看", "http://www.abc.com", "www点abc点com"),
        ("去ab\u200bc.com/x看", "http://abc.com/x", "ab\u200bc.com/x"),
        ("去https://аpple.com/x", "https://аpple.com/x", "https://аpple.com/x"),
        ("http://3232235777/a", "http://3232235777/a", "http://3232235777/a"),
        ("去 192.168.1.1:8080/x", "http://192.168.1.1:8080/x", "192.168.1.1:8080/x"),
        ("https://例子.com/abc", "https://例子.com/abc", "https://例子.com/abc"),
        ("去 示例银行.中国/a 看", "http://示例银行.中国/a", "示例银行.中国/a"),
        ("去baidu。com", "http://baidu.com", "baidu。com"),
        ("(see https://a.com/b).", "https://a.com/b", "https://a.com/b"),
        ("mailto://dl/business/?t=abc 点 HTTPS://A.CN/Q", "https://a.cn/Q", "HTTPS://A.CN/Q"),
        ("点weixin://dl/business/?t=abc，", "weixin://dl/business/?t=abc", "weixin://dl/business/?t=abc"),
        ("去https://a.cn\\@b.top/", "https://a.cn\\@b.top/", "https://a.cn\\@b.top/"),
        ("去https://m.示例.中国/a", "https://m.示例.中国/a", "https://m.示例.中国/a"),
        ("去user@https://x.cn", "https://x.cn", "https://x.cn"),
    ],
)
def test_a_link_is_found_however_it_is_written(text: str, url: str, shown: str) -> None:
    (link,) = find_links(plain(text))
    assert link.url == url
    assert text[link.start : link.end] == shown


@pytest.mark.parametrize(
    "text",
    [
        "3.14元",
        "v1.2.3版",
        "价格99.9起",
        "abc@qq.com",
        "请于8.18前",
        "谢谢。CN",
        "9点cn",
        "他来了.我走",
        "请发送QXTCMX至10086。中国移动",
        "开售时间12：00。手机下单",
        "1.手机下单 2.到店",
        "请至v2.手机版办理",
        "U.S.A",
        "New arrivals are here. Shop them now",
        "It's spring. Win a gift card",
        "登录IP：192.0.2.7，如非本人请改密码",
        "版本 1.23.45.67 已更新",
        "",
    ],
)
def test_what_is_no_link_is_left_alone(text: str) -> None:
    assert find_links(plain(text)) == ()


@given(st.text(alphabet="ab.点。:/。comcn1.中文 @?=&［］%-"))
def test_any_text_has_an_answer_within_it(text: str) -> None:
    links = find_links(plain(text))
    for link in links:
        assert 0 <= link.start < link.end <= len(text)
        assert link.host == link.host.lower()
    assert all(one.end <= other.start for one, other in pairwise(links))
