# What leads somewhere and is no link to look at: a token that is copied and that a program finds in the
# clipboard (￥abc123￥, "复制这段话打开淘宝"), the address of a program within a program (#小程序://...), the
# bare address of a program (weixin://). Nobody sees where they lead.
#
#   token://copy/abc123          ￥abc123￥, and 淘口令：abc123
#   token://copy                 words that ask to copy something and to open a program with it
#   miniprogram://示例/AbCdEf    #小程序://示例/AbCdEf
#   weixin://open                weixin:// without anything behind it
#
# Rule 1: a price is no token: "￥99￥", "$50off $100". What is taken for one has letters of both cases, or
#         digits behind letters.
"""Tokens, and addresses within programs."""

import re
from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.facts.links import Link
from smpp_router.compliance.facts.plain import Plain

_MONEY: Final = "￥¥₤€£￡₳¢￠₴₰₵$"
_SIGNS: Final = "[0-9A-Za-z]{5,32}"
_PROGRAM: Final = "淘[宝寶]|手淘|天猫|抖音|拼多多|京东|支付宝|闲鱼|快手|小红书|微信|美团|饿了么|唯品会|QQ"
PROGRAMS: Final = (
    *("weixin", "wechat", "alipay", "alipays", "taobao", "tbopen", "tmall", "pinduoduo", "mqqapi", "mqq"),
    *(
        "snssdk1128",
        "snssdk1180",
        "kwai",
        "xhsdiscover",
        "imeituan",
        "jdmobile",
        "openapp.jdmobile",
        "fleamarket",
    ),
)
"""Schemes that open a program by themselves."""
_TOKENS: Final = re.compile(
    rf"[{_MONEY}]\s?(?P<token>{_SIGNS})\s?[{_MONEY}]"
    rf"|(?:[淘陶]口令|吱口令|抖口令)\s?[:：]?\s?[{_MONEY}]?(?P<named>{_SIGNS})"
    r"|[复複復][制製](?!取件|验证|动态|校验|微信号|QQ号|手机号|电话|[号卡帐账])[^。；！\n]{0,24}?"
    rf"(?:打[开開]|进入|启动|前往)[^。；！，,\n]{{0,4}}?(?:{_PROGRAM})(?!添加|加好友|搜)"
    rf"|打[开開][^。；！，,\n]{{0,4}}?(?:{_PROGRAM})(?:APP)?[，,]?(?:即可|直接|长按|自动)?粘贴(?:口令|此|这|本)?[口令条段]{{0,2}}"
    r"|#?\s?小程[序式]\s?[:：]\s?//\s?(?P<name>[\w\u4e00-\u9fff-]{1,32})(?P<path>/[\w./?=&%-]{0,128})?"
    rf"|(?<![a-z0-9+.-])(?P<scheme>{'|'.join(sorted(map(re.escape, PROGRAMS), key=len, reverse=True))})"
    r"\s?[:：]\s?//(?!\s?[\w\[])",
    re.IGNORECASE | re.ASCII,
)
_HAS_TURN: Final = re.compile("[a-z][A-Z0-9]|[A-Z][0-9]")
"""What a token has and a price has not, be it 99VIP or 25Discount."""
WORDS: Final[dict[str, str]] = {
    "tokens": " ".join(_MONEY) + " 口令 复制 複製 复製 複制 復制 復製 粘贴 小程序 小程式 :// ：//",
}
"""Without one of these words there is no token: see needed.py."""


def find_tokens(text: Plain) -> Iterator[Link]:
    """Find all tokens and addresses within programs of a plain copy, as links whose is_token is true."""
    for match in _TOKENS.finditer(text.text):
        token = match["token"] or match["named"]
        start, end = text.span(match.start(), match.end())
        if token:
            if _HAS_TURN.search(token):
                yield Link("token", "copy", None, f"/{token}", start, end, is_token=True)
        elif match["name"]:
            path = match["path"] or ""
            yield Link("miniprogram", match["name"].lower(), None, path, start, end, is_token=True)
        elif match["scheme"]:
            yield Link(match["scheme"].lower(), "open", None, "", start, end, is_token=True)
        else:
            yield Link("token", "copy", None, "", start, end, is_token=True)
