"""What statistics show of a carrier is plain, and complete to its cells."""

import json

from smpp_router.config_health import HealthConfig
from smpp_router.routing.health import Health
from smpp_router.routing.health_baseline import EXPECTED_FIRST
from smpp_router.routing.health_cells import UNDISTURBED_S
from smpp_router.routing.health_silence import DARK, Silence


def test_a_carrier_has_its_cells_and_the_rest() -> None:
    health = Health(HealthConfig(), ["mobile"], 0.0)
    health.tally("mobile", "bj", "codes")
    carrier = health.carrier("mobile")
    assert carrier is not None
    assert [cell.lane.region for cell in carrier.all_cells()] == ["", "bj"]
    assert carrier.expected_delivery_share == EXPECTED_FIRST
    carrier.expected_delivery.good, carrier.expected_delivery.bad = 30.0, 10.0
    assert carrier.expected_delivery_share == 0.75


def test_a_silence_is_not_believed_at_first_sight_after_a_lost_session_or_a_pause_of_our_own() -> None:
    health = Health(HealthConfig(), ["mobile"], 0.0)
    health.bound("mobile")
    carrier = health.carrier("mobile")
    assert carrier is not None
    silence = Silence(level=DARK)
    assert carrier.is_certain(silence, 1.0)
    assert not carrier.is_certain(Silence(level=DARK - 1.0), 1.0)
    for second in range(1, 11):
        health.tick(float(second))
    assert carrier.is_certain(silence, 10.0)
    health.lost("mobile", is_bound=True, now=10.0)
    assert not carrier.is_certain(silence, 10.0 + UNDISTURBED_S)
    assert carrier.is_certain(silence, 10.1 + UNDISTURBED_S)
    health.tick(20.0)
    assert not carrier.is_certain(silence, 21.0)


def test_statistics_show_scores_shares_and_breakers_as_json_can() -> None:
    health = Health(HealthConfig(), ["mobile"], 0.0)
    health.bound("mobile", 1)
    health.tally("mobile", "", "codes").accept(3, 0.6)
    health.tick(1.0)
    shown = json.loads(json.dumps(health.scores()))
    assert shown == {
        "mobile": {
            "score": 100.0,
            "share": 1.0,
            "breaker": "closed",
            "openings": 0,
            "latency_s": 0.2,
            "latency_usual_s": 0.2,
            "receipt_deadline_s": None,
            "sessions": [{"link": 1, "score": 100.0, "breaker": "closed", "latency_s": 1.0}],
            "cells": {"- codes": {"score": 100.0, "share": 1.0, "breaker": "closed"}},
        }
    }
