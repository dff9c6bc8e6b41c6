# Scenario files of the routing benchmark: all that ship can be read, and mistakes are told by file and key.
from pathlib import Path

import pytest

from benchmarks.routing.degradations import mishaps
from benchmarks.routing.run import routed
from benchmarks.routing.scenario import STRATEGIES, Degradation, Kind
from benchmarks.routing.scenario_file import file_of, load_routing, own_files
from simulators.profile import CarrierProfile
from simulators.world.scenario_file import ScenarioError
from tests.benchmarks.small_world import written


def test_all_that_ship_can_be_read_and_say_what_they_are_about() -> None:
    assert {"dark"} <= {path.stem for path in own_files()}
    for path in own_files():
        scenario = load_routing(path)
        assert scenario.name == path.stem
        assert scenario.comparison.description


def test_a_name_is_of_the_folder_and_a_path_is_a_path() -> None:
    assert file_of("dark") in own_files()
    assert file_of("mine/dark.toml") == Path("mine/dark.toml")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "dark"', 'kind = "dim"', "degradations[0].kind: must be dark or lost or"),
        ('carrier = "a"', 'carrier = "c"', "degradations[0].carrier: c is no carrier of this scenario"),
        ("for_s = 30.0", "for_s = 50.0", "degradations[0].for_s: ends at 70, after the traffic"),
        (
            "for_s = 30.0",
            "for_s = 30.0\nprefixes = ['86139']",
            "degradations[0]: prefixes: go with the kinds",
        ),
        (
            'kind = "dark"',
            'kind = "brown"\nfails_with = "BAD"',
            "degradations[0].fails_with: must be an error",
        ),
        ("[network]\n", "", "network: is missing"),
        ("compare = [", "compare = ['luck', ", "compare: unknown strategy luck; known: best_delivery,"),
        ("strategies = [", "strategies = ['luck', ", "goals[0].strategies: unknown strategy luck"),
        ("switch_s_max", "swich_s_max", "goals[0]: swich_s_max: unknown key; did you mean switch_s_max?"),
        ("messages_per_s = 4.0", "messages_per_s = 0", "messages_per_s: must be above 0"),
        ("duration_s", "duration", "duration: unknown key"),
    ],
)
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(ScenarioError) as caught:
        load_routing(path)
    assert any(line.startswith(f"{path}: {told}") for line in caught.value.lines), caught.value.lines


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("strategy = 'weighted'", "weights: must be 2 numbers, one for each carrier, got 0"),
        ("weights = [1.0, 2.0]", "weights: belong to the strategy weighted"),
        ("strategy = 'fixed'", "carriers: fixed wants one carrier, got 2"),
        ("carriers = ['z']", "carriers: z is no carrier"),
        ("paths = { count = 3 }", "paths.count: must be at most 2"),
    ],
)
def test_a_strategy_that_cannot_be_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, more=f'\n[[strategies]]\nname = "mine"\n{text}\n')
    with pytest.raises(ScenarioError) as caught:
        load_routing(path)
    assert any(told in line and "strategies[0]." in line for line in caught.value.lines)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, ('kind = "dark"', 'kind = "dim"'), ('system_id = "courier"', "weight = -1"))
    with pytest.raises(ScenarioError) as caught:
        load_routing(path)
    assert len(caught.value.lines) == 3


def test_a_strategy_of_the_file_routes_its_world(tmp_path: Path) -> None:
    text = '\n[[strategies]]\nname = "mine"\nstrategy = "weighted"\nweights = [1, 3]\ncarriers = ["b", "a"]\n'
    scenario = load_routing(written(tmp_path, more=text))
    [strategy] = scenario.compared(["mine"])
    world = routed(scenario, strategy)
    assert [(rule.name, rule.carriers, rule.weights) for rule in world.rules] == [
        ("mine", ("b", "a"), (1.0, 3.0))
    ]
    assert [(mishap.kind, mishap.at_s, mishap.among) for mishap in world.mishaps] == [
        ("carrier_dark", 20.0, ("a",))
    ]


def test_paths_of_a_strategy_are_those_of_customers_without_their_own(tmp_path: Path) -> None:
    own = (
        'system_id = "courier"\n\n[[customers]]\nsystem_id = "codes"\npaths = { mode = "hedged", count = 2 }'
    )
    scenario = load_routing(written(tmp_path, ('system_id = "courier"', own)))
    world = routed(scenario, STRATEGIES["parallel"])
    assert [customer.paths and customer.paths.mode for customer in world.customers] == ["parallel", "hedged"]


PROFILE = CarrierProfile(name="a", port=0, response_s=0.1)


def test_worsening_comes_in_steps_that_get_worse_to_the_end() -> None:
    one = Degradation(carrier="a", kind="worsening", at_s=10.0, for_s=100.0, share=0.4, latency_s=4.0)
    steps = list(mishaps(one, PROFILE))
    shares = [step.set["rules"][0]["share"] for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.4)
    assert steps[-1].set["rules"][1]["response_s"] == pytest.approx(4.1)
    assert steps[-1].at_s is not None
    assert steps[-1].at_s + steps[-1].lasts_s[0] == pytest.approx(110.0)


def test_flapping_takes_turns_and_ends_with_its_time() -> None:
    one = Degradation(carrier="a", kind="flapping", at_s=10.0, for_s=22.0, down_s=5.0, up_s=5.0)
    spans = [(step.at_s, step.lasts_s[0]) for step in mishaps(one, PROFILE)]
    assert spans == [(10.0, 5.0), (20.0, 5.0), (30.0, 2.0)]


def test_a_regional_lie_is_told_to_its_numbers_only() -> None:
    one = Degradation(carrier="a", kind="lying", at_s=0.0, for_s=1.0, prefixes=("8613", "8615"))
    [step] = mishaps(one, PROFILE)
    assert [rule["destination"] for rule in step.set["rules"]] == ["8613", "8615"]


@pytest.mark.parametrize(("kind", "usual"), [("brown", 0.3), ("withholding", 0.3), ("lying", 1.0)])
def test_a_share_is_what_is_given_or_what_the_kind_has(kind: Kind, usual: float) -> None:
    for given, share in ((None, usual), (0.5, 0.5)):
        [step] = mishaps(Degradation(carrier="a", kind=kind, at_s=0.0, for_s=1.0, share=given), PROFILE)
        assert step.set["rules"][0]["share"] == share


def test_a_carrier_that_fails_nothing_is_late_only() -> None:
    [step] = mishaps(Degradation(carrier="a", kind="brown", at_s=0.0, for_s=1.0, share=0.0), PROFILE)
    assert [rule["share"] for rule in step.set["rules"] if "status" in rule] == [0.0]
    assert step.set["rules"][-1] == {"response_s": pytest.approx(5.1)}
