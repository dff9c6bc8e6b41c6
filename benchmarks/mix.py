# What the router is measured with when screening is on: nine messages in ten fit a template that the account
# has registered, with other values each time; the tenth is a text that nobody has seen before.
#
# Fresh texts are put together from phrases, so that their words differ and not only their digits. Those that
# screening would not accept are left out: a message that is refused costs less than one that is carried.
"""Traffic for benchmarks: numbers of many blocks, registered templates, fresh texts."""

import datetime
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from smpp_router.compliance.case import Subject
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.config_compliance import (
    ComplianceConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SignatureConfig,
    TemplateConfig,
)
from smpp_router.lexicon_files import load_terms, load_text_model

TEMPLATED_WEIGHT: Final = 9.0
FRESH_WEIGHT: Final = 1.0
TEXTS: Final = 9_000
"""Of each kind: a run of 150,000 messages has 15,000 fresh ones, of three kinds."""
PATTERNS: Final = 2_000
"""Destinations, of ten thousand numbers each, that take turns: they are of as many blocks."""
SENDER: Final = "106900"
SCREENED_AT_ONCE: Final = 64

_SIGNATURE: Final = "示例平台"
_MOBILE: Final = ("135", "136", "137", "138", "139", "150", "159", "182", "187", "188", "130", "131", "132")
_MOBILE_MORE: Final = ("155", "156", "185", "186", "133", "153", "180", "181", "189", "177", "199")

TEMPLATES: Final = (
    "【示例平台】您的验证码是{code:code}，{minutes:number}分钟内有效，请勿告诉他人。",
    "【示例平台】您的包裹已到{place:text}，请凭取件码{code:code}于{time:time}前领取。",
    "【示例平台】您预约的{what:text}已确认，时间：{date:date}的{part:text}，请准时到场。",
    "【示例平台】您尾号{tail:number}的账户于{date:date}支出{amount:amount}，请留意。",
    "【示例平台】订单{order:plate}已发货，预计{date:date}送达，请保持电话畅通。",
    "【示例平台】尊敬的{name:text}，您本月账单共{amount:amount}，还款日为{date:date}。",
    "【示例平台】您的车辆{plate:plate}已于{time:time}驶入停车场，离场前请缴费。",
    "【示例平台】{name:text}同学家长，{date:date}的家长会改在{time:time}举行，请准时参加。",
)

_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "place": ("南门驿站", "北区三号柜", "东苑便利店", "物业前台", "地铁口自提点", "西门丰巢"),
    "what": ("口腔检查", "空调清洗", "车辆年检", "体检套餐", "宽带安装", "家政保洁"),
    "part": ("上午", "下午", "晚上"),
    "name": ("张先生", "李女士", "王先生", "赵女士", "陈先生", "周女士", "吴女士"),
}

_FRESH: Final = {
    "delivery": (
        ("您好", "亲爱的客户", "尊敬的用户", "温馨提示", "老朋友您好"),
        ("您昨天寄出的", "您上周下单的", "您为家人选购的", "您预订的", "您退回的", "您委托我们送的"),
        (
            "一箱苹果",
            "两本新书",
            "儿童书包",
            "厨房置物架",
            "羊毛围巾",
            "蓝牙音箱",
            "整套茶具",
            "运动鞋",
            "台灯",
        ),
        ("已经装车", "正在分拣", "今早到达中转站", "由司机送出", "因大雨稍有耽搁", "已放在门口的货架上"),
        (
            "，请留意接收",
            "，请家中留人",
            "，不在家可改到明天",
            "，外包装如有破损请当面说明",
            "，给您添麻烦了",
        ),
        (
            "，这是今天的进展",
            "，由城东网点负责",
            "，小王向您问好",
            "，一切顺利",
            "，详情见门口告示",
            "，本条无需回复",
        ),
    ),
    "appointment": (
        ("提醒您", "您好", "通知", "尊敬的会员", "各位住户"),
        ("明天上午", "本周五", "下周一下午", "月底之前", "今晚八点", "这个周末"),
        (
            "的牙科复诊",
            "的家长座谈",
            "的社区义诊",
            "的电梯检修",
            "的泳池开放",
            "的图书归还",
            "的健康讲座",
            "的停水施工",
        ),
        ("照常进行", "改到二楼大厅", "推迟半小时", "需要带上证件", "名额已为您保留", "由值班老师负责"),
        ("，请合理安排时间", "，如有变动会再通知", "，感谢您的理解", "，请相互转告", "，祝您生活愉快"),
        (
            "，这是今天的进展",
            "，由城东网点负责",
            "，小王向您问好",
            "，一切顺利",
            "，详情见门口告示",
            "，本条无需回复",
        ),
    ),
    "service": (
        ("您反映的", "您申请的", "您咨询的", "您家中的", "您名下的"),
        (
            "宽带故障",
            "水表读数",
            "停车月卡",
            "发票抬头",
            "门禁卡补办",
            "暖气不热",
            "路灯损坏",
            "会员资料",
            "座位调整",
        ),
        (
            "已经受理",
            "正在处理",
            "已派师傅上门",
            "处理完毕",
            "还缺一份说明",
            "已转给相关部门",
            "预计三天完成",
        ),
        (
            "，结果会短信告知",
            "，请保持手机畅通",
            "，给您带来不便敬请谅解",
            "，欢迎对服务评价",
            "，无需再次提交",
        ),
        ("。感谢支持", "。祝您顺心", "。再次致谢", "。请放心", "。期待您的光临"),
        (
            "，这是今天的进展",
            "，由城东网点负责",
            "，小王向您问好",
            "，一切顺利",
            "，详情见门口告示",
            "，本条无需回复",
        ),
    ),
}


def compliance() -> ComplianceConfig:
    """What screening is told of the account that benchmarks use."""
    templates = tuple(TemplateConfig(id=f"T{n}", text=text) for n, text in enumerate(TEMPLATES, 1))
    registration = RegistrationConfig(
        account="bench",
        kind="platform",
        signatures=(SignatureConfig(text=_SIGNATURE),),
        templates=templates,
    )
    return ComplianceConfig(
        classes=(ScreenedClassConfig(name="default", kind="notification"),), registrations=(registration,)
    )


def destinations(rng: random.Random) -> list[str]:
    """Patterns of Chinese mobile numbers, all over the country."""
    ranges = _MOBILE + _MOBILE_MORE
    return [f"86{rng.choice(ranges)}{rng.randrange(10_000):04d}####" for _ in range(PATTERNS)]


def templated(rng: random.Random) -> Iterator[str]:
    """Texts that fit a template, without end."""
    while True:
        text = rng.choice(TEMPLATES)
        while "{" in text:
            before, _, rest = text.partition("{")
            variable, _, after = rest.partition("}")
            text = before + _value(variable, rng) + after
        yield text


def _value(variable: str, rng: random.Random) -> str:
    name, _, kind = variable.partition(":")
    if kind == "code":
        return f"{rng.randrange(10**6):06d}"
    if kind == "number":
        return f"{rng.randrange(1, 10_000)}"
    if kind == "amount":
        return f"{rng.randrange(1, 1_000)}.{rng.randrange(100):02d}"
    if kind == "date":
        return f"{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"
    if kind == "time":
        return f"{rng.randrange(8, 22):02d}:{rng.randrange(60):02d}"
    if kind == "plate":
        return f"A{rng.randrange(20_000, 90_000)}"
    return rng.choice(_VALUES[name])


def fresh(kind: str, rng: random.Random) -> Iterator[str]:
    """Texts of a kind whose words differ, without end."""
    while True:
        yield f"【{_SIGNATURE}】" + "".join(rng.choice(phrases) for phrases in _FRESH[kind]) + "。"


def made_screener() -> Screener:
    """Screening as the router under test does it, but with no budget of time for its rules."""
    words = TextScreen(Keywords(load_terms(None)), load_text_model(None), datetime.date.today())  # noqa: DTZ011 - the lexicon's terms have days, of nowhere
    return Screener(compliance(), words, lambda: 0.0)


def accepted(texts: Iterator[str], count: int, screener: Screener, now: float) -> list[str]:
    """Return the first `count` different ones that screening accepts."""
    found: dict[str, None] = {}
    while len(found) < count:
        batch = [next(texts) for _ in range(SCREENED_AT_ONCE)]
        subjects = [Subject(text, "bench", "default", SENDER, now=now) for text in batch]
        verdicts = screener.screen(subjects, now)
        found |= {text: None for text, one in zip(batch, verdicts, strict=True) if one.action == "accept"}
    return list(found)[:count]


def write_traffic(path: Path, kinds: Sequence[dict[str, object]]) -> Path:
    """Write a mix for `smpp-esme load --traffic`."""
    lines: list[str] = []
    for kind in kinds:
        lines.append("[[kinds]]")
        # What JSON writes of numbers, strings and lists of strings is TOML too.
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in kind.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def many_numbers(text: str, seed: int = 1) -> list[dict[str, object]]:
    """One text, to numbers of many blocks."""
    return [{"texts": [text], "sender": SENDER, "destinations": destinations(random.Random(seed))}]


def screened_mix(seed: int = 1) -> list[dict[str, object]]:
    """Nine messages in ten by template, the tenth fresh."""
    rng = random.Random(seed)
    screener, now = made_screener(), time.time()
    numbers = destinations(rng)
    sources = [("templated", TEMPLATED_WEIGHT, templated(rng))]
    sources += [(kind, FRESH_WEIGHT / len(_FRESH), fresh(kind, rng)) for kind in _FRESH]
    return [
        {
            "name": name,
            "weight": weight,
            "sender": SENDER,
            "destinations": numbers,
            "texts": accepted(texts, TEXTS, screener, now),
        }
        for name, weight, texts in sources
    ]
