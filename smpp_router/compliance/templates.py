# A registered template is constant text with variables that are typed and bounded, so that what is filled in
# can be screened by itself: {code:code}. What fits one is known but for its variables.
#
#   code         3 to 6 digits or capitals         number   digits, with separators
#   date, time   as people write them              amount   digits with two decimals
#   plate        a number plate or an order's number: capitals, digits, Chinese signs, up to 35
#   text         up to 35 characters
#
# Rule 1: no two variables stand side by side, and they are not the whole text beside the signature.
# Rule 2: a variable holds no link, telephone number, name of an app or sign of money, whatever its type.
# Rule 3: matching is anchored at both ends; templates are looked up by how they begin.
"""Registered templates with typed variables."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import attrs

from smpp_router.compliance.facts.contacts import find_contacts
from smpp_router.compliance.facts.links import find_links
from smpp_router.compliance.facts.plain import Plain, plain
from smpp_router.compliance.facts.promotion import find_promotion
from smpp_router.compliance.facts.signature import find_signature, without_signature
from smpp_router.compliance.shapes import Shape, Spans, Variable
from smpp_router.config_compliance import TemplateConfig

VARIABLE_MAX: Final = 35
_TYPES: Final = {
    "code": r"(?:[0-9]{{3,{code}}}|[0-9A-Z]{{4,{code}}})",
    "number": r"[0-9][0-9,. -]{{0,20}}",
    "amount": r"[0-9]{{1,3}}(?:,?[0-9]{{3}}){{0,4}}(?:\.[0-9]{{1,2}})?",
    "date": r"(?:[0-9]{{2,4}}[-年/.])?[0-9]{{1,2}}[-月/.][0-9]{{1,2}}日?",
    "time": r"[0-9]{{1,2}}[:：点时](?:[0-9]{{1,2}}(?:[:：][0-9]{{2}}|分)?)?",
    "plate": r"[A-Z0-9一-龥-]{{1,35}}",
    "text": r"[^\n]{{1,35}}?",
}
_LENGTHS: Final = {
    "number": 21,
    "amount": 22,
    "date": 11,
    "time": 8,
    "plate": VARIABLE_MAX,
    "text": VARIABLE_MAX,
}
"""Characters that a variable takes at most, but for codes."""
_SAMPLES: Final = {
    "code": "482615",
    "number": "5",
    "amount": "120.00",
    "date": "11月25日",
    "time": "09:30",
    # 12345 alone would be a number to call, and no text of such a template would be known by it.
    "plate": "A52468",
    "text": "张三",
}
_DIGIT: Final = re.compile("[0-9]")
_FREE: Final = frozenset({"text", "plate"})
"""Types that can hold more than what they are called: the patterns of the others say all."""
_VARIABLE: Final = re.compile(r"\{(?P<name>[^{}:]*+)(?::(?P<type>[^{}]*+))?\}")
_MONEY: Final = re.compile(r"[¥￥$€£]|[0-9]\s{0,8}元")
_APPS: Final = re.compile("APP|微信|支付宝|淘宝|抖音|QQ|小程序|公众号", re.IGNORECASE)
_LONG_DIGITS: Final = re.compile(r"[0-9]{7,}")
_NAMED: Final = re.compile(r"(?<!TEL)(?<!CALL)(?<!DIAL)(?<=[A-Z])-?$")
"""What stands before the digits of a plate or an order: A10778 is no number to call, whatever 10778 is."""
_ORDINARY: Final = re.compile(r"[一-龥]?(?!QQ)[A-Z]{1,2}[0-9]{1,6}")
"""Plates that can have no fault. They are seldom the same twice, so remembering them would gain nothing."""
HEAD: Final = 32
"""Characters of constant text that templates are looked up by: more than a signature, which all have."""
FAULTS_KEPT: Final = 65_536
"""Values of variables whose fault is remembered, some 10 MB: names and places come again."""


class TemplateError(ValueError):
    """A template that can't be: the message says why."""


def _texts_of(template: "Template") -> tuple[int, ...]:
    return tuple(number for number, kind in enumerate(template.types) if kind == "text")


def _free_of(template: "Template") -> tuple[int, ...]:
    return tuple(number for number, kind in enumerate(template.types) if kind in _FREE)


@attrs.frozen
class Template:
    """A template, ready to match."""

    id: str
    traffic_class: str
    types: tuple[str, ...]
    shape: Shape
    head: str
    sample: str
    """The template filled in with a value of each type: what is screened in its place."""
    loose: Shape | None = None
    """The shape with any digits in the place of those of constant text; None: there are none."""
    texts: tuple[int, ...] = attrs.field(init=False, default=attrs.Factory(_texts_of, takes_self=True))
    """Which of the variables are of type text, from 0."""
    free: tuple[int, ...] = attrs.field(init=False, default=attrs.Factory(_free_of, takes_self=True))
    """Which of them may hold what they should not."""


@attrs.define(eq=False)
class Match:
    """A text fits a template; `faults` are variables whose value may not be: (start, end, why)."""

    template: Template
    values: tuple[tuple[int, int], ...]
    faults: tuple[tuple[int, int, str], ...]
    is_first: bool = True
    """No template fitted before this one, be it with faults."""


def parse_template(config: TemplateConfig, code_digits_max: int = 6) -> Template:
    """Make a template. Raises TemplateError."""
    text = config.text
    found = list(_VARIABLE.finditer(text))
    # A signature says who writes, and stops say nothing: 【示例】{a}，{b} is anything at all.
    constant = _VARIABLE.sub("", text)
    if found and not any(sign.isalnum() for sign in without_signature(constant, find_signature(constant))):
        raise TemplateError("variables may not be the whole text")
    if "{" in _VARIABLE.sub("", text) or "}" in _VARIABLE.sub("", text):
        raise TemplateError("a brace is not closed")
    pieces: list[str] = []
    loose: list[str] = []
    variables: list[Variable] = []
    types: list[str] = []
    at = 0
    for variable in found:
        constant = text[at : variable.start()]
        if types and not constant:
            raise TemplateError("two variables may not stand side by side")
        kind = variable.group("type") or "text"
        if kind not in _TYPES:
            raise TemplateError(f'unknown type "{kind}"; known: {", ".join(_TYPES)}')
        value = _TYPES[kind].format(code=code_digits_max)
        variables.append(Variable(value, _LENGTHS.get(kind, code_digits_max), is_shortest=kind == "text"))
        pieces.append(re.escape(constant))
        loose.append(_any_digits(constant))
        types.append(kind)
        at = variable.end()
    if types.count("code") > 1:
        raise TemplateError("one code is the most that a text may have")
    pieces.append(re.escape(text[at:]))
    loose.append(_any_digits(text[at:]))
    head = text[: found[0].start()] if found else text
    sample = _VARIABLE.sub(lambda variable: _SAMPLES[variable.group("type") or "text"], text)
    shape = Shape(pieces, variables)
    any_digits = None if loose == pieces else Shape(loose, variables)
    return Template(config.id, config.traffic_class, tuple(types), shape, head[:HEAD], sample, any_digits)


def _any_digits(constant: str) -> str:
    return _DIGIT.sub("[0-9]", re.escape(constant))


class Templates:
    """The templates of one account."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._by_head: defaultdict[str, list[Template]] = defaultdict(list)
        for template in templates:
            self._by_head[template.head].append(template)
        self._lengths = sorted({len(head) for head in self._by_head}, reverse=True)
        self._loose: defaultdict[str, list[Template]] = defaultdict(list)
        """Those with digits in their constant text, by how they begin with every digit as 0."""
        for of_head in self._by_head.values():
            for template in of_head:
                if template.loose is not None:
                    self._loose[_DIGIT.sub("0", template.head)].append(template)

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def match(self, text: str, traffic_class: str) -> Match | None:
        """Return the template that a text fits, one without faults if there is one."""
        faulty: Match | None = None
        for length in self._lengths:
            for template in self._by_head.get(text[:length], ()):
                if template.traffic_class not in ("", traffic_class):
                    continue
                spans = template.shape.fit(text)
                if spans is None:
                    continue
                match = _judged(template, spans, text)
                if not match.faults:
                    match.is_first = faulty is None
                    return match
                faulty = faulty or match
        return faulty

    def is_of_all_alike(self, text: str, zeroed: bytes, traffic_class: str, match: Match) -> bool:
        """Whether each text with the signs of this one and other digits fits as it does.

        `zeroed` is the text in UTF-8 with every digit as 0. Where the template itself has digits, it goes for
        those whose digits stand in the same variables.
        """
        if match.faults or not match.is_first:
            return False
        template = match.template
        for number in template.free:
            start, end = match.values[number]
            value = text[start:end]
            # Digits of variables of the other types may be any; so may those of an ordinary plate.
            if _DIGIT.search(value) and not (
                template.types[number] == "plate" and _ORDINARY.fullmatch(value)
            ):
                return False
        if not self._loose:
            return True
        signs = zeroed.decode("utf-8", "surrogatepass")
        return not any(
            other is not template
            and other.traffic_class in ("", traffic_class)
            and other.loose is not None
            and other.loose.fit(text) is not None
            for length in self._lengths
            for other in self._loose.get(signs[:length], ())
        )


def _judged(template: Template, spans: Spans, text: str) -> Match:
    faults: list[tuple[int, int, str]] = []
    for number in template.free:
        start, end = spans[number]
        value = text[start:end]
        is_plate = template.types[number] == "plate"
        if is_plate and _ORDINARY.fullmatch(value):
            continue
        why = _fault(value, is_plate)
        if why:
            faults.append((start, end, why))
    return Match(template, spans, tuple(faults))


@lru_cache(FAULTS_KEPT)
def _fault(value: str, is_plate: bool) -> str:
    if len(value) > VARIABLE_MAX:
        return "is longer than 35 characters"
    value = plain(value).text
    if find_links(Plain(value)):
        return "holds a link"
    if _LONG_DIGITS.search(value) or any(
        not (is_plate and contact.kind == "service" and _NAMED.search(value, 0, contact.start))
        for contact in find_contacts(value)
    ):
        return "holds a number to call or a name to add"
    if _MONEY.search(value):
        return "holds a sign of money"
    if _APPS.search(value):
        return "names an app"
    if "【" in value or "】" in value:
        return "holds brackets of a signature"
    if find_promotion(value).is_promotional:
        return "advertises"
    return ""
