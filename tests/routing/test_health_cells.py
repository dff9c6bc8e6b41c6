"""What statistics show of a carrier is plain, and complete to its cells."""

import json

from smpp_router.config_health import HealthConfig
from smpp_router.routing.health import Health
from smpp_router.routing.health_baseline import EXPECTED_FIRST


def test_a_carrier_has_its_cells_and_the_rest() -> None:
    health = Health(HealthConfig(), ["mobile"], 0.0)
    health.tally("mobile", "bj", "codes")
    carrier = health.carrier("mobile")
    assert carrier is not None
    assert [cell.lane.region for cell in carrier.all_cells()] == ["", "bj"]
    assert carrier.expected_delivery_share == EXPECTED_FIRST
    carrier.expected_delivery.good, carrier.expected_delivery.bad = 30.0, 10.0
    assert carrier.expected_delivery_share == 0.75


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
