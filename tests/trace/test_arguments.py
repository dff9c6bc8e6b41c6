import argparse
from datetime import UTC, datetime

import pytest

from smpp_router.trace.arguments import add_parser, count_of, is_number, time_of


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800)])
def test_a_span_counts_back_from_now(text: str, seconds: float) -> None:
    assert time_of(text) == pytest.approx(datetime.now(UTC).timestamp() - seconds, abs=5)


def test_a_date_is_utc_unless_it_says_otherwise() -> None:
    assert time_of("2026-11-25T17:00") == datetime(2026, 11, 25, 17, tzinfo=UTC).timestamp()
    assert time_of("2026-11-25T17:00+08:00") == datetime(2026, 11, 25, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("text", ["", "soon", "5", "5w", "2026-13-01"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="not a time"):
        time_of(text)


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "1.5"])
def test_what_is_no_count_is_told(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="must be a whole number above 0"):
        count_of(text)
    assert count_of("20") == 20


def test_a_state_may_be_written_small() -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    assert parser.parse_args(["trace", "--state", "delivered"]).state == "DELIVERED"


@pytest.mark.parametrize("text", ["", "+", "++86", "86 139", "8613x", "٣"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert not is_number(text)
    assert is_number("8613900000001")
    assert is_number("+8613900000001")
