"""The table of structural cases, written from the rules, and the senders in it."""

import datetime
from functools import cache
from pathlib import Path

import attrs

from smpp_router.compliance.case import Subject
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.config_file import load_section

_HERE = Path(__file__).parent


@attrs.frozen
class StructuralCase:
    group: str
    subject: Subject
    expected: str
    """A symbol, or ok."""


@cache
def structural_config() -> ComplianceConfig:
    return load_section(_HERE / "structural.toml", "compliance", ComplianceConfig)


def structural_cases() -> list[StructuralCase]:
    lines = (_HERE / "structural.tsv").read_text("utf-8").splitlines()
    return [_case(line) for line in lines if line and not line.startswith("#")]


def _case(line: str) -> StructuralCase:
    group, account, traffic_class, sender, at, tlvs, expected, text = line.split("\t")
    if "\\u" in text or "\\x" in text:
        text = text.encode("ascii").decode("unicode_escape")
    now = datetime.datetime.fromisoformat(at).timestamp() if at else 0.0
    pairs = [pair.split("=") for pair in tlvs.split(";") if pair]
    values = tuple((int(tag, 16), value.encode()) for tag, value in pairs)
    return StructuralCase(group, Subject(text, account, traffic_class, sender, "", values, now), expected)
