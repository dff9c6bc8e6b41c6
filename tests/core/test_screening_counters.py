from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.symbols import Symbol
from smpp_router.compliance.verdict import Verdict
from smpp_router.core.screening_counters import REASONS_MAX, ScreeningCounters

VERDICTS = [
    Verdict("accept"),
    Verdict("accept", (Symbol("ONE", 0.0, "one"),)),
    Verdict("accept", (Symbol("ONE", 0.0, "one"),)),
    Verdict("accept", (Symbol("ONE", 0.0, "one"), Symbol("TWO", 0.0, "two"), Symbol("ONE", 0.0, "again"))),
]


@given(st.lists(st.sampled_from(VERDICTS)))
def test_many_verdicts_count_as_much_at_once_as_one_by_one(verdicts: list[Verdict]) -> None:
    at_once, one_by_one = ScreeningCounters(), ScreeningCounters()
    at_once.found_in_all(verdicts)
    for verdict in verdicts:
        one_by_one.found(verdict)
    assert at_once.by_symbol == one_by_one.by_symbol


def test_above_the_limit_no_further_kinds_are_counted_and_known_ones_are() -> None:
    counters = ScreeningCounters()
    kinds = [Verdict("accept", (Symbol(f"KIND_{n}", 0.0, "a kind"),)) for n in range(REASONS_MAX + 1)]
    counters.found_in_all([*kinds, *kinds])
    assert len(counters.by_symbol) == REASONS_MAX
    assert set(counters.by_symbol.values()) == {2}
