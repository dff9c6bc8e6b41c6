"""What is judged of texts outside of a router, with much told of them and with nothing."""

import datetime
from pathlib import Path

import pytest

from smpp_router.cli_judge import OF_FORM, WITHOUT_CLASS, WITHOUT_CONFIG, Judge
from smpp_router.compliance.case import Subject
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.compliance.verdict import Verdict
from smpp_router.lexicon_files import load_keywords, load_text_model

DAY = datetime.date(2026, 5, 1)
TRANSFER = "请尽快将货款转到工商银行账户6222021234567890123"
CONFIG = """[compliance]
classes = [{ name = "mail", kind = "notification" }]
registrations = [{ account = "shop", domains = ["shop.example"] }]
"""


@pytest.fixture(scope="module")
def words() -> TextScreen:
    return TextScreen(load_keywords(None), load_text_model(None), DAY)


def of_nobody(words: TextScreen) -> Judge:
    return Judge.of(words, DAY, None)


def configured(words: TextScreen, folder: Path) -> Judge:
    path = folder / "compliance.toml"
    path.write_text(CONFIG, "utf-8")
    return Judge.of(words, DAY, path)


def verdict(judge: Judge, text: str, account: str = "", traffic_class: str = "") -> Verdict:
    return judge.verdicts([Subject(text, account, traffic_class)])[0]


def names(found: Verdict) -> set[str]:
    return {symbol.name for symbol in found.symbols}


@pytest.mark.parametrize(
    ("text", "symbol", "action"),
    [
        (TRANSFER, "INTENT_TRANSFER", "hold"),
        ("您的快递已到，请添加客服QQ 3387120945 核对", "INTENT_ADD_CONTACT", "hold"),
        ("请回复您收到的验证码", "CREDENTIALS_ASKED", "refuse"),
        ("详见 https://bit.ly/x1", "LINK_SHORTENER", "refuse"),
        ("详见 https://93.184.216.34/x", "LINK_ADDRESS", "refuse"),
        ("详见 https://xn--pple-43d.com/x", "LINK_PUNYCODE", "refuse"),
        ("详见 https://a.example/?to=b.example.com/x", "LINK_REDIRECT", "refuse"),
        ("你.好.明.天.下.午.见.面.吗", "EVASIVE_SEPARATORS", "refuse"),
    ],
)
def test_what_nobody_may_is_found_and_decides_without_a_configuration(
    words: TextScreen, text: str, symbol: str, action: str
) -> None:
    found = verdict(of_nobody(words), text)
    assert symbol in names(found)
    decided = {one.name: of_nobody(words).of_any.policy.action(one) for one in found.symbols}
    assert decided[symbol] == action
    assert found.action in ("hold", "refuse")


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("明天下午三点见", "SIGNATURE_MISSING"),
        ("【店】明天下午三点见", "SIGNATURE_MALFORMED"),
        ("明天见，地址在 www.example.com", "LINK_NO_SCHEME"),
        ("【示例】您預約的門診時間是明天下午三點", "EVASIVE_TRADITIONAL"),
    ],
)
def test_what_is_a_matter_of_form_is_told_and_decides_nothing(
    words: TextScreen, text: str, symbol: str
) -> None:
    assert symbol in OF_FORM
    found = verdict(of_nobody(words), text)
    assert symbol in names(found)
    assert found.action == "accept"


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("【示例】请登录 https://www.example.com 查看订单", "INTENT_LOG_IN"),
        ("【示例】请立即支付本月话费", "INTENT_PAY"),
        ("【示例】详见 https://www.example.com/x", "LINK_UNREGISTERED"),
        ("【示例】您的验证码是482615，请输入验证码", "CREDENTIALS_ASKED"),
        ("【示例】全场五折", "UNDECLARED_MARKETING"),
    ],
)
def test_what_some_class_or_account_may_is_not_made_up(words: TextScreen, text: str, symbol: str) -> None:
    assert symbol not in names(verdict(of_nobody(words), text))


def test_personal_data_are_a_tag_where_the_sender_may_be_an_authority(words: TextScreen) -> None:
    found = verdict(of_nobody(words), "【示例学校】请上传您的身份证照片完成报名")
    assert "PERSONAL_DATA" in names(found)
    assert found.action == "tag"


def test_the_shares_of_the_wording_are_those_that_a_router_finds(words: TextScreen) -> None:
    judge = of_nobody(words)
    for text in (TRANSFER, "明天见", "详见 http://1.2.3.4/x", "代开发票13800000000"):
        found, routers = verdict(judge, text), judge.as_router(Subject(text))
        assert (found.illicit, found.categories) == (routers.illicit, routers.categories)
        assert names(routers) <= names(found)


def test_each_text_has_its_verdict_whatever_stands_beside_it(words: TextScreen) -> None:
    subjects = [Subject("【示例】全场五折", "", kind) for kind in ("", "marketing", "x", "notification")]
    together = of_nobody(words).verdicts(subjects)
    alone = [of_nobody(words).verdicts([subject])[0] for subject in subjects]
    assert together == alone
    assert [("UNSUBSCRIBE_MISSING" in names(one)) for one in together] == [False, True, False, False]


def test_a_class_that_is_named_is_judged_as_a_router_would(words: TextScreen, tmp_path: Path) -> None:
    for judge in (of_nobody(words), configured(words, tmp_path)):
        assert "SIGNATURE_MISSING" in names(verdict(judge, "您的订单已发货", "", "notification"))
        assert verdict(judge, "您的订单已发货", "", "notification").action == "refuse"
        assert WITHOUT_CLASS not in judge.not_judged()
    judge = configured(words, tmp_path)
    subject = Subject(TRANSFER, "shop", "x")
    assert judge.verdicts([subject]) == [judge.as_router(subject)], "it may have meant it so"


def test_an_account_without_a_class_has_its_registration_asked(words: TextScreen, tmp_path: Path) -> None:
    judge = configured(words, tmp_path)
    assert "LINK_UNREGISTERED" not in names(verdict(judge, "详见 https://www.shop.example/x", "shop"))
    assert "LINK_UNREGISTERED" in names(verdict(judge, "详见 https://www.example.com/x", "shop"))
    assert "INTENT_TRANSFER" in names(verdict(judge, TRANSFER, "shop"))


def test_a_configuration_may_begin_with_a_byte_order_mark(words: TextScreen, tmp_path: Path) -> None:
    path = tmp_path / "compliance.toml"
    path.write_text(CONFIG, "utf-8-sig")
    assert Judge.of(words, DAY, path).has_config


def test_what_cannot_be_judged_is_told(words: TextScreen, tmp_path: Path) -> None:
    judge = of_nobody(words)
    verdict(judge, "明天见", "", "notification")
    assert judge.not_judged() == [WITHOUT_CONFIG]
    verdict(judge, "明天见")
    assert judge.not_judged() == [WITHOUT_CONFIG, WITHOUT_CLASS]
    judge = configured(words, tmp_path)
    verdict(judge, "明天见", "shop", "mail")
    assert judge.not_judged() == []
    verdict(judge, "明天见", "shop")
    assert judge.not_judged() == [WITHOUT_CLASS]


def test_who_has_no_configuration_has_no_registration_to_be_missed(words: TextScreen) -> None:
    for traffic_class in ("", "notification"):
        found = verdict(of_nobody(words), "【示例】您的订单已发货", "shop", traffic_class)
        assert "ACCOUNT_UNREGISTERED" not in names(found)
        assert found.action == "accept"


def test_an_action_of_the_configuration_decides_about_the_form_too(words: TextScreen, tmp_path: Path) -> None:
    path = tmp_path / "compliance.toml"
    path.write_text(CONFIG + 'actions = { SIGNATURE_MISSING = "hold" }\n', "utf-8")
    assert verdict(Judge.of(words, DAY, path), "明天下午三点见", "shop").action == "hold"
    assert verdict(configured(words, tmp_path), "明天下午三点见", "shop").action == "accept"
