import pytest

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, SEVERITIES, Group, On, Verdict


def test_a_rule_is_a_function_whose_docstring_is_its_title() -> None:
    group = Group("manners at table")

    @group.rule("elbows", "manners", "SMPP 3.4 section 2.1", On.PDU, "Keep them off.")
    def elbows(seen: Seen) -> Verdict:
        """Elbows on the table.

        More words, which no report shows.
        """
        return GOOD

    (rule,) = group.rules
    assert (rule.id, rule.group, rule.title) == ("elbows", "manners at table", "Elbows on the table")
    assert rule.check is elbows


def test_a_rule_without_a_title_is_no_rule() -> None:
    with pytest.raises(AssertionError):

        @Group("x").rule("x", "note", "SMPP 3.4 section 2.1", On.PDU, "None.")
        def untitled(seen: Seen) -> Verdict:
            return GOOD


def test_the_worst_severity_is_the_first() -> None:
    assert SEVERITIES == ("violation", "manners", "note")
