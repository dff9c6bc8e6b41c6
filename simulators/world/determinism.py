# trio runs the tasks of a batch in an order that it draws afresh. For tests it can be told to sort them and
# draw from a generator that may be seeded: two names without promise of staying, hence only here, and a
# world that lacks them says so instead of being different at each run.
"""Running trio so that the same seed does the same."""

import gc
import random
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from smpp_router import collector

_SCHEDULER: Final = "trio._core._run"
_FLAG: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"


@contextmanager
def deterministic(seed: int) -> Generator[None, None, None]:
    """Have the scheduler draw from `seed`. Raises RuntimeError if this trio can't be told to."""
    scheduler = import_module(_SCHEDULER)
    rng: object = getattr(scheduler, "_r", None)
    if not isinstance(rng, random.Random) or not hasattr(scheduler, _FLAG):
        raise RuntimeError("this version of trio has no deterministic scheduling")
    before, state = getattr(scheduler, _FLAG), rng.getstate()
    setattr(scheduler, _FLAG, True)
    rng.seed(f"{seed} scheduler")
    try:
        yield
    finally:
        setattr(scheduler, _FLAG, before)
        rng.setstate(state)


@contextmanager
def collecting_rarely() -> Generator[None, None, None]:
    """Have Python look for cycles as seldom as a router's own process does."""
    # A world holds hundreds of thousands of objects that live: looking at them took a twentieth of its time.
    before = gc.get_threshold()
    collector.collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)
