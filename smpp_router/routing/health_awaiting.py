# The receipts that one cell waits for, by cohort: which have come, which should have.
#
#   taken --receipt within the deadline--> arrived       --deadline--> missing --receipt after it--> late
#
# Rule 1: a cohort is as long as a COHORTS_WANTEDth of the deadline, a second at least.
# Rule 2: it is watched until all its receipts are there, or for WATCH_FACTOR deadlines.
# Rule 3: what was taken before `epoch_at` teaches delays and is no evidence any more: the breaker has had it.
"""Cohorts of messages that await their receipts."""

from collections import deque
from math import log1p
from typing import Final

from smpp_router.message.tally import Cohort, Tally
from smpp_router.routing.health_baseline import Delays
from smpp_router.routing.health_score import Counts
from smpp_router.routing.health_silence import HEARD_MAX

COHORTS_WANTED: Final = 32
"""Cohorts within one deadline: it is kept to 3 %, and looking at a cell stays cheap."""

COHORTS_MAX: Final = 256
"""Cohorts of one cell; the oldest is watched no longer."""

WATCH_FACTOR: Final = 4.0
"""Deadlines after which a receipt that still comes teaches nothing."""


class Awaiting:
    """One cell's cohorts and what its delays are."""

    __slots__ = ("_cohorts", "delays", "dropped", "epoch_at", "heard", "missing")

    def __init__(self, now: float) -> None:
        self.delays = Delays()
        self.epoch_at = now
        self.heard: list[float] = []
        """When the cohorts began of which receipts have come since the look before."""
        self.missing: list[list[int]] = []
        """The messages of each cohort whose deadline has passed since the look before; some have ended."""
        self.dropped = 0
        self._cohorts: deque[Cohort] = deque()

    def __len__(self) -> int:
        return len(self._cohorts)

    def begin_epoch(self, tally: Tally, now: float) -> None:
        """Let only what is taken from now on count."""
        self.epoch_at = now
        if tally.cohort.taken:
            self._cohorts.append(tally.cohort)
        tally.cohort = Cohort(now)

    def look(
        self, tally: Tally, now: float, deadline_s: float, carriers_delays: Delays, counts: Counts
    ) -> None:
        """Add to `counts` what has come, and what has not, since the last look."""
        self.heard.clear()
        self.missing.clear()
        current = tally.cohort
        current.closed_at = now
        if not current.taken:
            # Nobody refers to it yet.
            current.opened_at = now
        elif now - current.opened_at >= max(1.0, deadline_s / COHORTS_WANTED):
            self._cohorts.append(current)
            tally.cohort = Cohort(now)
        else:
            self._see(current, now, deadline_s, carriers_delays, counts)
        cohorts = self._cohorts
        due_at = now - deadline_s
        for cohort in cohorts:
            # Most of them have nothing to say, and there may be hundreds of cells.
            is_due = not cohort.is_overdue and cohort.closed_at < due_at
            if is_due or cohort.delivered or cohort.failed or cohort.intercepted:
                self._see(cohort, now, deadline_s, carriers_delays, counts)
        watch_s = WATCH_FACTOR * deadline_s
        while cohorts and (cohorts[0].open <= 0 or now - cohorts[0].closed_at > watch_s):
            cohorts.popleft()
        while len(cohorts) > COHORTS_MAX:
            cohorts.popleft()
            self.dropped += 1

    def silence(self, since: float, now: float, delays: Delays, share: float) -> float:
        """The level of silence of what was taken after `since` (see health_silence.py).

        A `share` of receipts comes, after such `delays`.
        """
        level = 0.0
        for cohort in reversed(self._cohorts):
            if cohort.opened_at <= since or cohort.opened_at < self.epoch_at:
                break
            taken = cohort.taken - cohort.withdrawn
            if taken > 0:
                # Its messages were taken evenly between the two moments, as good as.
                youngest = delays.reached(now - cohort.closed_at)
                oldest = delays.reached(now - cohort.opened_at)
                heard = min(HEARD_MAX, share * (youngest + oldest) / 2.0)
                level -= taken * log1p(-heard)
        return level

    def _see(
        self, cohort: Cohort, now: float, deadline_s: float, carriers_delays: Delays, counts: Counts
    ) -> None:
        came = cohort.delivered + cohort.failed + cohort.intercepted
        is_evidence = cohort.opened_at >= self.epoch_at
        if came:
            delay_s = now - (cohort.opened_at + cohort.closed_at) / 2.0
            self.delays.add(delay_s, came)
            carriers_delays.add(delay_s, came)
            self.heard.append(cohort.opened_at)
            if is_evidence:
                counts.delivered += cohort.delivered
                counts.failed += cohort.failed
                counts.intercepted += cohort.intercepted
                counts.late += came if cohort.is_overdue else 0
            cohort.done += came
            cohort.delivered = cohort.failed = cohort.intercepted = 0
        if not cohort.is_overdue and now - cohort.closed_at > deadline_s:
            cohort.is_overdue = True
            self.missing.append(cohort.message_ids)
            cohort.message_ids = []
            if is_evidence:
                counts.missing += max(0, cohort.open)
