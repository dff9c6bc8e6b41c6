"""What is said about routes that do not fit to the rest of the configuration."""

from pathlib import Path

import pytest

from tests.config_files import SECRET, loaded, problems

SMALL = f"""
[[listeners]]
host = "127.0.0.1"
[store]
path = "store"
[[accounts]]
system_id = "bank"
secrets = ["{SECRET}"]
allow_from = []
[[carriers]]
name = "china-mobile"
links = [{{ host = "127.0.0.1", port = 3001, system_id = "router", password = "hush" }}]
[[carriers]]
name = "unicom"
links = [{{ host = "127.0.0.1", port = 3002, system_id = "router", password = "hush" }}]
"""


def rule(text: str, carriers: str = '["china-mobile", "unicom"]') -> str:
    return f'{SMALL}[[routes.rules]]\nname = "codes"\ncarriers = {carriers}\n{text}\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            rule("", '["china-mobil"]'),
            'carriers: unknown carrier "china-mobil"; known: china-mobile, unicom',
        ),
        (rule('accounts = ["bnak"]'), 'accounts: unknown account "bnak"; known: bank'),
        (rule('classes = ["codes"]'), 'classes: unknown class "codes"; known: default'),
        (
            rule('networks = ["unicom"]'),
            'networks: unknown network "unicom"; known: china-broadnet, china-mobile, china-telecom, '
            "china-unicom",
        ),
        (
            rule('time_zone = "Asia/Peking"'),
            'time_zone: unknown time zone "Asia/Peking"; it is a name such as Asia/Shanghai',
        ),
        (
            rule('strategy = "weighted"\nweights = [1.0]'),
            "weights: must be one for each of 2 carriers, not 1",
        ),
        (rule('strategy = "weighted"\nweights = [1.0, 0.0]'), "weights: must be above 0"),
        (rule("weights = [1.0, 2.0]"), 'weights: belongs to strategy "weighted", not to "failover"'),
        (rule('strategy = "fixed"'), "carriers: fixed takes one carrier; failover takes several"),
        (
            rule('strategy = "best_delivery"\nprobe_share_min = 0.2'),
            "probe_share_max: must be at least 0.2: probe_share_min for each of 1 carriers",
        ),
        (
            rule('strategy = "cheapest"'),
            'strategy: must be "failover" or "weighted" or "round_robin" or "least_cost" or "best_delivery" '
            'or "fixed" or "static_failover" or "static_round_robin", got "cheapest"',
        ),
        (
            rule('weekdays = ["monday"]'),
            'weekdays[0]: must be "mon" or "tue" or "wed" or "thu" or "fri" or "sat" or "sun", got "monday"',
        ),
    ],
)
def test_a_rule_that_does_not_fit_is_told(tmp_path: Path, text: str, line: str) -> None:
    assert problems(tmp_path, text) == [f"router.toml: routes.rules[0].{line}"]


def test_two_rules_have_two_names(tmp_path: Path) -> None:
    text = rule("") + '[[routes.rules]]\nname = "codes"\ncarriers = ["unicom"]\n'
    assert problems(tmp_path, text) == [
        'router.toml: routes.rules[1].name: "codes" is routes.rules[0] already'
    ]


def test_prefixes_that_differ_in_their_zeros_only_are_the_same(tmp_path: Path) -> None:
    text = SMALL + '[[routes.prefixes]]\nprefix = "86139"\ncarriers = ["unicom"]\n'
    text += '[[routes.prefixes]]\nprefix = "0086139"\ncarriers = ["unicom"]\n'
    assert problems(tmp_path, text) == [
        'router.toml: routes.prefixes[1].prefix: "86139" is routes.prefixes[0] already'
    ]


@pytest.mark.parametrize("price", ["", 'prefix = "86", region = "CN",'])
def test_a_price_is_for_a_prefix_or_for_a_region(tmp_path: Path, price: str) -> None:
    assert problems(tmp_path, f"{SMALL}prices = [{{ {price} price_per_part = 0.1 }}]") == [
        "router.toml: carriers[1].prices[0]: must have a prefix or a region, and not both"
    ]


def test_a_price_is_for_a_region_that_there_is(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, f'{SMALL}prices = [{{ region = "CN/guizhu", price_per_part = 0.1 }}]')
    assert said.startswith('router.toml: carriers[1].prices[0].region: unknown region "CN/guizhu"')
    assert "CN/guizhou" in said


def test_networks_of_the_portability_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "ported.csv").write_text("86170,virtual-one\n", "utf-8")
    text = rule('networks = ["virtual-one"]') + '[routes]\nportability = "ported.csv"\n'
    config = loaded(tmp_path, text)
    assert config.routes.portability is not None
    assert config.routes.portability.network(b"8617000000001") == "virtual-one"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "No such file or directory"),
        (b"8613900000001\n", "entry 1 must have a network such as china-mobile beside its number"),
        (b"\xff\n", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ],
)
def test_a_portability_file_that_cannot_be_used_is_told(
    tmp_path: Path, content: bytes | None, line: str
) -> None:
    if content is not None:
        (tmp_path / "ported.csv").write_bytes(content)
    said = problems(tmp_path, SMALL + '[routes]\nportability = "ported.csv"\n')
    assert len(said) == 1
    assert said[0].startswith("router.toml: routes.portability: ")
    assert said[0].endswith(f"ported.csv: {line}")
