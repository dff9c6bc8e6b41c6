# Links as a handset would make them tappable, and as people are made to type them: with a scheme or without,
# glued to Chinese text on both sides, in full-width letters, with dots spelt 点.
#
# What a link is made of is told here; whether it may stand in a message is for rules to say.
"""Links in a text."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import attrs

from smpp_router.compliance.facts.plain import Plain

_GENERIC_TLDS: Final = (
    "com|net|org|info|biz|top|xyz|vip|club|shop|site|online|store|app|dev|link|live|wang|ltd|ink"
    "|work|fun|icu|cyou|buzz|pro|mobi|"
    "name|asia|tel|art|gov|edu|int|mil|cloud|tech|website|space|press|host|tk|ml|ga|cf|gq|rest|bet"
    "|casino|win|loan|men|date|bid|"
    "trade|party|review|science|stream|download|racing|click|lol|mom|monster|quest|sbs|bond|cfd"
    "|world|today|group|email|life|zone"
)
_COUNTRY_TLDS: Final = (
    "cn|hk|tw|mo|us|uk|jp|kr|sg|my|th|vn|ph|id|in|au|nz|de|fr|nl|it|es|ch|se|no|dk|fi|pl|ru|ua|br"
    "|mx|ca|eu|io|co|cc|tv|me|la|pw|ws|"
    "im|gg|to|ly|be|so|sh|ai|fm|am|gl|gd|st|vc|lc|nu|ac|at|be|cx|dj|sc|su|li|is|it"
)
_LABEL: Final = (
    r"[0-9A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]"
    r"(?:[0-9A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff_-]{0,62})"
)
_ODD: Final = r"\u00b2\u00b3\u00b9\u2070-\u2089\u2460-\u24ff\U0001d400-\U0001d7ff"
"""Digits in circles and the like, which programs that open links take for digits (RFC 5895)."""
_ODD_LABEL: Final = rf"[0-9A-Za-z{_ODD}-]{{1,63}}"
_IDN_TLDS: Final = "中国|公司|网络|网址|集团|我爱你|在线|商城|手机"
_IDN_LABEL: Final = r"[\u4e00-\u9fff0-9A-Za-z-]{1,63}"
_PATH: Final = r"(?P<{}>[/?#\\][\w\-.~:/?#\[\]@!$&'()*+,;=%|\\]*+)?"
_LINK: Final = re.compile(
    r"(?:(?<![a-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{1,15})\s?[:：]\s?//\s?(?P<user>[\w.%+-]*+(?::[\w.%+-]*+)?@)?"
    rf"(?P<host>\[[0-9a-f:.]++(?:%[\w.-]{{1,64}})?\]"
    rf"|(?:{_IDN_LABEL}\.){{1,126}}(?:{_IDN_TLDS})(?![\u4e00-\u9fff0-9A-Za-z-])"
    rf"|{_LABEL}(?:\.{_LABEL}){{0,126}}\.?(?![{_ODD}])"
    rf"|{_ODD_LABEL}(?:\.{_ODD_LABEL}){{0,126}}"
    rf"|{_IDN_LABEL}(?:\.{_IDN_LABEL}){{1,126}})(?P<port>:\d{{1,5}})?{_PATH.format('path')}"
    rf"|(?<![\w@.\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff-])(?P<bare>(?:{_LABEL}\.){{1,126}}(?:{_GENERIC_TLDS}|{_COUNTRY_TLDS}"
    rf"|xn--[0-9a-z-]{{1,59}})(?![0-9A-Za-z-])"
    rf"|www\.(?:{_LABEL}\.){{1,125}}[a-z]{{2,24}}(?![0-9A-Za-z-])"
    rf"|(?:{_IDN_LABEL}\.){{0,32}}(?!\d{{1,63}}\.){_IDN_LABEL}\.(?:{_IDN_TLDS})"
    r"(?![\u4e00-\u9fff0-9A-Za-z-])"
    rf"|(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\d.]))"
    rf"(?P<bare_port>:\d{{1,5}})?{_PATH.format('bare_path')})",
    re.IGNORECASE | re.ASCII,
)
_MIDDLE: Final = "·•・‧∙⋅"
_DOT: Final = rf"(?:[点點]|。|[{_MIDDLE}]|\sdot\s|[(（\[【]\s{{0,8}}(?:[点點]|dot|\.)\s{{0,8}}[)）\]】])"
_SPELT: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?P<head>[0-9A-Za-z][0-9A-Za-z-]{{0,62}}"
    rf"(?:\s{{0,8}}{_DOT}\s{{0,8}}[0-9A-Za-z][0-9A-Za-z-]{{0,62}}){{0,8}})"
    rf"\s{{0,8}}(?P<last>(?!。){_DOT}|\s\.\s?|\s?\.\s)\s{{0,8}}(?P<tld>{_GENERIC_TLDS}|cn|cc|me|tv|co|hk)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
# What every link that _LINK finds has, and every one that _SPELT finds.
_TELLS_LINK: Final = re.compile(
    r"//|\.(?:[A-Za-z中公网集我在商手]|[0-9]{1,3}\.[0-9]{1,3}\.[0-9])",
)
_TELLS_SPELT: Final = re.compile(
    rf"[点點{_MIDDLE})）\]］】.](?:(?<!\.)|(?<=\s\.)|\s)\s{{0,9}}[A-Za-z\u0130\u0131\u017f\u212a]"
    r"|\s[Dd][Oo][Tt]\s",
)
_SPACED: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z](?: [0-9A-Za-z.:/-]){5,126}(?![0-9A-Za-z])")
"""Letters with blanks between: e v i l . c o m."""
_ARTICLES: Final = frozenset({"the", "a", "our", "dot"})
WORDS: Final[dict[str, str]] = {"links": ". 点 點 // dot " + " ".join(_MIDDLE)}
"""Without one of these words a plain copy has no links: see needed.py."""
_NO_WORD: Final = re.compile(
    "com|net|org|biz|xyz|icu|cyou|mobi|tel|gov|edu|tk|ml|ga|cf|gq|ltd|sbs|cfd|cn|cc|hk|co", re.IGNORECASE
)
"""Top-level domains that no sentence begins with."""
_DOTS: Final = re.compile(rf"\s{{0,8}}{_DOT}\s{{0,8}}", re.IGNORECASE)
_NUMBERED: Final = re.compile(
    r"(?:(?<![A-Za-z])ip(?:v4)?(?:地址|\s{1,8}address)?\s{0,8}(?:[:：]|为|是|is)|(?:订单|运单|单|编|批|型|版本|序列)号\s{0,8}[:：]?"
    r"|批次\s{0,8}[:：]?|版本\s{0,8}[:：]?|\bversion\b\s{0,8}:?)\s{0,8}$",
    re.IGNORECASE,
)
_INVITES: Final = re.compile(
    r"(?:请|访问|打开|点击|进入|输入|浏览|visit|open|go\s{1,8}to)[^。；！，,;!]{0,32}$", re.IGNORECASE
)
_TRAILING: Final = ".,;:!?'\")]}|~*_"
_NO_HOSTS: Final = frozenset({"mailto", "tel", "sms", "data", "javascript"})


@attrs.frozen
class Link:
    """A link. `scheme` and `host` are in lower case; `scheme` is empty where the text has none."""

    scheme: str
    host: str
    port: int | None
    """As it is written: it may be one that there is not."""
    path: str
    """With query and fragment."""
    start: int
    end: int
    names_user: bool = False
    """Whether a user's name stands before its host, as in https://www.example.com@host/."""
    is_spelt: bool = False
    """Whether its dots are spelt or spaced out, so that machines don't see it."""
    is_token: bool = False
    """Whether it opens a program and names no host: see tokens.py."""

    @property
    def url(self) -> str:
        """The link as one would write it."""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme or 'http'}://{self.host}{port}{self.path}"


def find_links(text: Plain) -> tuple[Link, ...]:
    """Find all links of a plain copy; their places are those in the original."""
    found = list(_written(text)) if _TELLS_LINK.search(text.text) else []
    is_spelt, is_spaced = _TELLS_SPELT.search(text.text), " . " in text.text
    if is_spelt or is_spaced:
        taken = {at for link in found for at in range(link.start, link.end)}
        more = [*(_spelt(text) if is_spelt else ()), *(_spaced(text) if is_spaced else ())]
        found += [link for link in more if taken.isdisjoint(range(link.start, link.end))]
    return tuple(sorted(found, key=lambda link: link.start))


def may_have_links(text: str) -> bool:
    """Whether a text with nothing unusual may have links: told without its plain copy."""
    return _TELLS_LINK.search(text) is not None or _TELLS_SPELT.search(text) is not None or " . " in text


def _written(text: Plain) -> Iterator[Link]:
    for match in _LINK.finditer(text.text):
        scheme = (match.group("scheme") or "").lower()
        if scheme in _NO_HOSTS:
            continue
        host = match.group("host") or match.group("bare")
        path = match.group("path") or match.group("bare_path") or ""
        port = match.group("port") or match.group("bare_port")
        end = match.end()
        kept = path.rstrip(_TRAILING)
        end -= len(path) - len(kept)
        host = unicodedata.normalize("NFKC", host.rstrip(".")).lower()
        if not scheme and _is_number(host) and not path and not port and not _is_dotted_quad(host):
            continue
        if not scheme and not path and not port and _is_told(text.text, match.start(), host):
            continue
        start, stop = text.span(match.start(), end)
        yield Link(scheme, host, _port(port), kept, start, stop, names_user=bool(match.group("user")))


def _is_told(text: str, start: int, host: str) -> bool:
    """Whether four numbers say something of a login or product and lead nowhere: 登录IP：192.0.2.7."""
    if not _is_dotted_quad(host):
        return False
    label = _NUMBERED.search(text, max(0, start - 16), start)
    return label is not None and not _INVITES.search(text, max(0, label.start() - 12), label.start())


def _spelt(text: Plain) -> Iterator[Link]:
    for match in _SPELT.finditer(text.text):
        head = _DOTS.sub(".", match.group("head"))
        if not any(sign.isalpha() for sign in head) and len(head) < 3:
            continue
        if _ends_sentence(text.text, match):
            continue
        last = match["last"].strip().lower()
        if last == "dot" and head.lower() in _ARTICLES:
            continue
        if (last in _MIDDLE or last == "dot") and not _NO_WORD.fullmatch(match["tld"]):
            # A dot in the middle is of a brand, too: ABC·Store.
            continue
        start, end = text.span(match.start(), match.end())
        yield Link("", f"{head}.{match.group('tld')}".lower(), None, "", start, end, is_spelt=True)


def _spaced(text: Plain) -> Iterator[Link]:
    for match in _SPACED.finditer(text.text):
        link = _LINK.fullmatch(match[0].replace(" ", ""))
        if link is not None:
            start, end = text.span(match.start(), match.end())
            host = (link["host"] or link["bare"]).lower()
            yield Link((link["scheme"] or "").lower(), host, None, "", start, end, is_spelt=True)


def _ends_sentence(text: str, match: "re.Match[str]") -> bool:
    """Whether a dot and space are what they mostly are: "New arrivals are here. Shop them at ..."."""
    tld = match.group("tld")
    return (
        text[match.end("head")] == "."
        and tld[0].isupper()
        and not _NO_WORD.fullmatch(tld)
        and text[match.end() : match.end() + 1] != "/"
    )


def _port(text: str | None) -> int | None:
    if not text:
        return None
    return int(text[1:])


def _is_number(host: str) -> bool:
    return host.replace(".", "").isdigit()


def _is_dotted_quad(host: str) -> bool:
    labels = host.split(".")
    return len(labels) == 4 and all(label.isdigit() and int(label) <= 255 for label in labels)
