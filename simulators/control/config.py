"""The table `[control]`: where the HTTP API of running carriers listens, and what it remembers."""

import attrs

from smpp_router.config_checks import at_least, between, octets

TOKEN_OCTETS_MAX = 255
"""More than any token that people make up; a header has to carry it."""


@attrs.frozen(kw_only=True)
class ControlConfig:
    """Who may steer the carriers while they run, and how much is kept to be asked for."""

    host: str = attrs.field(default="127.0.0.1", validator=octets(1, 255))
    """The address to listen on. Whoever reaches it may do everything: keep to loopback or give a token."""
    port: int = attrs.field(default=8775, validator=between(0, 65535))
    """0 takes any free one."""
    token: str = attrs.field(default="", repr=False, validator=octets(0, TOKEN_OCTETS_MAX, secret=True))
    """What `Authorization: Bearer ...` has to say. Empty: nobody is asked."""
    pdus_max: int = attrs.field(default=10_000, validator=at_least(0))
    """PDUs of all carriers kept to be asked for; beyond it the oldest are dropped and counted."""
    capture_octets_max: int = attrs.field(default=16 << 20, validator=at_least(0))
    """SMPP octets kept for capture.pcap; beyond it the oldest are dropped and counted."""
    capture_file: str = ""
    """A file that takes the whole capture as it happens. Empty: none."""
    capture_file_octets_max: int = attrs.field(default=1 << 30, validator=at_least(0))
    """Where the file stops growing; what comes later is counted, not written."""
    waits_max: int = attrs.field(default=100, validator=at_least(1))
    """Requests that may wait for messages side by side; one more is told to come back."""
