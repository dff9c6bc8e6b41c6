import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.templates import TemplateError, Templates, parse_template
from smpp_router.config_compliance import TemplateConfig


def template(text: str) -> Templates:
    return Templates([parse_template(TemplateConfig(id="T", text=text))])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{code:code}", "whole text"),
        ("{a}{b}", "whole text"),
        ("【示例】{a}", "whole text"),
        ("{a}，{b}。【示例】", "whole text"),
        ("您好{a}{b}再见", "side by side"),
        ("您好{a:telephone}再见", "unknown type"),
        ("您好{a再见", "not closed"),
        ("您好a}再见", "not closed"),
        ("码{a:code}或{b:code}", "one code"),
    ],
)
def test_a_template_that_can_not_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why):
        template(text)


@given(st.text(min_size=1, alphabet="张三李四王五内科外科口腔 -"), st.integers(100, 999_999))
def test_a_text_made_of_a_template_fits_it(name: str, code: int) -> None:
    match = template("您好{name}，验证码{code:code}。").match(f"您好{name[:35]}，验证码{code}。", "")
    assert match is not None
    assert not match.faults


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    match = template("您好{name}，再见").match(text, "")
    assert (match is not None) <= (text.startswith("您好") and text.endswith("，再见"))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("见a.cn/x", "link"),
        ("打13800138000", "call"),
        ("￥100", "money"),
        ("100元", "money"),
        ("下载APP", "app"),
        ("1234567", "call"),
    ],
)
def test_a_variable_holds_nothing_that_leads_away(value: str, why: str) -> None:
    match = template("您好{name}，再见").match(f"您好{value}，再见", "")
    assert match is not None
    assert why in match.faults[0][2]
    start, end, _ = match.faults[0]
    assert f"您好{value}，再见"[start:end] == value


@pytest.mark.parametrize("value", ["A10778", "沪A95588", "SF-10010", "京AD12306", "ORD10086-2", "订单B12345"])
def test_digits_behind_the_letter_of_a_plate_are_no_number_to_call(value: str) -> None:
    match = template("您的{plate:plate}已到").match(f"您的{value}已到", "")
    assert match is not None
    assert not match.faults


@pytest.mark.parametrize(
    "value", ["12345", "拨打95588", "TEL10086", "CALL-10010", "QQ10778", "A1380013", "APP1"]
)
def test_a_plate_holds_no_number_to_call(value: str) -> None:
    match = template("您的{plate:plate}已到").match(f"您的{value}已到", "")
    assert match is not None
    assert len(match.faults) == 1


def test_many_variables_do_not_multiply() -> None:
    templates = template("【示例】您好" + "，".join(f"{{v{number}}}" for number in range(12)) + "。")
    # An expression would try 35 ** 11 ways.
    assert templates.match("【示例】您好" + "，" * 200 + "！", "") is None
    assert templates.match("【示例】您好" + "，".join("张王李赵刘陈杨黄周吴徐孙") + "。", "") is not None


def test_a_template_of_another_class_does_not_count() -> None:
    templates = Templates(
        [parse_template(TemplateConfig(id="T", text="您好{name}，再见", traffic_class="notification"))]
    )
    assert templates.match("您好张三，再见", "notification") is not None
    assert templates.match("您好张三，再见", "marketing") is None


def test_a_template_without_faults_is_preferred() -> None:
    templates = Templates(
        [
            parse_template(TemplateConfig(id="loose", text="您好{name}。")),
            parse_template(TemplateConfig(id="exact", text="您好，到账{sum:amount}元。")),
        ]
    )
    match = templates.match("您好，到账1,500.00元。", "")
    assert match is not None
    assert match.template.id == "exact"
