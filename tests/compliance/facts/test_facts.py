from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.claims import find_claims
from smpp_router.compliance.facts.codes import find_codes
from smpp_router.compliance.facts.contacts import find_contacts
from smpp_router.compliance.facts.disguise import find_disguises
from smpp_router.compliance.facts.facts import Facts
from smpp_router.compliance.facts.links import find_links
from smpp_router.compliance.facts.plain import plain as facts_plain
from smpp_router.compliance.facts.promotion import find_promotion
from smpp_router.compliance.facts.signature import find_signature
from smpp_router.compliance.facts.unsubscribe import find_unsubscribe
from smpp_router.compliance.facts.wishes import find_wishes


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


WRITTEN = """
【示例】 验证码 482615 拒收请回复R ＳＴＯＰ opt out to 加微信abcdef12 VX:abcdef
QQ12345 扣扣 群 138 0013 8000 9 4008008000 95588 12345 10086
010-62345678 a@b.cn https://a.cn/x ｈttp：／／a。cn t.me/abcde 1.2.3.4
a点com a (dot) com .com 。 ｡ 示例.中国 . 点 : // / 点击登录 请勿转账 输入密码 我行 本院
提醒 通知 公告 来自 this is we 优惠 五折 8.5折 10% off 满100元减 限时 亻言 ⓋⓍ ①②③ 優惠測試
優.惠.大.酬 优 惠 大 酬 宾 下载APP PIN code
"""
HIDDEN = (
    "退\u200b订",
    "opt\u00adout",
    "\u017fale",
    "\u212a",
    "\u0130",
    "\u0131",
    " ",
    "，",
    "\u200b",
    "\u3000",
)
texts = st.lists(st.sampled_from([*WRITTEN.split(), *HIDDEN]) | st.text(max_size=2)).map("".join)


@given(texts)
def test_what_is_not_looked_for_is_not_there(text: str) -> None:
    facts = Facts(text)
    plain = facts_plain(text)
    found = find_unsubscribe(plain.text)
    assert facts.links == find_links(plain)
    assert facts.codes == find_codes(text)
    assert facts.contacts == find_contacts(text)
    assert facts.wishes == find_wishes(text)
    assert facts.promotion == find_promotion(text)
    assert facts.claims == find_claims(text, find_signature(text))
    assert facts.disguises == find_disguises(text)
    assert facts.invisible == plain.invisible
    assert (facts.unsubscribe and facts.unsubscribe.word) == (found and found.word)


def test_what_was_found_once_is_kept() -> None:
    facts = Facts("【示例】见https://a.cn/x")
    assert facts.links is facts.links
