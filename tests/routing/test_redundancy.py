from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.redundancy import (
    NEVER,
    OPEN,
    REPLACE_TYPES,
    Outcome,
    Policy,
    Stage,
    View,
    Way,
    decide,
    healthy_paths,
    independent,
    merged,
    replace_type,
    round_pause_s,
)
from smpp_router.wire import constants as c

NOW = 1_000.0
HEDGED = Policy("hedged", rounds_max=4)
PARALLEL = Policy("parallel")
FAILOVER = Policy("failover", rounds_max=4)
ONCE = Policy("failover", is_sent_once=True)

names = st.lists(st.sampled_from("abcdef"), unique=True)
ways = st.fixed_dictionaries(
    {
        name: st.builds(
            Way,
            st.sampled_from(["north", "south", "east"]),
            st.frozensets(st.integers(0, 5).map(str), min_size=1, max_size=2),
            st.booleans(),
        )
        for name in "abcdef"
    }
)
views = st.lists(
    st.builds(
        View,
        st.sampled_from(Stage),
        st.booleans(),
        st.sampled_from([0.0, 10.0, 100.0]),
        st.integers(1, 9),
        st.sampled_from([NOW - 1, NOW, NOW + 5]),
    ).map(lambda view: View(view.stage, view.is_up) if view.stage is Stage.NEW else view),
    min_size=1,
    max_size=4,
)
policies = st.sampled_from([HEDGED, PARALLEL, FAILOVER, ONCE])


def way(domain: str, link: str, is_up: bool = True) -> Way:
    return Way(domain, frozenset({link}), is_up)


@given(names, ways, st.integers(1, 4))
def test_paths_are_distinct_carriers_that_share_no_link(
    plan: list[str], known: dict[str, Way], count: int
) -> None:
    chosen = independent(plan, known, count)
    links = [link for name in chosen for link in known[name].links]
    assert len(chosen) == len(set(chosen)) <= count
    assert len(links) == len(set(links))
    assert set(chosen) <= set(plan)


@given(names, ways)
def test_no_path_shares_a_failure_domain_while_another_carrier_up_has_its_own(
    plan: list[str], known: dict[str, Way]
) -> None:
    linked = {name: Way(known[name].domain, frozenset({name}), True) for name in plan}
    domains = {linked[name].domain for name in plan}
    chosen = independent(plan, linked, len(domains))
    assert {linked[name].domain for name in chosen} == domains


def test_carriers_that_are_up_come_before_better_ones_that_are_down() -> None:
    known = {"a": way("x", "1", is_up=False), "b": way("y", "2"), "c": way("y", "3")}
    assert independent(["a", "b", "c"], known, 3) == ("b", "c", "a")
    assert healthy_paths(["a", "b", "c"], known, 3) == 2
    assert healthy_paths(["a", "b", "c"], known, 1) == 1


def test_carriers_behind_one_link_are_one_path() -> None:
    assert independent(["a", "b"], {"a": way("x", "1"), "b": way("y", "1")}, 2) == ("a",)
    assert independent(["a", "nobody"], {"a": way("x", "1")}, 2) == ("a",)


@given(policies, views, st.integers(1, 4))
def test_every_choice_leads_on_or_is_an_end(policy: Policy, paths: list[View], round_number: int) -> None:
    choice = decide(policy, paths, round_number, NOW)
    for at in choice.start:
        assert paths[at].stage in (Stage.NEW, Stage.WITHDRAWN)
    for at in choice.withdraw:
        assert paths[at].stage is Stage.WAITING
    has_open = any(view.stage in OPEN for view in paths)
    if choice.is_over or choice.again:
        assert not has_open
        assert not choice.start
    elif not choice.start:
        # Something will still be heard of, or it looks again by itself.
        assert has_open or choice.wake_at < NEVER
    assert choice.wake_at > NOW


@given(policies, views, st.integers(1, 4))
def test_a_copy_waits_at_a_carrier_that_is_down_only_if_nothing_else_can_be_done(
    policy: Policy, paths: list[View], round_number: int
) -> None:
    choice = decide(policy, paths, round_number, NOW)
    if policy.mode != "parallel" and any(not paths[at].is_up for at in choice.start):
        assert not any(view.stage in OPEN for view in paths)
        assert not any(view.is_up and view.stage in (Stage.NEW, Stage.WITHDRAWN) for view in paths)


def test_hedged_uses_the_next_path_when_a_confirmation_is_late_and_not_before() -> None:
    paths = [View(Stage.TAKEN, order=1, confirm_by=NOW + 5), View(Stage.NEW)]
    assert decide(HEDGED, paths, 1, NOW).wake_at == NOW + 5
    assert decide(HEDGED, paths, 1, NOW + 4.9).start == ()
    assert decide(HEDGED, paths, 1, NOW + 5).start == (1,)


def test_hedged_does_not_wait_behind_a_refusal_a_failure_or_silence() -> None:
    for stage in (Stage.REFUSED, Stage.FAILED, Stage.SILENT, Stage.UNKNOWN, Stage.REJECTED):
        paths = [View(stage, order=1, confirm_by=NOW + 5), View(Stage.NEW)]
        assert decide(HEDGED, paths, 1, NOW).start == (1,)


def test_hedged_takes_back_what_was_not_sent_before_it_uses_another_path() -> None:
    paths = [View(Stage.WAITING, order=1, confirm_by=NOW), View(Stage.NEW)]
    choice = decide(HEDGED, paths, 1, NOW)
    assert (choice.withdraw, choice.start) == ((0,), (1,))


def test_parallel_uses_all_paths_at_once() -> None:
    assert decide(
        PARALLEL, [View(Stage.NEW), View(Stage.NEW, is_up=False), View(Stage.NEW)], 1, NOW
    ).start == (
        0,
        1,
        2,
    )


def test_failover_uses_the_next_path_only_after_a_definite_failure() -> None:
    for stage in (Stage.WAITING, Stage.OUT, Stage.TAKEN):
        assert decide(FAILOVER, [View(stage, order=1), View(Stage.NEW)], 1, NOW).start == ()
    for stage in (Stage.FAILED, Stage.REFUSED, Stage.REJECTED, Stage.SILENT):
        assert decide(FAILOVER, [View(stage, order=1), View(Stage.NEW)], 1, NOW).start == (1,)
    assert decide(FAILOVER, [View(Stage.UNKNOWN, order=1), View(Stage.NEW)], 1, NOW).is_over
    assert decide(ONCE, [View(Stage.SILENT, order=1), View(Stage.NEW)], 1, NOW).is_over


def test_failover_leaves_a_dead_carrier_unless_the_message_may_be_sent_once_only() -> None:
    paths = [View(Stage.TAKEN, is_up=False, down_s=59.0, order=1), View(Stage.NEW)]
    assert decide(FAILOVER, paths, 1, NOW).wake_at == NOW + 1
    paths[0] = View(Stage.TAKEN, is_up=False, down_s=60.0, order=1)
    assert decide(FAILOVER, paths, 1, NOW).start == (1,)
    assert decide(ONCE, paths, 1, NOW).start == ()


def test_a_copy_that_waits_for_a_carrier_that_is_down_goes_where_one_is_up() -> None:
    for policy in (HEDGED, FAILOVER, ONCE):
        paths = [
            View(Stage.WAITING, is_up=False, order=1, confirm_by=NOW + 9),
            View(Stage.WITHDRAWN, order=1),
        ]
        choice = decide(policy, paths, 1, NOW)
        assert (choice.withdraw, choice.start) == ((0,), (1,))


def test_refused_paths_are_tried_again_in_rounds_until_there_were_enough() -> None:
    paths = [View(Stage.REFUSED, order=1), View(Stage.FAILED, order=2)]
    assert decide(HEDGED, paths, 3, NOW).again == (0,)
    assert decide(HEDGED, paths, 4, NOW).is_over
    paths[1] = View(Stage.REJECTED, order=2)
    assert decide(FAILOVER, paths, 1, NOW).again == (0,)
    paths = [View(Stage.REJECTED, order=1), View(Stage.FAILED, order=2)]
    assert decide(HEDGED, paths, 1, NOW).is_over
    assert [round_pause_s(number) for number in (1, 2, 3, 99)] == [1.0, 2.0, 4.0, 60.0]


@given(st.lists(st.sampled_from(sorted(set(Stage) - OPEN - {Stage.NEW}, key=str)), min_size=1, max_size=4))
def test_one_delivery_is_delivered_and_failure_is_told_only_if_nobody_can_have_it(
    stages: list[Stage],
) -> None:
    outcome = merged([Outcome(stage, 0, 0, order) for order, stage in enumerate(stages)])
    assert outcome is not None
    if Stage.DELIVERED in stages:
        assert outcome.stage is Stage.DELIVERED
    elif Stage.UNKNOWN in stages or Stage.SILENT in stages:
        assert outcome.stage in (Stage.UNKNOWN, Stage.SILENT)
    elif Stage.FAILED in stages:
        assert outcome.stage is Stage.FAILED
    assert merged([]) is None


def test_of_several_failures_the_last_is_told() -> None:
    first = Outcome(Stage.FAILED, c.UNDELIVERABLE, 1, 1.0)
    last = Outcome(Stage.FAILED, c.EXPIRED, 2, 2.0)
    assert merged([last, first]) is last


def test_the_seven_marks_are_used_in_turn_and_never_twice_at_once() -> None:
    used: list[int] = []
    for _ in range(7):
        mark = replace_type(set(used), used[-1] if used else 0)
        assert mark is not None
        used.append(mark)
    assert used == list(REPLACE_TYPES)
    assert replace_type(set(used), used[-1]) is None
    assert replace_type(set(), 0x43) == 0x44
    assert replace_type({0x41}, 0x47) == 0x42
