# Whom a text says that it comes from. A bank's name in a message of that bank is a signature, in anybody
# else's it may be fraud: so a claim is a kind of sender and the words that make it, to be held against who
# the sender is known to be.
#
# Rule 1: a claim is made by the signature, or by words such as "我行", "您在本行", "【示例银行】提醒您";
#         that a bank is mentioned ("请带上银行卡", "向您尾号1234的工商银行卡退款") is no claim.
"""Claims of identity in a text."""

import re
from collections.abc import Container
from functools import lru_cache
from typing import Final

import attrs

from smpp_router.compliance.facts.signature import Signed
from smpp_router.config_compliance import ClaimedKind

_NAMES: Final[tuple[tuple[ClaimedKind, "re.Pattern[str]"], ...]] = (
    (
        "police",
        re.compile(r"公安|警方|派出所|刑侦|反诈中心|交警|交管|网警|经侦|车管所|110\b|police", re.IGNORECASE),
    ),
    ("court", re.compile(r"法院|检察院|司法局|仲裁委?|执行局|法庭")),
    (
        "government",
        re.compile(
            r"(?:国家|省|市|区|县|镇|街道)?(?:人民)?政府|税务局?|国税|地税|社保局?|医保局?|人社[局部]?|人力资源|社会保障"
            r"|公积金中心?|民政局?|卫健委|疾控|教育[局厅部]|财政[局厅部]|海关|工商局|市场监管|应急管理"
            r"|气象局|气象台|消防(?:救援|局|支队|大队)"
            r"|住建局|不动产登记|出入境|居委会|村委会|国务院|发改委|政务服务|(?<!\d)12(?:345|333|366)(?!\d)"
            r"|etc中心|ETC管理|网信办|银保监|证监会|央行|中国人民银行"
            r"|\b(?:gov|government|ministry|tax office|customs|irs)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "bank",
        re.compile(
            r"银行|信用社|农信|建行|工行|农行|中行|交行|招行|邮储|信用卡中心|银联|(?<!\d)(?:955(?:33|55|58|59|66"
            r"|67|68|77|88|95|99))(?!\d)|\b(?:icbc|ccb|abc china|boc|cmb|bank)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "courier",
        re.compile(
            r"快递|速递|速运|物流|顺丰|圆通|申通|中通|韵达|百世|极兔|京东配送|菜鸟|丰巢|驿站|\bEMS\b"
            r"|\b(?:dhl|fedex|ups|usps|royal mail|courier)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "telecom",
        re.compile(
            r"中国移动|中国联通|中国电信|中国广电|(?<!\d)(?:10086|10010|10000)(?!\d)|移动公司|联通公司|电信公司",
            re.IGNORECASE,
        ),
    ),
    ("hospital", re.compile(r"医院|卫生院|门诊部|妇幼保健|体检中心")),
    ("school", re.compile(r"大学|学院|中学|小学|幼儿园|招生办|教务处")),
    ("insurer", re.compile(r"保险|人寿|平安产险|太平洋产险|人保")),
    (
        "platform",
        re.compile(
            r"12306|铁路客服|铁路局|淘宝|天猫|京东|拼多多|支付宝|微信支付|抖音|美团|饿了么|滴滴|携程|apple|苹果|icloud"
            r"|微软|microsoft|paypal|amazon|google",
            re.IGNORECASE,
        ),
    ),
    ("utility", re.compile(r"供电|电力公司|国家电网|国网|南方电网|自来水|供水|燃气|热力公司")),
)
_NOT_REPORTED: Final = r"(?![^。，,；！\n【】]{0,8}(?:[收接]到|自称|冒充)|[如若凡接据按]|根据)"
"""What others are said to say is no claim: 凡自称公安局通知您涉案的都是诈骗."""
_SELF: Final = re.compile(
    r"(?=[我本这来bftw])(?:我行|本行|我院|本院|我局|本局|我校|我司|我中心|本中心|我所|我是|这里是|这是|来自"
    r"|by order of|from the|this is(?: the)?|we are)\s{0,8}(?P<who>[^。，,；！\n]{0,16})"
    rf"|(?:^|(?<=[。！；：:】\n\s])){_NOT_REPORTED}(?P<head>[^。，,；！\n【】]{{2,14}})(?:提醒|通知|公告|告知|温馨提示|紧急通知)"
    rf"|(?<=[，,]){_NOT_REPORTED}(?P<aside>[^。，,；！\n【】]{{2,14}})"
    r"(?:提醒|通知|告知)(?:您|你)"
    rf"|(?:^|(?<=[。！；】\n\s])){_NOT_REPORTED}(?P<desk>[^。，,；！\n【】]{{2,14}})客服(?:中心|部)?[:：]"
    rf"|(?:^|(?<=】))(?!退款|开户|收款|付款|到账|发卡|支付|转账|绑定|办理)(?P<speaker>[^。，,；！\n【】:：]{{0,12}}"
    r"(?:银行|信用卡中心|公安局|派出所|交警|车管所|法院|检察院|税务局|[社医]保局|人社局|民政局|海关|ETC中心|政府))"
    r"[:：](?:您|尊敬的|客户)",
    re.IGNORECASE,
)
_AUTHORITIES: Final = frozenset({"police", "court", "government", "bank"})
"""Whose name is borrowed behind a salutation: 尊敬的用户，市公安局通知您 ..."""
_OUR: Final[dict[str, ClaimedKind]] = {
    "我行": "bank",
    "本行": "bank",
    "我院": "court",
    "本院": "court",
    "我局": "government",
    "本局": "government",
    "我校": "school",
}


WORDS: Final[dict[str, str]] = {
    "claims": "我行 本行 我院 本院 我局 本局 我校 我司 我中心 本中心 我所 我是 这里是 这是 来自 order from"
    " this we 提醒 通知 公告 告知 温馨提示 客服 ：您 :您 ：尊敬 :尊敬 ：客户 :客户",
}
"""Without one of these words a text claims nothing beside its signature: see needed.py."""
KINDS_KEPT: Final = 4_096
"""Names whose kind is remembered: an account signs all it sends with a few."""


@attrs.frozen
class Claim:
    """A kind of sender that a text claims to be; `words` are those that say so."""

    kind: ClaimedKind
    words: str
    start: int
    end: int
    by_signature: bool = False


@lru_cache(KINDS_KEPT)
def kind_of(name: str) -> tuple[ClaimedKind, int, int] | None:
    """Return what kind of sender a name is one of, and which part of it tells."""
    for kind, pattern in _NAMES:
        match = pattern.search(name)
        if match is not None:
            return kind, match.start(), match.end()
    return None


def find_claims(text: str, signed: Signed, possible: Container[str] = WORDS) -> tuple[Claim, ...]:
    """Find whom a text claims to be from, each kind once."""
    found: dict[str, Claim] = {}
    if signed.signature is not None:
        name = signed.signature.name
        known = kind_of(name)
        if known is not None:
            kind, start, end = known
            at = signed.signature.start + 1
            found[kind] = Claim(kind, name[start:end], at + start, at + end, by_signature=True)
    if "claims" not in possible:
        return tuple(found.values())
    body_start = signed.signature.end if signed.signature is not None and signed.signature.start == 0 else 0
    for match in _SELF.finditer(text, body_start):
        first = match.group()[:2]
        if first in _OUR:
            kind = _OUR[first]
            found.setdefault(kind, Claim(kind, first, match.start(), match.start() + 2))
            continue
        part = match.lastgroup or "who"
        who = match.group(part)
        known = kind_of(who)
        if known is not None and (part != "aside" or known[0] in _AUTHORITIES):
            kind, start, end = known
            at = match.start(part)
            found.setdefault(kind, Claim(kind, who[start:end], at + start, at + end))
    return tuple(found.values())
