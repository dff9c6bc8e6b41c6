from pathlib import Path

import pytest

from smpp_router.config_compliance import ComplianceConfig, RegistrationConfig
from smpp_router.config_file import ConfigError, load_section


def refused(folder: Path, toml: str) -> str:
    path = folder / "compliance.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(ConfigError) as info:
        load_section(path, "compliance", ComplianceConfig)
    (line,) = info.value.lines
    assert line.startswith(f"{path}: compliance")
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ('regime = "xx"', "compliance.regime: must be "),
        ("code_digits_max = 99", "compliance.code_digits_max: must be from 3 to 12, got 99"),
        (
            'marketing_hours = { since = "8:00" }',
            'compliance.marketing_hours.since: must be a time such as "08:00", got "8:00"',
        ),
        ('marketing_hours = { until = "25:00" }', "compliance.marketing_hours.until: must be a time"),
        (
            'marketing_hours = { zone = "Mars/North" }',
            'compliance.marketing_hours.zone: no time zone is called "Mars/North"',
        ),
        (
            'marketing_hours = { not_on = ["sunday"] }',
            "compliance.marketing_hours.not_on: must be one of mon",
        ),
        *(
            (
                f'marketing_hours = {{ not_on = ["{day}"] }}',
                "compliance.marketing_hours.not_on: must be one of mon",
            )
            for day in ("7-14", "02-30", "2027-02-29", "W13-1", "2027-W13-1", "")
        ),
        ('allowed_domains = ["HTTPS://a.cn"]', "compliance.allowed_domains: must be a domain"),
        (
            'actions = { link_port = "hold" }',
            'compliance.actions: symbols are written in capitals, got "link_port"',
        ),
        ('actions = { LINK_PORT = "drop" }', "compliance.actions"),
        *(
            (
                f'registrations = [{{ account = "a", signatures = [{{ text = "b2", {key} = "{day}" }}] }}]',
                f"compliance.registrations[0].signatures[0].{key}: must be a date",
            )
            for key, day in (("valid_to", "soon"), ("valid_from", "20270601"), ("valid_to", "2027-W52-5"))
        ),
        (
            'registrations = [{ account = "a", links = ["www.a.cn"] }]',
            "compliance.registrations[0].links: must be a link",
        ),
        (
            'registrations = [{ account = "a", links = ["微信://dl/*"] }]',
            "compliance.registrations[0].links: must be a link",
        ),
        *(
            (
                f'registrations = [{{ account = "a", signatures = [{{ text = "{text}" }}] }}]',
                "compliance.registrations[0].signatures[0].text: a signature has 2 to 16 characters",
            )
            for text in ("橙", "12345678", "１２３４", "示例【一】", "一二三四五六七八九十一二三四五六七")
        ),
        ('registrations = [{ account = " a" }]', "compliance.registrations[0].account: must be a text"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, toml: str, line: str) -> None:
    assert refused(tmp_path, toml).startswith(line)


def test_links_of_programs_have_the_schemes_that_texts_can_have() -> None:
    links = ("ms-settings://about", "weixin://dl/*", "https://www.a.cn/x")
    assert RegistrationConfig(account="a", links=links).links == links


def test_an_empty_file_is_the_home_markets_rules(tmp_path: Path) -> None:
    path = tmp_path / "compliance.toml"
    path.write_text("", "utf-8")
    assert load_section(path, "compliance", ComplianceConfig) == ComplianceConfig()
