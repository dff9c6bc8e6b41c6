import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.codes import find_codes
from smpp_router.compliance.facts.facts import Facts


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("【示例】您的验证码是123456，5分钟内有效。", ["123456"]),
        ("【示例】123456为您的登录验证码，请勿泄露。", ["123456"]),
        ("【示例】校验码：8842。", ["8842"]),
        ("【示例】动态码A3F9K2，切勿告知他人", ["A3F9K2"]),
        ("【示例】您尾号1234的卡本次支付1,500.00元，验证码654321。", ["654321"]),
        ("【示例】验证码123456，如非本人操作请致电95588", ["123456"]),
        ("【示例】验证码123456和654321", ["123456", "654321"]),
        ("Your verification code is 482910. It expires in 10 minutes.", ["482910"]),
        ("G-482910 is your Google verification code.", ["G-482910"]),
        ("Your OTP: 4821", ["4821"]),
        ("【示例】您的验证码已发送", []),
        ("【示例】验证码123456，联系13800138000", ["123456"]),
        ("验证码:5658【示例】", ["5658"]),
        ("您的手机验证码为484155", ["484155"]),
        ("座位号为20A，值机验证码为715290，请勿删除", ["715290"]),
        ("凭手机号后四位8809和验证码537725取票，序列号085096", ["537725"]),
        ("转账验证码：745871。收款人示例公司(344156011613)", ["745871"]),
        ("微信被盗。296128（微信验证码）", ["296128"]),
        ("支付验证码372262,您正在进行360安全支付,任何人索取验证码均为诈骗", ["372262"]),
        ("验证码482913、771204", ["482913", "771204"]),
        ("绑定验证码为16:50:09", []),
    ],
)
def test_codes_are_told_from_other_digits(text: str, codes: list[str]) -> None:
    found = find_codes(text)
    assert found.name
    assert [code.value for code in found.codes] == codes


def test_digits_in_a_text_that_names_no_code_are_none() -> None:
    assert find_codes("您的快递单号12345678已到").codes == ()


def test_a_parcels_code_is_for_pick_up() -> None:
    assert find_codes("取件码3-2-1008").is_pickup


@given(st.text(alphabet="验证码取件code 0123456789AG-元分钟，."))
def test_codes_stand_where_they_say(text: str) -> None:
    for code in find_codes(text).codes:
        assert text[code.start : code.end] == code.value


def test_a_sign_that_nobody_sees_parts_no_code_and_its_place_is_told() -> None:
    text = "【示例】您的验\u200b证码：482\u200b615\ufeff，请勿泄露，验证码"
    codes = Facts(text).codes
    assert [(code.value, text[code.start : code.end]) for code in codes.codes] == [("482615", "482\u200b615")]
    assert text[codes.name_start] == "验"
