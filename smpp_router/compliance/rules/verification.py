"""A verification message names itself and carries one code; no advertising, no link, no unsubscribe entry.

People act on such messages within seconds and trust them; whatever else is put into one is misuse.
"""

import re
from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.promotion import find_promotion
from smpp_router.compliance.facts.wishes import find_wishes
from smpp_router.compliance.symbols import Symbol

_MESSENGERS: Final = frozenset({"qq", "wechat", "telegram", "whatsapp", "group"})
_NO_PURPOSE: Final = frozenset(
    {"pay", "transfer", "add_contact", "install", "personal_data", "credentials", "share_screen"}
)
_PURPOSE: Final = re.compile(
    r"(?:您?正在|用于|用以|您(?:本次|此次))(?:(?!安全账户|保证金)[^，。；！,;!\n]){0,30}"
)
"""What a code is for may be called by its name: 您正在兑换优惠券, 用于转账至尾号8821账户."""
_HANDS_OVER: Final = re.compile(
    r"请(?:您)?配合(?:我们)?(?:提供|告知|回复)|请(?:您)?(?:配合|立即|尽快|及时|主动)?(?:将(?:[此本该]码|验证码))?(?:告知|告诉|提供给?|报给|读给|转告|转发[给至到]?|回复给|发送?给)"
    r"[^。；！，,]{0,8}(?:客服|人员|来电|对方|专员|业务员|经理|1\d{4})"
    r"|[此本该]码(?:告知|提供给|报给|读给|转发[给至到])"
)
"""A code is for its reader alone; that others ask for it is for warnings to say."""
_INVITES: Final = re.compile(
    r"(?:^|[。；！，,!\n】])(?:(?![勿不防])[^。；！，,!\n]){0,20}?(?P<asks>关注[^。；！，,\n]{0,10}(?:公众号|服务号|视频号|订阅号|直播间|抖音|小程序)|[领抢](?:券|红包|福利|好礼))"
)
_WARNED: Final = re.compile(
    r"(?:[切请]勿|勿|不要|不(?=[扫点转加领])|谨防|警惕)(?![^。；！，,\n]{0,4}(?:错过|犹豫|等|忘))[^。；！，,\n]{0,40}"
)
"""Of what a message warns it does not advertise: 不扫描不明二维码领红包. 不要错过红包 warns of nothing."""
_REWARD: Final = re.compile(r"[送得领赚返奖][^，。；！,\d]{0,4}\d{1,12}元")
_PREFIX: Final = re.compile("[A-Z]{1,3}-")
"""Letters that only tell which of several codes it is: G-482615."""
_SOURCE: Final = "template rules for verification codes"


def check_verification(case: Case) -> Iterator[Symbol]:
    """Yield what does not belong into a verification message."""
    if case.kind != "verification":
        return
    facts = case.facts
    codes = facts.codes
    if not codes.name or codes.is_pickup:
        yield Symbol("CODE_UNNAMED", 0.2, "a verification message names its code: 验证码", source=_SOURCE)
    elif not codes.codes:
        yield Symbol("CODE_MISSING", 0.2, "a verification message carries a code", source=_SOURCE)
    elif len({code.value for code in codes.codes}) > 1:
        second = codes.codes[1]
        why = "a verification message carries one code only"
        yield Symbol("CODE_SEVERAL", 0.2, why, second.start, second.end, _SOURCE)
    else:
        code = codes.codes[0]
        signs = len(_PREFIX.sub("", code.value).replace(" ", "").replace("-", ""))
        if signs > case.settings.config.code_digits_max:
            why = f"a code has at most {case.settings.config.code_digits_max} signs"
            yield Symbol("CODE_LONG", 0.1, why, code.start, code.end, _SOURCE)
    text = _without(_WARNED, _without_purpose(facts.text))
    promotion = find_promotion(text)
    if promotion.strong or promotion.is_promotional or (promotion.words and _REWARD.search(text)):
        why = "a verification message does not advertise"
        yield Symbol("CODE_PROMOTION", 0.5, why, promotion.start, promotion.end, _SOURCE)
    for link in facts.links[:1]:
        yield Symbol("CODE_LINK", 0.5, "a verification message has no link", link.start, link.end, _SOURCE)
    entry = facts.unsubscribe
    if entry is not None:
        why = "a verification message has no unsubscribe entry"
        yield Symbol("CODE_UNSUBSCRIBE", 0.1, why, entry.start, entry.end, _SOURCE)
    yield from _other_purpose(case)


def _without_purpose(text: str) -> str:
    return _without(_PURPOSE, text)


def _without(pattern: "re.Pattern[str]", text: str) -> str:
    """Return a text with blanks where an expression fits: all else stands where it stood."""
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _other_purpose(case: Case) -> Iterator[Symbol]:
    """Yield the first thing that a code is not for."""
    if any(wish.want in _NO_PURPOSE for wish in case.facts.wishes):
        for wish in find_wishes(_without_purpose(case.facts.text), {"warning", *_NO_PURPOSE}):
            why = "a verification message has no other purpose"
            yield Symbol("CODE_OTHER_PURPOSE", 0.6, why, wish.start, wish.end, _SOURCE)
            return
    hands_over = _HANDS_OVER.search(case.facts.text)
    if hands_over is not None:
        why = "a code is for nobody but its reader"
        yield Symbol("CODE_OTHER_PURPOSE", 0.6, why, *hands_over.span(), _SOURCE)
        return
    invites = _INVITES.search(_without_purpose(case.facts.text))
    if invites is not None:
        why = "a verification message invites to nothing"
        yield Symbol("CODE_OTHER_PURPOSE", 0.6, why, *invites.span("asks"), _SOURCE)
        return
    for contact in case.facts.contacts:
        if contact.kind in _MESSENGERS:
            why = "a verification message has no contact in a messenger"
            yield Symbol("CODE_OTHER_PURPOSE", 0.6, why, contact.start, contact.end, _SOURCE)
            return
