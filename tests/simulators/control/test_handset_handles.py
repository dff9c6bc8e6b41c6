"""Handsets in the suites of people who test their own clients."""

from collections.abc import Iterator
from typing import Any

import pytest

from simulators.changes import changed_network
from simulators.control.fixtures import CarrierFactory
from simulators.control.running import CarrierHandle
from tests.simulators.control.test_plugin import passed, suite
from tests.simulators.signalling.air import network_config

__all__ = ["suite"]
pytest_plugins = ["pytester"]
NUMBER = "8613900000001"


@pytest.fixture
def carrier() -> Iterator[CarrierHandle]:
    with CarrierFactory() as factory:
        yield factory(network=network_config())


def test_a_suite_sees_what_the_handset_sees(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
FAST = {"mt_forward_sm.s": 0.0, "mt_forward_sm.jitter_s": 0.0, "sri_sm.jitter_s": 0.0, "alert_sc.s": 0.0,
        "alert_sc.jitter_s": 0.0}

def test_it(smpp_carrier_factory):
    carrier = smpp_carrier_factory(network=FAST)
    handset = carrier.handset("8613900000001")
    handset.turn_off()
    client = send(carrier, b"hello")
    carrier.wait_for(1)
    assert handset.shown == []
    handset.turn_on()
    (text,) = handset.wait_for(1, text="ell")
    assert (text.text, text.source, text.times_shown) == ("hello", "BANK", 1)
    while not client.got:
        client.read_once()
    assert b"stat:DELIVRD" in client.got[0]
    handset.send("TD", to="10690")
    while len(client.got) < 2:
        client.read_once()
    assert client.got[1] == b"TD"
    assert [event.kind for event in carrier.network.events(handset.number)][-1] == "mo_forward_sm"
    close(client)
""",
    )


def test_a_handset_obeys(carrier: CarrierHandle) -> None:
    handset = carrier.handset(f"+{NUMBER}")
    assert (handset.number, handset.state) == (NUMBER, "on")
    handset.leave_coverage()
    assert handset.state == "out_of_coverage"
    handset.as_configured()
    handset.fill()
    handset.make_room()
    handset.clear()
    assert (handset.state, handset.inbox) == ("on", [])


def test_what_can_not_be_is_raised_in_the_test(carrier: CarrierHandle) -> None:
    handset = carrier.handset(NUMBER)
    with pytest.raises(AssertionError, match=r"1 texts that match .* within 0.01 s; 0 were"):
        handset.wait_for(1, timeout_s=0.01, text="x")
    with pytest.raises(ValueError, match="inbox_max"):
        handset.wait_for(51)
    handset.turn_off()
    with pytest.raises(ValueError, match="does not come back"):
        handset.send("x")
    with pytest.raises(ValueError, match="digits"):
        carrier.handset("nobody")


def test_a_network_changes_and_counts(carrier: CarrierHandle) -> None:
    network = carrier.network
    network.change({"unknown.share": 1.0}, validity_s=60.0)
    assert (network.config.unknown.share, network.config.validity_s) == (1.0, 60.0)
    network.port(NUMBER, "carrier")
    assert network.statistics["submitted"] == 0
    with pytest.raises(ValueError, match="colour: unknown key"):
        network.change(colour=1)


def test_a_carrier_without_a_network_says_so() -> None:
    with CarrierFactory() as factory:
        carrier = factory()
        with pytest.raises(RuntimeError, match="network=True"):
            carrier.handset(NUMBER)


@pytest.mark.parametrize(
    ("wanted", "has_network"), [(True, True), (False, False), ({"validity_s": 5.0}, True)]
)
def test_the_factory_puts_a_network_behind_a_carrier(wanted: Any, has_network: bool) -> None:
    with CarrierFactory() as factory:
        carrier = factory(network=wanted)
        if has_network:
            assert carrier.network.config.validity_s in (172_800.0, 5.0)
        else:
            with pytest.raises(RuntimeError):
                carrier.network.config  # noqa: B018 - asking is what raises


def test_entries_of_tables_change_by_parts() -> None:
    config = changed_network(network_config(), {"causes.callBarred.error_code": 21, "sri_sm.s": 2.0})
    again = changed_network(config, {"causes.callBarred.stat": "REJECTD"})
    assert (again.causes["callBarred"].error_code, again.causes["callBarred"].stat) == (21, "REJECTD")
    assert again.sri_sm.s == 2.0
    with pytest.raises(ValueError, match="mt_failures"):
        changed_network(config, {"mt_failures.systemFailure.share": 1.0})
