"""The whole router under kill -9, recounted by a client that shares no code with it."""

from benchmarks.kills import campaign


def test_a_killed_router_loses_nothing_and_answers_nothing_twice() -> None:
    result = campaign(runs=4, seed=7)
    assert result["answered"] > 0
    assert result["lost"] == 0
    assert result["contradicted"] == 0
    assert result["answered_twice"] == 0
    assert result["in_flight_at_end"] == 0
