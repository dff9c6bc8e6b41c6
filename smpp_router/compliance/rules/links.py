"""Links: HTTPS only, to hosts that are allowed or registered, unchanged, and blind to who the reader is.

A shortener's target can change after the message was screened; an address, a look-alike name or a
spelt-out one hides who is behind it; parameters that carry the reader's number or place spy on them. A
registered link that is changed on its way is the work of a hijacker.
"""

import base64
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.hosts import address_of, is_punycode
from smpp_router.compliance.facts.links import Link
from smpp_router.compliance.symbols import Symbol

TRACKING: Final = frozenset(
    [
        "phone",
        "mobile",
        "tel",
        "msisdn",
        "cell",
        "cellphone",
        "phonenumber",
        "mobileno",
        "phoneno",
        "uid",
        "userid",
        "user_id",
        "openid",
        "open_id",
        "unionid",
        "imei",
        "imsi",
        "idfa",
        "oaid",
        "androidid",
        "android_id",
        "deviceid",
        "device_id",
        "device",
        "mac",
        "email",
        "mail",
        "idcard",
        "id_card",
        "idno",
        "cardno",
        "card_no",
        "custid",
        "customerid",
        "memberid",
        "member_id",
        "username",
        "realname",
    ]
)
"""Parameters that say who the reader is."""
LOCATION: Final = frozenset(
    [
        "lat",
        "lng",
        "lon",
        "long",
        "latitude",
        "longitude",
        "location",
        "loc",
        "gps",
        "geo",
        "geohash",
        "position",
        "coord",
        "coords",
        "coordinate",
        "coordinates",
        "latlng",
        "latlon",
        "lnglat",
        "lonlat",
    ]
)
"""Parameters that say where the reader is."""
_ENDS: Final = frozenset(
    ["openid", "unionid", "uid", "userid", "imei", "imsi", "idfa", "oaid", "msisdn", "idcard"]
)
"""Of these a name may be made with more before it: wx_openid, but is_mobile and ad_position say nothing."""
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+|00)?(?:86[ -]?)?1[3-9]\d(?:\d{8}|-\d{4}-\d{4}| \d{4} \d{4})(?!\d)")
_PLACE: Final = re.compile(r"(?<![\d.])-?\d{1,3}\.\d{4,16}\s?[,;_ ]\s?-?\d{1,3}\.\d{4,16}(?!\d)")
"""Two coordinates, to ten metres or less."""
_CODED: Final = re.compile("(?:aHR0c|Ly9)[A-Za-z0-9+/_-]{4,512}")
"""http..., or //..., in base64."""
_LEADS: Final = re.compile(r"(?:https?:)?//[\w.:@-]{1,126}\.[a-z]{2,63}", re.IGNORECASE | re.ASCII)
"""What is a link when it is decoded, and no accident."""
_NESTED: Final = re.compile(
    r"(?:https?:|[=])//(?:[^/?#&@]*+@)?(?P<host>[^/?#&:]++)"
    r"|[?&](?:url|uri|to|target|redirect\w{0,16}|goto|jump\w{0,16}|next|return\w{0,16}|link|dest\w{0,16}|forward)="
    r"(?P<bare>(?:[\w-]{1,63}\.){1,126}[a-z]{2,63})(?=[/?#&:]|$)",
    re.IGNORECASE,
)
"""A link within the path or query of another."""
_PAIRS: Final = re.compile("[?#&;]")
_PARTS: Final = re.compile(r"[.\[\]]")
_SOURCE: Final = "rules on links"
_PORTS: Final = (None, 443)


def check_links(case: Case) -> Iterator[Symbol]:
    """Yield what is wrong with a text's links."""
    for link in case.facts.links:
        if link.is_token:
            yield from _token(case, link)
            continue
        yield from _host(case, link)
        yield from _parameters(link)
        yield from _redirection(case, link)


def _token(case: Case, link: Link) -> Iterator[Symbol]:
    if case.kind in (None, "free") or (case.sender is not None and case.sender.has_link(link)):
        return
    why = "what is to be copied, or opens a program, is registered as links are"
    yield Symbol("LINK_TOKEN", 0.8, why, link.start, link.end, _SOURCE)
    if link.scheme == "miniprogram":
        yield from _registration(case, link)


def _host(case: Case, link: Link) -> Iterator[Symbol]:
    def found(name: str, score: float, why: str) -> Symbol:
        return Symbol(name, score, why, link.start, link.end, _SOURCE)

    if link.is_spelt:
        yield found("LINK_SPELT", 1.5, "the link's dots are spelt or spaced so that machines do not see it")
    if link.scheme not in ("https", "") and not _is_registered_app(case, link):
        yield found("LINK_NOT_HTTPS", 0.3, "links begin with https://")
    elif not link.scheme and case.kind not in (None, "free"):
        yield found("LINK_NO_SCHEME", 0.1, "links begin with https://")
    if link.names_user:
        yield found("LINK_USER", 1.2, "a link has no user's name before its host")
    if link.port not in _PORTS:
        yield found("LINK_PORT", 0.8, "a link names no port")
    if address_of(link.host) is not None:
        yield found("LINK_ADDRESS", 1.5, "a link names a host, not an address")
        return
    if case.settings.is_shortener(link.host):
        if not _is_registered_short(case, link):
            yield found("LINK_SHORTENER", 0.8, "shortened links are not allowed unless registered")
        return
    is_own = case.sender is not None and case.sender.owns_host(link.host)
    imitated = None if is_own else case.settings.imitated(link.host)
    if is_punycode(link.host) and not is_own:
        yield found("LINK_PUNYCODE", 1.2, "the link's host has letters that look like others")
    if imitated is not None:
        yield found("LINK_LOOKALIKE", 2.0, f"the link's host looks like {imitated}")
    yield from _registration(case, link)


def _is_registered_app(case: Case, link: Link) -> bool:
    """Whether it is a registered link that opens a program: weixin://dl/business/..."""
    sender = case.sender
    return (
        link.scheme != "http"
        and sender is not None
        and sender.binds_host(link.host)
        and sender.has_link(link)
    )


def _is_registered_short(case: Case, link: Link) -> bool:
    """Whether a shortener is a sender's own, or one link of it is registered."""
    sender = case.sender
    if sender is None:
        return False
    return link.host in sender.config.shorteners or (sender.binds_host(link.host) and sender.has_link(link))


def _registration(case: Case, link: Link) -> Iterator[Symbol]:
    if case.settings.is_allowed(link.host) or case.kind in (None, "free"):
        return
    sender = case.sender
    if sender is None:
        if case.kind == "any":
            # Whose text it is is not known either, so it may well be registered.
            return
        why = "the link is not registered"
        yield Symbol("LINK_UNREGISTERED", 0.5, why, link.start, link.end, _SOURCE)
    elif link.host in sender.config.shorteners or sender.has_link(link):
        return
    elif sender.binds_host(link.host):
        why = "the link's path is not the registered one"
        yield Symbol("LINK_CHANGED", 1.2, why, link.start, link.end, _SOURCE)
    else:
        why = "the link is not registered to this account"
        yield Symbol("LINK_UNREGISTERED", 0.8, why, link.start, link.end, _SOURCE)


def _redirection(case: Case, link: Link) -> Iterator[Symbol]:
    """Yield that a link hands on to another host, which nobody has registered."""
    if case.kind in (None, "free"):
        return
    way = unquote(unquote(link.path))
    for found in _NESTED.finditer("=".join((way, *_decoded(way)))):
        host = (found.group("host") or found.group("bare")).lower()
        if host == link.host or case.settings.is_allowed(host):
            continue
        if case.sender is None or not case.sender.owns_host(host):
            why = "the link's parameters lead on to another host"
            yield Symbol("LINK_REDIRECT", 1.0, why, link.start, link.end, _SOURCE)
            return


def _decoded(way: str) -> Iterator[str]:
    """What of a link is another one in base64."""
    for found in _CODED.finditer(way):
        signs = found[0].replace("-", "+").replace("_", "/")
        whole = signs[: len(signs) // 4 * 4]
        text = base64.b64decode(whole, validate=False).decode("latin-1")
        if _LEADS.match(text):
            yield text


def _names(path: str) -> set[str]:
    """The names of a link's parameters, and those within them: user[phone], x.uid, wx_openid."""
    # In the fragment, too: a page's script reads it as well as its query.
    pairs = _PAIRS.split(path)[1:]
    names = {unquote_plus(pair.partition("=")[0]).lower() for pair in pairs}
    parts = {part for name in names for part in _PARTS.split(name)}
    return names | parts | {name.rpartition("_")[2] for name in parts} & _ENDS


def _parameters(link: Link) -> Iterator[Symbol]:
    path = link.path
    if not ("?" in path or "=" in path or "%" in path or _MOBILE.search(path) or _PLACE.search(path)):
        return
    names = _names(path)
    # A + may be a blank or itself.
    plain = unquote(path)
    if names & TRACKING or _MOBILE.search(plain):
        why = "the link's parameters tell who the reader is"
        yield Symbol("LINK_TRACKING", 0.6, why, link.start, link.end, _SOURCE)
    if names & LOCATION or _PLACE.search(plain):
        why = "the link's parameters tell where the reader is"
        yield Symbol("LINK_LOCATION", 0.6, why, link.start, link.end, _SOURCE)
