"""The demo's values say what config/ says, so that one can be learnt from the other."""

import random
from pathlib import Path

import attrs
import pytest

from simulators.config_file import load_simulators
from simulators.demo_world import (
    CLASSES,
    CUSTOMERS,
    GUEST,
    PREFIXES,
    carrier_profiles,
    router_configuration,
)
from smpp_router.config_file import load_config
from smpp_router.core.credentials import verify
from smpp_router.routing.router import RuleRouter
from smpp_router.wire.multipart import split_text
from smpp_router.wire.text import choose_data_coding

CONFIG = Path(__file__).parents[2] / "config"
PORTS = {"china-mobile": 3001, "unicom": 3002, "telecom": 3003}


def test_its_accounts_are_those_of_the_example_and_one_for_the_guest(tmp_path: Path) -> None:
    example = {account.system_id: account for account in load_config(CONFIG / "router.toml").accounts}
    accounts = {one.system_id: one for one in router_configuration(0, PORTS, tmp_path).accounts}
    assert accounts.keys() == example.keys() | {GUEST.system_id}
    for customer in CUSTOMERS:
        for account in (example[customer.system_id], accounts[customer.system_id]):
            assert verify(customer.password.encode(), account.secrets)
            assert account.traffic_class == customer.traffic_class
            assert account.mo_addresses == (customer.source,)


def test_nobody_binds_from_elsewhere(tmp_path: Path) -> None:
    config = router_configuration(0, PORTS, tmp_path)
    assert {account.allow_from for account in config.accounts} == {("127.0.0.1", "::1")}
    assert {listener.host for listener in config.listeners} == {"127.0.0.1"}
    assert {profile.host for profile in carrier_profiles()} == {"127.0.0.1"}


def test_its_classes_deliver_as_those_of_the_example_but_by_one_path() -> None:
    example = load_config(CONFIG / "router.toml").classes
    assert {one.name: one for one in CLASSES} == {one.name: attrs.evolve(one, paths=None) for one in example}


def test_its_links_are_those_of_the_example(tmp_path: Path) -> None:
    example = load_config(CONFIG / "router.toml").carriers
    carriers = router_configuration(0, PORTS, tmp_path).carriers
    assert [(one.name, one.links, one.window, one.interface_version, one.send_tlvs) for one in carriers] == [
        (one.name, one.links, one.window, one.interface_version, one.send_tlvs) for one in example
    ]


def test_its_simulated_carriers_spell_ids_as_those_of_the_example() -> None:
    example = load_simulators(CONFIG / "simulated-carriers.toml").carriers
    assert [(one.name, one.message_ids, one.receipt_ids, one.accounts) for one in carrier_profiles()] == [
        (one.name, one.message_ids, one.receipt_ids, one.accounts) for one in example
    ]


def test_a_number_of_a_prefix_goes_to_its_carrier_first(tmp_path: Path) -> None:
    routes = router_configuration(0, PORTS, tmp_path).routes
    router = RuleRouter(routes, rng=random.Random(1))
    example = RuleRouter(load_config(CONFIG / "router.toml").routes, rng=random.Random(1))
    for name, prefixes in PREFIXES.items():
        for prefix in prefixes:
            number = prefix.encode() + b"00000001"
            assert router.decide("guest", b"1069", number, "default").plan[0] == name
            assert example.decide("guest", b"1069", number, "default").plan[0] == name


def test_the_mix_has_chinese_and_english_short_and_long() -> None:
    texts = [text.format(code=123456) for customer in CUSTOMERS for text in customer.texts]
    kinds = {(choose_data_coding(text), len(split_text(text))) for text in texts}
    assert kinds == {(0, 1), (0, 2), (8, 1), (8, 2)}
    assert sum(customer.share for customer in CUSTOMERS) == pytest.approx(1.0)
