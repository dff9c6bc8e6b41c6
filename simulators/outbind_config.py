"""When a simulated carrier calls an ESME (outbind, SMPP 3.4 section 4.1.7)."""

from typing import Literal

import attrs

from smpp_router.config_checks import above, at_least, between, octets


@attrs.frozen(kw_only=True)
class OutbindConfig:
    """Where and when an account is called."""

    host: str = attrs.field(validator=octets(1, 253))
    port: int = attrs.field(validator=between(1, 65_535))
    when: Literal["waiting", "always", "on_demand"] = "waiting"
    """While deliveries wait that no session can take; whenever there is no such session; by order only."""
    system_id: str = attrs.field(default="", validator=octets(0, 15))
    """By which the carrier says who it is; empty: its name."""
    password: str = attrs.field(default="", repr=False, validator=octets(0, 8, secret=True))
    """By which the ESME may know that it is the carrier."""
    retry_s: float = attrs.field(default=1.0, validator=above(0))
    """The pause after a call that came to nothing; it doubles ..."""
    retry_max_s: float = attrs.field(default=60.0, validator=above(0))
    """... up to this."""
    attempts_max: int = attrs.field(default=10, validator=at_least(1))
    """Calls one after the other that come to nothing; then it is given up."""
