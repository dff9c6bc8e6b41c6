# Who an account is known to be: its registration, compiled for questions that are asked of every message.
"""Registered senders."""

import datetime
from collections.abc import Iterable
from urllib.parse import unquote

import attrs

from smpp_router.compliance.facts.hosts import belongs_to, unicode_of
from smpp_router.compliance.facts.links import Link
from smpp_router.compliance.templates import Templates, parse_template
from smpp_router.config_compliance import RegistrationConfig, SignatureConfig


def is_straight(path: str) -> bool:
    """Whether a path leads where it reads: no step up, however it is written, and no slash in disguise."""
    way = unquote(unquote(path.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]))
    return "\\" not in way and "//" not in way and not {"..", "."} & set(way.split("/"))


@attrs.frozen
class LinkPattern:
    """A registered link: a host, and a path or, with `is_prefix`, how its path begins."""

    scheme: str
    host: str
    path: str
    is_prefix: bool

    def fits(self, link: Link) -> bool:
        """Whether a link is this one; a query and fragment may follow a path."""
        if link.host != self.host or (link.scheme or "https") != self.scheme:
            return False
        path = link.path or "/"
        if not is_straight(path):
            return False
        if self.is_prefix:
            return path.startswith(self.path)
        page = path.split("#")[0]
        return self.path in (path, page, page.split("?")[0])


def link_pattern(text: str) -> LinkPattern:
    """Compile a registered link; * at its end stands for any path below."""
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    is_prefix = path.endswith("*")
    return LinkPattern(scheme.lower(), host.lower(), slash + path.rstrip("*") if slash else "/", is_prefix)


class Sender:
    """A registered account."""

    def __init__(self, config: RegistrationConfig, code_digits_max: int = 6) -> None:
        self.config = config
        self.kind = config.kind
        self.templates = Templates(parse_template(one, code_digits_max) for one in config.templates)
        self._signatures = {one.text: one for one in config.signatures}
        self._folded = {one.text.casefold(): one for one in config.signatures if not one.case_sensitive}
        self._domains = [unicode_of(domain.lower()) for domain in config.domains]
        self._links = [link_pattern(link) for link in config.links]

    @property
    def needs_exact_text(self) -> bool:
        """Whether a rule compares its texts digit by digit with something that it has registered."""
        return bool(self.templates) or self.config.agency is not None or self.config.dlt is not None

    @property
    def signs(self) -> bool:
        """Whether it has registered signatures."""
        return bool(self._signatures)

    @property
    def signatures(self) -> Iterable[str]:
        """The names that it has registered."""
        return self._signatures.keys()

    def signature(self, name: str) -> SignatureConfig | None:
        """Return the registered signature of a name."""
        return self._signatures.get(name) or self._folded.get(name.casefold())

    def class_of_sender(self, source: str) -> str | None:
        """Return the class that a source address is registered for; None if it is not."""
        fitting = [one for one in self.config.senders if source.startswith(one.number)]
        return max(fitting, key=lambda one: len(one.number)).traffic_class if fitting else None

    def owns_host(self, host: str) -> bool:
        """Whether a host is one of its domains or stands in one of its links."""
        return self._has_domain(host) or self.binds_host(host)

    def _has_domain(self, host: str) -> bool:
        if not host.isascii() or "xn--" in host:
            host = unicode_of(host)
        return any(belongs_to(host, domain) for domain in self._domains)

    def binds_host(self, host: str) -> bool:
        """Whether its links of a host are registered one by one."""
        return any(link.host == host for link in self._links)

    def has_link(self, link: Link) -> bool:
        """Whether a link is registered: itself, or by its domain if the host has no registered paths."""
        if self.binds_host(link.host):
            return any(pattern.fits(link) for pattern in self._links)
        # What some programs take for a slash and others for a part of the host leads nobody knows where.
        return "\\" not in link.path and self._has_domain(link.host)


def is_valid(signature: SignatureConfig, day: datetime.date) -> bool:
    """Whether a signature's registration holds on a day."""
    told = day.isoformat()
    return (not signature.valid_from or signature.valid_from <= told) and (
        not signature.valid_to or told <= signature.valid_to
    )
