"""All rules, by group."""

from typing import Final

from simulators.grade import binding, framing, links, messages, parts, receipts, sequences, texts, windows
from simulators.grade.rule import On, Rule

RULES: Final[tuple[Rule, ...]] = tuple(
    rule
    for part in (framing, binding, sequences, windows, links, messages, texts, parts, receipts)
    for rule in part.GROUP.rules
)
BY_EVENT: Final[dict[On, tuple[Rule, ...]]] = {
    on: tuple(rule for rule in RULES if rule.on is on) for on in On
}
BY_ID: Final[dict[str, Rule]] = {rule.id: rule for rule in RULES}

assert len(BY_ID) == len(RULES), "two rules have one id"
