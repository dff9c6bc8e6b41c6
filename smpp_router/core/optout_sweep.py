# What recipients refuse is looked for among all that waits: queued, scheduled, tried again later, held, and
# messages of several paths. That may be a million, so SWEEP_MAX are looked at in a tick.
#
# Rule 1: a sweep is of who had refused when it began. It waits for the commits that were under way then, so
#         that it sees all that was accepted before; what comes later is judged when it comes. Who refuses
#         later is looked for by the next sweep.
# Rule 2: whether a message is still to be ended is asked when its turn comes: it may have gone meanwhile, if
#         it was on a link when its recipient refused it.
# Rule 3: from the first word to the end of the sweep nothing of it leaves: carriers ask before (unwanted.py).
# Rule 4: the first sweep after a start is of everybody who has refused: the sweep of what was refused before
#         may not have come to its end.
"""Finding what waits for those who have refused it, some at a time."""

from collections.abc import Callable, Sequence
from typing import Final

from smpp_router.core.bundles import Bundle
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.retries import Retries, Waiting
from smpp_router.core.screened_texts import numbers_of
from smpp_router.core.unwanted import Unwanted
from smpp_router.message.consent import Consent, consent_key
from smpp_router.message.message import Message

SWEEP_MAX: Final = 2_500
"""Messages looked at in a tick, at some 0.7 us each: 100,000 a second."""


class OptOutSweep:
    """Goes through what waits."""

    def __init__(self, retries: Retries, ending: Ending, is_refused: Callable[[Message], bool]) -> None:
        self._retries = retries
        self._ending = ending
        self._is_refused = is_refused
        self._heard: set[str] = set()
        self._about: set[str] | None = set()
        """None: everybody."""
        self._is_started = False
        """Whether the next sweep is the first one after a start."""
        self._left: list[Waiting | Bundle] = []
        self._commits: list[Commit] | None = None
        """Those that a sweep waits for, before it looks at anything."""
        self._unwanted: Unwanted | None = None
        """Of this sweep and the next."""

    def __bool__(self) -> bool:
        """Whether something is to be done."""
        return self._unwanted is not None

    def heard(self, consent: Consent) -> None:
        """A recipient has refused something."""
        self._heard.add(consent_key(consent.account, consent.number))
        self._guarded().add(consent.number)

    def started(self) -> None:
        """What waits was taken up from the store, and some recipients have refused something."""
        self._is_started = True
        self._guarded().asks_all = True

    def _guarded(self) -> Unwanted:
        if self._unwanted is None:
            self._unwanted = Unwanted(self._is_refused)
            self._guard(self._unwanted)
        return self._unwanted

    def end_refused(
        self, reject: Callable[[Message], None], commits: Sequence[Commit], country_code: str, now: float
    ) -> None:
        """End what is refused of what was stopped, and of the next that wait; `commits` are under way."""
        assert self._unwanted is not None, "there is something to be done"
        stopped, self._unwanted.stopped = self._unwanted.stopped, []
        for message in stopped:
            if self._is_refused(message):
                self._refuse(self._ending.bundles.get(message.message_id) or message, reject)
            elif not message.is_ended:
                # There is consent again.
                self._retries.place([message], now)
        for one in self._step(commits, country_code):
            if isinstance(one, Bundle):
                if not one.is_over and not one.is_unwanted and self._is_refused(one.parent):
                    self._refuse(one, reject)
            elif not one.is_ended and not one.is_on_link and self._is_refused(one):
                self._refuse(one, reject)

    def _refuse(self, one: Message | Bundle, reject: Callable[[Message], None]) -> None:
        """End a message that its recipient does not want; of one with paths no further copy goes out."""
        if isinstance(one, Message):
            reject(one)
            return
        one.is_unwanted = True
        self._ending.touched.append(one)
        for path in one.paths:
            copy = self._ending.flight.messages.get(path.copy_id)
            if isinstance(copy, Message) and not copy.is_on_link:
                reject(copy)

    def _step(self, commits: Sequence[Commit], country_code: str) -> list[Message | Bundle]:
        """Return what is for those who have refused, among the next that wait."""
        left = self._left
        # A reload may have brought carriers.
        self._guard(self._unwanted)
        if not left and not self._is_begun(commits):
            return []
        about = self._about
        found: list[Message | Bundle] = []
        for _ in range(min(SWEEP_MAX, len(left))):
            entry = left.pop()
            one = entry[2] if isinstance(entry, tuple) else entry
            message = one.parent if isinstance(one, Bundle) else one
            if about is None or (
                consent_key(message.account, numbers_of(message.addresses, country_code)[1]) in about
            ):
                found.append(one)
        if not left and not self._heard:
            self._unwanted = None
            self._guard(None)
        return found

    def _is_begun(self, commits: Sequence[Commit]) -> bool:
        """Begin to look through what waits, once nothing is under way of what was accepted before."""
        under_way = [commit for commit in commits if commit.releases]
        if self._commits is None:
            self._about, self._heard = None if self._is_started else self._heard, set()
            self._is_started = False
            self._commits = under_way
        self._commits = [commit for commit in self._commits if any(commit is one for one in under_way)]
        if self._commits:
            return False
        self._commits = None
        self._left += self._ending.bundles.values()
        self._left += self._retries.snapshot()
        self._left.reverse()
        return True

    def _guard(self, unwanted: Unwanted | None) -> None:
        for carrier in self._retries.carriers.values():
            carrier.unwanted = unwanted
