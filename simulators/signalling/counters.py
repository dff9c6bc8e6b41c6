"""What the network has seen."""

import attrs


@attrs.define(eq=False)
class NetworkCounters:
    """Numbers since the start."""

    submitted: int = 0
    delivered: int = 0
    undelivered: int = 0
    expired: int = 0
    cancelled: int = 0
    replaced: int = 0
    attempts: int = 0
    retries: int = 0
    alerts: int = 0
    inter_carrier: int = 0
    """Messages that another carrier delivered than the one that took them."""
    queue_full: int = 0
