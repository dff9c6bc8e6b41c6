"""A router without measurements finds every carrier as good as the next."""

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.scores import SCORE_MAX, Healthy, Scores


@given(carrier=st.text(), region=st.text(), traffic_class=st.text())
def test_what_nobody_measures_is_perfect_and_may_have_all(
    carrier: str, region: str, traffic_class: str
) -> None:
    scores: Scores = Healthy()
    assert scores.score(carrier, region, traffic_class) == SCORE_MAX
    assert scores.share(carrier, region, traffic_class) == 1.0
    assert scores.delivery(carrier, region, traffic_class) == (0.0, 0.0)
    assert scores.explain(carrier, region, traffic_class) == "not measured"
