from smpp_router.compliance.known_hosts import PROTECTED, SHORTENERS
from smpp_router.compliance.settings import Settings
from smpp_router.config_compliance import ComplianceConfig


def test_no_known_host_is_taken_for_an_imitation_of_another() -> None:
    settings = Settings.of(ComplianceConfig())
    assert [host for host in PROTECTED if settings.imitated(host)] == []


def test_no_protected_host_is_a_shortener() -> None:
    assert SHORTENERS.isdisjoint(PROTECTED)
