"""An explanation names what costs, with its numbers, and what the breaker does about it."""

from smpp_router.config_health import HealthConfig
from smpp_router.routing.health import Health
from tests.routing.health_traces import Behaviour, Trace


def dark_after_a_while(name: str, at_s: float) -> Behaviour:
    return Behaviour(is_dark=name == "unicom" and at_s > 20.0)


def test_a_healthy_carrier_has_nothing_to_explain() -> None:
    trace = Trace(dark_after_a_while).run(15.0)
    assert trace.health.explain("mobile", "bj", "logistics") == "mobile bj logistics: 100 of 100"
    assert trace.health.explain("mobile", "zz", "none") == "mobile: 100 of 100"
    assert trace.health.explain("nobody", "bj", "logistics") == "not measured"
    assert trace.health.details("nobody") == ["not measured"]


def test_one_line_says_what_is_wrong_and_what_is_done() -> None:
    trace = Trace(dark_after_a_while).run(27.0)
    line = trace.health.explain("unicom", "bj", "logistics")
    assert "\n" not in line
    assert line.startswith("unicom bj logistics: ")
    assert "carrier's breaker open for" in line
    assert line.endswith("because of submit")
    whole = trace.health.explain("unicom", "zz", "none")
    assert "submit 0.00 (nobody answers," in whole


def test_details_show_every_part_with_its_numbers() -> None:
    trace = Trace(dark_after_a_while).run(27.0)
    for lines in (trace.health.details("unicom"), trace.health.details("unicom", "bj", "logistics")):
        text = "\n".join(lines)
        for part in (
            "bound",
            "submit",
            "throttle",
            "latency",
            "delivery",
            "receipts",
            "interception",
            "complaints",
            "stability",
            "deadline",
            "breaker",
        ):
            assert f"\n  {part} " in text
        assert "usually" in text
    assert "0% of its traffic may go" in lines[0]


def test_each_state_of_the_breaker_is_told() -> None:
    trace = Trace(lambda name, at_s: Behaviour(is_dark=name == "unicom" and 20.0 < at_s < 30.0))
    told: set[str] = set()
    line = ""
    for _ in range(100):
        line = trace.run(1.0).health.explain("unicom", "", "")
        told |= {
            word for word in ("open for", "half open for", "probes good", "recovering for") if word in line
        }
    assert told == {"open for", "half open for", "probes good", "recovering for"}
    assert "breaker" not in line


def test_a_carrier_without_a_session_says_so() -> None:

    health = Health(HealthConfig(), ["mobile"], 0.0)
    health.tick(6.0)
    assert health.explain("mobile", "", "") == (
        "mobile: 0 of 100; bound 0.00 (no session); "
        "carrier's breaker open for 0 s of 10 s because of no session"
    )
