# Who may look into a running router, and change what it goes by, over HTTP. Without a section `[api]` there
# is no such port; with one there is at least one token, of which the file has the scrypt string only.
"""The section `[api]`: where the HTTP API listens, and who is let in."""

from typing import Literal

import attrs

from smpp_router.config_checks import at_least, between, entries, host_name, plain_name

Access = Literal["read", "change"]


@attrs.frozen(kw_only=True)
class ApiTokenConfig:
    """Somebody who may use the API."""

    name: str = attrs.field(validator=plain_name)
    """What the audit calls whoever shows the token."""
    secrets: tuple[str, ...] = attrs.field(repr=False, validator=entries(1, 2))
    """One or two scrypt strings from `smpp-router secret`; two while a token is being changed."""
    access: Access = "read"
    """read: look only; change: opt-outs, reviews and reloads, too."""


@attrs.frozen(kw_only=True)
class ApiConfig:
    """The HTTP API of the router."""

    host: str = attrs.field(default="127.0.0.1", validator=host_name)
    """The address to listen on. Answers have numbers and texts, and HTTP shows them to whoever is on the way:
    beyond this machine, put something with TLS in front."""
    port: int = attrs.field(default=8780, validator=between(0, 65_535))
    """0: the system chooses one, which the log tells."""
    tokens: tuple[ApiTokenConfig, ...] = attrs.field(validator=entries(1, 16))
    """Who is let in, by `Authorization: Bearer ...`."""
    connections_max: int = attrs.field(default=64, validator=at_least(1))
    """Above it a new connection is closed at once: operators and their programs are few."""
