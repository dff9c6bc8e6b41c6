"""Cases for tests of single rules."""

from collections.abc import Callable, Iterable

from smpp_router.compliance.case import Case, Subject
from smpp_router.compliance.cases import Cases
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import ComplianceConfig
from tests.compliance.structural import structural_cases, structural_config

CONFIG = structural_config()


def case_of(
    text: str,
    account: str = "",
    traffic_class: str = "",
    source: str = "",
    now: float = 0.0,
    config: ComplianceConfig = CONFIG,
) -> Case:
    return Cases(config).case(Subject(text, account, traffic_class, source, now=now))


def names(symbols: Iterable[Symbol]) -> set[str]:
    return {symbol.name for symbol in symbols}


def holds_for_its_cases(check: Callable[[Case], Iterable[Symbol]], symbols: set[str]) -> None:
    """A rule alone finds each of its symbols in the table's cases, and in no case that is all right."""
    cases = Cases(CONFIG)
    seen: set[str] = set()
    for one in structural_cases():
        found = names(check(cases.case(one.subject)))
        assert found <= symbols
        if one.expected == "ok":
            assert not found, one.subject.text
        if one.expected in symbols:
            assert one.expected in found, one.subject.text
            seen.add(one.expected)
    assert seen
