# What a host name is, beyond its letters: an address in disguise, a name in look-alike letters, somebody
# else's name with one letter changed.
"""Hosts of links."""

import ipaddress
from functools import lru_cache
from typing import Final

_CONFUSABLE: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһӏьгпмтвнк", "aeopcyxijsdhlbrnmtbhk", strict=True)),
        **dict(zip("αβεηικνορτυχγω", "abenikvoptuxyw", strict=True)),
        **dict(zip("ıłøđŧħ", "ilodth", strict=True)),
        "0": "o",
        "1": "l",
        "|": "l",
        "3": "e",
        "5": "s",
        "8": "b",
        "ß": "b",
    }
)
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_MARKS: Final = str.maketrans(
    "àáâãäåāăąçćčèéêëēĕėęěìíîïīįñńňòóôõöōőùúûüūůűýÿžźż", "aaaaaaaaaccceeeeeeeeeiiiiiinnnooooooouuuuuuuyyzzz"
)


def address_of(host: str) -> str | None:
    """Return the IP address that a host is, in any of its spellings; None for a name."""
    bare = host.strip("[]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    labels = bare.split(".")
    if len(labels) > 4 or not all(map(_is_octets, labels)):
        return None
    # 0x7f000001, 2130706433, 0177.0.0.1 and 127.1 are all read as addresses by programs that open links.
    *heads, last = [_octets(label) for label in labels]
    if any(head > 255 for head in heads) or last >= 256 ** (5 - len(labels)):
        return None
    number = last
    for place, head in enumerate(heads):
        number += head << 8 * (3 - place)
    return str(ipaddress.IPv4Address(number))


def _is_octets(label: str) -> bool:
    if label[:2].lower() == "0x":
        return len(label) > 2 and all(sign in "0123456789abcdef" for sign in label[2:].lower())
    return label.isascii() and label.isdigit()


def _octets(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label, 16)
    is_octal = len(label) > 1 and label[0] == "0" and all(sign in "01234567" for sign in label)
    return int(label, 8 if is_octal else 10)


def unicode_of(host: str) -> str:
    """Return a host with its xn-- labels decoded; a label that can't be is left as it is (RFC 3492)."""
    labels: list[str] = []
    for label in host.split("."):
        if label.startswith("xn--"):
            try:
                labels.append(label[4:].encode("ascii").decode("punycode"))
                continue
            except UnicodeError:
                pass
        labels.append(label)
    return ".".join(labels)


def is_punycode(host: str) -> bool:
    """Whether a host has letters beyond ASCII, written out or as xn--."""
    return not host.isascii() or any(label.startswith("xn--") for label in host.split("."))


@lru_cache(maxsize=1_024)
def skeleton(host: str) -> str:
    """Return what a hasty reader takes a host for: hosts with equal skeletons look alike."""
    plain = unicode_of(host.lower()).translate(_MARKS).translate(_CONFUSABLE)
    for pair, sign in _PAIRS:
        plain = plain.replace(pair, sign)
    return plain.replace("-", "")


def belongs_to(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it."""
    return host == domain or host.endswith("." + domain)


def looks_like(host: str, domain: str) -> bool:
    """Whether a host is not a domain's, but would be taken for it.

    It has the same skeleton, one letter more, less, other or swapped in the name that counts, or wears
    the domain in front of its own: icbc.com.cn.pay.top.
    """
    if belongs_to(host, domain):
        return False
    if f".{domain}." in f".{host}":
        return True
    ours, theirs = skeleton(domain), skeleton(host)
    if theirs == ours or theirs.endswith("." + ours):
        return True
    name, other = _name(ours), _name(theirs)
    if len(name) < 4:
        return False
    if name == other:
        # The same name below another top-level domain is somebody else's, and legal; the name in a
        # hyphenated or longer one is what frauds do.
        return False
    return _is_near(name, other) or (len(name) >= 5 and name in other)


def _name(host: str) -> str:
    """Return the label that people know a host by: icbc of www.icbc.com.cn."""
    labels = host.split(".")
    if (
        len(labels) > 2
        and len(labels[-1]) == 2
        and labels[-2] in ("com", "net", "org", "gov", "edu", "ac", "co")
    ):
        return labels[-3]
    return labels[-2] if len(labels) > 1 else labels[0]


def _is_near(one: str, other: str) -> bool:
    """Whether one letter was changed, added, left out or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if len(one) == len(other):
        rest, rest_other = one[start:], other[start:]
        if rest[1:] == rest_other[1:]:
            return True
        return rest[:2] == rest_other[1::-1][:2] and rest[2:] == rest_other[2:]
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[start + 1 :] == shorter[start:]
