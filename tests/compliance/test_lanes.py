import random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance import lanes
from smpp_router.compliance.case import Subject
from smpp_router.compliance.cases import Cases
from smpp_router.compliance.lanes import Lane, Lanes
from smpp_router.compliance.templates import Templates, parse_template
from smpp_router.compliance.verdict import Verdict
from smpp_router.compliance.views import zeroed_texts
from smpp_router.config_compliance import TemplateConfig
from tests.compliance.structural import structural_config

TEXTS = (
    "【店】您的验证码是{c:code}，5分钟内有效。",
    "【店】您的验证码是{c:code}，3分钟内有效。",
    "【店】您的验证码是{c:code}，{n:number}分钟内有效。",
    "【店】{n:text}您好，{n:number}分钟内有效。",
    "【店】{n:text}5{m:number}分钟内有效。",
    "【店】车{p:plate}于{t:time}驶入。",
    "【店】您的{n:text}。",
    "{n:text}到。",
)
PIECES = (
    "【店】",
    "您的",
    "验证码是",
    "4826",
    "482615",
    "，",
    "5",
    "3",
    "7",
    "分钟内有效",
    "。",
    "张三",
    "您好",
    "到",
    "A52468",
)
VERDICT = Verdict("accept")


def templates_of(texts: list[str]) -> Templates:
    return Templates([parse_template(TemplateConfig(id=text, text=text)) for text in texts])


def with_other_digits(text: str, rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") if sign in "0123456789" else sign for sign in text)


def filled(template: str, rng: random.Random) -> str:
    values = ("482615", "5", "A52468", "张三", "09:30", "打13800138000", "李四5", "沪A12345")
    while "{" in template:
        before, _, rest = template.partition("{")
        template = before + rng.choice(values) + rest.partition("}")[2]
    return template


@given(
    st.lists(st.sampled_from(TEXTS), min_size=1, unique=True),
    st.sampled_from(TEXTS) | st.lists(st.sampled_from(PIECES)).map("".join),
    st.randoms(use_true_random=False),
)
def test_texts_that_are_known_fit_as_they_would_if_they_were_looked_at(
    texts: list[str], text: str, rng: random.Random
) -> None:
    templates = templates_of(texts)
    text = filled(text, rng)
    lane = Lane("", None, None, has_templates=True, is_exact=True, needs_case=False)
    (zeroed,) = zeroed_texts([text])
    match = templates.match(text, "")
    if match is None or not templates.is_of_all_alike(text, zeroed, "", match):
        return
    Lanes(Cases(structural_config()), has_own_rules=False).keep(lane, zeroed, match, VERDICT)
    assert lane.verdict(text, zeroed) is VERDICT
    for _ in range(5):
        other = with_other_digits(text, rng)
        again = templates.match(other, "")
        if lane.verdict(other, zeroed) is not None:
            assert again is not None
            assert (again.template.id, again.values, again.faults) == (match.template.id, match.values, ())


def test_a_text_is_known_by_its_signs_and_its_templates_own_digits() -> None:
    lane = Lane("", None, None, has_templates=True, is_exact=True, needs_case=False)
    templates = templates_of(list(TEXTS[:1]))
    text = "【店】您的验证码是482615，5分钟内有效。"
    (zeroed,) = zeroed_texts([text])
    match = templates.match(text, "")
    assert match is not None
    assert templates.is_of_all_alike(text, zeroed, "", match)
    Lanes(Cases(structural_config()), has_own_rules=False).keep(lane, zeroed, match, VERDICT)
    assert lane.verdict(text.replace("482615", "111111"), zeroed) is VERDICT
    assert lane.verdict(text.replace("5分", "6分"), zeroed) is None
    assert lane.verdict("", b"") is None


def test_two_templates_that_differ_in_their_digits_are_held_against_each_text() -> None:
    templates = templates_of(list(TEXTS[:2]))
    text = "【店】您的验证码是482615，5分钟内有效。"
    match = templates.match(text, "")
    assert match is not None
    assert not templates.is_of_all_alike(text, zeroed_texts([text])[0], "", match)


def test_messages_of_one_account_class_address_and_day_share_a_lane() -> None:
    all_lanes = Lanes(Cases(structural_config()), has_own_rules=False)
    one = Subject("a", "shop", "marketing", "1069", now=86_400.0)
    lane = all_lanes.of(one)
    assert all_lanes.of(attrs.evolve(one, text="b", now=86_401.0)) is lane
    assert (lane.kind, lane.needs_case, lane.has_templates, lane.is_exact) == (
        "marketing",
        True,
        False,
        False,
    )
    clinic = all_lanes.of(Subject("a", "clinic", "notification"))
    assert (clinic.needs_case, clinic.has_templates, clinic.is_exact) == (False, True, True)
    others = [
        attrs.evolve(one, account="bank"),
        attrs.evolve(one, traffic_class="notification"),
        attrs.evolve(one, source="1068"),
        attrs.evolve(one, now=2 * 86_400.0),
    ]
    assert len({id(all_lanes.of(other)) for other in (one, *others)}) == 5
    assert all_lanes.of(one) is lane


def test_lanes_and_texts_are_forgotten_when_they_are_too_many() -> None:
    all_lanes = Lanes(Cases(structural_config()), has_own_rules=False)
    match = templates_of(list(TEXTS)).match("您好到。", "")
    assert match is not None
    lane = all_lanes.of(Subject("", "shop", now=1.0))
    for number in range(lanes.TEXTS_MAX + 1):
        all_lanes.keep(lane, b"%d" % number, match, VERDICT)
    assert len(lane.known) == 1
    for number in range(lanes.VERDICTS_MAX + 1):
        all_lanes.keep_verdict(lane, f"{number}", VERDICT)
    assert (len(lane.known), len(lane.verdicts)) == (0, 1)
    first = all_lanes.of(Subject("", "shop", source="0", now=1.0))
    for number in range(lanes.LANES_MAX):
        all_lanes.of(Subject("", "shop", source=f"{number}", now=1.0))
    assert all_lanes.of(Subject("", "shop", source="0", now=1.0)) is not first
    assert not lane.verdicts, "what else is kept by a lane that is forgotten keeps nothing but it"


@given(st.lists(st.text(), max_size=8))
def test_texts_at_once_are_as_one_by_one(texts: list[str]) -> None:
    zeroed = zeroed_texts(texts)
    assert zeroed == [zeroed_texts([text])[0] for text in texts]
    assert [one.decode("utf-8", "surrogatepass") for one in zeroed] == [
        "".join("0" if sign in "123456789" else sign for sign in text) for text in texts
    ]
