# What a message wants of its reader, as far as its words say it: to pay, to log in, to call, to add a
# contact, to install something, to reply, to click, to hand over personal data. One message may want several
# things.
#
# Rule 1: a warning wants nothing: "请勿将验证码告诉他人" does not ask for a code. What stands behind a word
#         of warning, up to the next stop, is not looked at.
# Rule 2: a link or a number alone is an invitation to use it; the words say what happens then.
"""Wishes of a text."""

import re
from bisect import bisect_right
from collections.abc import Container
from typing import Final, Literal

import attrs

from smpp_router.config_compliance import Want as Grantable

Want = Literal[Grantable, "enter_code"]
"""`enter_code` is what a code is for; of a message without one it is asking for credentials."""

_WARNING: Final = re.compile(
    r"(?:切勿|请勿|勿|不要|谨防|防范|警惕|切莫|不会|不得|禁止|严禁|绝不|从不|无需|任何人索要|索要"
    r"|索取|冒充|诈骗|骗子|never|do not|don't|won't|will not|beware)[^。；;！!\n]{0,40}",
    re.IGNORECASE,
)
_TO_OTHERS: Final = re.compile(
    r"(?:提供|告知|告诉|泄露|透露|转发|发)?(?:给|予|与)?(?:他人|别人|任何人|陌生人|第三方)"
)
"""Nobody asks for a code to be given to others: what speaks of them warns."""
_SENTENCE_MAX: Final = 60
"""Characters of a sentence that are read on either side of a wish."""
_STOPS: Final = re.compile("[。；;！!\n]")
_OTHERS: Final = re.compile("有人|冒充|自称|陌生|谎称|诈骗分子|不法分子|骗子|老师会|讲师会")
_FRAUDS: Final = re.compile("诈骗|骗子|骗局|挂断|报警")
"""Words by which a sentence tells of others, and does not itself want what it names."""
_TOOLS: Final = (
    "向日葵(?!花|籽|油|种|盆|小区|幼儿园|小学|基金|保险|路|[的色])|todesk|anydesk|team\\s?viewer|rustdesk|ultraviewer|airdroid"
    "|splashtop|quick\\s?support|网易UU远程|[QＱ][QＱ]远程|远程(?:协助|桌面|控制)(?:软件|工具|APP|程序|助手)"
)
"""Programs with which somebody else sees and moves what is on a screen."""
_WANTS: Final[tuple[tuple[Want, "re.Pattern[str]"], ...]] = (
    (
        "pay",
        re.compile(
            r"(?:请|需|须|先|立即|尽快|及时|马上)(?:(?!向[快派配收]\w{1,2}员|当面|柜台|窗口)[^。；！]){0,12}(?:转账|汇款|缴(?:纳|费|清|款)|支付(?!宝)"
            r"|付款|补缴|打款|充值|交纳|还款|结清)"
            r"|(?:转账|汇款|打款)(?:到|至|给)|(?:扫码|扫描二维码)\s{0,8}(?:支付|付款|缴费)|保证金"
            r"|手续费.{0,6}(?:先|需|请)|安全账户|(?:to|please|must)\s{1,8}pay\b|pay\s{1,8}(?:now|here|the|a"
            r"|your)|outstanding\s{1,8}(?:fee|balance|toll)",
            re.IGNORECASE,
        ),
    ),
    (
        "transfer",
        re.compile(
            r"(?:请|需|须|速|立即|马上|尽快|务必|必须|提醒您|通知您)[^。；！\n已]{0,16}(?:转|汇|打|付|存|缴|交)"
            r"(?:[^。；！\n]{0,12}(?:至|到|入|给)[^。；！\n]{0,6}(?:(?:个人|私人)(?:银行)?(?:账|帐|卡)"
            r"|(?:老师|客服|经理|主任|会计|专员)的?(?:微信|支付宝|银行卡|账户|账号))"
            r"|(?:(?!对公|公司)[^。；！\n您]){0,16}(?:至|到|入|给|[账帐]号|[账帐]户|卡号|银行)(?:(?!对公|公司)[^。；！\n您0-9*]){0,10}"
            r"(?<![0-9*])[1-9][0-9]{3}(?:[ -]?[0-9]{4}){3}[ -]?[0-9]{0,3}(?![0-9*]))",
        ),
    ),
    (
        "log_in",
        re.compile(
            r"(?:登录|登陆|登入)(?!密码|名|保护)[^。；！]{0,10}(?:https?|www|网|官网|链接|页面|系统|平台|处理|办理"
            r"|验证(?!码)|核实|认证|更新|激活|查看|查询|领取|[a-z0-9-]{1,63}\.)"
            r"|(?:点击|打开|访问|进入)[^。；！]{0,25}(?:登录|登陆|验证身份|实名|认证|核实|激活|解冻"
            r"|解除)|\b(?:log|sign)\s?in\b|verify\s{1,8}your\s{1,8}(?:account|identity|details)",
            re.IGNORECASE,
        ),
    ),
    (
        "credentials",
        re.compile(
            r"(?:提供|告知|告诉|发送|回复|上传|登记|核对|补充)[^。；！]{0,12}"
            r"(?:密码|验证码|校验码|动态码|CVV|安全码|口令|PIN|U盾|网银)"
            r"|(?:输入|填写|提交|验证(?!码))[^。；！]{0,12}(?:(?<!动态)(?<!一次性)密码|CVV|安全码"
            r"|(?<!动态)口令|PIN|U盾|网银)"
            r"|(?:密码|验证码|校验码|动态码|CVV|安全码|[付收]款码)[^。；！，,]{0,6}(?:发(?:给|送|到)|回复|告知"
            r"|告诉|提供)|(?:enter|send|provide|confirm)\s{1,8}(?:us\s{1,8})?your\s{1,8}(?:password|pin|otp|cvv"
            r"|passcode)|(?:reply|respond|text|send|forward|tell|give|read)\s{1,8}(?:us\s{1,8}|me\s{1,8}|back\s{1,8})?(?:with\s{1,8})?(?:this|the|your)"
            r"\s{1,8}(?:\w{1,30}\s{1,8})?(?:code|otp|pin|passcode|password|cvv|ssn)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "enter_code",
        re.compile(
            r"(?:输入|填写|提交)[^。；！]{0,12}(?:验证码|校验码|动态码|动态密码|动态口令|一次性密码)"
            r"|\benter\s{1,8}(?:the|this|your)\s{1,8}(?:verification\s{1,8})?(?:code|otp|passcode)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "personal_data",
        re.compile(
            r"(?<!您)(?<!已)(?:提供|告知|发送|回复|输入|填写|提交|上传|登记(?!有)|补充|完善|录入|核实"
            r"|更新|采集)(?:(?!出示|携带|随身带|带好|带上|(?<!手)持|凭)[^。；！]){0,14}(?:身份证|银行卡号?|信用卡号?|卡号|证件号|姓名|住址|家庭住址"
            r"|家庭地址|手机号|个人信息|个人资料|身份信息|联系方式|车牌|社保号|公积金账号|支付宝账[号户]|人脸(?:照片|视频|信息))"
            r"(?!码?(?:末|后|尾))"
            r"|(?:身份证|银行卡|卡号|个人信息|个人资料)[^。；！，,]{0,8}(?:发(?:给|送|到)|回复|上传"
            r"|提交|填写)|(?:enter|send|provide|confirm|update)\s{1,8}(?:us\s{1,8})?your\s{1,8}(?:id|card|bank"
            r"|personal|address|ssn|account)",
            re.IGNORECASE,
        ),
    ),
    (
        "add_contact",
        re.compile(
            r"(?:加|添加|联系(?!人)|关注(?![^。；！]{0,14}(?:公众|服务号|订阅号|官方|企业)))[^。；！，,]{0,8}(?:微信|薇信|威信|V信|vx|wx|QQ|扣扣|好友|客服号"
            r"|群|telegram|飞机|电报)|(?:进|入|加)[^。；！，,]{0,6}群|add\s{1,8}(?:me|us)\s{1,8}on"
            r"|(?<![参增附更追])加\s{0,8}[:：]?\s{0,8}(?:[VQ薇微]|[❤♥♡✈])\s{0,8}[:：]?\s{0,8}(?!IP|R\b|GA)[A-Za-z0-9_-]{5}",
            re.IGNORECASE,
        ),
    ),
    (
        "install",
        re.compile(
            r"(?<!正在)(?:下载|安装|(?<!已)(?<!已经)(?:更新|升级))[^。；！]{0,14}(?:APP|客户端|软件|应用|插件|安装包|apk)|\.apk\b"
            r"|\b(?:download|install)\b[^.]{0,20}\bapp\b|下载地址|下载链接",
            re.IGNORECASE,
        ),
    ),
    (
        "share_screen",
        re.compile(
            r"(?:共\s?享|分\s?享)\s?(?:手机|电脑)?\s?屏\s?幕(?![^。；！\n]{0,6}(?:汇报|讲解|演示|展示|授课|讨论))"
            r"|屏\s?幕\s?(?:共\s?享|分\s?享)(?![^。；！\n]{0,6}(?:汇报|讲解|演示|展示|授课|讨论|功能))"
            rf"|(?:下载|安装|打开|启动|使用|登录|点开)[^。；！\n]{{0,14}}(?:{_TOOLS})"
            rf"|(?:{_TOOLS})[^。；！\n]{{0,12}}(?:识别码|设备码|设备代码|连接码|控制码|伙伴ID|本机ID)"
            r"|(?:请|需|须|配合|接受|同意|允许|开启|打开)[^。；！，,\n]{0,8}远程(?:协助|控制|操作|操控|桌面)(?!空调|车|家电|门|开关|软件|工具|助手)"
            r"|会议(?:号码?|ID|码)[^。；！\n]{0,24}(?:客服|专员|工作人员)[^。；！\n]{0,8}(?:协助|指导|操作|办理|处理|退)"
            r"|会议(?:号码?|ID|码)[^。；！\n]{0,16}(?:取消|关闭|注销)[^。；！\n]{0,8}(?:会员|扣费|保障|业务|服务|贷款)"
            r"|下载[^。；！\n]{0,10}会议[^。；！\n]{0,8}(?:做笔录|(?:客服|专员|工作人员)[^。；！\n]{0,4}(?:协助|指导|操作|办理|处理))"
            r"|\b(?:share|sharing)\s{1,8}(?:your\s{1,8}|the\s{1,8})?screen\b"
            rf"|\b(?:install|download|open|run)\s{{1,8}}(?:the\s{{1,8}})?(?:{_TOOLS})",
            re.IGNORECASE,
        ),
    ),
    (
        "call",
        re.compile(
            r"(?:致电|拨打|来电|电话咨询|电询|咨询|联系|热线|详询|电话[:：]|请拨|回电|客服电话"
            r"|call\s{1,8}(?:us|now|\+?\d))",
            re.IGNORECASE,
        ),
    ),
    (
        "reply",
        re.compile(
            r"(?:回复|回|发送?|编辑)\s{0,8}[\"“'「]?(?:[A-Za-z0-9]{1,6}|是|好|同意|要|需要|领取"
            r"|确认)[\"”'」]?|reply\s{1,8}(?:with\s{1,8})?\w{1,30}",
            re.IGNORECASE,
        ),
    ),
    (
        "click",
        re.compile(
            r"(?:点击|戳|点此|点我|猛戳|打开链接|访问|复制链接|点开|扫码|扫描二维码|tap\s{1,8}(?:here"
            r"|the)|click\s{1,8}(?:here|the|below))",
            re.IGNORECASE,
        ),
    ),
)
WORDS: Final[dict[str, str]] = {
    "warning": "勿 不要 谨防 防范 警惕 切莫 不会 不得 禁止 严禁 绝不 从不 无需 索要 索取 冒充 诈骗 骗子"
    " never not don't won't beware",
    "pay": "转账 汇款 缴 支付 付款 打款 充值 交纳 还款 结清 保证金 手续费 安全账户 pay outstanding",
    "transfer": "转 汇 打 付 存 缴 交",
    "log_in": "登录 登陆 登入 验证身份 实名 认证 核实 激活 解冻 解除 log sign verify",
    "credentials": "密码 验证码 校验码 动态码 安全码 口令 u盾 网银 付款码 收款码 cvv pin password otp"
    " passcode code ssn",
    "enter_code": "验证码 校验码 动态码 动态密码 动态口令 一次性密码 enter",
    "personal_data": "身份证 银行卡 信用卡 卡号 证件号 姓名 住址 家庭地址 手机号 个人信息 个人资料"
    " 身份信息 联系方式 车牌 社保号 公积金账号 支付宝账 人脸 your",
    "add_contact": "微信 薇信 威信 v信 vx wx qq 扣扣 好友 客服号 群 telegram 飞机 电报 add 加",
    "share_screen": "屏 向日葵 todesk anydesk team rustdesk ultraviewer airdroid splashtop quick 远程 会议"
    " screen",
    "install": "app apk 客户端 软件 应用 插件 安装包 下载地址 下载链接",
    "call": "致电 拨打 来电 电话 电询 咨询 联系 热线 详询 请拨 回电 call",
    "reply": "回 发 编辑 reply",
    "click": "点击 戳 点此 点我 打开链接 访问 复制链接 点开 扫码 扫描二维码 tap click",
}
"""Without one of these words nothing is wanted: see needed.py."""


@attrs.frozen
class Wish:
    """One thing that is wanted, and the words that say so."""

    want: Want
    start: int
    end: int


def find_wishes(text: str, possible: Container[str] = WORDS) -> tuple[Wish, ...]:
    """Find what a text wants, each want once, where it stands first; not what is not `possible`."""
    warned = [match.span() for match in _WARNING.finditer(text)] if "warning" in possible else []
    starts = [start for start, _ in warned]
    found: list[Wish] = []
    for want, pattern in _WANTS:
        if want not in possible:
            continue
        for match in pattern.finditer(text):
            if want == "share_screen" and _is_told_of(text, match):
                continue
            last = bisect_right(starts, match.start()) - 1
            is_warned = last >= 0 and match.start() < warned[last][1]
            if not is_warned and not (want == "credentials" and _TO_OTHERS.match(text, match.end())):
                found.append(Wish(want, match.start(), match.end()))
                break
    return tuple(found)


def _is_told_of(text: str, match: "re.Match[str]") -> bool:
    """Whether a sentence tells what others want: "有人让您共享屏幕，请挂断"."""
    before = _STOPS.split(text[max(0, match.start() - _SENTENCE_MAX) : match.start()])[-1]
    behind = _STOPS.split(text[match.end() : match.end() + _SENTENCE_MAX], maxsplit=1)[0]
    return _OTHERS.search(before) is not None or _FRAUDS.search(behind) is not None
