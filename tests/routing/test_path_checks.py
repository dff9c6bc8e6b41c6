from typing import Any

from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig, LinkConfig, PathsConfig
from smpp_router.config_routes import RouteConfig, RoutesConfig, RuleConfig
from smpp_router.routing.path_checks import path_problems, path_warnings


def carrier(name: str, port: int, domain: str = "") -> CarrierConfig:
    link = LinkConfig(host="10.0.0.1", port=port, system_id="router", password="secret")
    return CarrierConfig(name=name, links=(link,), failure_domain=domain)


CLASSES = (ClassConfig(name="bulk"), ClassConfig(name="government", paths=PathsConfig(count=3)))

ACCOUNTS = (
    AccountConfig(system_id="ministry", secrets=("x",), allow_from=(), traffic_class="government"),
    AccountConfig(system_id="shop", secrets=("x",), allow_from=(), traffic_class="bulk"),
)


def routes(*names: str) -> RoutesConfig:
    return RoutesConfig(prefixes=(RouteConfig(prefix="86", carriers=names),))


def test_three_carriers_of_their_own_are_three_paths() -> None:
    carriers = [carrier("a", 1), carrier("b", 2), carrier("c", 3)]
    assert list(path_problems(CLASSES, ACCOUNTS, carriers, routes("a", "b", "c"))) == []
    assert list(path_warnings(CLASSES, ACCOUNTS, carriers, routes("a", "b", "c"))) == []


def test_a_route_with_too_few_carriers_is_refused() -> None:
    carriers = [carrier("a", 1), carrier("b", 2), carrier("c", 3)]
    assert list(path_problems(CLASSES, ACCOUNTS, carriers, routes("a", "b"))) == [
        "classes[1].paths: government wants 3 carriers that share no link, routes.prefixes[0] has 2: a, b"
    ]


def test_carriers_behind_one_address_do_not_count_twice() -> None:
    carriers = [carrier("a", 1), carrier("b", 2), carrier("c", 2)]
    assert len(list(path_problems(CLASSES, ACCOUNTS, carriers, routes("a", "b", "c")))) == 1


def test_a_default_without_carriers_needs_no_paths_and_alike_routes_are_told_once() -> None:
    table = RoutesConfig(
        prefixes=(RouteConfig(prefix="86", carriers=("a",)), RouteConfig(prefix="87", carriers=("a",)))
    )
    assert len(list(path_problems(CLASSES, ACCOUNTS, [carrier("a", 1)], table))) == 1


def test_a_shared_failure_domain_is_a_warning_and_no_error() -> None:
    carriers = [carrier("a", 1, "beijing"), carrier("b", 2, "beijing"), carrier("c", 3)]
    assert list(path_problems(CLASSES, ACCOUNTS, carriers, routes("a", "b", "c"))) == []
    assert list(path_warnings(CLASSES, ACCOUNTS, carriers, routes("a", "b", "c"))) == [
        "class government: on routes.prefixes[0], a and b share the failure domain beijing"
    ]


def test_a_class_may_be_content_with_fewer() -> None:
    content = (ClassConfig(name="codes", paths=PathsConfig(count=2, count_min=1)),)
    assert list(path_problems(content, (), [carrier("a", 1)], routes("a"))) == []


def test_rules_that_a_class_can_fit_must_give_it_its_paths() -> None:
    carriers = [carrier("a", 1), carrier("b", 2), carrier("c", 3)]

    def problems(**rule: Any) -> list[str]:
        table = RoutesConfig(rules=(RuleConfig(name="r", carriers=("a",), **rule),))
        return list(path_problems(CLASSES, ACCOUNTS, carriers, table))

    assert (
        len(problems())
        == len(problems(classes=("government",)))
        == len(problems(accounts=("ministry",)))
        == 1
    )
    assert problems(classes=("bulk",)) == problems(accounts=("shop",)) == []
