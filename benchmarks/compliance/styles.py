# A source's habits must not decide: its masks (DIGIT, URL, xxxx), its lack of punctuation. So a text is
# also learnt as if another source had written it down.
"""The same text in the manner of another source."""

import random
import re
from collections.abc import Callable

_TOKENS = re.compile("CELLPHONE|DIGIT|HOTLINE|PHONE|PLACE|NAME|URL|BANK|WECHAT|QQ")
_XS = re.compile("[xX]{1,}")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕彬鹏"
_PLACE_NAMES = (
    "北京 上海 广州 深圳 杭州 成都 武汉 南京 重庆 西安 长沙 郑州 苏州 青岛 "
    "天河区 朝阳区 浦东 人民路 中山路 解放路 万达广场 火车站 沙田 滨江"
)
_PLACES = _PLACE_NAMES.split()
_HOSTS = (
    "t.cn/",
    "dwz.cn/",
    "url.cn/",
    "http://www.",
    "https://",
    "suo.im/",
    "m.",
    "http://",
    "www.",
    "wap.",
)
_ENDS = (".com", ".cn", ".cc", ".top", ".net", ".vip", ".xyz", "")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_DIGITS = re.compile("[0-9]+")
_LINK = re.compile(
    r"(?:https?://|www\.)[\w./?=&%-]+|\b[a-z0-9-]+\.(?:com|cn|cc|net|top|vip)[\w./?=&%-]*", re.IGNORECASE
)
_PHONE = re.compile(r"\b1[3-9]\d{9}\b|\b0\d{2,3}-?\d{7,8}\b|\b400-?\d{3}-?\d{4}\b")
_PUNCTUATION = re.compile(r"[^\w]+")


def realised(text: str, rng: random.Random) -> str:
    """A masked text with something in the place of each mask."""
    return _XS.sub(lambda m: _digits(rng, len(m[0])), _TOKENS.sub(lambda m: _value(m[0], rng), text))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _value(token: str, rng: random.Random) -> str:
    return _VALUES.get(token, _name)(rng)


def linked(text: str, rng: random.Random) -> str:
    """A text with a link that says nothing, as honest people send them, too."""
    return rng.choice(_LINKED).format(text, _link(rng))


_LINKED = ("{} {}", "{1} {0}", "{}，详情 {}", "{} 地址 {}", "{}，见 {} ")


def _link(rng: random.Random) -> str:
    name = "".join(rng.choice(_LETTERS) for _ in range(rng.randint(3, 9)))
    return rng.choice(_HOSTS) + name + rng.choice(_ENDS)


def _name(rng: random.Random) -> str:
    if rng.random() < 0.4:
        return ""
    return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.randint(1, 2)))


def _phone(rng: random.Random) -> str:
    return rng.choice(("400", "0" + _digits(rng, 2), "")) + _digits(rng, 7)


_VALUES: dict[str, Callable[[random.Random], str]] = {
    "CELLPHONE": lambda rng: "1" + rng.choice("35789") + _digits(rng, 9),
    "PHONE": _phone,
    "HOTLINE": _phone,
    "DIGIT": lambda rng: _digits(rng, rng.choice((1, 2, 2, 3, 4))),
    "BANK": lambda rng: "62" + _digits(rng, 17),
    "PLACE": lambda rng: rng.choice(_PLACES),
    "URL": _link,
    "WECHAT": lambda rng: "微信" + "".join(rng.choice(_LETTERS) for _ in range(rng.randint(5, 10))),
    "QQ": lambda rng: "QQ" + rng.choice(("", _digits(rng, 9))),
}


def masked(text: str, rng: random.Random) -> str:
    """A text as a source writes it that masks numbers and links and leaves punctuation out."""
    text = _LINK.sub(" URL ", text)
    text = _PHONE.sub(lambda _: rng.choice((" CELLPHONE ", " PHONE ")), text)
    text = _DIGITS.sub(
        lambda m: rng.choice((" DIGIT ", " ", m[0] if rng.random() < 0.3 else " DIGIT ")), text
    )
    return _PUNCTUATION.sub(lambda m: " " if " " in m[0] else "", text).strip()


def crossed_out(text: str) -> str:
    """A text with its digits as x, as another source writes it."""
    return re.sub("[0-9]", "x", text)
