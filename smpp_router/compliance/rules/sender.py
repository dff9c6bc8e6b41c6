"""An account sends what it is registered for, from the addresses that are registered for it.

A service port is no marketing port: the class comes from the account and the source address, and the text
must agree.
"""

from collections.abc import Iterator
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.symbols import Symbol

_SOURCE: Final = "port registration of the carriers"


def check_sender(case: Case) -> Iterator[Symbol]:
    """Yield what is wrong with who sends a message from where."""
    subject = case.subject
    if not subject.account:
        return
    if case.sender is None:
        if case.settings.config.registration_required:
            yield Symbol("ACCOUNT_UNREGISTERED", 0.3, "the account has no registration", source=_SOURCE)
        return
    if not case.sender.config.senders or not subject.source:
        return
    registered = case.sender.class_of_sender(subject.source)
    if registered is None:
        why = "the source address is not registered to this account"
        yield Symbol("SENDER_UNREGISTERED", 0.4, why, source=_SOURCE)
    elif subject.traffic_class and registered != subject.traffic_class:
        why = f"the source address is registered for {registered}, not for {subject.traffic_class}"
        yield Symbol("SENDER_CLASS", 0.4, why, source=_SOURCE)
