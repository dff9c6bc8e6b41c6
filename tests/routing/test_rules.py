"""Which rules fit what a message has, however many rules there are and however they are filed."""

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.config import CarrierConfig, LinkConfig, PriceConfig
from smpp_router.config_routes import RouteConfig, RoutesConfig, RuleConfig
from smpp_router.routing import rules as rules_module
from smpp_router.routing.rules import DEFAULT, Asked, Prefixes, Prices, Rulebook, Senders, international

DIGITS = st.text("0123456789", min_size=1, max_size=15).filter(lambda digits: not digits.startswith("00"))
# Few values, so that conditions and messages meet.
CLOSE = st.text("123", min_size=1, max_size=5)
ACCOUNTS = st.sampled_from(["bank", "shop"])
CLASSES = st.sampled_from(["verification", "marketing"])
NETWORKS = st.sampled_from(["china-mobile", "china-unicom"])
PLACES = st.sampled_from([("CN/guangdong/shenzhen", "CN/guangdong", "CN"), ("CN/fujian", "CN"), ("GB",), ()])
SENDERS = st.sampled_from(["1069", "1069*", "10?9*", "*9", "95588"])
LINK = LinkConfig(host="127.0.0.1", system_id="router", password="")


def some(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=2, unique=True).map(tuple)


CONDITIONS = st.builds(
    dict,
    accounts=some(ACCOUNTS),
    classes=some(CLASSES),
    networks=some(NETWORKS),
    prefixes=some(CLOSE),
    regions=some(st.sampled_from(["CN", "CN/guangdong", "CN/guangdong/shenzhen", "GB"])),
    senders=some(SENDERS),
)


def fits_by_definition(rule: RuleConfig, asked: Asked, sender: str, number: str) -> bool:
    return (
        (not rule.accounts or asked.account in rule.accounts)
        and (not rule.classes or asked.traffic_class in rule.classes)
        and (not rule.networks or asked.network in rule.networks)
        and (not rule.prefixes or any(number.startswith(prefix) for prefix in rule.prefixes))
        and (not rule.regions or any(place in rule.regions for place in asked.places))
        and (not rule.senders or any(fnmatchcase(sender, pattern) for pattern in rule.senders))
    )


@given(
    conditions=st.lists(CONDITIONS, max_size=12),
    account=ACCOUNTS,
    traffic_class=CLASSES,
    network=st.one_of(NETWORKS, st.just("")),
    places=PLACES,
    sender=st.sampled_from(["1069", "10690001", "1089", "95588", "9", ""]),
    number=CLOSE,
)
def test_the_rules_that_fit_are_found_in_their_order(
    conditions: list[dict[str, Any]],
    account: str,
    traffic_class: str,
    network: str,
    places: tuple[str, ...],
    sender: str,
    number: str,
) -> None:
    configs = [RuleConfig(name=f"rule-{i}", carriers=("a",), **asked) for i, asked in enumerate(conditions)]
    book = Rulebook(RoutesConfig(rules=tuple(configs), default=("d",)))
    prefixes = Prefixes(book.prefixes()).of(number.encode())
    fulfilled = Senders(s for config in configs for s in config.senders).fulfilled(sender.encode())
    asked = Asked(account, traffic_class, fulfilled, prefixes, places, network)
    found = [rule.config.name for rule in book.fitting(asked)]
    expected = [rule.name for rule in configs if fits_by_definition(rule, asked, sender, number)]
    assert found == [*expected, DEFAULT]


@given(prefixes=st.lists(CLOSE, max_size=12, unique=True), number=CLOSE, has_default=st.booleans())
def test_after_all_rules_the_longest_prefix_of_the_table_counts_and_else_the_default(
    prefixes: list[str], number: str, has_default: bool
) -> None:
    routes = RoutesConfig(
        prefixes=tuple(RouteConfig(prefix=prefix, carriers=(prefix,)) for prefix in prefixes),
        default=("rest",) if has_default else (),
    )
    book = Rulebook(routes)
    asked = Asked("bank", "x", frozenset(), Prefixes(book.prefixes()).of(number.encode()), (), "")
    carriers = [rule.config.carriers[0] for rule in book.fitting(asked)]
    matching = [prefix for prefix in prefixes if number.startswith(prefix)]
    expected = max(matching, key=len) if matching else "rest" if has_default else None
    assert carriers == ([expected] if expected is not None else [])


def test_a_rule_that_does_not_hold_now_is_not_asked() -> None:
    night = RuleConfig(name="night", carriers=("a",), hours=("22:00-06:00",), time_zone="Asia/Shanghai")
    book = Rulebook(RoutesConfig(rules=(night,), default=("d",)))
    asked = Asked("bank", "x", frozenset(), (), (), "")
    noon, midnight = 1_750_000_000 // 86_400 * 86_400 + 4 * 3600, 1_750_000_000 // 86_400 * 86_400 + 16 * 3600
    assert book.is_scheduled
    book.tick(noon)
    assert [rule.config.name for rule in book.fitting(asked)] == [DEFAULT]
    assert book.tick(midnight)
    assert not book.tick(midnight + 60)
    assert [rule.config.name for rule in book.fitting(asked)] == ["night", DEFAULT]


@given(
    patterns=st.lists(st.text("12?*", min_size=1, max_size=6), max_size=6), sender=st.text("12", max_size=8)
)
def test_stars_and_question_marks_in_senders_mean_what_they_mean_in_a_shell(
    patterns: list[str], sender: str
) -> None:
    senders = Senders(patterns)
    expected = {pattern for pattern in patterns if fnmatchcase(sender, pattern)}
    assert senders.fulfilled(sender.encode()) == expected
    assert senders.fulfilled(sender.encode()) is senders.fulfilled(sender.encode())


def test_no_sender_makes_a_pattern_take_long() -> None:
    """Twenty stars and a sender that nearly fits: a matcher that goes back tries millions of ways."""
    senders = Senders(["*1" * 10])
    assert senders.fulfilled(b"1" * 9 + b"2" * 2000) == frozenset()


def test_senders_are_forgotten_at_the_limit() -> None:
    senders = Senders(["1*"])
    for number in range(rules_module.SENDERS_MAX + 5):
        assert bool(senders.fulfilled(b"%d" % number)) == str(number).startswith("1")
    assert len(senders._known) <= rules_module.SENDERS_MAX


@given(number=DIGITS, spelling=st.sampled_from(["", "+", "00", "+00"]))
def test_a_number_is_international_without_its_plus_or_zeros(number: str, spelling: str) -> None:
    assert international((spelling + number).encode()) == number.encode().lstrip(
        b"0" if "0" in spelling else b""
    )


def test_a_price_goes_by_the_longest_prefix_then_by_the_narrowest_place_then_by_the_carrier() -> None:
    prices = Prices(
        [
            CarrierConfig(
                name="a",
                links=(LINK,),
                price_per_part=0.05,
                prices=(
                    PriceConfig(prefix="86139", price_per_part=0.03),
                    PriceConfig(prefix="861390", price_per_part=0.02),
                    PriceConfig(region="CN", price_per_part=0.045),
                    PriceConfig(region="CN/guangdong", price_per_part=0.04),
                ),
            ),
            CarrierConfig(name="b", links=(LINK,), price_per_part=0.06),
        ]
    )
    assert prices.of("a", ("861390", "86139"), ("CN/guangdong", "CN")) == 0.02
    assert prices.of("a", ("86139",), ("CN/guangdong", "CN")) == 0.03
    assert prices.of("a", (), ("CN/guangdong/shenzhen", "CN/guangdong", "CN")) == 0.04
    assert prices.of("a", (), ("CN/fujian", "CN")) == 0.045
    assert prices.of("a", (), ("GB",)) == 0.05
    assert prices.of("b", ("861390",), ("CN",)) == 0.06
    assert set(prices.prefixes()) == {"86139", "861390"}
    assert set(prices.places()) == {"CN", "CN/guangdong"}
