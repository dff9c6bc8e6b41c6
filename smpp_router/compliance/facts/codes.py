# A verification message names itself (验证码, 校验码, code ...) and carries one code. Which digits are the
# code and which are a time, an amount or a part of a number is told by what stands around them.
"""Verification codes in a text."""

import re
from typing import Final

import attrs

from smpp_router.compliance.facts.plain import Plain

_NAME: Final = (
    r"(?:验证码|校验码|动态码|动态密码|动态口令|一次性密码|一次性口令|确认码|激活码|认证码|识别码|安全码|随机码|检验码|短信码"
    r"|登录码|登陆码|注册码|授权码|取件码|提货码|核销码"
    r"|\b(?:verification|security|confirmation|access|authentication|login|one[- ]time)\s{1,8}(?:code"
    r"|pin|password|passcode)\b"
    r"|\b(?:passcode|otp|pin\s{1,8}code|code|pin)\b)"
)
_NAMES: Final = re.compile(_NAME, re.IGNORECASE)
WORDS: Final[dict[str, str]] = {
    "codes": "验证码 校验码 动态码 动态密码 动态口令 一次性密码 一次性口令 确认码 激活码 认证码 识别码 安全码"
    " 随机码 检验码 短信码 登录码 登陆码 注册码 授权码 取件码 提货码 核销码 code pin password otp",
}
"""Without one of these words a text speaks of no code: see needed.py."""
_BESIDE: Final = 40
_NAMED_BEFORE: Final = re.compile(
    _NAME + r"[^0-9A-Za-z，。；;、！!\n]{0,8}(?:is|are|be)?[\s:：]{0,40}$", re.IGNORECASE
)
_NAMED_BEHIND: Final = re.compile(
    r"\s{0,8}(?:是|为|[(（])?\s{0,8}(?:您|你|本次|is\s{1,8}your|as\s{1,8}your)?的?[^0-9,，。；;、！!和与及\n]{0,12}?"
    + _NAME,
    re.IGNORECASE,
)
"""A name's place: 验证码为：482913, 482913（登录验证码）."""
_LISTED: Final = re.compile(r"\s{0,8}(?:[、,，/和或与及]|and|or)\s{0,8}")
_PICKUP_NAMES: Final = frozenset({"取件码", "提货码", "核销码"})
"""Codes that one shows and does not type: of parcels and vouchers."""
_CODE: Final = re.compile(
    r"(?<![\w./#*-])(?<!\d:)(?P<code>(?:[A-Z]{1,3}-)?(?:\d{3,4}[ -]\d{3,4}"
    r"|(?=[A-Za-z0-9]{0,11}\d)[A-Za-z0-9]{3,12}))(?![\w*%％]|[.:]\d)"
    r"(?!\s{0,8}(?:元|分钟|分|秒|小时|天|日|月|年|号|点|次|位|条|积分|折|万|个|kg|minutes?|mins?|hours?"
    r"|seconds?|days?))",
    re.ASCII,
)

_NOT_A_CODE: Final = re.compile(
    r"(?:尾号|后四位|后4位|卡号|帐号|账号|单号|订单号?|编号|工号|电话|致电|热线|客服|拨打|咨询|联系|微信号?|QQ"
    r"|号码|手机号?|ending(?: in)?|card|order|call)"
    r"[^0-9A-Za-z。；！]{0,4}$",
    re.IGNORECASE,
)
_MOBILE: Final = re.compile(r"(?:86)?1[3-9]\d{9}")


@attrs.frozen
class Code:
    """A code as it stands in the text."""

    value: str
    start: int
    end: int


@attrs.frozen
class Codes:
    """What a text says of codes: the name it has for them, and those it carries."""

    name: str
    """Empty: it speaks of none."""
    name_start: int
    codes: tuple[Code, ...]
    is_pickup: bool = False

    def placed(self, copy: Plain) -> "Codes":
        """Return what was found in a plain copy as it stands in the text."""
        codes = tuple(Code(code.value, *copy.span(code.start, code.end)) for code in self.codes)
        start = copy.span(self.name_start, self.name_start + 1)[0] if self.name else -1
        return attrs.evolve(self, codes=codes, name_start=start)


NO_CODES: Final = Codes("", -1, ())


def find_codes(text: str) -> Codes:
    """Find what a text calls a code, and the codes in it; without a name no digits are a code.

    Those that stand beside a name are codes, and what is listed with them; if none does, any may be one.
    """
    names = list(_NAMES.finditer(text))
    if not names:
        return NO_CODES
    name = next((match for match in names if match.group() not in _PICKUP_NAMES), names[0])
    codes: list[Code] = []
    others: list[Code] = []
    for match in _CODE.finditer(text):
        code = Code(match.group("code"), match.start("code"), match.end("code"))
        is_listed = bool(codes) and _LISTED.fullmatch(text, codes[-1].end, code.start) is not None
        if is_listed or _is_named(text, code):
            codes.append(code)
        elif _is_code(text, code.value, code.start):
            others.append(code)
    return Codes(name.group(), name.start(), tuple(codes or others), name.group() in _PICKUP_NAMES)


def _is_named(text: str, code: Code) -> bool:
    if _NAMED_BEFORE.search(text[max(0, code.start - _BESIDE) : code.start]) is not None:
        return True
    if not _is_code(text, code.value, code.start):
        return False
    return _NAMED_BEHIND.match(text[code.end : code.end + _BESIDE]) is not None


def _is_code(text: str, value: str, start: int) -> bool:
    return not _MOBILE.fullmatch(value) and not _NOT_A_CODE.search(text[max(0, start - 10) : start])
