# Ways to reach somebody that a text gives: telephone numbers, and names in messengers.
"""Contacts in a text."""

import re
from collections.abc import Container
from typing import Final, Literal

import attrs

ContactKind = Literal[
    "mobile", "landline", "service", "qq", "wechat", "telegram", "whatsapp", "group", "email"
]

_PATTERNS: Final[tuple[tuple[ContactKind, "re.Pattern[str]"], ...]] = (
    (
        "email",
        re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,126}", re.ASCII),
    ),
    (
        "qq",
        re.compile(
            r"(?:(?:加|＋|\+)?\s{0,8}(?:QQ|扣扣|企鹅|球球|q\s{0,8}q)\s{0,8}(?:号码?|群|:|："
            r"|是)?\s{0,8}[:：]?\s{0,8})(?P<id>[1-9]\d{4,10})",
            re.IGNORECASE,
        ),
    ),
    (
        "group",
        re.compile(
            r"(?:加|进|入|拉你?进?|扫码进)\s{0,8}(?:微信|QQ|投资|股票|交流|福利|VIP|内部|学习){0,6}\s{0,8}群",
            re.IGNORECASE,
        ),
    ),
    (
        "wechat",
        re.compile(
            r"(?:微信|薇信|威信|微信号|v信|V信|vx|VX|wx|WX|weixin|wechat|加\s{0,8}[vV薇微❤])(?:号|客服"
            r"|同号)?\s{0,8}(?:是|为|搜索?)?\s{0,8}[:：]?\s{0,8}(?P<id>[A-Za-z][-_A-Za-z0-9]{5,19}|1[3-9]\d{9})"
            r"|(?:加|添加)(?:我|客服|老师|助理|经理|专员|好友){0,8}(?:的)?\s{0,8}(?:微信|薇信|威信|V信|vx|wx|weixin)",
            re.IGNORECASE,
        ),
    ),
    (
        "telegram",
        re.compile(
            r"(?:telegram|飞机号?|电报号?|纸飞机|t\.me/)[:：@\s]{0,8}(?P<id>[A-Za-z]\w{4,31})",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    ("whatsapp", re.compile(r"whats\s?app\s{0,8}[:：]?\s{0,8}(?P<id>\+?\d[\d -]{6,18}\d)", re.IGNORECASE)),
    ("mobile", re.compile(r"(?<![\d*])(?:\+?86[- ]?)?(?P<id>1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?![\d*])")),
    (
        "service",
        re.compile(
            r"(?<![\d*])(?P<id>[48]00[- ]?\d{3,4}[- ]?\d{3,4}|9[56]\d{3,4}|1[0-2][0-9]{3}"
            r"|12[0-9]{3})(?![\d*])"
        ),
    ),
    ("landline", re.compile(r"(?<![\d*])(?P<id>\(?0\d{2,3}\)?[- ]?[2-8]\d{6,7})(?![\d*])")),
)
WORDS: Final[dict[str, str]] = {
    "email": "@",
    "qq": "q 扣扣 企鹅 球球",
    "group": "群",
    "wechat": "微信 薇信 威信 v信 vx wx weixin wechat 加",
    "telegram": "telegram 飞机 电报 t.me/",
    "whatsapp": "whats",
    "mobile": "13 14 15 16 17 18 19",
    "service": "10 11 12 400 800 95 96",
    "landline": "0",
}
"""Without one of these words there is no such contact: see needed.py."""


@attrs.frozen
class Contact:
    """A contact; `id` is its number or name without spaces and hyphens, empty for "join the group"."""

    kind: ContactKind
    id: str
    start: int
    end: int


def find_contacts(text: str, possible: Container[str] = WORDS) -> tuple[Contact, ...]:
    """Find all contacts of a text that are `possible`, in its order; the same characters make one only."""
    found: list[Contact] = []
    taken: set[int] = set()
    for kind, pattern in _PATTERNS:
        if kind not in possible:
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                name = match.groupdict().get("id") or ("" if kind != "email" else match.group())
                found.append(Contact(kind, re.sub(r"[-\s()]", "", name), start, end))
    return tuple(sorted(found, key=lambda contact: contact.start))
