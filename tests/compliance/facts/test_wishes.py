import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.wishes import find_wishes


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("您的包裹清关失败，请先支付手续费", "pay"),
        ("请将款项转账到以下账户", "pay"),
        ("您的ETC已停用，请登录www.etc.top处理", "log_in"),
        ("点击链接验证身份", "log_in"),
        ("请提供您的验证码", "credentials"),
        ("Reply with this code to confirm", "credentials"),
        ("请速汇手术费5万元至6222 0212 3456 7890 123", "transfer"),
        ("请立即转账至个人账户", "transfer"),
        ("把验证码发给我", "credentials"),
        ("请输入银行卡号和身份证", "personal_data"),
        ("请补充收货人家庭住址", "personal_data"),
        ("请在页面输入验证码", "enter_code"),
        ("请输入动态密码完成登录", "enter_code"),
        ("请输入登录密码", "credentials"),
        ("加微信领红包", "add_contact"),
        ("进群听老师讲股", "add_contact"),
        ("想来的加V zhao_btc9", "add_contact"),
        ("领券加❤：xl888888", "add_contact"),
        ("下载最新APP", "install"),
        ("详询热线", "call"),
        ("回复1领取", "reply"),
        ("点击查看", "click"),
        ("Please pay the outstanding toll now", "pay"),
        ("Click here to confirm your bank details", "personal_data"),
    ],
)
def test_what_a_text_wants_is_found(text: str, want: str) -> None:
    assert want in {wish.want for wish in find_wishes(text)}


@pytest.mark.parametrize(
    "text",
    [
        "验证码123456，请勿将验证码告诉他人",
        "谨防诈骗，不要向陌生人转账汇款",
        "银行不会要求您提供密码和验证码",
        "Never send your password to anyone",
        "您的快递已到驿站",
    ],
)
def test_a_warning_wants_nothing_of_what_it_warns_of(text: str) -> None:
    assert not {"credentials", "pay", "personal_data", "log_in"} & {wish.want for wish in find_wishes(text)}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "请打开屏幕共享，客服指导您关闭百万保障",
            "请配合工作人员共享屏幕核查账户",
            "下载云会议软件并开启屏幕分享",
        ),
        *(
            "请下载向日葵，由专员远程处理",
            "打开ToDesk并告知设备代码",
            "请安装AnyDesk",
            "点击安装teamviewer QuickSupport",
        ),
        *(
            "请提供您的向日葵识别码",
            "下载“网易UU远程”协助您取消会员",
            "请接受远程控制请求",
            "请开启远程协助，工程师为您处理",
        ),
        *("您的快递理赔已受理，请加入会议号856231关注客服操作", "进入会议号75650565，客服协助您办理退款"),
        *(
            "点链接下载钉钉会议号922934取消会员扣费",
            "请共 享 屏 幕",
            "share your screen with our agent",
            "请下载“云会议”由工作人员协助关闭",
            "下载腾讯会议做笔录",
            "Please install AnyDesk",
        ),
        *("投影屏会议软件安装，共享屏幕后我教你操作",),
    ],
)
def test_who_wants_to_see_the_readers_screen_or_hold_it_is_found(text: str) -> None:
    assert "share_screen" in {wish.want for wish in find_wishes(text)}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "张经理邀请您参加周例会，腾讯会议 会议号：123-456-789",
            "【腾讯会议】会议将于15分钟后开始，会议号856231，密码1234",
        ),
        *(
            "本周三14:00线上培训，会议号520971401，请准时入会",
            "面试邀请：请于10点进入会议号856-231-441，祝顺利",
        ),
        *("请各组长在会议中共享屏幕汇报进度，会议号856231", "家长会将以腾讯会议进行，老师会共享屏幕讲解"),
        *(
            "请提前安装腾讯会议客户端，会议号856231",
            "请下载腾讯会议，如有问题联系客服",
            "客服不会要求您下载会议软件、开启屏幕共享",
            "请勿共享屏幕",
            "Do not share your screen",
        ),
        *(
            "陌生来电要求共享屏幕的都是诈骗",
            "如果有人让您打开屏幕共享，请马上挂断",
            "冒充客服引导下载会议软件共享屏幕的，请报警",
        ),
        *(
            "向日葵花束已送达",
            "请到向日葵幼儿园接孩子",
            "向日葵籽买一送一",
            "打开向日葵小区大门",
            "空调远程控制已开通",
            "请在APP打开远程控制空调",
        ),
        *(
            "您购买的TeamViewer许可证将于5月到期",
            "保险理赔培训会会议号856231，请讲师准时参加",
            "股东大会会议号见公告",
        ),
        *("智能投屏电视已发货", "您的会议室已预订，会议号为A301"),
    ],
)
def test_who_invites_to_a_meeting_or_warns_wants_no_screen(text: str) -> None:
    assert "share_screen" not in {wish.want for wish in find_wishes(text)}


@given(st.text(alphabet="请登录点击验证码提供密码支付回复1微信群。，勿"))
def test_each_want_is_told_once_within_the_text(text: str) -> None:
    wishes = find_wishes(text)
    assert len({wish.want for wish in wishes}) == len(wishes)
    assert all(0 <= wish.start < wish.end <= len(text) for wish in wishes)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("验证码提供给他人将导致微信被盗", "credentials"),
        ("请及时更新密码", "credentials"),
        ("请在页面输入验证码", "credentials"),
        ("欢迎关注示例公众号查看微信账单", "add_contact"),
        ("您的手机联系人在微信中", "add_contact"),
        ("规则已更新，请在App内查看", "install"),
        ("参加VR88888体验", "add_contact"),
        ("加VIP会员享折扣", "add_contact"),
        ("您正在下载App", "install"),
        ("实名登记，请在门店出示身份证", "personal_data"),
        ("派送时请向快递员支付", "pay"),
        ("您已向6222021234567890123转账500元", "transfer"),
        ("请将款项存入您的还款账户6222021234567890123", "transfer"),
        ("We won't ask you to send us the code", "credentials"),
        ("您提交的身份证件已通过审核", "personal_data"),
        ("回复JF加卡号末4位查询积分", "personal_data"),
        ("档案中登记有手机号码的", "personal_data"),
    ],
)
def test_what_only_sounds_like_it_is_not_wanted(text: str, want: str) -> None:
    assert want not in {wish.want for wish in find_wishes(text)}


def test_a_warning_is_over_where_its_sentence_is() -> None:
    text = "请勿将验证码告诉他人。请加微信"
    assert [wish.want for wish in find_wishes(text)] == ["add_contact"]
    assert find_wishes(text.replace("。", "，")) == ()


def lines_run(text: str) -> int:
    """How many lines of Python run while the wishes of a text are looked for."""
    count = 0

    def traced(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        find_wishes(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("sentence", ["勿戳！", "警惕回A！", "屏幕共享，骗子。", "勿加微信！"])
def test_a_text_of_nothing_but_warnings_takes_time_by_its_length(sentence: str) -> None:
    """34,000 signs of it took seconds, in which the router did nothing else."""
    few, many = (lines_run(sentence * count) for count in (100, 400))
    assert many <= 4 * few
