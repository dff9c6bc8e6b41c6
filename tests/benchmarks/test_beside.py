"""Pairs of runs are compared pair by pair."""

from typing import Any

from benchmarks.beside import CPU, SHOWN, WRONG, compared, single, table


def run(cpu_us: float, **changes: float) -> dict[str, Any]:
    return {**dict.fromkeys(SHOWN, 1.0), **dict.fromkeys(WRONG, 0), CPU: cpu_us, **changes}


def test_neighbours_are_compared_with_each_other_only() -> None:
    result = compared([(run(30.0), run(20.0)), (run(60.0), run(50.0)), (run(36.0), run(24.0))])
    assert result[CPU] == {"ours": 36.0, "beside": 24.0, "difference": 10.0, "ratio": 1.5}
    assert result["wrong"] == 0


def test_what_went_wrong_in_any_run_is_told() -> None:
    assert compared([(run(1.0), run(1.0, lost=2.0, refused=1.0))])["wrong"] == 3


def test_a_single_run_has_neither_pairs_nor_repetitions() -> None:
    given = [
        "--runs",
        "5",
        "--rules",
        "10",
        "--beside=--rules 1",
        "--json",
        "--beside-in",
        "../older",
        "--screening",
    ]
    assert single(given) == ["--rules", "10", "--screening"]


def test_the_table_names_both_sides() -> None:
    result = compared([(run(3.0), run(2.0))]) | {
        "options": "--rules 10",
        "beside": "",
        "beside_in": "../older",
    }
    title = table(result).title
    assert title == "--rules 10   beside   as it is in ../older"
