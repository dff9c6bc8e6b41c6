import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.claims import find_claims, kind_of
from smpp_router.compliance.facts.signature import find_signature


def kinds(text: str) -> set[str]:
    return {claim.kind for claim in find_claims(text, find_signature(text))}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("【工商银行】您的积分即将到期", "bank"),
        ("您的积分即将到期【工商银行】", "bank"),
        ("尊敬的客户，我行将于今晚升级", "bank"),
        ("我是区公安分局民警", "police"),
        ("【XX税务局】请申报", "government"),
        ("社保局通知：您的账户异常", "government"),
        ("您好，区税务局通知您补缴税款", "government"),
        ("【顺丰速运】您的快件", "courier"),
        ("这里是人民法院执行局", "court"),
        ("【中国移动】话费", "telecom"),
        ("This is the tax office", "government"),
    ],
)
def test_whom_a_text_claims_to_be_is_found(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    ["【示例商城】请带上银行卡到店", "【示例商城】退款将回到您的工商银行卡", "您好，请到派出所门口取件"],
)
def test_a_mention_is_no_claim(text: str) -> None:
    assert kinds(text) == set()


@given(st.text(alphabet="【】我行是公安局银行通知：提醒，。快递"))
def test_a_claim_stands_where_it_says(text: str) -> None:
    for claim in find_claims(text, find_signature(text)):
        assert text[claim.start : claim.end] == claim.words


def test_a_name_has_one_kind() -> None:
    assert kind_of("示例商城") is None
    assert kind_of("示例公安局") == ("police", 2, 4)
