import datetime

import pytest

from smpp_router.compliance.facts.links import find_links
from smpp_router.compliance.facts.plain import plain
from smpp_router.compliance.senders import Sender, is_valid
from smpp_router.config_compliance import RegistrationConfig, SenderConfig, SignatureConfig

SENDER = Sender(
    RegistrationConfig(
        account="bank",
        signatures=(SignatureConfig(text="Bank"), SignatureConfig(text="Shop", case_sensitive=False)),
        senders=(
            SenderConfig(number="1069", traffic_class="notification"),
            SenderConfig(number="10690", traffic_class="marketing"),
        ),
        domains=("example.cn",),
        links=("https://m.example.cn/a/*", "https://m.example.cn/b", "WeiXin://dl/Business/*"),
    )
)


def test_a_signature_is_told_apart_by_case_unless_registered_otherwise() -> None:
    assert SENDER.signature("Bank") is not None
    assert SENDER.signature("bank") is None
    assert SENDER.signature("SHOP") is not None


def test_the_longest_registered_number_says_the_class() -> None:
    assert SENDER.class_of_sender("10690001") == "marketing"
    assert SENDER.class_of_sender("10691") == "notification"
    assert SENDER.class_of_sender("95588") is None


@pytest.mark.parametrize(
    ("url", "is_registered"),
    [
        ("https://m.example.cn/a/1", True),
        ("weixin://dl/Business/?t=1", True),
        ("weixin://dl/business/?t=1", False),
        ("https://m.example.cn/b?x=1", True),
        ("https://m.example.cn/b/c", False),
        ("https://m.example.cn/a/../c", False),
        ("https://m.example.cn/a/%2e%2E/c", False),
        ("https://m.example.cn/a/%252e%252e/c", False),
        ("https://m.example.cn/a//c", False),
        ("https://m.example.cn/a/c.d..e", True),
        ("https://m.example.cn/c", False),
        ("http://m.example.cn/b", False),
        ("https://www.example.cn/anything", True),
        ("https://example.cn", True),
        ("https://example.cn.evil.com/", False),
        ("https://notexample.cn/", False),
    ],
)
def test_a_host_with_registered_paths_is_bound_to_them(url: str, is_registered: bool) -> None:
    (link,) = find_links(plain(url))
    assert SENDER.has_link(link) == is_registered


@pytest.mark.parametrize("domain", ["示例.中国", "xn--fsq092h.xn--fiqs8s"])
@pytest.mark.parametrize("host", ["示例.中国", "m.示例.中国", "xn--fsq092h.xn--fiqs8s"])
def test_a_domain_beyond_ascii_is_its_own_in_both_spellings(domain: str, host: str) -> None:
    sender = Sender(RegistrationConfig(account="a", domains=(domain,)))
    (link,) = find_links(plain(f"访问https://{host}/new"))
    assert link.host == host
    assert sender.owns_host(host)
    assert sender.has_link(link)
    assert not sender.owns_host("样例.中国")


def test_a_registration_holds_on_its_last_day_and_not_after() -> None:
    signature = SignatureConfig(text="Bank", valid_from="2026-01-01", valid_to="2026-01-02")
    first = datetime.date(2026, 1, 1)
    days = [first + datetime.timedelta(days=number) for number in (-1, 0, 1, 2)]
    assert [is_valid(signature, day) for day in days] == [False, True, True, False]
