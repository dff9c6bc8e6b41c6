from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.contacts import find_contacts


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("详询13800138000王经理", "mobile", "13800138000"),
        ("致电+86 138-0013-8000", "mobile", "13800138000"),
        ("咨询400-820-8820", "service", "4008208820"),
        ("请致电95588", "service", "95588"),
        ("电话010-62301234", "landline", "01062301234"),
        ("加QQ：123456789", "qq", "123456789"),
        ("扣扣 88888888", "qq", "88888888"),
        ("微信号：abc_12345", "wechat", "abc_12345"),
        ("加V：wxid123456", "wechat", "wxid123456"),
        ("加微信领取", "wechat", ""),
        ("进群领红包", "group", ""),
        ("telegram: @luckyman", "telegram", "luckyman"),
        ("WhatsApp +852 6123 4567", "whatsapp", "+85261234567"),
        ("写信到a.b@example.com", "email", "a.b@example.com"),
    ],
)
def test_a_way_to_reach_somebody_is_found(text: str, kind: str, name: str) -> None:
    (contact,) = find_contacts(text)
    assert (contact.kind, contact.id) == (kind, name)


@pytest.mark.parametrize(
    "text", ["单号138001380001234", "尾号8888", "共1200元", "2026-11-25 12:00", "138****8000"]
)
def test_other_digits_are_no_contacts(text: str) -> None:
    assert find_contacts(text) == ()


@given(st.text(alphabet="加微信QQ群:138001380 -+vxabc@.com400"))
def test_contacts_do_not_overlap(text: str) -> None:
    contacts = find_contacts(text)
    assert all(one.end <= other.start for one, other in pairwise(contacts))
