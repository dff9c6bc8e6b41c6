"""A sender with registered templates sends what fits one; the variables are looked at by themselves."""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.symbols import Symbol

_SOURCE: Final = "template registration"


def check_template(case: Case) -> Iterator[Symbol]:
    """Yield that a text fits no template, or a variable that holds what it may not."""
    if case.sender is None or not case.sender.templates:
        return
    match = case.match
    if match is None:
        if case.sender.config.templates_only:
            yield Symbol("TEMPLATE_NONE", 0.3, "the text fits no registered template", source=_SOURCE)
        return
    for start, end, why in match.faults:
        yield Symbol("TEMPLATE_VARIABLE", 0.8, f"a variable of the template {why}", start, end, _SOURCE)
