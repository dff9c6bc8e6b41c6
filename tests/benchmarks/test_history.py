"""The benchmark of history finds what it wrote, and measures each thing that docs/lifecycle.md tells."""

import json

import pytest

from benchmarks.history import main


def test_a_small_run_finds_every_message_again_and_tells_what_it_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # An assertion in it fails if a message is not found.
    assert main(["--count", "6000", "--segment-mb", "0.5", "--looks", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] >= told["count"] - told["not_in_history"]
    assert told["files"] > 1
    assert 5.0 < told["bytes_per_message"] < 30.0
    assert 0.0 < told["slice_cpu_p99_ms"] <= told["slice_cpu_max_ms"]
    assert told["history_cpu_us_per_message"] > 0.0
    assert 0.1 < told["compaction_peak_mb"] < 10.0
    for way in ("id", "number", "id_of_journal", "number_of_journal"):
        assert told[f"{way}_files_opened"]["cpu_p50_ms"] > 0.0
        assert told[way]["p50_ms"] > 0.0
