# Banks, police and platforms quote fraud to warn of it. A linear model that was shown few warnings takes the
# quoted words for the thing itself. So clauses of illicit texts are learnt within warnings, too, as
# legitimate; without links, accounts and contacts: a warning has none, and a fraud that ends with "beware
# of fraud" keeps its own.
"""Warnings that quote illicit texts."""

import random
import re
from collections.abc import Sequence

import attrs

from benchmarks.compliance.data import Sample

SOURCE = "warning"
COLLECTED_SHARE = 8
"""One in so many of the collected illicit texts is quoted; of the own ones each."""

_WHO = (
    "反诈中心", "公安局", "派出所", "工商银行", "农商银行", "建设银行", "支付宝", "京东", "顺丰", "人社局",
    "税务局", "社区", "保卫处", "通信管理局", "证监局", "医保局",
)  # fmt: skip
_FRAMES = (
    "近期有不法分子以“{}”为由实施诈骗，请勿相信，谨防上当受骗",
    "警惕！凡是“{}”的都是骗子，请立即挂断并拨打96110",
    "防范诈骗提醒：收到“{}”类短信请勿点击链接、勿转账、勿泄露验证码",
    "“{}”都是骗局，切勿轻信，如有疑问请拨打官方客服核实",
    "{}？这是诈骗！不轻信、不转账，被骗请及时报警",
    "我行提示：不会发送“{}”的短信，请勿填写密码和银行卡信息，谨防诈骗",
    "已有群众因{}被骗，请提醒家人提高警惕，保护好个人信息",
    "涉嫌“{}”均属违法犯罪，公安机关将依法打击，欢迎举报",
    "官方提醒，冒充客服{}的均为假冒，我们不会索要验证码，也不会要求共享屏幕",
    "反诈宣传：遇到{}，请记住三不一多，不听不信不转账，多核实",
)
_CONTACT = re.compile(
    r"【[^】]*】|(?:https?://|www\.)?[a-z0-9-]+\.[a-z]{2,}[\w./?=&%-]*|[a-z0-9]{4,}|"
    "URL|CELLPHONE|PHONE|HOTLINE|BANK|WECHAT|QQ|DIGIT|NAME|PLACE",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile("[，。！？；：、,!?;:\n]+")
CLAUSE_CHARACTERS = 5
QUOTED_CHARACTERS = 40


def warnings_of(samples: Sequence[Sample], rng: random.Random) -> list[tuple[Sample, str]]:
    """Warnings that quote some of the illicit samples, as legitimate samples of the same clusters."""
    result: list[tuple[Sample, str]] = []
    for sample in samples:
        if not sample.illicit or (sample.source != "own" and rng.randrange(COLLECTED_SHARE)):
            continue
        clauses = [
            clause
            for clause in map(str.strip, _CLAUSE_END.split(_CONTACT.sub("", sample.text)))
            if len(clause) >= CLAUSE_CHARACTERS
        ]
        if not clauses:
            continue
        first = rng.randrange(len(clauses))
        quoted = "，".join(clauses[first : first + rng.randint(1, 3)])[:QUOTED_CHARACTERS]
        text = f"【{rng.choice(_WHO)}】" + rng.choice(_FRAMES).format(quoted)
        result.append((attrs.evolve(sample, source=SOURCE, illicit=False, category=None), text))
    return result
