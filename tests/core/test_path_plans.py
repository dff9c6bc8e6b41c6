import attrs

from smpp_router.config import ClassConfig, PathsConfig
from smpp_router.core.statistics import statistics
from tests.core.ministry import NAMES, Ministry, carriers, ministry_config
from tests.core.talk import Talk


def test_carriers_that_are_up_come_first_in_the_order_of_the_route() -> None:
    talk = Ministry()
    talk.carrier_links["mobile"].cut()
    talk.submit()
    (bundle,) = {id(one): one for one in talk.exchange.ending.bundles.values()}.values()
    assert [path.carrier for path in bundle.paths] == ["unicom", "telecom", "mobile"]


def test_carriers_of_one_failure_domain_are_used_after_those_of_others() -> None:
    config = ministry_config(PathsConfig(mode="parallel", count=2))
    domains = {"mobile": "north", "unicom": "north", "telecom": "south"}
    changed = tuple(attrs.evolve(one, failure_domain=domains[one.name]) for one in carriers())
    talk = Talk(attrs.evolve(config, carriers=changed))
    links = {name: talk.link(name) for name in NAMES}
    talk.esme("ministry").submit()
    talk.settle()
    assert {name for name, link in links.items() if link.submits} == {"mobile", "telecom"}


def test_statistics_tell_how_many_healthy_paths_there_are_before_traffic_needs_them() -> None:
    talk = Ministry()
    healthy = statistics(talk.exchange)["paths"]["healthy"]
    assert healthy == {"government": {"now": 3, "wanted": 3}}
    talk.carrier_links["unicom"].cut()
    assert talk.exchange.paths.plans.healthy() == {"government": (2, 3)}
    assert talk.exchange.paths.plans.counters.short == 0


def test_a_route_that_may_have_fewer_carriers_lacks_none_while_they_are_up() -> None:
    config = ministry_config(PathsConfig(count=3, count_min=1), names=("mobile", "unicom"))
    talk = Talk(config)
    links = [talk.link(name) for name in ("mobile", "unicom")]
    assert talk.exchange.paths.plans.healthy() == {"government": (2, 2)}
    links[0].cut()
    assert talk.exchange.paths.plans.healthy() == {"government": (1, 2)}


def test_a_message_whose_route_has_too_few_carriers_has_those_and_is_counted() -> None:
    talk = Talk(ministry_config(PathsConfig(mode="parallel", count=3), names=("mobile", "unicom")))
    links = [talk.link(name) for name in ("mobile", "unicom")]
    talk.esme("ministry").submit()
    talk.settle()
    assert [len(link.submits) for link in links] == [1, 1]
    assert talk.exchange.paths.counters.short == 1


def test_a_class_without_paths_has_no_policy() -> None:
    talk = Talk(
        attrs.evolve(
            ministry_config(None), classes=(ClassConfig(name="government"), ClassConfig(name="default"))
        )
    )
    assert talk.exchange.paths.plans.tables.policies == {}
    assert not talk.exchange.paths
