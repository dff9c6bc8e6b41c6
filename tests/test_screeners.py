from pathlib import Path

import attrs
import pytest

from smpp_router.compliance.lexicon import HEAD_LINE
from smpp_router.config import RouterConfig
from smpp_router.config_compliance import ComplianceConfig, OwnRuleConfig
from smpp_router.net.reloading import LoadRefusedError
from smpp_router.screeners import Screeners
from tests.router_fixtures import carrier, configuration

RULE = "def check(case):\n    return []\n"


def config(compliance: ComplianceConfig | None) -> RouterConfig:
    return configuration(Path("store"), [carrier("mobile")], compliance=compliance)


def test_without_a_section_there_is_no_screener() -> None:
    assert Screeners().made(config(None)) is None
    assert Screeners().renewed(config(None), config(None)) is None


def test_words_are_read_again_only_if_their_files_have_changed(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(RULE, "utf-8")
    rule = OwnRuleConfig(name="own", file=file, actions={"OWN": "refuse"})
    old = config(ComplianceConfig(lexicons=tmp_path, own_rules=(rule,)))
    screeners = Screeners()
    first = screeners.made(old)
    assert first is not None
    assert screeners.renewed(old, old) is None

    assert old.compliance is not None
    other = config(attrs.evolve(old.compliance, held_max=7))
    second = screeners.renewed(old, other)
    assert second is not None
    assert second._text is first._text
    assert second.config.held_max == 7

    file.write_text(f"{RULE}\n", "utf-8")
    third = screeners.renewed(other, other)
    assert third is not None
    assert third._text is first._text

    (tmp_path / "own.tsv").write_text("term\tcategory\n", "utf-8")
    with pytest.raises(LoadRefusedError, match=r"own\.tsv"):
        screeners.renewed(other, other)
    (tmp_path / "own.tsv").write_text(f"{HEAD_LINE}\n", "utf-8")
    fourth = screeners.renewed(other, other)
    assert fourth is not None
    assert fourth._text is not first._text
    assert screeners.renewed(other, other) is None


def test_a_rule_that_cannot_be_loaded_refuses_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("def check(case)\n", "utf-8")
    rule = OwnRuleConfig(name="own", file=file, actions={"OWN": "refuse"})
    with pytest.raises(LoadRefusedError) as raised:
        Screeners().made(config(ComplianceConfig(own_rules=(rule,))))
    assert raised.value.lines == (f"{file}: line 1: expected ':' (compliance.own_rules[0].file)",)
