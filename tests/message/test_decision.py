"""A decision tells its reasons in one line."""

from smpp_router.message.decision import Candidate, Decision


def test_an_explanation_has_rule_strategy_place_and_every_candidate_with_its_numbers() -> None:
    decision = Decision(
        plan=("unicom", "telecom"),
        rule="codes",
        strategy="least_cost",
        region="CN/guangdong",
        network="china-unicom",
        traffic_class="verification",
        why="the cheapest",
        candidates=(
            Candidate("unicom", 0.03, 92.4, 1.0, 97.0, 3.0, 1.0),
            Candidate("telecom", 0.04, 55.0, 0.25, 0.0, 0.0, 0.0),
            Candidate("premium", 0.09, 0.0, 0.0, 0.0, 0.0, 0.0, "above the price ceiling"),
        ),
    )
    assert decision.explanation == (
        "rule codes (least_cost) for CN/guangdong china-unicom: unicom > telecom, the cheapest "
        "[unicom: chance 100.0%, score 92, price 0.03, delivered 97.0% of 100; "
        "telecom: chance 0.0%, score 55, price 0.04, share 25%; "
        "premium: price 0.09, above the price ceiling]"
    )


def test_no_way_is_explained_too() -> None:
    assert Decision(()).explanation == "no rule, prefix or default has a carrier for this number"
    assert Decision((), why="rules passed over: codes (price ceiling)").explanation.startswith("rules passed")
