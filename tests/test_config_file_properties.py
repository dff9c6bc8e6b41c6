"""Configuration files: what holds for all of them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
    TimersConfig,
)
from smpp_router.config_file import ConfigError, load_config
from smpp_router.config_routes import RouteConfig
from tests.config_files import SECRET, loaded, problems


def toml(value: Any) -> str:
    """A value as TOML would write it inline."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {toml(one)}" for key, one in value.items() if one is not None)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=True)


def document(table: dict[str, Any]) -> str:
    return "\n".join(
        f"{json.dumps(key)} = {toml(value)}" for key, value in table.items() if value is not None
    )


names = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
hosts = st.from_regex(r"[a-z]([a-z0-9_-]{0,7}[a-z0-9_])?", fullmatch=True)
digits = st.from_regex(r"[0-9]{1,8}", fullmatch=True)
seconds = st.floats(0.001, 1e6)
networks = st.lists(st.sampled_from(["0.0.0.0/0", "::/0", "10.0.0.0/8", "192.0.2.1"]), unique=True).map(tuple)
passwords = st.text(st.characters(codec="ascii", categories=["Lu", "Ll"]))
links = st.builds(
    LinkConfig,
    host=hosts,
    system_id=names,
    password=passwords,
)
carriers = st.builds(
    CarrierConfig,
    name=names,
    links=st.lists(links, min_size=1, max_size=2).map(tuple),
    window=st.integers(1, 1000),
    rate_per_s=st.none() | seconds,
    message_id_style=st.sampled_from(["auto", "raw", "dec", "hex"]),
    interface_version=st.sampled_from([0x33, 0x34, 0x50]),
    send_tlvs=st.booleans(),
)
accounts = st.builds(
    AccountConfig,
    system_id=names,
    secrets=st.just((SECRET,)),
    allow_from=networks,
    system_type=st.none() | names,
    bind_types=st.just(("receiver", "transmitter")),
    throughput_per_s=seconds,
)


@st.composite
def configs(draw: st.DrawFn) -> RouterConfig:
    chosen = draw(st.lists(carriers, max_size=3, unique_by=lambda carrier: carrier.name))
    preferences = (
        st.lists(st.sampled_from(chosen), min_size=1, unique=True).map(
            lambda some: tuple(carrier.name for carrier in some)
        )
        if chosen
        else st.nothing()
    )
    routes = st.builds(RouteConfig, prefix=digits, carriers=preferences)
    return RouterConfig(
        node_id=draw(st.integers(0, 1023)),
        listeners=(ListenerConfig(host="127.0.0.1", port=0, proxy_from=draw(networks)),),
        store=StoreConfig(path=Path("/srv/store")),
        timers=TimersConfig(response_s=draw(seconds)),
        accounts=tuple(draw(st.lists(accounts, max_size=3, unique_by=lambda account: account.system_id))),
        carriers=tuple(chosen),
        routes=RoutesConfig(
            prefixes=tuple(draw(st.lists(routes, max_size=3, unique_by=lambda route: route.prefix)))
            if chosen
            else ()
        ),
    )


@given(configs())
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, config: RouterConfig
) -> None:
    assert loaded(tmp_path_factory.getbasetemp(), document(attrs.asdict(config))) == config


@given(configs().filter(lambda config: bool(config.accounts and config.carriers)), st.data())
def test_one_slip_gives_one_line_with_its_path(
    tmp_path_factory: pytest.TempPathFactory, config: RouterConfig, data: st.DataObject
) -> None:
    table = attrs.asdict(config)
    section = data.draw(st.sampled_from(["accounts", "carriers"]))
    index = data.draw(st.integers(0, len(table[section]) - 1))
    key = data.draw(st.sampled_from(sorted(table[section][index])))
    slip = data.draw(st.sampled_from(["wrong type", "unknown key"]))
    if slip == "wrong type":
        table[section][index][key] = {"a": "table"}
        expected = f"router.toml: {section}[{index}].{key}: must be "
    else:
        table[section][index]["zzzz"] = 1
        expected = f"router.toml: {section}[{index}].zzzz: unknown key"
    said = problems(tmp_path_factory.getbasetemp(), document(table))
    assert len(said) == 1
    assert said[0].startswith(expected)


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
keys = st.sampled_from(
    [
        field.name
        for cls in (RouterConfig, AccountConfig, CarrierConfig, LinkConfig)
        for field in attrs.fields(cls)
    ]
)
tables = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.just("include"), inner, max_size=4),
)


@given(st.dictionaries(keys | st.just("include"), tables, max_size=5))
@example({"accounts": [[]]})
@example({"include": {"accounts": "\0"}})
@example({"routes": {"default": [1]}})
@example({"two\nlines": 1})
def test_no_table_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]) -> None:
    said = problems(tmp_path_factory.getbasetemp(), document(table))
    assert said
    assert all("\n" not in line for line in said)


@given(st.binary(max_size=40))
def test_no_octets_break_the_reader(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "octets.toml"
    file.write_bytes(octets)
    with pytest.raises(ConfigError):
        load_config(file)


def test_the_toml_writer_of_these_tests_writes_toml() -> None:
    table = {"a": [1, 2.5, True], "b": {"c": "ä\n\"'"}}
    assert tomllib.loads(document(table)) == table
