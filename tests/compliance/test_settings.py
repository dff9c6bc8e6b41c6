from smpp_router.compliance.settings import HOSTS_MAX, Settings
from smpp_router.config_compliance import ComplianceConfig

SETTINGS = Settings.of(ComplianceConfig(allowed_domains=("gov.cn",), shorteners=("x.example",)))


def test_lists_of_the_configuration_add_to_the_known_ones() -> None:
    assert SETTINGS.is_shortener("t.cn")
    assert SETTINGS.is_shortener("x.example")
    assert not SETTINGS.is_shortener("at.cn")
    assert SETTINGS.is_allowed("www.gov.cn")
    assert not SETTINGS.is_allowed("notgov.cn")


def test_the_shapes_that_are_remembered_are_bounded() -> None:
    settings = Settings.of(ComplianceConfig())
    for number in range(HOSTS_MAX + 10):
        settings.imitated(f"h{number}.example")
    assert len(settings._shapes) <= HOSTS_MAX
    assert settings.imitated("app1e.com") == "apple.com"
    assert settings.imitated("app1e.com") == "apple.com"
