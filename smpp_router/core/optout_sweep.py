# What recipients refuse is looked for among all that waits: queued, scheduled, tried again later, held, and
# messages of several paths. That may be a million, so SWEEP_MAX are looked at in a tick.
#
# Rule 1: a sweep is of what waited when it began, and of who had refused by then. What comes later is judged
#         when it comes; who refuses later is looked for by the next sweep.
# Rule 2: whether a message is still to be ended is asked when its turn comes: it may have gone meanwhile.
"""Finding what waits for those who have refused it, some at a time."""

from typing import Final

from smpp_router.core.bundles import Bundle
from smpp_router.core.ending import Ending
from smpp_router.core.retries import Retries, Waiting
from smpp_router.core.screened_texts import numbers_of
from smpp_router.message.consent import Consent, consent_key
from smpp_router.message.message import Message

SWEEP_MAX: Final = 2_500
"""Messages looked at in a tick, at some 0.7 us each: 100,000 a second."""


class OptOutSweep:
    """Goes through what waits."""

    def __init__(self, retries: Retries, ending: Ending) -> None:
        self._retries = retries
        self._ending = ending
        self._heard: set[str] = set()
        self._about: set[str] = set()
        self._left: list[Waiting | Bundle] = []

    def __bool__(self) -> bool:
        """Whether something is to be done."""
        return bool(self._heard or self._left)

    def heard(self, consent: Consent) -> None:
        """A recipient has refused something."""
        self._heard.add(consent_key(consent.account, consent.number))

    def step(self, country_code: str = "") -> list[Message | Bundle]:
        """Return what is for those who have refused, among the next that wait."""
        left = self._left
        if not left:
            self._about, self._heard = self._heard, set()
            left += self._ending.bundles.values()
            left += self._retries.snapshot()
            left.reverse()
        found: list[Message | Bundle] = []
        for _ in range(min(SWEEP_MAX, len(left))):
            entry = left.pop()
            one = entry[2] if isinstance(entry, tuple) else entry
            message = one.parent if isinstance(one, Bundle) else one
            if consent_key(message.account, numbers_of(message.addresses, country_code)[1]) in self._about:
                found.append(one)
        return found
