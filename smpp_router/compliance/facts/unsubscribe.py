# How a reader can refuse further marketing: 拒收请回复R. The market's standard asks for R; what asks for
# another word is an entry, but not a standard one. Entries of other markets are found too: "Reply STOP to
# opt out".
"""The unsubscribe entry of marketing messages."""

import re
from typing import Final

import attrs

_WORD: Final = r"(?P<word>[A-Za-z]{1,11}|退[订訂]|取消|拒收|不要)"
_CN: Final = re.compile(
    rf"(?<!不)(?:拒收|退[订訂]|拒[绝絕]|不想再收到?|不(?:再|想|愿|願|想再|愿再)?接收|如需退[订訂]|取消[订訂][阅閱])"
    rf"\s{{0,8}}(?:短信|信息|短訊|訊息)?\s{{0,8}}[,，:：]?\s{{0,8}}(?:[请請]|可|敬[请請])?\s{{0,8}}"
    rf"(?:直接)?(?:回[复覆復]?|[发發]送?|编辑|編輯)\s{{0,8}}[:：]?\s{{0,8}}[\"“'「]?{_WORD}(?![A-Za-z0-9])"
    r"(?!(?:至|到|给)?[0-9]{0,21}\s{0,8}[(（，,]?\s{0,8}(?:资费|每条|短信费)[为:：]?[0-9.]{0,4}[1-9])"
    r"(?!\s{0,8}(?:参加|参与|领|抽|赢|换|报名|办理|订购|确认)|[(（，,]?\s{0,8}(?:无效|收费|扣费|需付费))"
)
_CN_REPLY_FIRST: Final = re.compile(
    r"(?:[请請]|可)?(?:回[复覆復]?|[发發]送?)\s{0,8}[\"“'「]?(?P<word>[A-Za-z]{1,11})[\"”'」]?\s{0,8}(?:即可|可|以|来"
    r"|[则則])?\s{0,8}(?:退[订訂]|拒收|取消[订訂][阅閱])"
)
_CN_SHORT: Final = re.compile(r"(?<![A-Za-z])(?P<word>TD|T|R|N)\s{0,8}(?:退[订訂]|拒收)")
_EN: Final = re.compile(
    r"(?=[enorstu])(?:(?:(?:reply|text|send|txt)\s{1,8}[\"“']?(?P<word>[A-Z]{3,12})[\"”']?\s{1,8}(?:to\s{1,8}(?:\d{3,15}\s{1,8})?(?:to\s{1,8})?)?"
    r"(?:opt[ -]?out|unsubscribe|stop|end|cancel|quit))"
    r"|(?:(?:opt[ -]?out|unsubscribe|stop\s{0,8}msgs?|to\s{1,8}(?:stop|end|opt\s{1,8}out))[:,]?\s{1,8}"
    r"(?:reply|text|send|txt)?\s{0,8}[\"“']?(?P<word2>[A-Z]{3,12})\b)"
    r"|(?P<word3>STOP)\s{0,8}(?:2\s{0,8}END|to\s{1,8}(?:end|quit|cancel|opt\s{0,8}out|\d{4,8}))"
    r"|(?P<word4>STOP)\s{0,8}(?:=|:)\s{0,8}(?:\d{4,8}|end|quit|cancel|opt[ -]?out)\b"
    r"|no\s{1,8}more\s{1,8}(?:texts|messages|msgs)\W{1,3}(?:reply|text|send|txt)\s{1,8}[\"“']?(?P<word5>[A-Z]{3,12})\b"
    r"|\b(?:reply|text|send|txt)\s{1,8}[\"“']?(?P<word6>STOP)[\"”']?(?=\W*+$)"
    r"|\b(?:répond(?:ez|re)|envoye[rz])\s{1,8}[\"“'«]?\s?(?P<word7>STOP)\b"
    r"|\b(?P<word8>(?-i:STOP))\s{1,8}(?:sms\s{1,8})?(?:(?:au|à)\s{1,8})?\d{4,8}\b)",
    re.IGNORECASE,
)
WORDS: Final[dict[str, str]] = {
    "unsubscribe": "拒收 退订 退訂 拒绝 拒絕 不想再收 接收 取消订 取消訂"
    " more opt unsubscribe stop end cancel quit"
}
"""Without one of these words there is no entry: see needed.py."""
_NOT: Final = frozenset({"不可", "不能", "无法", "请勿", "不得"})


@attrs.frozen
class Unsubscribe:
    """An entry: the word to reply, in capitals, and where the entry stands."""

    word: str
    start: int
    end: int


def find_unsubscribe(text: str) -> Unsubscribe | None:
    """Return the entry of a text, the last one if there are several; None without any."""
    found: Unsubscribe | None = None
    for pattern in (_CN, _CN_REPLY_FIRST, _CN_SHORT, _EN):
        for match in pattern.finditer(text):
            if text[max(0, match.start() - 2) : match.start()] in _NOT:
                continue
            if found is None or match.end() > found.end:
                word = next(value for value in match.groupdict().values() if value)
                found = Unsubscribe(word.upper(), match.start(), match.end())
    return found
