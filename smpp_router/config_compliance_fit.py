"""Whether what screening is told fits the accounts and classes that there are."""

from collections.abc import Iterator

from smpp_router.compliance.optout import reply_word
from smpp_router.compliance.templates import TemplateError, parse_template
from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig
from smpp_router.config_compliance import ComplianceConfig, RegistrationConfig
from smpp_router.wire.text import choose_data_coding, encode_text

Problems = Iterator[tuple[str, str]]


def check_compliance(
    compliance: ComplianceConfig | None,
    accounts: tuple[AccountConfig, ...],
    classes: tuple[ClassConfig, ...],
) -> Problems:
    """Yield what can't be: registrations of nobody, templates that are none, classes that are not there."""
    if compliance is None:
        return
    known_accounts = {account.system_id for account in accounts}
    known_classes = {class_.name for class_ in classes}
    for index, class_ in enumerate(compliance.classes):
        if class_.name not in known_classes:
            yield "compliance", f'compliance.classes[{index}].name: unknown class "{class_.name}"'
    seen: set[str] = set()
    for index, one in enumerate(compliance.registrations):
        path = f"compliance.registrations[{index}]"
        if one.account not in known_accounts:
            yield "compliance", f'{path}.account: unknown account "{one.account}"'
        if one.account in seen:
            yield "compliance", f"{path}.account: {one.account} is registered twice"
        seen.add(one.account)
        yield from _registration(one, path, known_classes, compliance.code_digits_max)
    for index, answer in enumerate(compliance.answers):
        for key, named, known in (
            ("accounts", answer.accounts, known_accounts),
            ("classes", answer.classes, known_classes),
        ):
            for name in named:
                if name not in known:
                    yield "compliance", f'compliance.answers[{index}].{key}: there is no "{name}"'
    yield from _confirmations(compliance, known_accounts, known_classes)
    yield from _own_rules(compliance)


def check_carrier_hours(compliance: ComplianceConfig | None, carriers: tuple[CarrierConfig, ...]) -> Problems:
    """Yield hours of carriers that nobody would keep."""
    for index, carrier in enumerate(carriers):
        if carrier.marketing_hours is not None and compliance is None:
            path = f"carriers[{index}].marketing_hours"
            yield "carriers", f"{path}: needs [compliance], which tells what is marketing"


def _confirmations(compliance: ComplianceConfig, accounts: set[str], classes: set[str]) -> Problems:
    changing = {reply_word(word) for word in (*compliance.optout_words, *compliance.optin_words)}
    for word in compliance.help_words:
        if reply_word(word) in changing:
            yield "compliance", f'compliance.help_words: "{word}" is in optout_words or optin_words, too'
    replies = changing | set(map(reply_word, compliance.help_words))
    for index, one in enumerate(compliance.confirmations):
        path = f"compliance.confirmations[{index}]"
        for key, name, known in (
            ("account", one.account, accounts),
            ("traffic_class", one.traffic_class, classes),
        ):
            if name and name not in known:
                yield "compliance", f'{path}.{key}: there is no "{name}"'
        if reply_word(one.text) in replies:
            yield "compliance", f"{path}.text: a machine would take it for a reply"
        coding = choose_data_coding(one.text)
        if len(encode_text(one.text, coding)) > (140 if coding else 160):
            yield (
                "compliance",
                f"{path}.text: must fit one message: 70 characters, or 160 of GSM's",
            )


def _registration(
    one: RegistrationConfig, path: str, known_classes: set[str], code_digits_max: int
) -> Problems:
    for number, sender in enumerate(one.senders):
        if sender.traffic_class not in known_classes:
            yield (
                "compliance",
                f'{path}.senders[{number}].traffic_class: unknown class "{sender.traffic_class}"',
            )
    for number, template in enumerate(one.templates):
        if template.traffic_class not in ("", *known_classes):
            problem = f'unknown class "{template.traffic_class}"'
            yield "compliance", f"{path}.templates[{number}].traffic_class: {problem}"
        try:
            parse_template(template, code_digits_max)
        except TemplateError as error:
            yield "compliance", f"{path}.templates[{number}].text: {error}"


def _own_rules(compliance: ComplianceConfig) -> Problems:
    from smpp_router.compliance.rulebook import BUILT_IN  # noqa: PLC0415 - numpy with it: only who screens waits

    taken = {name for name, *_ in BUILT_IN}
    for index, rule in enumerate(compliance.own_rules):
        path = f"compliance.own_rules[{index}]"
        if rule.name in taken:
            yield "compliance", f"{path}.name: there is a rule {rule.name} already"
        taken.add(rule.name)
        if (rule.file is None) == (not rule.entry_point):
            yield "compliance", f"{path}: needs either file or entry_point"
        if rule.file is not None and not rule.file.is_file():
            yield "compliance", f"{path}.file: no such file: {rule.file}"
