"""Every commercial message names its sender in a signature, and in nobody else's.

Chinese carriers register each signature to a qualification: unregistered or expired ones are blocked.
"""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.senders import is_valid
from smpp_router.compliance.symbols import Symbol

_FAULTS: Final = {
    "missing": "the text has no signature such as 【示例】",
    "unclosed": "a bracket of the signature has no counterpart: 【 or 】",
    "several": "there may be no brackets beside those of the signature: 【】",
    "misplaced": "the signature must stand at the beginning or the end of the text",
    "length": "a signature has 2 to 16 characters",
    "digits": "a signature may not be all digits",
    "spaces": "a signature has no spaces around it",
    "nested": "a signature has no brackets within",
}
_SOURCE: Final = "signature registration of the carriers"


def check_signature(case: Case) -> Iterator[Symbol]:
    """Yield what is wrong with a signature."""
    if case.kind is None or case.kind == "free" or case.regime != "cn":
        return
    signed = case.facts.signed
    signature = signed.signature
    if signed.fault is not None:
        if case.settings.config.signatures_required or signed.fault != "missing":
            name = "SIGNATURE_MISSING" if signed.fault == "missing" else "SIGNATURE_MALFORMED"
            start, end = (signature.start, signature.end) if signature else (-1, -1)
            yield Symbol(name, 0.3, _FAULTS[signed.fault], start, end, _SOURCE)
        return
    if case.sender is None or not case.sender.signs:
        return
    assert signature is not None, "there is a fault without one"
    known = case.sender.signature(signature.name)
    start, end = signature.start, signature.end
    if known is None:
        why = "the signature is not registered to this account"
        yield Symbol("SIGNATURE_UNREGISTERED", 0.8, why, start, end, _SOURCE)
    elif case.subject.now and not is_valid(known, case.settings.days.of(case.subject.now)):
        yield Symbol(
            "SIGNATURE_EXPIRED", 0.2, "the signature's registration does not hold today", start, end, _SOURCE
        )
    elif known.senders and case.subject.source and not case.subject.source.startswith(known.senders):
        why = "the signature is not registered for this source address"
        yield Symbol("SIGNATURE_SENDER", 0.4, why, start, end, _SOURCE)
