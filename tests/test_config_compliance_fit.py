from pathlib import Path

import pytest

from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig, LinkConfig
from smpp_router.config_compliance import (
    AnswerConfig,
    ComplianceConfig,
    HoursConfig,
    OwnRuleConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SenderConfig,
    TemplateConfig,
)
from smpp_router.config_compliance_fit import check_carrier_hours, check_compliance
from smpp_router.config_confirmations import ConfirmationConfig

ACCOUNTS = (AccountConfig(system_id="bank", secrets=("x",), allow_from=()),)
CLASSES = (ClassConfig(name="codes"),)


def problems(config: ComplianceConfig | None) -> list[str]:
    return [problem for _, problem in check_compliance(config, ACCOUNTS, CLASSES)]


def test_what_fits_has_no_problems() -> None:
    template = TemplateConfig(id="T", text="验证码{code:code}，请勿泄露", traffic_class="codes")
    sender = SenderConfig(number="1069", traffic_class="codes")
    one = RegistrationConfig(account="bank", templates=(template,), senders=(sender,))
    classes = (ScreenedClassConfig(name="codes", kind="verification"),)
    assert problems(ComplianceConfig(registrations=(one,), classes=classes)) == []
    assert problems(None) == []


@pytest.mark.parametrize(
    ("confirmation", "problem"),
    [
        (ConfirmationConfig(on="refusal", text="bye", account="x"), 'account: there is no "x"'),
        (ConfirmationConfig(on="refusal", text="bye", traffic_class="x"), 'traffic_class: there is no "x"'),
        (ConfirmationConfig(on="refusal", text=" td! "), "text: a machine would take it for a reply"),
        (ConfirmationConfig(on="help", text="Help!"), "text: a machine would take it for a reply"),
        (ConfirmationConfig(on="refusal", text="您" * 71), "text: must fit one message"),
        (ConfirmationConfig(on="refusal", text="x" * 161), "text: must fit one message"),
    ],
)
def test_a_confirmation_that_cannot_be_is_told(confirmation: ConfirmationConfig, problem: str) -> None:
    (found,) = problems(ComplianceConfig(confirmations=(confirmation,)))
    assert found.startswith(f"compliance.confirmations[0].{problem}")


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            ComplianceConfig(classes=(ScreenedClassConfig(name="x", kind="free"),)),
            'compliance.classes[0].name: unknown class "x"',
        ),
        (
            ComplianceConfig(registrations=(RegistrationConfig(account="shop"),)),
            'compliance.registrations[0].account: unknown account "shop"',
        ),
        (
            ComplianceConfig(registrations=(RegistrationConfig(account="bank"),) * 2),
            "compliance.registrations[1].account: bank is registered twice",
        ),
        (
            ComplianceConfig(
                registrations=(
                    RegistrationConfig(
                        account="bank", senders=(SenderConfig(number="1", traffic_class="y"),)
                    ),
                )
            ),
            'compliance.registrations[0].senders[0].traffic_class: unknown class "y"',
        ),
        (
            ComplianceConfig(
                registrations=(
                    RegistrationConfig(account="bank", templates=(TemplateConfig(id="T", text="{a}"),)),
                )
            ),
            "compliance.registrations[0].templates[0].text: variables may not be the whole text",
        ),
        (
            ComplianceConfig(
                registrations=(
                    RegistrationConfig(
                        account="bank", templates=(TemplateConfig(id="T", text="好", traffic_class="z"),)
                    ),
                )
            ),
            'compliance.registrations[0].templates[0].traffic_class: unknown class "z"',
        ),
        (
            ComplianceConfig(answers=(AnswerConfig(accounts=("bank", "shop"), classes=("codes",)),)),
            'compliance.answers[0].accounts: there is no "shop"',
        ),
        (
            ComplianceConfig(answers=(AnswerConfig(classes=("offers",)),)),
            'compliance.answers[0].classes: there is no "offers"',
        ),
        (
            ComplianceConfig(own_rules=(OwnRuleConfig(name="links", entry_point="x"),)),
            "compliance.own_rules[0].name: there is a rule links already",
        ),
        (
            ComplianceConfig(own_rules=(OwnRuleConfig(name="mine"),)),
            "compliance.own_rules[0]: needs either file or entry_point",
        ),
        (
            ComplianceConfig(own_rules=(OwnRuleConfig(name="mine", file=Path(__file__), entry_point="x"),)),
            "compliance.own_rules[0]: needs either file or entry_point",
        ),
        (
            ComplianceConfig(own_rules=(OwnRuleConfig(name="mine", file=Path("/no/such/file.py")),)),
            "compliance.own_rules[0].file: no such file: /no/such/file.py",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(config: ComplianceConfig, problem: str) -> None:
    assert problems(config) == [problem]


def test_a_word_cannot_ask_for_help_and_be_a_refusal() -> None:
    (found,) = problems(ComplianceConfig(help_words=("help", "stop")))
    assert found == 'compliance.help_words: "stop" is in optout_words or optin_words, too'


def test_a_carriers_hours_need_screening_which_knows_what_marketing_is() -> None:
    link = LinkConfig(host="carrier.example", port=2775, system_id="router", password="x")
    plain = CarrierConfig(name="mobile", links=(link,))
    early = CarrierConfig(name="unicom", links=(link,), marketing_hours=HoursConfig(until="20:00"))
    assert list(check_carrier_hours(ComplianceConfig(), (plain, early))) == []
    assert list(check_carrier_hours(None, (plain,))) == []
    ((section, problem),) = check_carrier_hours(None, (plain, early))
    assert section == "carriers"
    assert problem.startswith("carriers[1].marketing_hours: ")
