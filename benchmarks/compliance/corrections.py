# The sources were sorted by words: "bank" made a message a bank fraud, "loan" a loan. Where a text
# contradicts its label by what it says, the label is left out (nobody knows), for training and measuring
# alike; nothing is turned round. The figures are told with and without this.
"""Labels that their texts contradict."""

import re

# A request for money names an account; a shop that stands beside a bank does not.
_ACCOUNT = re.compile(
    r"(?:[0-9x][\s.\-]*){12,}|卡号|帐号|账号|户名|账户|汇款|转账|打到|打款|收款|开户", re.IGNORECASE
)
_LOAN = re.compile(
    "无抵押|免抵押|无担保|免担保|放款|信用贷|抵押贷|贷款业务|小额贷|小额信贷|借款|信贷|套现|养卡|垫还|押车|"
    "下款|月息|低息|大额信用卡|提额|急用钱|资金周转|投资公司|金融公司|贷款公司|做贷款|办理贷款|贷款服务|工薪贷|房抵"
)
_SALE = re.compile(
    "置业顾问|看房|户型|房源|精装|平米|㎡|楼盘|开盘|售楼|商铺|试驾|4s|xs店|提车|购车|汽车销售|车型|就业|专升本",
    re.IGNORECASE,
)
_NO_MARKETING = re.compile(
    "控制器.{0,12}(?:麻将|机麻)|(?:机麻|麻将机|普通机).{0,14}(?:控制|控牌|解码)|刷单|刷信誉|刷單|信誉良好|信用极好|"
    "代收帐|代收账|保過|包煲过|套现|养卡|代开发票|百家乐|娱乐城|垫还|简历.{0,20}(?:qq|wechat|微信)|"
    "(?:qq|wechat).{0,20}简历|香烟|大额信用卡|高额信用卡",
    re.IGNORECASE,
)

# Work at home by telephone for a day's wage, offered to whoever "sent an application"; a free watch for
# adding a contact; passing an examination for money: all of it was sorted under advertising or recruiting.
_JOB_SCAM = re.compile(
    "简历.{0,40}(?:qq|wechat|微信|扣扣|日结|日赚|在家|客服)|(?:日结|日赚|在家).{0,30}简历|兼职简历|网购信用|"
    "(?:加|添加) ?(?:wechat|微信).{0,10}(?:即可)?领|零.?风.?险.?包.?过|包.{0,2}过.{0,4}验后付|钻进被窝|"
    "招聘模特.{0,60}日薪|唰单|刷.?单|裸聊|代开",
    re.IGNORECASE,
)
# A fraud wants something: a look at a link, a transfer, a call back, a contact. People who say that they are
# late want nothing of that.
_WANTS = re.compile(
    "URL|BANK|QQ|WECHAT|PHONE|HOTLINE|http|www|[0-9]{5}|微信|支付宝|卡|账|帐|户|款|钱|元|汇|转|奖|领|贷|存|密码|"
    "客服|咨询|联系|登|点击|链接|回复|打开|号码|新号|换号|办公室",
    re.IGNORECASE,
)
_CREDIT = re.compile("信用卡|贷款")
_NEW_NUMBER = re.compile("新号|换号|号码换|换新号")
_MONEY = re.compile(
    "URL|BANK|http|账|帐|户名|款|钱|元|汇|转|奖|领|贷|急|事|有空|办公室|忙|方便|联系", re.IGNORECASE
)


def contradicts(source: str, sub: str, text: str) -> bool:
    """Whether a text says something else than its label."""
    if source == "sms80w_spam":
        if sub.endswith("_5"):
            return _ACCOUNT.search(text) is None
        if sub.endswith("_1"):
            return _SALE.search(text) is not None or _LOAN.search(text) is None
        return any(p.search(text) is not None for p in (_LOAN, _CREDIT, _JOB_SCAM))
    if source == "fbs" and sub.startswith("AD:") and sub != "AD:Loan":
        return _NO_MARKETING.search(text) is not None or _JOB_SCAM.search(text) is not None
    if source == "fbs" and sub == "FR:Other":
        # "This is my new number" and nothing else is what everybody writes.
        return _WANTS.search(text) is None or (
            _NEW_NUMBER.search(text) is not None and _MONEY.search(text) is None
        )
    return False
