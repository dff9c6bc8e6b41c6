# Words of advertising. One of them alone says little ("优惠" stands in many a notice), so they have weights,
# and a text is promotional by their sum. Of what is bought, ordered or due a notice speaks without
# advertising: those words are not here.
"""How much a text advertises."""

import re
from typing import Final

import attrs

_STRONG: Final = (
    r"[满充存]\d{1,12}元?[减送返赠]|限时|秒杀|特惠|大促|抢购|疯抢|钜惠|巨惠|狂欢|热销|爆款|清仓|甩卖|买一送|满减|立减|直降|低至"
    "|折起|折扣|特价|促销|优惠券|代金券|红包|抽奖|"
    "免费领|限量|福利|先到先得|新品上市|上新|全场|包邮|团购|拼团|返现|返利|好礼|豪礼|大礼|礼包|赠送"
    r"|赠品|诚邀|莅临|开业|店庆|周年庆|双十一|双11|(?<!\d)618(?!\d)|"
    "超值|抄底|划算|惊喜|特卖|预售|热卖|加盟|招商(?!银行|局|证券|信诺|基金|仁和)|火爆|盛大(?!游戏|网络)|震撼|尊享|专享|独享|免费试|免费体验|试听|"
    r"第[二三四2-4]件(?:半价|免费|\d折)|(?:立|尽)享[^。，；！]{0,4}\d(?:\.\d)?折|无门槛|首单|欢迎选购"
    r"|仅此一(?:天|次)|不容错过|手慢无|错过(?:再等|不再)|"
    r"\bsale\b|\b\d{1,2}%\s{0,8}off\b|\bdiscount\b|\bpromo(?:tion)?\b|\bcoupon\b|\bvoucher\b"
    r"|\blimited time\b|\bshop now\b|\bbuy now\b|\bfree gift\b|\bdeals?\b|\boffer\b"
)
_WEAK: Final = (
    r"优惠|活动|回馈|会员日|积分兑换|领取|新款|精选|推荐|办理|咨询|详询|仅需|只要|原价|现价|首付|月供|起价"
    r"|元起|[0-9一二三四五六七八九](?:\.\d)?折|升级套餐|开通|续费|赢|邀您|欢迎光临|期待您"
    r"|(?<!尽)快来|速来|去看看|再来一单|邀请好友|招生(?!办|处|考试)|名额有限|从速|欢迎(?:再来|下单)|马上(?:寄件|下单|抢|购)"
)
_FIRST: Final = (
    r"[\dbcdflopsv一七三上专九买二五仅代优会低促元先免全八六划办加包升原双只周咨四团大好尊巨店开惊抄折抢抽招拼推新月期"
    "欢活充存回第尽无不手错速去再马清满火热爆特狂独现甩疯盛直礼福秒积立精红续莅试诚详豪赠赢起超返邀钜限震预领首快名从]"
)
"""What the words begin with: a look at one character is a tenth of a try of all words."""
_PATTERN: Final = re.compile(f"(?={_FIRST})(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))", re.IGNORECASE)
WORDS: Final[dict[str, str]] = {
    "promotion": "满 充 存 回馈 限时 秒杀 特惠 大促 抢购 疯抢 钜惠 巨惠 狂欢 热销 爆款 清仓 甩卖 买一送 立减"
    " 直降 低至 折 特价 促销 优惠 代金券 红包 抽奖 免费领 限量 福利 先到先得 新品上市 上新 全场"
    " 包邮 团购 拼团 返现 返利 好礼 豪礼 大礼 礼包 赠送 赠品 诚邀 莅临 开业 店庆 周年庆"
    " 双十一 双11 618 超值 抄底 划算 惊喜 特卖 预售 热卖 加盟 招商 火爆 盛大 震撼 尊享 专享"
    " 独享 免费试 免费体验 试听 sale off discount promo coupon voucher limited shop buy free"
    " deal 活动 会员日 积分兑换 领取 新款 精选 推荐 办理 咨询 详询 仅需 只要 原价 现价 首付"
    " 第二件 第三件 第四件 第2件 第3件 第4件 无门槛 首单 仅此一 不容错过 手慢无 错过 快来 速来"
    " 去看看 再来 欢迎再来 欢迎选购 欢迎下单 马上寄件 马上下单 马上抢 马上购 邀请好友 招生 名额有限 从速"
    " 月供 起价 元起 升级套餐 开通 续费 赢 邀您 欢迎光临 期待您",
}
"""Without one of these words there is no word of advertising: see needed.py."""
_UNWANTED: Final = re.compile(
    r"(?:退款|取消|未使用|已使用|到期|使用了|退还|核销|您(?:已)?参[加与]的[^。，；！]{0,12}订单)"
)

STRONG_WEIGHT: Final = 1.0
WEAK_WEIGHT: Final = 0.5
IS_PROMOTIONAL: Final = 1.4
"""A sum from which a text advertises: one strong word beside a weak one, or three weak ones."""


@attrs.frozen
class Promotion:
    """The words of advertising in a text: their weight together, and where the first stands."""

    weight: float
    words: tuple[str, ...]
    start: int = -1
    end: int = -1
    strong: int = 0
    """How many of them hardly mean anything else."""

    @property
    def is_promotional(self) -> bool:
        """Whether the text advertises."""
        return self.weight >= IS_PROMOTIONAL


NO_PROMOTION: Final = Promotion(0.0, ())


def find_promotion(text: str) -> Promotion:
    """Weigh a text's words of advertising."""
    weight = 0.0
    words: dict[str, None] = {}
    strong = 0
    first: tuple[int, int] | None = None
    for match in _PATTERN.finditer(text):
        word = match.group().lower()
        if word in words:
            continue
        words[word] = None
        is_strong = bool(match.group("strong"))
        strong += is_strong
        weight += STRONG_WEIGHT if is_strong else WEAK_WEIGHT
        first = first or match.span()
    if first is None:
        return NO_PROMOTION
    if _UNWANTED.search(text):
        weight *= 0.6
    return Promotion(round(weight, 3), tuple(words), *first, strong)
