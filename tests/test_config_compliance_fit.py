import pytest

from smpp_router.config import AccountConfig, ClassConfig
from smpp_router.config_compliance import (
    ComplianceConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SenderConfig,
    TemplateConfig,
)
from smpp_router.config_compliance_fit import check_compliance

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
    ],
)
def test_what_does_not_fit_is_told_with_its_place(config: ComplianceConfig, problem: str) -> None:
    assert problems(config) == [problem]
