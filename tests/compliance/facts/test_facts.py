from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.facts import Facts


@given(st.text())
def test_any_text_has_facts_and_they_stand_in_it(text: str) -> None:
    facts = Facts(text)
    places = [
        *((one.start, one.end) for one in facts.links),
        *((one.start, one.end) for one in facts.codes.codes),
        *((one.start, one.end) for one in facts.contacts),
        *((one.start, one.end) for one in facts.wishes),
        *((one.start, one.end) for one in facts.claims),
    ]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert len(facts.body) <= len(text)
    assert facts.promotion.weight >= 0
    assert facts.unsubscribe is None or facts.unsubscribe.word


def test_what_was_found_once_is_kept() -> None:
    facts = Facts("【示例】见https://a.cn/x")
    assert facts.links is facts.links
