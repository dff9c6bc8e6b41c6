import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.signature import find_signature, without_signature


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("【示例银行】您好", "示例银行"),
        ("您好【示例银行】", "示例银行"),
        ("  【AB】x", "AB"),
        ("【12306】票", "12306"),
    ],
)
def test_a_signature_stands_at_either_end(text: str, name: str) -> None:
    signed = find_signature(text)
    assert signed.signature is not None
    assert signed.signature.name == name
    assert signed.fault == ("digits" if name.isdigit() else None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("您好", "missing"),
        ("[示例]您好", "missing"),
        ("【示例您好", "unclosed"),
        ("示例】您好", "unclosed"),
        ("】示例【您好", "unclosed"),
        ("【示例】您好【再见】", "several"),
        ("【示例】您好】", "several"),
        ("您【示例】好", "misplaced"),
        ("【甲】您好", "length"),
        ("【】您好", "length"),
        ("【" + "甲" * 17 + "】您好", "length"),
        ("【10086】您好", "digits"),
        ("【 示例】您好", "spaces"),
        ("【【示例】】您好", "nested"),
    ],
)
def test_what_is_wrong_with_a_signature_is_told(text: str, fault: str) -> None:
    assert find_signature(text).fault == fault


@given(st.text(alphabet="【】甲乙 1a"))
def test_any_text_has_an_answer_within_it(text: str) -> None:
    signed = find_signature(text)
    assert (signed.signature is None) == (signed.fault in ("missing", "unclosed"))
    if signed.signature is not None:
        start, end = signed.signature.start, signed.signature.end
        assert text[start:end] == f"【{signed.signature.name}】"
        assert len(without_signature(text, signed)) == len(text) - (end - start)
    else:
        assert without_signature(text, signed) == text
