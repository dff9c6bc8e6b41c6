"""Configuration files: what is read, and what is said about what cannot be."""

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    ClassConfig,
    LimitsConfig,
    LinkConfig,
    ListenerConfig,
    PriceConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
    TimersConfig,
)
from smpp_router.config_compliance import (
    ComplianceConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SignatureConfig,
)
from smpp_router.config_file import ConfigError, load_config
from smpp_router.config_routes import RouteConfig, RuleConfig
from smpp_router.core.credentials import verify
from tests.config_files import SECRET, loaded, problems

SHIPPED = Path(__file__).parents[1] / "config"

SMALL = """
[[listeners]]
host = "127.0.0.1"
port = 0
[store]
path = "store"
"""
ACCOUNT = f"""
[[accounts]]
system_id = "bank"
secrets = ["{SECRET}"]
allow_from = ["127.0.0.1"]
"""
CARRIER = """
[[carriers]]
name = "china-mobile"
links = [{ host = "127.0.0.1", port = 3001, system_id = "router", password = "hush" }]
"""


# --- what is read


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL)
    assert config.listeners == (ListenerConfig(host="127.0.0.1", port=0),)
    assert config.timers == TimersConfig()


def test_relative_paths_start_from_the_folder_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    text = SMALL.replace('[store]\npath = "store"', '[include]\nstore = "deeper/store.toml"')
    (tmp_path / "deeper" / "store.toml").write_text('[store]\npath = "data"')
    assert loaded(tmp_path, text).store.path == tmp_path / "deeper" / "data"
    (tmp_path / "deeper" / "store.toml").write_text('[store]\npath = "/srv/data"')
    assert loaded(tmp_path, text).store.path == Path("/srv/data")


def test_files_may_begin_with_a_byte_order_mark_as_some_editors_write_it(tmp_path: Path) -> None:
    text = '\ufeff[include]\naccounts = "accounts.toml"\n' + SMALL + '[routes]\nportability = "ported.'
    (tmp_path / "ported.csv").write_text("8613900000001,virtual-one", "utf-8-sig")
    (tmp_path / "ported.toml").write_text('[ported]\n8613900000001 = "virtual-one"', "utf-8-sig")
    for suffix in ("csv", "toml"):
        config = loaded(tmp_path, f'{text}{suffix}"', accounts="\ufeff" + ACCOUNT)
        assert config.accounts[0].system_id == "bank"
        assert config.routes.portability is not None
        assert config.routes.portability.network(b"8613900000001") == "virtual-one"


def test_a_whole_number_may_stand_where_a_number_is_wanted(tmp_path: Path) -> None:
    config = loaded(tmp_path, SMALL + "[timers]\nresponse_s = 5")
    assert config.timers.response_s == 5.0
    assert isinstance(config.timers.response_s, float)


def test_the_shipped_example_is_good_and_shows_every_section() -> None:
    config = load_config(SHIPPED / "router.toml")
    assert [carrier.name for carrier in config.carriers] == ["china-mobile", "unicom", "telecom"]
    assert [account.system_id for account in config.accounts] == ["bank", "courier", "ministry", "shop"]


def test_the_example_of_screening_fits_the_other_examples(tmp_path: Path) -> None:
    text = (SHIPPED / "router.toml").read_text("utf-8").replace("# compliance =", "compliance =")
    text = re.sub(r'^(\w+ = )"(\w+\.toml)"', rf'\1"{SHIPPED}/\2"', text, flags=re.MULTILINE)
    (tmp_path / "router.toml").write_text(text, "utf-8")
    compliance = load_config(tmp_path / "router.toml").compliance
    assert compliance is not None
    assert [one.account for one in compliance.registrations] == ["bank", "courier", "ministry", "shop"]


def test_the_demo_passwords_are_those_that_the_example_names() -> None:
    text = (SHIPPED / "accounts.toml").read_text("utf-8")
    named = dict(re.findall(r'system_id = "(\w+)".*demo password: (\w+)', text))
    for account in load_config(SHIPPED / "router.toml").accounts:
        assert verify(named[account.system_id].encode(), account.secrets)


def test_the_example_accounts_can_bind_from_this_machine_only() -> None:
    for account in load_config(SHIPPED / "router.toml").accounts:
        assert set(account.allow_from) == {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("cls", "file"),
    [
        (RouterConfig, "router"),
        (ListenerConfig, "router"),
        (StoreConfig, "router"),
        (TimersConfig, "router"),
        (LimitsConfig, "router"),
        (ClassConfig, "router"),
        (AccountConfig, "accounts"),
        (CarrierConfig, "carriers"),
        (LinkConfig, "carriers"),
        (PriceConfig, "carriers"),
        (RoutesConfig, "routes"),
        (RouteConfig, "routes"),
        (RuleConfig, "routes"),
        (ComplianceConfig, "compliance"),
        (RegistrationConfig, "compliance"),
        (ScreenedClassConfig, "compliance"),
        (SignatureConfig, "compliance"),
    ],
)
def test_the_shipped_example_shows_every_key(cls: type[Any], file: str) -> None:
    text = (SHIPPED / f"{file}.toml").read_text("utf-8")
    unseen = [field.name for field in attrs.fields(cls) if not re.search(rf"\b{field.name}\b", text)]
    assert unseen == []


# --- what is refused, and in which words


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        'node_id = 1024\n[include]\naccounts = "accounts.toml"\nroutes = "routes.toml"\n' + SMALL + CARRIER,
        accounts=ACCOUNT + "throughput_per_s = -3\nburst = 0\n",
        routes='[routes]\ndefault = ["china-mobil"]',
    )
    assert said == [
        "router.toml: node_id: must be from 0 to 1023, got 1024",
        "accounts.toml: accounts[0].throughput_per_s: must be above 0, got -3.0",
        "accounts.toml: accounts[0].burst: must be at least 1, got 0",
        'routes.toml: routes.default: unknown carrier "china-mobil"; known: china-mobile',
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nodeid = 1", "router.toml: nodeid: unknown key; did you mean node_id?"),
        ('node_id = "1"', "router.toml: node_id: must be a whole number, got a text"),
        ("node_id = true", "router.toml: node_id: must be a whole number, got true or false"),
        ("node_id = 1.0", "router.toml: node_id: must be a whole number, got a number"),
        ("node_id = 1979-05-27", "router.toml: node_id: must be a whole number, got a date or time"),
        ("shutdown_s = nan", "router.toml: shutdown_s: must be a finite number, got nan"),
        ("shutdown_s = inf", "router.toml: shutdown_s: must be a finite number, got inf"),
        (
            'message_id_style = "dec"',
            'router.toml: message_id_style: must be "decimal" or "hex", got "dec"',
        ),
        ("timers = 3", "router.toml: timers: must be a table, got a whole number"),
        (
            "timers = { respons_s = 3 }",
            "router.toml: timers.respons_s: unknown key; did you mean response_s?",
        ),
        ("accounts = {}", "router.toml: accounts: must be a list, got a table"),
        ('accounts = ["bank"]', "router.toml: accounts[0]: must be a table, got a text"),
        ("include = 1", "router.toml: include: must be a table, got a whole number"),
        ("include.accounts = 1", "router.toml: include.accounts: must be a text, got a whole number"),
        ('include.acounts = "a.toml"', "router.toml: include.acounts: unknown key; did you mean accounts?"),
        (
            'include.accounts = "none.toml"',
            "router.toml: include.accounts: none.toml: No such file or directory",
        ),
        ('include.accounts = "."', "router.toml: include.accounts: .: Is a directory"),
    ],
)
def test_a_bad_value_is_told_with_its_path(tmp_path: Path, text: str, line: str) -> None:
    said = problems(tmp_path, f"{text}\n{SMALL}")
    assert [one.replace(str(tmp_path), ".") for one in said] == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ACCOUNT * 2, 'accounts[1].system_id: "bank" is accounts[0] already'),
        (
            ACCOUNT.replace(SECRET, "demobank"),
            "accounts[0].secrets[0]: must be a scrypt string as `smpp-router secret` prints it",
        ),
        (ACCOUNT.replace('allow_from = ["127.0.0.1"]', ""), "accounts[0].allow_from: is missing"),
        (
            ACCOUNT + 'traffic_class = "bulk"',
            'accounts[0].traffic_class: unknown class "bulk"; known: default',
        ),
        (
            ACCOUNT + 'mo_addresses = ["1069"]' + ACCOUNT.replace("bank", "shop") + 'mo_addresses = ["1069"]',
            "accounts[1].mo_addresses: 1069 is accounts[0]'s already",
        ),
        ('[[classes]]\nname = "default"\n' * 2, 'classes[1].name: "default" is classes[0] already'),
        (CARRIER * 2, 'carriers[1].name: "china-mobile" is carriers[0] already'),
        (CARRIER + "reconnect_max_s = 0.5", "carriers[0].reconnect_max_s: must be at least reconnect_min_s"),
        (
            CARRIER.replace(" }]", ', bind = "receiver" }]'),
            "carriers[0].links: all are receivers, so nothing can be sent",
        ),
        (
            CARRIER.replace("hush", "h" * 65),
            "carriers[0].links[0].password: must be 0 to 64 printable ASCII characters",
        ),
        (
            CARRIER.replace(" }]", ', tls = { key = "router.toml" } }]'),
            "carriers[0].links[0].tls.key: needs certificate",
        ),
        (
            CARRIER.replace(" }]", ', tls = { ca = "none.pem" } }]'),
            "carriers[0].links[0].tls.ca: no such file: none.pem",
        ),
        (CARRIER.replace("3001", "0"), "carriers[0].links[0].port: must be from 1 to 65535, got 0"),
        (
            CARRIER + '[[routes.prefixes]]\nprefix = "86139"\ncarriers = ["unicom"]',
            'routes.prefixes[0].carriers: unknown carrier "unicom"; known: china-mobile',
        ),
        (
            CARRIER + '[[routes.prefixes]]\nprefix = "86139"\ncarriers = ["china-mobile"]\n' * 2,
            'routes.prefixes[1].prefix: "86139" is routes.prefixes[0] already',
        ),
        (
            '[[listeners]]\nhost = "::1"\nport = 2775\n' * 2,
            "listeners[2].port: ::1:2775 is listeners[1] already",
        ),
        (
            '[[listeners]]\nhost = "::1"\ntls = { certificate = "router.toml", key = "none.pem" }',
            "listeners[1].tls.key: no such file: none.pem",
        ),
        (
            '[[listeners]]\nhost = "::1"\ntls.certificate = "router.toml"\ntls.key = "router.toml"\n'
            'tls.client_ca = "none.pem"',
            "listeners[1].tls.client_ca: no such file: none.pem",
        ),
        (
            '[[listeners]]\nhost = "::1"\ntls.certificate = "router.toml"\ntls.key = "router.toml"\n'
            "tls.require_client_certificate = true",
            "listeners[1].tls.require_client_certificate: needs client_ca",
        ),
        (
            '[health]\nrisky_classes = ["codes"]',
            'health.risky_classes[0]: unknown class "codes"; known: default',
        ),
        ("[health]\nopen_s = 200", "health.open_max_s: must be at least open_s"),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, SMALL + text) == [f"router.toml: {line}"]


def test_what_is_required_is_missed(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == ["router.toml: listeners: is missing", "router.toml: store: is missing"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "router.toml")
    assert caught.value.lines == (f"{tmp_path}/router.toml: No such file or directory",)


def test_an_error_of_syntax_has_its_line(tmp_path: Path) -> None:
    said = problems(tmp_path, "node_id = 1\nshutdown_s = = 2\n")
    assert len(said) == 1
    assert said[0].startswith("router.toml: ")
    assert "line 2" in said[0]


def test_a_broken_file_does_not_hide_the_errors_of_another(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        'node_id = -1\n[include]\naccounts = "accounts.toml"\ncarriers = "carriers.toml"\n' + SMALL,
        accounts="[[accounts",
        carriers=CARRIER + "window = 0",
    )
    assert [line.split(":")[0] for line in said] == ["accounts.toml", "router.toml", "carriers.toml"]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "router.toml").write_bytes(b'node_id = "\xff"')
    with pytest.raises(ConfigError, match=r"not a text in UTF-8: octet 11 is 0xff"):
        load_config(tmp_path / "router.toml")


def test_an_included_file_has_its_section_and_no_other(tmp_path: Path) -> None:
    text = '[include]\naccounts = "accounts.toml"\n' + SMALL
    assert problems(tmp_path, text, accounts="") == ["accounts.toml: accounts: is missing"]
    assert problems(tmp_path, text, accounts=ACCOUNT + "[limits]") == [
        "accounts.toml: limits: this file is included for accounts only"
    ]
    assert problems(tmp_path, text + ACCOUNT, accounts=ACCOUNT) == [
        "router.toml: include.accounts: accounts stands in this file too"
    ]


def test_a_password_in_the_wrong_place_is_not_shown(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        SMALL + CARRIER.replace('"hush"', '["hush"]') + ACCOUNT.replace(f'["{SECRET}"]', '"demo-pw"'),
    )
    assert len(said) == 2
    assert not any("hush" in line or "demo-pw" in line for line in said)
