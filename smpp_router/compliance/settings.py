# What rules ask of the configuration, compiled once.
"""Settings of the rules."""

from typing import Final

import attrs

from smpp_router.compliance.days import Days
from smpp_router.compliance.facts.hosts import belongs_to, looks_like
from smpp_router.compliance.known_hosts import PROTECTED, SHORTENERS
from smpp_router.config_compliance import ComplianceConfig


@attrs.define(eq=False)
class Settings:
    """The configuration with its lists compiled."""

    config: ComplianceConfig
    shorteners: frozenset[str]
    protected: tuple[str, ...]
    days: Days
    _shapes: dict[str, str | None] = attrs.Factory(dict[str, "str | None"])

    @classmethod
    def of(cls, config: ComplianceConfig) -> "Settings":
        """Compile a configuration."""
        own = [domain for one in config.registrations for domain in one.domains]
        protected = dict.fromkeys((*PROTECTED, *config.protected_domains, *own))
        return cls(
            config, SHORTENERS | set(config.shorteners), tuple(protected), Days(config.marketing_hours.zone)
        )

    def is_shortener(self, host: str) -> bool:
        """Whether a host is a public shortener's."""
        return any(belongs_to(host, domain) for domain in self.shorteners if host.endswith(domain))

    def is_allowed(self, host: str) -> bool:
        """Whether anybody may link to a host."""
        return any(belongs_to(host, domain) for domain in self.config.allowed_domains)

    def is_protected(self, host: str) -> bool:
        """Whether a host is one that frauds imitate, itself."""
        return any(belongs_to(host, domain) for domain in self.protected)

    def imitated(self, host: str) -> str | None:
        """Return the protected domain that a host looks like; kept for hosts seen before."""
        if host in self._shapes:
            return self._shapes[host]
        if len(self._shapes) >= HOSTS_MAX:
            self._shapes.clear()
        found = None
        if not self.is_protected(host):
            found = next((domain for domain in self.protected if looks_like(host, domain)), None)
        self._shapes[host] = found
        return found


HOSTS_MAX: Final = 4_096
"""Hosts whose shape is remembered: bulk traffic has few; above it they are all forgotten."""
