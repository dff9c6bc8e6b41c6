"""The garbage collector runs seldom, not at all meanwhile, and as before behind that."""

import gc
from collections.abc import Generator

import pytest

from smpp_router import collector


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None, None, None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.enable()
    gc.unfreeze()


def test_it_runs_rarely() -> None:
    collector.collect_rarely()
    assert gc.get_threshold() == collector.THRESHOLDS


def test_what_is_alive_is_collected_once_and_looked_at_no_more() -> None:
    before = gc.get_freeze_count()
    circle: list[object] = []
    circle.append(circle)
    collector.collect_and_freeze()
    assert gc.get_freeze_count() > before
    assert not any(found is circle for found in gc.get_objects())


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_pause_leaves_it_as_it_was_whatever_happens_meanwhile(is_enabled: bool) -> None:
    (gc.enable if is_enabled else gc.disable)()

    def fail() -> None:
        assert not gc.isenabled()
        raise LookupError

    with pytest.raises(LookupError), collector.paused():
        fail()
    assert gc.isenabled() == is_enabled
