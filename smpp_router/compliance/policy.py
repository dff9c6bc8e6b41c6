# What is done about each finding, and what its sender is told: a table that configuration may change, by
# symbol, for all classes or for one, for all accounts or for some.
#
#   answers (symbol, account, class)  >  actions of the class  >  actions  >  the table here
#
# Rule 1: the severest action that any finding asks for is what happens.
# Rule 2: HARD findings are not outvoted: no configuration makes them milder than `hold`, but for one that
#         names the symbol as well as a class or account; and no score does.
# Rule 3: the command_status is that of the finding that decided; the vendor space of SMPP 3.4 section 5.1.3
#         (0x400 to 0x4FF) has one for each family of rules.
# Rule 4: what an ESME is told is fixed for its finding, or configured: never what the text says.
"""Actions and statuses of findings."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from smpp_router.compliance.symbols import Action, Symbol, severest
from smpp_router.config_compliance import AnswerConfig
from smpp_router.wire import constants as c

CONTENT_REFUSED: Final = 0x410
SIGNATURE_REFUSED: Final = 0x411
UNSUBSCRIBE_REFUSED: Final = 0x412
OPTED_OUT: Final = 0x413
QUIET_HOURS: Final = 0x414
LINK_REFUSED: Final = 0x415
TEMPLATE_REFUSED: Final = 0x416
GOVERNMENT_REFUSED: Final = 0x417
PERSONAL_DATA_REFUSED: Final = 0x418
IMPERSONATION_REFUSED: Final = 0x419
REGISTRATION_REFUSED: Final = 0x41A
FREQUENCY_REFUSED: Final = 0x41B
CODE_REFUSED: Final = 0x41C
HELD_FULL: Final = 0x41D
CLASS_REFUSED: Final = 0x41E

STATUS_NAMES: Final = {
    CONTENT_REFUSED: "content",
    SIGNATURE_REFUSED: "signature",
    UNSUBSCRIBE_REFUSED: "unsubscribe entry",
    OPTED_OUT: "opted out",
    QUIET_HOURS: "quiet hours",
    LINK_REFUSED: "link",
    TEMPLATE_REFUSED: "template",
    GOVERNMENT_REFUSED: "government marks",
    PERSONAL_DATA_REFUSED: "personal data",
    IMPERSONATION_REFUSED: "impersonation",
    REGISTRATION_REFUSED: "registration",
    FREQUENCY_REFUSED: "frequency",
    CODE_REFUSED: "verification code",
    HELD_FULL: "too much waits for review",
    CLASS_REFUSED: "traffic class",
}

TABLE: Final[dict[str, tuple[Action, int]]] = {
    "SIGNATURE_MISSING": ("refuse", SIGNATURE_REFUSED),
    "SIGNATURE_MALFORMED": ("refuse", SIGNATURE_REFUSED),
    "SIGNATURE_UNREGISTERED": ("refuse", SIGNATURE_REFUSED),
    "SIGNATURE_EXPIRED": ("refuse", SIGNATURE_REFUSED),
    "SIGNATURE_SENDER": ("refuse", SIGNATURE_REFUSED),
    "ACCOUNT_UNREGISTERED": ("refuse", REGISTRATION_REFUSED),
    "SENDER_UNREGISTERED": ("refuse", REGISTRATION_REFUSED),
    "SENDER_CLASS": ("refuse", CLASS_REFUSED),
    "CODE_UNNAMED": ("refuse", CODE_REFUSED),
    "CODE_MISSING": ("refuse", CODE_REFUSED),
    "CODE_SEVERAL": ("refuse", CODE_REFUSED),
    "CODE_LONG": ("refuse", CODE_REFUSED),
    "CODE_PROMOTION": ("refuse", CLASS_REFUSED),
    "CODE_LINK": ("refuse", CODE_REFUSED),
    "CODE_UNSUBSCRIBE": ("refuse", CODE_REFUSED),
    "CODE_OTHER_PURPOSE": ("refuse", CODE_REFUSED),
    "UNSUBSCRIBE_MISSING": ("refuse", UNSUBSCRIBE_REFUSED),
    "UNSUBSCRIBE_NOT_STANDARD": ("refuse", UNSUBSCRIBE_REFUSED),
    "MARKETING_CODE": ("refuse", CLASS_REFUSED),
    "UNDECLARED_MARKETING": ("refuse", CLASS_REFUSED),
    "UNDECLARED_MARKETING_LINK": ("refuse", LINK_REFUSED),
    "QUIET_HOURS": ("refuse", QUIET_HOURS),
    "OPTED_OUT": ("refuse", OPTED_OUT),
    "FREQUENCY": ("refuse", FREQUENCY_REFUSED),
    "AGENCY_UNREGISTERED": ("refuse", GOVERNMENT_REFUSED),
    "FILING_MISSING": ("refuse", GOVERNMENT_REFUSED),
    "FILING_FOREIGN": ("refuse", GOVERNMENT_REFUSED),
    "MARK_MISSING": ("refuse", GOVERNMENT_REFUSED),
    "GOVERNMENT_UNSUBSCRIBE": ("tag", GOVERNMENT_REFUSED),
    "LINK_SPELT": ("refuse", LINK_REFUSED),
    "LINK_NOT_HTTPS": ("refuse", LINK_REFUSED),
    "LINK_NO_SCHEME": ("refuse", LINK_REFUSED),
    "LINK_USER": ("refuse", LINK_REFUSED),
    "LINK_PORT": ("refuse", LINK_REFUSED),
    "LINK_ADDRESS": ("refuse", LINK_REFUSED),
    "LINK_SHORTENER": ("refuse", LINK_REFUSED),
    "LINK_TOKEN": ("refuse", LINK_REFUSED),
    "LINK_PUNYCODE": ("refuse", LINK_REFUSED),
    "LINK_LOOKALIKE": ("refuse", LINK_REFUSED),
    "LINK_UNREGISTERED": ("refuse", LINK_REFUSED),
    "LINK_CHANGED": ("refuse", LINK_REFUSED),
    "LINK_TRACKING": ("refuse", LINK_REFUSED),
    "LINK_LOCATION": ("refuse", LINK_REFUSED),
    "LINK_REDIRECT": ("refuse", LINK_REFUSED),
    "IMPERSONATION": ("refuse", IMPERSONATION_REFUSED),
    "IMPERSONATION_GRAVE": ("refuse", IMPERSONATION_REFUSED),
    "PHISHING": ("refuse", CONTENT_REFUSED),
    "CREDENTIALS_ASKED": ("refuse", PERSONAL_DATA_REFUSED),
    "PERSONAL_DATA": ("refuse", PERSONAL_DATA_REFUSED),
    "INTENT_PAY": ("hold", CONTENT_REFUSED),
    "INTENT_TRANSFER": ("hold", CONTENT_REFUSED),
    "INTENT_LOG_IN": ("hold", CONTENT_REFUSED),
    "INTENT_INSTALL": ("hold", CONTENT_REFUSED),
    "INTENT_SHARE_SCREEN": ("hold", CONTENT_REFUSED),
    "INTENT_ADD_CONTACT": ("hold", CONTENT_REFUSED),
    "TEMPLATE_NONE": ("refuse", TEMPLATE_REFUSED),
    "TEMPLATE_VARIABLE": ("refuse", TEMPLATE_REFUSED),
    "INVISIBLE": ("refuse", CONTENT_REFUSED),
    "EVASIVE_SEPARATORS": ("refuse", CONTENT_REFUSED),
    "EVASIVE_SPLIT": ("refuse", CONTENT_REFUSED),
    "EVASIVE_VARIANTS": ("refuse", CONTENT_REFUSED),
    "EVASIVE_TRADITIONAL": ("hold", CONTENT_REFUSED),
    "DLT_ENTITY_MISSING": ("refuse", REGISTRATION_REFUSED),
    "DLT_ENTITY_FOREIGN": ("refuse", REGISTRATION_REFUSED),
    "DLT_TEMPLATE_MISSING": ("refuse", TEMPLATE_REFUSED),
    "DLT_TEMPLATE_UNREGISTERED": ("refuse", TEMPLATE_REFUSED),
    "DLT_TEMPLATE_DIFFERS": ("refuse", TEMPLATE_REFUSED),
    "DLT_CHAIN_MISSING": ("refuse", REGISTRATION_REFUSED),
    "DLT_CHAIN_FOREIGN": ("refuse", REGISTRATION_REFUSED),
    "DLT_HEADER": ("refuse", REGISTRATION_REFUSED),
    "CAMPAIGN_MISSING": ("refuse", REGISTRATION_REFUSED),
    "CAMPAIGN_USE_CASE": ("refuse", CLASS_REFUSED),
    "ILLICIT": ("refuse", CONTENT_REFUSED),
    "SUSPECT": ("hold", CONTENT_REFUSED),
    "SEQUENTIAL": ("tag", FREQUENCY_REFUSED),
    "SHARED_TEXT": ("tag", CONTENT_REFUSED),
    "MIX_CHANGED": ("tag", CONTENT_REFUSED),
    "RULE_FAILED": ("hold", c.ESME_RSYSERR),
}
HARD: Final = frozenset(
    {"OPTED_OUT", "SIGNATURE_UNREGISTERED", "IMPERSONATION_GRAVE", "AGENCY_UNREGISTERED", "CREDENTIALS_ASKED"}
)

SYMBOLS: Final = tuple(TABLE)
"""All symbols of rules; lexicons and the text model have more."""


@attrs.frozen
class Answer:
    """What configuration says about a finding, for an account and a class."""

    action: Action | None = None
    command_status: int | None = None
    text: str = ""


class Policy:
    """What is done about findings."""

    def __init__(
        self,
        actions: Mapping[str, Action] | None = None,
        by_class: Mapping[str, Mapping[str, Action]] | None = None,
        answers: Iterable[AnswerConfig] = (),
    ) -> None:
        self._actions: dict[str, Action] = {name: action for name, (action, _) in TABLE.items()}
        for name, action in (actions or {}).items():
            least: Action = "hold" if name in HARD else "accept"
            self._actions[name] = severest((action, least))
        self._by_class = {name: dict(table) for name, table in (by_class or {}).items()}
        self._answers = tuple(answers)
        self._known: dict[tuple[str, str, str], Answer] = {}

    def action(self, symbol: Symbol, traffic_class: str = "", account: str = "") -> Action:
        """Return what a finding asks for; one that no table knows asks for a tag."""
        if self._answers:
            answered = self.answer(symbol.name, traffic_class, account).action
            if answered is not None:
                return answered
        of_class = self._by_class.get(traffic_class)
        if of_class is not None and symbol.name in of_class:
            return of_class[symbol.name]
        return self._actions.get(symbol.name, "tag")

    def answer(self, name: str, traffic_class: str, account: str) -> Answer:
        """Return what configuration says about a finding beyond its tables of actions."""
        if not self._answers:
            return NO_ANSWER
        key = (name, traffic_class, account)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= ANSWERS_MAX:
                self._known.clear()
            known = self._known[key] = self._found(*key)
        return known

    def _found(self, name: str, traffic_class: str, account: str) -> Answer:
        fitting = [
            one
            for one in self._answers
            if (not one.symbols or name in one.symbols)
            and (not one.accounts or account in one.accounts)
            and (not one.classes or traffic_class in one.classes)
        ]
        return Answer(
            next((_dared(one, name) for one in fitting if one.action is not None), None),
            next((one.command_status for one in fitting if one.command_status is not None), None),
            next((one.text for one in fitting if one.text), ""),
        )


def _dared(answer: AnswerConfig, name: str) -> Action | None:
    """The action that an answer has for a symbol: rule 2."""
    is_meant = answer.symbols and (answer.accounts or answer.classes)
    if answer.action is None or name not in HARD or is_meant:
        return answer.action
    return severest((answer.action, "hold"))


NO_ANSWER: Final = Answer()
ANSWERS_MAX: Final = 10_000
"""Findings x classes x accounts whose answer is remembered; above it all are looked up anew."""


def status_of(symbol: Symbol) -> int:
    """Return the command_status that a refusal for a finding has."""
    return TABLE[symbol.name][1] if symbol.name in TABLE else CONTENT_REFUSED


def text_of(symbol: Symbol) -> str:
    """Return what an ESME may be told of a finding, in ASCII.

    Reasons of our own rules are fixed. Those of terms quote the text, and those of an operator's rules may.
    """
    if symbol.name not in TABLE:
        return f"{symbol.name}: {STATUS_NAMES[CONTENT_REFUSED]}"
    return f"{symbol.name}: {_EXAMPLE.sub('', symbol.reason)}"


_EXAMPLE: Final = re.compile(r"(?:, such as|:| such as)? ?[^\x20-\x7e].*")
"""An example in Chinese, at the end of a reason."""
