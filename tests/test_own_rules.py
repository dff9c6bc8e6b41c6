"""Rules of an operator's own: loaded from files and installed packages, and asked about messages."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from smpp_router.cli import main
from smpp_router.compliance.case import Subject
from smpp_router.compliance.screener import Screener
from smpp_router.config_compliance import ComplianceConfig, OwnRuleConfig
from smpp_router.own_rules import RuleError, installed, load_rules

ROOT = Path(__file__).parents[1]
NOON = 1_800_000_000.0
FINDS = """
from smpp_router.compliance.symbols import Symbol
def check(case):
    if "gold" in case.subject.text:
        yield Symbol("OWN_GOLD", 0.0, "the text speaks of gold")
"""


def written(folder: Path, text: str, **changes: Any) -> ComplianceConfig:
    file = folder / "rule.py"
    file.write_text(text, "utf-8")
    values: dict[str, Any] = {"name": "gold", "file": file, "actions": {"OWN_GOLD": "refuse"}, **changes}
    rule = OwnRuleConfig(**values)
    return ComplianceConfig(regime="none", registration_required=False, own_rules=(rule,))


def action(config: ComplianceConfig, text: str) -> str:
    screener = Screener(config, None, lambda: 0.0, load_rules(config))
    return screener.screen([Subject(text, "shop", "marketing")], NOON)[0].action


def test_a_rule_in_a_file_decides_as_its_actions_say(tmp_path: Path) -> None:
    config = written(tmp_path, FINDS)
    assert action(config, "gold") == "refuse"
    assert action(config, "silver") == "accept"
    assert action(written(tmp_path, FINDS, actions={}), "gold") == "tag"
    assert load_rules(written(tmp_path, FINDS, enabled=False)) == ()


def test_a_rule_may_return_a_list_or_nothing_at_all(tmp_path: Path) -> None:
    text = "from smpp_router.compliance.symbols import Symbol\n"
    text += "def check(case):\n    if 'gold' in case.facts.text: return [Symbol('OWN_GOLD', 0.0, 'why')]\n"
    assert action(written(tmp_path, text), "gold") == "refuse"
    assert action(written(tmp_path, text), "silver") == "accept"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def check(case)\n", "line 1: expected ':' (compliance.own_rules[0].file)"),
        ("\n\nimport no_such_thing\n", "line 3: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("raise SystemExit\n", "line 1: SystemExit (compliance.own_rules[0].file)"),
        ("x = 1\n", "check: there is no such function (compliance.own_rules[0].function)"),
        ("check = 7\n", "check: is no function, but int"),
        ("def check(): ...\n", "check: must take one argument, the case: too many positional arguments"),
    ],
)
def test_a_file_that_is_no_rule_is_told_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RuleError, match="^" + re.escape(f"{tmp_path}/rule.py: {problem}")):
        load_rules(written(tmp_path, text))


def test_a_file_that_is_no_python_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "rule.txt").write_text(FINDS, "utf-8")
    with pytest.raises(RuleError, match=r"rule.txt: must be a Python file"):
        load_rules(written(tmp_path, FINDS, file=tmp_path / "rule.txt"))


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("1 / 0\n", "utf-8")
    rules = tuple(OwnRuleConfig(name=f"r{n}", file=tmp_path / "bad.py") for n in range(2))
    with pytest.raises(RuleError) as caught:
        load_rules(ComplianceConfig(own_rules=rules))
    assert [line.split("(")[1] for line in str(caught.value).splitlines()] == [
        "compliance.own_rules[0].file)",
        "compliance.own_rules[1].file)",
    ]


def package(folder: Path, name: str, entries: str) -> None:
    """Install a distribution that offers entry points, by its metadata alone."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[smpp_router.rules]\n{entries}\n", "utf-8")


def test_an_installed_rule_is_used_when_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house_of_gold.py").write_text(FINDS, "utf-8")
    package(tmp_path, "house-of-gold", "gold = house_of_gold:check")
    monkeypatch.syspath_prepend(tmp_path)
    assert list(installed()) == ["gold"]
    config = written(tmp_path, "", file=None, entry_point="gold")
    assert action(config, "gold") == "refuse"
    assert action(ComplianceConfig(regime="none", registration_required=False), "gold") == "accept"
    del sys.modules["house_of_gold"]


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ("", 'no installed package offers "gold" in the group smpp_router.rules; known: none'),
        ("gold = nowhere_at_all:check", '"gold" is nowhere_at_all:check: ModuleNotFoundError'),
        ("gold = json:loads_nothing", '"gold" is json:loads_nothing: AttributeError'),
        ("gold = sys:path", "sys:path: is no function, but list"),
    ],
)
def test_an_installed_rule_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str, problem: str
) -> None:
    package(tmp_path, "house", entries)
    monkeypatch.syspath_prepend(tmp_path)
    where = "compliance.own_rules[0].entry_point: "
    with pytest.raises(RuleError, match="^" + re.escape(where + problem)):
        load_rules(written(tmp_path, "", file=None, entry_point="gold"))


def test_two_packages_with_one_name_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "one", "gold = json:loads")
    package(tmp_path, "two", "gold = json:dumps")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuleError, match="several packages offer"):
        load_rules(written(tmp_path, "", file=None, entry_point="gold"))


def test_the_rule_in_the_documentation_does_what_stands_there(tmp_path: Path) -> None:
    (rule, *_) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/own-rules.md").read_text("utf-8"), re.DOTALL
    )
    config = written(tmp_path, rule, actions={"OWN_COMPETITOR": "refuse"})
    assert action(config, "来示例百货看看") == "refuse"
    assert action(config, "来看看") == "accept"


# --- the example, and the commands


def shipped(folder: Path, change: tuple[str, str] = ("", "")) -> Path:
    """Write the example's configuration, with screening in force and one place of it changed."""
    for name in ("router", "accounts", "carriers", "routes", "compliance"):
        text = (ROOT / f"config/{name}.toml").read_text("utf-8")
        text = text.replace("# compliance =", "compliance =").replace(*change)
        (folder / f"{name}.toml").write_text(text, "utf-8")
    (folder / "rules").mkdir()
    (folder / "rules/loan_rate.py").write_bytes((ROOT / "config/rules/loan_rate.py").read_bytes())
    return folder / "router.toml"


def test_the_example_holds_offers_of_loans_without_a_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(shipped(tmp_path))
    offer = "【示例商城】会员可申请消费贷，额度20万，拒收请回复R"
    options = ["screen", "--config", config, "--account", "shop", "--class", "marketing", "--json"]
    assert main([*options, offer]) == 0
    assert "OWN_LOAN_RATE" in capsys.readouterr().out
    assert main([*options, offer.replace("20万", "20万，年化利率7.2%")]) == 0
    assert "OWN_LOAN_RATE" not in capsys.readouterr().out


def test_check_names_the_rules_and_what_is_wrong_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(shipped(tmp_path))
    assert main(["check", config]) == 0
    assert "own rules: loan-rate (fails closed)" in capsys.readouterr().out
    (tmp_path / "rules/loan_rate.py").write_text("import re\nre.compile('(')\n", "utf-8")
    assert main(["check", config]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path}/rules/loan_rate.py: line 2: ")
    assert main(["screen", "--config", config, "text"]) == 1
    assert "loan_rate.py: line 2" in capsys.readouterr().err
    (tmp_path / "rules/loan_rate.py").unlink()
    assert main(["check", config]) == 1
    told = f"{tmp_path}/compliance.toml: compliance.own_rules[0].file: no such file: "
    assert capsys.readouterr().err.startswith(told)
