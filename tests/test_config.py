"""The values of the configuration."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from smpp_router import config as config_module
from smpp_router import config_routes
from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    StoreConfig,
)

VALUES = vars(config_module) | vars(config_routes)
CLASSES = [value for value in VALUES.values() if isinstance(value, type) and attrs.has(value)]
ACCOUNT: dict[str, Any] = {"system_id": "bank", "secrets": ("scrypt$...",), "allow_from": ()}


def test_a_small_configuration_needs_only_what_has_no_sensible_default() -> None:
    config = RouterConfig(
        listeners=(ListenerConfig(host="127.0.0.1"),), store=StoreConfig(path=Path("store"))
    )
    assert config.listeners[0].port == 2775
    assert config.accounts == ()


def test_who_may_bind_must_be_said() -> None:
    del (incomplete := dict(ACCOUNT))["allow_from"]
    with pytest.raises(TypeError, match="allow_from"):
        AccountConfig(**incomplete)


def test_an_account_is_not_in_a_class_that_was_not_said_unless_it_is_the_default_one() -> None:
    config = RouterConfig(
        listeners=(ListenerConfig(host="127.0.0.1"),),
        store=StoreConfig(path=Path("store")),
        accounts=(AccountConfig(**ACCOUNT),),
    )
    assert config.accounts[0].traffic_class in [traffic_class.name for traffic_class in config.classes]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("system_id", ""),
        ("system_id", "sixteen-octets-x"),
        ("system_id", "bänk"),
        ("secrets", ()),
        ("secrets", ("a", "b", "c")),
        ("allow_from", ("everywhere",)),
        ("binds_max", 0),
        ("bind_types", ()),
        ("throughput_per_s", 0.0),
        ("burst", 0),
        ("window_max", 0),
        ("validity_s", -1.0),
        ("mo_addresses", ("1069x",)),
    ],
)
def test_an_account_with_a_bad_value_is_not_made(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        AccountConfig(**{**ACCOUNT, field: value})


def test_secrets_and_passwords_are_not_shown() -> None:
    link = LinkConfig(host="carrier.example", system_id="router", password="hush-hush")
    assert "hush-hush" not in repr(CarrierConfig(name="china-mobile", links=(link,)))
    assert "scrypt" not in repr(AccountConfig(**ACCOUNT))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_value_is_frozen_and_made_by_names_only(cls: type[Any]) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        object.__new__(cls).some_field = 1
    assert all(field.kw_only for field in attrs.fields(cls))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_number_that_measures_something_says_its_unit_or_counts(cls: type[Any]) -> None:
    for field in attrs.fields(cls):
        if field.type is float or field.type == float | None:
            name = field.name.removesuffix("_min").removesuffix("_max")
            # A score is in points, a share is a part of one.
            units = ("_s", "_per_s", "_per_part", "score", "_share")
            assert name.endswith(units), f"{cls.__name__}.{field.name} needs its unit"
