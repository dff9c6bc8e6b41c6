from pathlib import Path

import attrs

from smpp_router.config import HealthConfig, ListenerConfig, RouterConfig, RoutesConfig, StoreConfig
from smpp_router.config_alarms import AlarmsConfig, WebhookConfig
from smpp_router.config_api import ApiConfig, ApiTokenConfig
from smpp_router.config_changes import ON_OR_OFF, RESTART, Change, changed_keys, changes, with_kept
from smpp_router.config_compliance import ComplianceConfig
from tests.router_fixtures import account, carrier, configuration


def config() -> RouterConfig:
    return configuration(Path("store"), [carrier("mobile"), carrier("unicom", 2)])


def test_equal_configurations_have_no_changes() -> None:
    assert changes(config(), config()) == ()


def test_changes_name_what_was_added_removed_and_changed_and_which_keys() -> None:
    old = config()
    new = attrs.evolve(
        old,
        accounts=(account(burst=7, window_max=3), account("shop")),
        carriers=(carrier("mobile"), carrier("telecom", 3)),
        routes=RoutesConfig(default=("telecom",)),
        health=HealthConfig(open_below=40, late_s=2.0),
    )
    assert [str(change) for change in changes(old, new)] == [
        "accounts: bank changed (burst, window_max)",
        "accounts: shop added",
        "carriers: unicom removed",
        "carriers: telecom added",
        "routes: changed (default)",
        "health: changed (open_below, late_s)",
    ]


def test_a_change_shows_no_secret() -> None:
    old = config()
    new = attrs.evolve(old, accounts=(account(secrets=("scrypt$hidden",)),))
    (change,) = changes(old, new)
    assert change == Change("accounts", "changed", "bank", ("secrets",))
    assert "hidden" not in str(change)


def test_values_of_different_kinds_have_no_keys_in_common() -> None:
    assert changed_keys(None, config()) == ()
    assert changed_keys((1,), (2,)) == ()


def test_what_only_a_restart_can_change_is_kept_and_named() -> None:
    old = config()
    new = attrs.evolve(
        old,
        node_id=7,
        listeners=(ListenerConfig(host="127.0.0.1", port=2776),),
        store=StoreConfig(path=Path("elsewhere"), retention_s=1.0),
        routes=RoutesConfig(default=("unicom",)),
    )
    merged, kept = with_kept(old, new)
    assert kept == (
        "node_id",
        "listeners",
        "store.path",
        "store.commit",
        "store.segment_bytes",
        "store.retention_s",
        "store.disk_free_min_bytes",
    )
    assert attrs.evolve(merged, routes=old.routes) == old
    assert merged.routes == new.routes


def test_each_key_that_is_kept_is_one_of_the_configuration() -> None:
    sections = {field.name for field in attrs.fields(RouterConfig)}
    assert {path.partition(".")[0] for path in RESTART} | set(ON_OR_OFF) <= sections


def test_screening_and_the_api_are_not_turned_on_or_off_and_the_rest_of_them_is_live() -> None:
    token = ApiTokenConfig(name="ops", secrets=("scrypt$x",))
    old = attrs.evolve(config(), api=ApiConfig(tokens=(token,)), compliance=ComplianceConfig())
    new = attrs.evolve(
        config(), alarms=AlarmsConfig(webhook=WebhookConfig(url="https://a.b", secret="s" * 16))
    )
    merged, kept = with_kept(old, new)
    assert kept == ("compliance", "api", "alarms.webhook")
    assert merged == old
    other = attrs.evolve(token, name="other")
    new = attrs.evolve(old, api=ApiConfig(port=9, tokens=(other,)), compliance=ComplianceConfig(held_max=7))
    merged, kept = with_kept(old, new)
    assert kept == ("api.port",)
    assert merged.api == ApiConfig(tokens=(other,))
    assert merged.compliance == ComplianceConfig(held_max=7)
