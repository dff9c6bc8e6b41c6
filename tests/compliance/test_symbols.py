from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.symbols import ACTIONS, Action, severest


@given(st.lists(st.sampled_from(ACTIONS)))
def test_the_severest_action_wins_whatever_the_order(actions: list[Action]) -> None:
    chosen = severest(actions)
    assert chosen == severest(actions[::-1])
    assert all(ACTIONS.index(chosen) >= ACTIONS.index(action) for action in actions)
    assert chosen in actions or (not actions and chosen == "accept")
