import pytest

from smpp_router.compliance.case import Subject
from smpp_router.compliance.cases import Cases
from smpp_router.config_compliance import ComplianceConfig, HoursConfig, ScreenedClassConfig
from tests.compliance.subjects import case_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [("marketing", "marketing"), ("member_service", "member"), ("vip", "free"), ("other", None)],
)
def test_a_class_means_what_it_is_called_unless_something_else_is_said(name: str, kind: str | None) -> None:
    config = ComplianceConfig(classes=(ScreenedClassConfig(name="vip", kind="free"),))
    assert Cases(config).case(Subject("x", traffic_class=name)).kind == kind


def test_a_registration_may_live_under_another_regime() -> None:
    assert case_of("x", account="india").regime == "in_dlt"
    assert case_of("x", account="bank").regime == "cn"
    assert case_of("x", account="nobody").sender is None


def test_a_class_may_have_hours() -> None:
    hours = HoursConfig(since="09:00", until="18:00")
    cases = Cases(
        ComplianceConfig(classes=(ScreenedClassConfig(name="logistics", kind="logistics", hours=hours),))
    )
    assert cases.hours("logistics") == hours
    assert cases.hours("marketing") is None
