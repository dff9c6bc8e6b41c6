from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.symbols import ACTIONS, Action, Symbol, severest


@given(st.lists(st.sampled_from(ACTIONS)))
def test_the_severest_action_wins_whatever_the_order(actions: list[Action]) -> None:
    chosen = severest(actions)
    assert chosen == severest(actions[::-1])
    assert all(ACTIONS.index(chosen) >= ACTIONS.index(action) for action in actions)
    assert chosen in actions or (not actions and chosen == "accept")


def test_a_symbol_in_plain_values_has_a_span_only_where_it_stands_somewhere() -> None:
    told = Symbol("LINK_SHORTENER", 1.5, "why", 3, 8, "the law").as_json()
    assert told == {
        "name": "LINK_SHORTENER",
        "score": 1.5,
        "reason": "why",
        "span": [3, 8],
        "source": "the law",
    }
    assert Symbol("TRAFFIC", 0.5, "why").as_json()["span"] is None
