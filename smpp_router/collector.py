# Python's garbage collector finds hardly anything here: what is not needed any more goes by itself. But it
# walks over all that is alive to find that out, and a million messages in flight are alive.
"""When the garbage collector runs, in processes that hold messages by the million."""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 100)
"""Young objects before a collection, and collections before one of an older generation. The default of 700
collects within every read, and walks over all messages in flight ever so often."""


def collect_rarely() -> None:
    """Have it run as seldom as suits a loaded process."""
    gc.set_threshold(*THRESHOLDS)


def collect_and_freeze() -> None:
    """Run it once, and have it never look again at what is alive now: what was made at the start stays."""
    gc.collect()
    gc.freeze()


@contextmanager
def paused() -> Generator[None, None, None]:
    """Keep it away while many objects are made that stay; as it was before, behind that."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
