from smpp_router.core.reload_counters import ReloadCounters


def test_reloads_are_counted_with_the_time_of_the_last_of_each_kind() -> None:
    counters = ReloadCounters()
    counters.count(1.0, is_applied=True)
    counters.count(2.0, is_applied=False)
    counters.count(3.0, is_applied=False)
    assert (counters.applied, counters.applied_at) == (1, 1.0)
    assert (counters.refused, counters.refused_at) == (2, 3.0)
