"""What time it is. Read here only, when a simulator starts; from then on trio's clock counts."""

import time


def unix_s() -> float:
    """Return the unix seconds."""
    return time.time()  # noqa: TID251 - the rim
