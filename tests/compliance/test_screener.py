import datetime
import random
import re
from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.case import Subject
from smpp_router.compliance.screener import Screener, canonical, joined_share
from smpp_router.compliance.symbols import Action, Symbol
from smpp_router.config_compliance import (
    ComplianceConfig,
    DltConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    TemplateConfig,
)
from smpp_router.message.consent import Consent
from tests.compliance.structural import structural_cases, structural_config

NOW = 1_795_600_000.0
NUMBER = "8613900000001"
ADVERTISING_LAW = datetime.date(2015, 9, 1)


@attrs.frozen
class Words:
    """What a text with "赌" in it is taken for; the layers themselves have their own tests."""

    illicit: float
    likeliest: tuple[str, float]
    symbols: tuple[Symbol, ...]
    actions: frozenset[Action]

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        return (self.likeliest,)


class Layers:
    """Reads one word."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.classes: list[str] = []
        self.days: set[datetime.date] = set()

    @property
    def versions(self) -> tuple[str, str]:
        return "L1", "M1"

    def screen(self, texts: Sequence[str], classes: Sequence[str], day: datetime.date) -> list[Words]:
        self.read += texts
        self.classes += classes
        self.days.add(day)
        if day < ADVERTISING_LAW:
            texts = ["" for _ in texts]
        bad = Words(0.99, ("gambling", 0.9), (Symbol("TERM_GAMBLING", 2.0, "gambling"),), frozenset({"hold"}))
        good = Words(0.01, ("gambling", 0.01), (), frozenset())
        return [bad if "赌" in text else good for text in texts]


def screener(config: ComplianceConfig | None = None, layers: Layers | None = None) -> Screener:
    return Screener(config or structural_config(), layers, lambda: 0.0)


def one(screening: Screener, subject: Subject, now: float = NOW) -> str:
    (verdict,) = screening.screen([subject], now)
    return verdict.decisive.name if verdict.decisive else verdict.action


CASES = structural_cases()


def test_a_verdict_is_the_same_in_any_batch_and_order() -> None:
    alone = [screener().screen([case.subject], NOW)[0] for case in CASES]
    for seed in range(5):
        rng = random.Random(seed)
        together = screener()
        for _ in range(2):
            order = rng.sample(range(len(CASES)), len(CASES))
            found = together.screen([CASES[at].subject for at in order], NOW)
            assert found == [alone[at] for at in order]


@given(st.text(alphabet="验证码是，。 -.：/a1234567890", max_size=40), st.integers(0, 9))
def test_the_digits_of_a_code_do_not_matter_and_all_others_do(text: str, digit: int) -> None:
    same = canonical(text)
    assert len(same) == len(text)
    assert canonical(same) == same
    changed = [at for at, (a, b) in enumerate(zip(text, same, strict=True)) if a != b]
    assert all(text[at].isdigit() for at in changed)
    assert not changed or changed[-1] - changed[0] < 6


def test_codes_share_what_is_found_and_links_do_not() -> None:
    assert canonical("验证码123456，请勿泄露") == canonical("验证码654321，请勿泄露")
    assert canonical("见https://a.cn/1234 ") == "见https://a.cn/1234 "
    assert canonical("验证码123456和654321") == "验证码123456和654321"


@pytest.mark.parametrize("case", [case for case in CASES if case.expected == "ok"], ids=str)
def test_what_is_in_order_is_accepted_with_the_text_layers_too(case: Any) -> None:
    subject = case.subject
    assert screener(layers=Layers()).screen([subject], NOW)[0].action == "accept"


def test_words_decide_where_rules_find_nothing() -> None:
    subject = Subject("【示例商城】来赌一把，拒收请回复R", "shop", "marketing")
    (verdict,) = screener(layers=Layers()).screen([subject], NOW)
    assert (verdict.action, verdict.illicit) == ("refuse", 0.99)
    assert {symbol.name for symbol in verdict.symbols} == {"TERM_GAMBLING", "ILLICIT"}
    assert (verdict.lexicon_version, verdict.model_version) == ("L1", "M1")


def test_each_message_of_a_batch_is_read_by_the_terms_of_its_own_day() -> None:
    before = datetime.datetime(2015, 8, 31, 12, tzinfo=datetime.UTC).timestamp()
    subjects = [Subject("赌", now=at) for at in (before, NOW, before, 0.0)]
    found = [verdict.illicit for verdict in screener(layers=Layers()).screen(subjects, NOW)]
    assert found == [0.01, 0.99, 0.01, 0.99]


def test_the_terms_of_a_day_are_those_of_the_day_where_the_market_is() -> None:
    layers = Layers()
    screening = screener(layers=layers)
    for hour, minute in ((15, 59), (16, 0)):
        at = datetime.datetime(2026, 5, 1, hour, minute, tzinfo=datetime.UTC).timestamp()
        layers.days.clear()
        one(screening, Subject(f"【示例】赌{hour}", "bank", "notification"), at)
        assert layers.days == {datetime.date(2026, 5, hour - 14)}


def test_every_verdict_has_the_version_of_its_configuration() -> None:
    for layers in (None, Layers()):
        screening = screener(layers=layers)
        verdicts = screening.screen([case.subject for case in CASES], NOW)
        assert {one.configuration_version for one in verdicts} == {screening.configuration_version}
        assert screening.counters.templates
    other = screener(attrs.evolve(structural_config(), illicit_hold_share=0.9))
    assert other.configuration_version != screening.configuration_version


def test_messages_with_the_same_words_of_which_no_rule_says_more_share_a_verdict() -> None:
    screening = screener(layers=Layers())
    text = "【示例商城】您的验证码是{}，切勿告诉他人"
    subjects = [Subject(text.format(code), "shop", "verification") for code in ("1234", "5678", "9012")]
    first, second, third = (screening.screen([subject], NOW)[0] for subject in subjects)
    assert first is second is third
    (other,) = screening.screen([attrs.evolve(subjects[0], traffic_class="marketing")], NOW)
    assert (first.action, first.symbols, other.action) == ("accept", (), "refuse")


def test_a_registered_template_is_read_once_and_each_long_value_once() -> None:
    layers = Layers()
    screening = screener(layers=layers)
    text = "【示例医院】{}您好，您预约的内科门诊时间为11月25日 14:00，请准时就诊。"
    for name in ("张三", "李四", "王五"):
        assert one(screening, Subject(text.format(name), "clinic", "notification")) == "accept"
    assert layers.classes == ["notification"]
    assert layers.days == {datetime.date(2026, 11, 25)}
    assert screening.counters.templates == 3
    assert one(screening, Subject(text.format("快来赌一把大的"), "clinic", "notification")) == "ILLICIT"
    assert "快来赌一把大的" in layers.read
    # As a value it is remembered; the message as a whole is read again.
    assert one(screening, Subject(text.format("快来赌一把大的"), "clinic", "notification")) == "ILLICIT"
    assert list(layers.read).count("快来赌一把大的") == 1


def test_a_text_of_an_account_with_templates_is_kept_digit_by_digit() -> None:
    screening = screener()
    text = "【示例医院】您的验证码是{}，{}分钟内有效，切勿告诉他人"
    first, other = (Subject(text.format(code, 5), "clinic", "verification") for code in ("123456", "654321"))
    assert [one(screening, first), one(screening, first)] == ["TEMPLATE_NONE", "TEMPLATE_NONE"]
    assert screening.counters.kept == 1
    assert one(screening, other) == "TEMPLATE_NONE"
    assert screening.counters.kept == 1


def test_a_template_of_another_class_gives_no_leave() -> None:
    text = "【示例医院】您的验证码是123456，5分钟内有效。"
    assert one(screener(), Subject(text, "clinic", "notification")) == "TEMPLATE_NONE"


def test_in_india_no_text_is_known_by_its_template_whatever_its_parameters_say() -> None:
    registration = RegistrationConfig(
        account="shop",
        templates=(TemplateConfig(id="t", text="Your code is {c:code} for {n:text}."),),
        dlt=DltConfig(entity="111", templates={"222": "Your code is {#var#} for {#var#}."}),
    )
    config = ComplianceConfig(
        regime="in_dlt",
        classes=(ScreenedClassConfig(name="code", kind="verification"),),
        registrations=(registration,),
    )
    good = Subject("Your code is 482615 for Ravi.", "shop", "code", tlvs=((0x1400, b"111"), (0x1401, b"222")))
    bare, foreign = attrs.evolve(good, tlvs=()), attrs.evolve(good, tlvs=((0x1400, b"9"), (0x1401, b"222")))
    of_each = {"good": (good, "accept"), "bare": (bare, "refuse"), "foreign": (foreign, "refuse")}
    for first in of_each:
        screens = screener(config)
        for name in (first, *of_each):
            subject, action = of_each[name]
            (verdict,) = screens.screen([subject], NOW)
            assert verdict.action == action, (first, name)


def test_an_opt_out_holds_at_once_for_marketing_and_leaves_codes_alone() -> None:
    screening = screener()
    offer = Subject("【示例商城】全场五折，拒收请回复R", "shop", "marketing", destination=NUMBER)
    assert one(screening, offer) == "accept"
    screening.optouts.record(Consent(NOW, "shop", NUMBER, is_refusal=True))
    assert one(screening, offer) == "OPTED_OUT"
    assert one(screening, attrs.evolve(offer, destination="8613900000002")) == "accept"
    code = Subject("【示例商城】您的验证码是123456", "shop", "verification", destination=NUMBER)
    assert one(screening, code) == "accept"
    screening.optouts.record(Consent(NOW + 1, "shop", NUMBER, is_refusal=False))
    assert one(screening, offer) == "accept"


def test_a_cap_counts_what_was_sent_and_not_what_was_refused() -> None:
    screening = screener()
    offer = Subject("【示例商城】全场五折，拒收请回复R", "shop", "marketing", destination=NUMBER)
    bad = attrs.evolve(offer, text="全场五折")
    found = [one(screening, subject) for subject in (bad, bad, offer, offer, offer)]
    assert found == ["SIGNATURE_MISSING", "SIGNATURE_MISSING", "accept", "accept", "FREQUENCY"]
    assert one(screening, offer, NOW + 86_401) == "accept"


def test_of_too_many_texts_the_oldest_are_forgotten_and_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("smpp_router.compliance.screener.KEPT_MAX", 100)
    screening = screener()
    subjects = [Subject(f"【示例】订单{n}已发货", traffic_class="logistics") for n in range(10_000, 10_200)]
    before = screening.screen(subjects, NOW)
    assert (screening.counters.forgotten, screening.counters.kept) == (100, 0)
    assert screening.screen(subjects[100:], NOW) == before[100:]
    assert (screening.counters.forgotten, screening.counters.kept) == (100, 100)
    assert screening.screen(subjects[:100], NOW) == before[:100]
    assert (screening.counters.forgotten, screening.counters.kept) == (200, 100)


@given(st.text(), st.sampled_from(["", "shop", "bank", "clinic", "india", "ministry"]))
def test_any_text_has_a_verdict(text: str, account: str) -> None:
    screening = screener()
    for traffic_class in ("", "marketing", "verification", "government"):
        (verdict,) = screening.screen([Subject(text, account, traffic_class, destination=NUMBER)], NOW)
        assert (verdict.decisive is None) == (verdict.action == "accept")


def test_one_text_of_many_accounts_is_seen_but_for_codes() -> None:
    screening = screener()
    text = "您好，新到一批特价手机，数量有限，欢迎到店选购"
    for traffic_class, expected in (("marketing", {"SHARED_TEXT"}), ("verification", set[str]())):
        found: set[str] = set()
        for account in ("bank", "shop", "courier", "clinic"):
            subject = Subject(f"【{account}】{text}", account, traffic_class, destination=NUMBER)
            (verdict,) = screening.screen([subject], NOW)
            more = screening.watched(subject, verdict, NOW)
            found = {symbol.name for symbol in more.symbols} - {symbol.name for symbol in verdict.symbols}
        assert found == expected


@given(st.floats(0.0, 1.0), st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_more_score_never_makes_a_text_less_suspicious(share: float, score: float, more: float) -> None:
    before, after = joined_share(share, score), joined_share(share, score + more)
    assert 0.0 <= share <= before * 1.000001 + 1e-12
    assert before <= after + 1e-12
    assert after <= 1.0


@given(st.text("12345678ab./:，码 ", max_size=30))
def test_only_one_run_of_four_or_six_lone_digits_is_made_alike(text: str) -> None:
    lone = re.findall(r"(?<![0-9A-Za-z./:])(?:[0-9]{6}|[0-9]{4})(?![0-9A-Za-z./:])", text)
    expected = text
    if len(lone) == 1:
        fixed = {4: "4826", 6: "482615"}[len(lone[0])]
        pattern = rf"(?<![0-9A-Za-z./:]){lone[0]}(?![0-9A-Za-z./:])"
        expected = re.sub(pattern, fixed, text)
    assert canonical(text) == expected
