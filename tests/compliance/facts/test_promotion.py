import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts import promotion
from smpp_router.compliance.facts.promotion import find_promotion


@pytest.mark.parametrize(
    "text",
    [
        "双十一全场五折起，限时抢购，拒收请回复R",
        "新款上市，优惠多多，欢迎光临",
        "Flash sale: 50% off everything, shop now",
        "会员专享好礼，到店领取",
        "充值满100送50，欢迎到店咨询",
        "您的会员将于月底到期，现在续费立享5折，仅此一天",
        "下次购物满100减20，欢迎再来",
        "送您20元无门槛券，快去看看吧",
    ],
)
def test_advertising_is_recognised(text: str) -> None:
    assert find_promotion(text).is_promotional


@pytest.mark.parametrize(
    "text",
    [
        "您的验证码是123456",
        "您的快递已到菜鸟驿站，取件码3-2-1008",
        "您尾号1234的卡支出100元，余额200元",
        "您有一张优惠券即将到期",
        "您的首单已发货，请尽快来取",
        "招商银行网上支付，支付金额29.80元，请咨询",
        "快的打车，编号6185，请咨询",
        "【税务局】请于15日前办理申报",
        "Your parcel arrives today",
    ],
)
def test_a_notice_does_not_advertise(text: str) -> None:
    assert not find_promotion(text).is_promotional


@given(st.text(alphabet="限时优惠活动领取五折sale "), st.text(alphabet="秒杀特价 "))
def test_more_words_never_weigh_less(text: str, more: str) -> None:
    assert find_promotion(text + "。" + more).weight >= find_promotion(text).weight


@pytest.mark.parametrize("word", promotion.WORDS["promotion"].split())
def test_no_word_is_passed_over_for_its_first_sign(word: str) -> None:
    whole = re.compile(f"{promotion._STRONG}|{promotion._WEAK}", re.IGNORECASE)
    assert (whole.search(word) is not None) == bool(find_promotion(word).words)
