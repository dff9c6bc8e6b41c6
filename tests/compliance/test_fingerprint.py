from pathlib import Path
from typing import Any

import attrs
import pytest

from smpp_router.compliance import fingerprint
from smpp_router.compliance.fingerprint import KEYS_OUT, SIGNS, code_digest, configuration_version
from smpp_router.config_compliance import (
    AgencyConfig,
    AnswerConfig,
    CapConfig,
    ComplianceConfig,
    HoursConfig,
    OwnRuleConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SignatureConfig,
    TemplateConfig,
)
from smpp_router.config_confirmations import ConfirmationConfig
from tests.compliance.structural import structural_config

CONFIG = structural_config()
RULE = OwnRuleConfig(name="mine", file=Path("mine.py"), actions={"MINE": "hold"})

OTHERWISE: dict[str, Any] = {
    "regime": "us_10dlc",
    "lexicons": Path("/another/folder"),
    "classes": (*CONFIG.classes, ScreenedClassConfig(name="more", kind="free")),
    "registrations": CONFIG.registrations[1:],
    "registration_required": not CONFIG.registration_required,
    "signatures_required": not CONFIG.signatures_required,
    "country_code": "86",
    "marketing_hours": HoursConfig(since="09:00"),
    "marketing_caps": (CapConfig(count=1, period_s=60.0),),
    "unsubscribe_words": ("X",),
    "optout_words": ("X",),
    "optin_words": ("Y",),
    "help_words": ("Z",),
    "confirmations": (ConfirmationConfig(on="refusal", text="bye"),),
    "parts_wait_s": 3.0,
    "held_max": 3,
    "code_digits_max": 8,
    "allowed_domains": ("another.example",),
    "shorteners": ("another.example",),
    "protected_domains": ("another.example",),
    "actions": {"LINK_SHORTENER": "tag"},
    "answers": (AnswerConfig(symbols=("SUSPECT",), action="tag"),),
    "status_text": not CONFIG.status_text,
    "own_rules": (RULE,),
    "illicit_refuse_share": 0.991,
    "illicit_hold_share": 0.891,
}


def version(config: ComplianceConfig = CONFIG, **changes: Any) -> str:
    return configuration_version(attrs.evolve(config, **changes), {})


@pytest.mark.parametrize("key", [field.name for field in attrs.fields(ComplianceConfig)])
def test_every_key_that_decides_about_a_text_counts_and_no_other(key: str) -> None:
    is_counted = key not in KEYS_OUT or key == "own_rules"
    assert (version(**{key: OTHERWISE[key]}) != version()) == is_counted


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "bank"},
        {"regime": "none"},
        {"signatures": (SignatureConfig(text="示例"),)},
        {"signatures": (SignatureConfig(text="示例", valid_to="2027-12-31"),)},
        {"domains": ("example.com",)},
        {"templates": (TemplateConfig(id="1", text="验证码{code:code}"),)},
        {"templates_only": True},
        {"agency": AgencyConfig(marks=("市政府",), filing_number="1")},
    ],
)
def test_what_an_account_has_registered_counts(changes: dict[str, Any]) -> None:
    plain = RegistrationConfig(account="x")
    assert version(registrations=(attrs.evolve(plain, **changes),)) != version(registrations=(plain,))


def test_a_configuration_that_is_only_arranged_otherwise_is_the_same() -> None:
    arranged = attrs.evolve(
        CONFIG,
        classes=CONFIG.classes[::-1],
        registrations=CONFIG.registrations[::-1],
        actions=dict(reversed(CONFIG.actions.items())),
    )
    assert version(arranged) == version()
    answers = AnswerConfig(action="tag"), AnswerConfig(action="hold")
    assert version(answers=answers) != version(answers=answers[::-1])


def test_an_own_rule_is_its_code_and_not_its_place() -> None:
    def of(rule: OwnRuleConfig, code: str) -> str:
        return configuration_version(attrs.evolve(CONFIG, own_rules=(rule,)), {"mine": code})

    assert of(RULE, "1") == of(attrs.evolve(RULE, file=Path("/elsewhere/mine.py")), "1")
    assert len({of(RULE, "1"), of(RULE, "2"), of(attrs.evolve(RULE, fail="open"), "1"), version()}) == 4
    assert of(attrs.evolve(RULE, enabled=False), "1") == version()


def test_rules_of_another_version_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    before = version()
    assert before == version()
    assert len(before) == SIGNS
    monkeypatch.setattr(fingerprint, "__version__", "99.0")
    assert version() != before


def test_code_that_is_changed_added_or_renamed_is_another(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "__pycache__").mkdir()
    rule = tmp_path / "rules" / "links.py"
    rule.write_text("LINKS_MAX = 1\n", "utf-8")
    found = {code_digest(tmp_path)}
    for path in ("__pycache__/links.pyc", "__pycache__/links.py", "model.npz", "canary.tsv"):
        (tmp_path / path).write_text("x", "utf-8")
    assert {code_digest(tmp_path)} == found
    rule.write_text("LINKS_MAX = 2\n", "utf-8")
    found.add(code_digest(tmp_path))
    rule.rename(tmp_path / "rules" / "hosts.py")
    found.add(code_digest(tmp_path))
    (tmp_path / "glyphs.npz").write_bytes(b"x")
    found.add(code_digest(tmp_path))
    assert len(found) == 4


def test_the_code_of_the_rules_is_in_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = version()
    monkeypatch.setattr(fingerprint, "own_code", lambda: "of another day")
    assert version() != before
