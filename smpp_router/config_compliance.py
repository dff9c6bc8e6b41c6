# What screening is told: which kind of traffic a class carries, who each account is and what it has
# registered, and what is done about each finding. Rule 2 of config.py holds here too: units stand last.
#
# Nothing here is law: each default is the home market's rule, and each can be set otherwise.
"""Configuration values of screening."""

import datetime
import re
import zoneinfo
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from smpp_router.config_checks import (
    above,
    anything,
    at_least,
    between,
    digits_only,
    each,
    if_given,
    octets,
    plain_name,
    some,
)
from smpp_router.config_confirmations import ConfirmationConfig, Regime

ClassKind = Literal["verification", "notification", "logistics", "member", "marketing", "government", "free"]
"""Kinds of traffic, each with rules of its own; `free` has only those of every text."""
ClaimedKind = Literal[
    "bank",
    "government",
    "police",
    "court",
    "courier",
    "telecom",
    "hospital",
    "school",
    "insurer",
    "platform",
    "utility",
]
"""Kinds of sender that texts pretend to be from, since people do what these ask."""
SenderKind = Literal[ClaimedKind, "shop", "it_service", "other"]
ActionName = Literal["accept", "tag", "throttle", "hold", "refuse"]
Want = Literal[
    "pay",
    "transfer",
    "log_in",
    "call",
    "add_contact",
    "install",
    "share_screen",
    "reply",
    "click",
    "personal_data",
    "credentials",
]

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]{1,15}")
"""As links are found in texts (RFC 3986 section 3.1): a link with another scheme could never fit."""

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _is_date(value: str) -> bool:
    """Whether it is one as 2027-12-31: ISO 8601 has others, but days are compared as they are written."""
    try:
        return datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _date(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if value and not _is_date(value):
        raise ValueError(f'{attribute.name}: must be a date such as "2027-12-31", got "{value}"')


def _clock(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    hours, colon, minutes = value.partition(":")
    is_time = colon and len(hours) == 2 and len(minutes) == 2 and (hours + minutes).isdigit()
    if not is_time or int(minutes) > 59 or int(hours) * 60 + int(minutes) > 1_440:
        raise ValueError(f'{attribute.name}: must be a time such as "08:00", got "{value}"')


def _zone(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError(f'{attribute.name}: no time zone is called "{value}"') from None


def _day(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    # A day of each year is tried in a leap year.
    if value not in DAYS and not _is_date(value if len(value) == 10 else f"2024-{value}"):
        known = f'{", ".join(DAYS)}, or a date such as "07-14" or "2027-03-29"'
        raise ValueError(f'{attribute.name}: must be one of {known}, got "{value}"')


def _written(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if not value or value != value.strip() or not value.isprintable():
        raise ValueError(f"{attribute.name}: must be a text without spaces around it")


def _signature(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    _written(None, attribute, value)
    if not 2 <= len(value) <= 16 or value.isdigit() or "【" in value or "】" in value:
        raise ValueError(f"{attribute.name}: a signature has 2 to 16 characters, not all digits, and no 【】")


def _link(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    scheme, _, rest = value.partition("://")
    if _SCHEME.fullmatch(scheme) is None or not rest or " " in value:
        raise ValueError(f'{attribute.name}: must be a link such as "https://www.example.com/x/*"')


def _domain(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    labels = value.split(".")
    if len(labels) < 2 or not all(labels) or value != value.lower() or "/" in value:
        raise ValueError(f'{attribute.name}: must be a domain in small letters such as "example.com"')


def _symbol(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if not value or value != value.upper():
        raise ValueError(f'{attribute.name}: symbols are written in capitals, got "{value}"')


def _country_code(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if value and (not value.isascii() or not value.isdigit() or len(value) > 3 or value[0] == "0"):
        raise ValueError(f'{attribute.name}: must be digits such as "86", got "{value}"')


def _actions(_: Any, attribute: "attrs.Attribute[Any]", value: dict[str, str]) -> None:
    for symbol in value:
        _symbol(None, attribute, symbol)


@attrs.frozen(kw_only=True)
class SignatureConfig:
    """A registered signature, without its brackets."""

    text: str = attrs.field(validator=_signature)
    valid_from: str = attrs.field(default="", validator=_date)
    valid_to: str = attrs.field(default="", validator=_date)
    """The last day; empty: without end."""
    senders: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """Source addresses, by what they begin with, that may bear it; empty: all of the account."""
    case_sensitive: bool = True


@attrs.frozen(kw_only=True)
class SenderConfig:
    """A source address and what it is registered for: ports do not change their use."""

    number: str = attrs.field(validator=_written)
    """What the source address begins with, or an alphanumeric sender."""
    traffic_class: str = attrs.field(validator=_written)


@attrs.frozen(kw_only=True)
class TemplateConfig:
    """A registered template: text with variables, such as {code:code} or {name:text}."""

    id: str = attrs.field(validator=_written)
    text: str = attrs.field(validator=_written)
    traffic_class: str = ""
    """Where it may be used; empty: in every class."""


@attrs.frozen(kw_only=True)
class AgencyConfig:
    """A public agency: the mark it signs with and the number that its messages are filed under."""

    marks: tuple[str, ...] = attrs.field(validator=some(_written))
    """Words one of which a message must carry: the agency's name or its registered short name."""
    filing_number: str = attrs.field(validator=_written)


@attrs.frozen(kw_only=True)
class DltConfig:
    """What a sender in India has registered with the distributed ledger of its operators."""

    entity: str = attrs.field(validator=digits_only)
    headers: tuple[str, ...] = attrs.field(default=(), validator=each(_written))
    """Sender names; empty: any."""
    templates: dict[str, str] = attrs.field(factory=dict[str, str])
    """Texts by template id, with {#var#} for each variable."""
    telemarketers: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """Through whom its messages go, in order; if any, each message bears the hash of this chain."""


@attrs.frozen(kw_only=True)
class CampaignConfig:
    """A campaign registered for US long numbers."""

    use_case: str = attrs.field(validator=_written)
    """2FA, MARKETING, CUSTOMER_CARE, MIXED, ..."""
    senders: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """Its numbers; empty: all of the account."""


@attrs.frozen(kw_only=True)
class RegistrationConfig:
    """Who an account is, and what it may send."""

    account: str = attrs.field(validator=_written)
    kind: SenderKind = "other"
    regime: Regime | None = None
    """None: what screening says."""
    signatures: tuple[SignatureConfig, ...] = ()
    """Empty: it may sign as it likes, if `signatures_required` allows."""
    senders: tuple[SenderConfig, ...] = ()
    """Empty: any source address, in the account's class."""
    domains: tuple[str, ...] = attrs.field(default=(), validator=each(_domain))
    """Its own, with all below them."""
    links: tuple[str, ...] = attrs.field(default=(), validator=each(_link))
    """Registered links; * at the end stands for any path below. A host that stands here is bound to them.

    So are what opens a program: weixin://dl/business/*, token://copy/abc123 for ￥abc123￥, and
    miniprogram://name/path for #小程序://name/path.
    """
    shorteners: tuple[str, ...] = attrs.field(default=(), validator=each(_domain))
    """Short domains registered as its own."""
    wants: tuple[Want, ...] = attrs.field(default=(), validator=each(anything))
    """What it may want of its readers beyond what its kind and class allow."""
    templates: tuple[TemplateConfig, ...] = ()
    templates_only: bool = False
    """Whether what fits no template is refused."""
    agency: AgencyConfig | None = None
    dlt: DltConfig | None = None
    campaigns: tuple[CampaignConfig, ...] = ()


@attrs.frozen(kw_only=True)
class HoursConfig:
    """When marketing may arrive, by the recipient's clock."""

    since: str = attrs.field(default="08:00", validator=_clock)
    until: str = attrs.field(default="21:00", validator=_clock)
    """Not included."""
    zone: str = attrs.field(default="Asia/Shanghai", validator=_zone)
    by_recipient: bool = False
    """Whether the zones of the recipient's number count, where its area code tells them; else `zone`."""
    not_on: tuple[str, ...] = attrs.field(default=(), validator=each(_day))
    """Days without any: mon, tue, wed, thu, fri, sat, sun, a date of each year, 07-14, or one, 2027-03-29."""


@attrs.frozen(kw_only=True)
class CapConfig:
    """How many messages of a kind one number may get of one account within a period."""

    count: int = attrs.field(validator=at_least(1))
    period_s: float = attrs.field(validator=above(0))


@attrs.frozen(kw_only=True)
class ScreenedClassConfig:
    """A traffic class of the router, as screening sees it."""

    name: str = attrs.field(validator=_written)
    kind: ClassKind
    hours: HoursConfig | None = None
    """When it may arrive; None: always, and marketing as `marketing_hours` says."""
    caps: tuple[CapConfig, ...] = ()
    actions: dict[str, ActionName] = attrs.field(factory=dict[str, ActionName], validator=_actions)
    """What is done about a finding in this class, by its symbol."""


@attrs.frozen(kw_only=True)
class AnswerConfig:
    """What is done about findings, and what their sender is told, for some accounts and classes."""

    symbols: tuple[str, ...] = attrs.field(default=(), validator=each(_symbol))
    """Empty: all."""
    accounts: tuple[str, ...] = attrs.field(default=(), validator=each(_written))
    """Empty: all."""
    classes: tuple[str, ...] = attrs.field(default=(), validator=each(_written))
    """Empty: all."""
    action: ActionName | None = None
    """None: as the other tables say."""
    command_status: int | None = attrs.field(default=None, validator=if_given(between(1, 0xFFFFFFFF)))
    """What a refused submit_sm is answered with; None: the status of the finding's family."""
    text: str = attrs.field(default="", validator=octets(0, 255))
    """What an ESME of SMPP 5.0 is told beside it; empty: the finding's own text."""


@attrs.frozen(kw_only=True)
class OwnRuleConfig:
    """A rule of the operator's own; docs/own-rules.md tells how to write one."""

    name: str = attrs.field(validator=plain_name)
    """What logs, alarms and statistics call it."""
    file: Path | None = None
    """A Python file with the rule. Either this or `entry_point`."""
    entry_point: str = ""
    """The name of an installed rule, in the group smpp_router.rules."""
    function: str = "check"
    """What is called in the file: function(case), which yields or returns symbols."""
    fail: Literal["closed", "open"] = "closed"
    """What happens to messages that the rule could not be asked about: they are held, or go on."""
    budget_us: int = attrs.field(default=5_000, validator=between(1, 1_000_000))
    """Microseconds of the processor for one message; a rule that takes longer again and again is fenced."""
    enabled: bool = True
    actions: dict[str, ActionName] = attrs.field(factory=dict[str, ActionName], validator=_actions)
    """What is done about its symbols, where compliance.actions does not say; without either: tag."""


OPTOUT_WORDS: Final = (
    *("R", "T", "TD", "N", "STOP", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"),
    *(
        "退订",
        "取消",
        "取消订阅",
        "拒收",
        "拒绝接收",
        "停止接收",
        "不要再发",
        "别再发",
        "不要再给我发",
        "别再给我发",
    ),
    *("退訂", "取消訂閱", "唔要", "唔好再發", "唔好再send", "唔想再收"),
)
"""Mainland China's, the United States', and those of Hong Kong in its own writing."""


@attrs.frozen(kw_only=True)
class ComplianceConfig:
    """All that screening is told."""

    regime: Regime = "cn"
    lexicons: Path | None = None
    """A folder of own lexicons and an own model, over those that come with the router."""
    classes: tuple[ScreenedClassConfig, ...] = ()
    registrations: tuple[RegistrationConfig, ...] = ()
    registration_required: bool = True
    """Whether an account without a registration may send nothing; if not, its texts alone are screened."""
    signatures_required: bool = True
    """Whether every text in the regimes that know signatures must bear one."""
    country_code: str = attrs.field(default="", validator=_country_code)
    """What national numbers are put behind, such as "86"; empty: they are taken as they are."""
    marketing_hours: HoursConfig = attrs.field(factory=HoursConfig)
    marketing_caps: tuple[CapConfig, ...] = ()
    unsubscribe_words: tuple[str, ...] = attrs.field(default=("R",), validator=some(_written))
    """What a standard entry of marketing asks to reply."""
    optout_words: tuple[str, ...] = attrs.field(default=OPTOUT_WORDS, validator=each(_written))
    """Replies that are a refusal, in whatever writing: 退订 is 退訂, too."""
    optin_words: tuple[str, ...] = attrs.field(
        default=("START", "UNSTOP", "恢复订阅"), validator=each(_written)
    )
    help_words: tuple[str, ...] = attrs.field(default=("HELP", "INFO"), validator=each(_written))
    """Replies that ask who it is; they change nothing."""
    confirmations: tuple[ConfirmationConfig, ...] = ()
    """What is answered to all such replies; none: nothing."""
    parts_wait_s: float = attrs.field(default=10.0, validator=above(0))
    """A long message of which no further part has come for so long is screened as it is."""
    held_max: int = attrs.field(default=10_000, validator=at_least(1))
    """Messages that wait for their other parts or for a person; one more is refused."""
    code_digits_max: int = attrs.field(default=6, validator=between(3, 12))
    """Signs of a verification code."""
    allowed_domains: tuple[str, ...] = attrs.field(default=(), validator=each(_domain))
    """Hosts that anybody may link to."""
    shorteners: tuple[str, ...] = attrs.field(default=(), validator=each(_domain))
    """Beside those that are known."""
    protected_domains: tuple[str, ...] = attrs.field(default=(), validator=each(_domain))
    """Hosts that must not be imitated, beside those that are known and all registered ones."""
    actions: dict[str, ActionName] = attrs.field(factory=dict[str, ActionName], validator=_actions)
    """What is done about a finding, by its symbol, where the class says nothing."""
    answers: tuple[AnswerConfig, ...] = ()
    """Of those that fit a finding, its account and its class, the first that says something counts."""
    status_text: bool = True
    """Whether an ESME of SMPP 5.0 is told in words why a message is refused."""
    own_rules: tuple[OwnRuleConfig, ...] = ()
    """Rules of the operator's own, asked after the others and in this order."""
    illicit_refuse_share: float = attrs.field(default=0.98, validator=between(0, 1))
    """Probability that a text is illicit from which it is refused ..."""
    illicit_hold_share: float = attrs.field(default=0.85, validator=between(0, 1))
    """... and from which it is held for review."""
