"""Who serves a number."""

from typing import Any

import pytest

from simulators.signalling.config import NetworkConfig, Subscribers
from simulators.signalling.hlr import Hlr, Route

PLAN = {"mobile": ("86139", "86134"), "unicom": ("86130", "861349")}


def hlr(**keys: Any) -> Hlr:
    return Hlr(NetworkConfig(**keys), 1)


def test_the_longest_prefix_counts() -> None:
    register = hlr(number_plan=PLAN)
    assert register.route(b"8613400000000", "x") == Route("mobile")
    assert register.route(b"8613490000000", "x") == Route("unicom")
    assert register.route(b"4917000000000", "x") == Route("", "unknownSubscriber")


def test_without_a_plan_whoever_asks_serves() -> None:
    assert hlr().route(b"8613400000000", "unicom") == Route("unicom")
    assert hlr().route(b"BANK", "unicom") == Route("", "unknownSubscriber")


def test_numbers_are_ported_by_table_by_lot_and_by_order() -> None:
    register = hlr(number_plan=PLAN, ported={"8613900000001": "unicom"}, ported_share=0.2)
    assert register.route(b"8613900000001", "x") == Route("unicom")
    routes = [register.route(b"86139%08d" % n, "x").carrier for n in range(1_000, 2_000)]
    assert 150 < routes.count("unicom") < 250
    register.port(b"8613900000001", "mobile")
    assert register.route(b"8613900000001", "x") == Route("mobile")
    register.port(b"8613900000001", "")
    assert register.route(b"8613900000001", "x") == Route("unicom")


def test_what_was_ported_by_order_stays_so() -> None:
    register = hlr(number_plan=PLAN)
    register.port(b"8613900000001", "unicom")
    register.configure(NetworkConfig(number_plan=PLAN, country_code="86"))
    assert register.route(b"8613900000001", "x") == Route("unicom")
    with pytest.raises(ValueError, match="unknown carrier telecom; known: mobile, unicom"):
        register.port(b"8613900000001", "telecom")


def test_no_more_numbers_are_ported_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.signalling.hlr.PORTED_MAX", 1)
    register = hlr()
    register.port(b"1", "mobile")
    register.port(b"1", "unicom")
    with pytest.raises(ValueError, match="no more than 1 numbers"):
        register.port(b"2", "mobile")


def test_unknown_goes_before_barred_and_both_before_porting() -> None:
    register = hlr(
        number_plan=PLAN,
        ported={"8613900000001": "unicom", "8613900000002": "unicom"},
        unknown=Subscribers(numbers=("8613900000001",), share=0.1),
        barred=Subscribers(prefixes=("86139",)),
    )
    assert register.route(b"8613900000001", "x").cause == "unknownSubscriber"
    assert register.route(b"8613900000002", "x").cause == "callBarred"
    unknown = [register.route(b"86130%08d" % n, "x").cause for n in range(1_000)].count("unknownSubscriber")
    assert 70 < unknown < 130


@pytest.mark.parametrize(
    ("ton", "address", "number"),
    [
        (1, b"8613900000001", b"8613900000001"),
        (1, b"+8613900000001", b"8613900000001"),
        (0, b"8613900000001", b"8613900000001"),
        (2, b"13900000001", b"8613900000001"),
        (2, b"013900000001", b"8613900000001"),
        (0, b"13900000001", b"8613900000001"),
        (0, b"008613900000001", b"8613900000001"),
        (1, b"4917000000000", b"4917000000000"),
    ],
)
def test_a_number_is_known_however_it_is_written(ton: int, address: bytes, number: bytes) -> None:
    assert hlr(country_code="86").number_of((ton, 1, address)) == number


def test_without_a_country_numbers_are_taken_as_they_are() -> None:
    assert hlr().number_of((2, 1, b"13900000001")) == b"13900000001"
    assert hlr().number_of((0, 1, b"+8613900000001")) == b"8613900000001"
