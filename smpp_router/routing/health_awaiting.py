# The receipts that one cell waits for, by cohort: which have come, which should have.
#
#   taken --receipt within the deadline--> arrived       --deadline--> missing --receipt after it--> late
#
# Rule 1: a cohort is as long as a COHORTS_WANTEDth of the deadline, a second at least.
# Rule 2: it is watched until all its receipts are there, or for WATCH_FACTOR deadlines.
# Rule 3: what another carrier has outrun was silent until then, whatever becomes of it.
# Rule 4: what was taken before `epoch_at` teaches delays and is no evidence any more: the breaker has had it.
"""Cohorts of messages that await their receipts."""

from collections import deque
from collections.abc import Iterable
from itertools import chain
from math import inf, log1p
from typing import Final

from smpp_router.message.tally import Cohort, Tally
from smpp_router.routing.health_baseline import Delays, Reaches
from smpp_router.routing.health_estimates import SLOW_S
from smpp_router.routing.health_overtaken import OUTRUN_MAX, Passed, Weights, nats
from smpp_router.routing.health_score import Counts
from smpp_router.routing.health_silence import HEARD_MAX

COHORTS_WANTED: Final = 32
"""Cohorts within one deadline: it is kept to 3 %, and looking at a cell stays cheap."""

COHORTS_MAX: Final = 256
"""Cohorts of one cell; the oldest is watched no longer."""

SILENT_MAX: Final = 16
"""Cohorts that are remembered as silent: more than a silence takes."""

WATCH_FACTOR: Final = 4.0
"""Deadlines after which a receipt that still comes teaches nothing."""


class Awaiting:
    """One cell's cohorts and what its delays are."""

    __slots__ = ("_cohorts", "came", "delays", "dropped", "epoch_at", "heard", "missing", "silent")

    def __init__(self, now: float) -> None:
        self.delays = Delays()
        self.epoch_at = now
        self.heard: list[float] = []
        """When the cohorts began of which receipts have come since the look before."""
        self.came: list[int] = []
        """How many have come of each of these."""
        self.missing: list[list[int]] = []
        """The messages of each cohort whose deadline has passed since the look before; some have ended."""
        self.dropped = 0
        self.silent: deque[Cohort] = deque(maxlen=SILENT_MAX)
        """Cohorts that are watched no longer, and of which nothing was heard: with a message a minute as many
        have to be silent as with any other rate."""
        self._cohorts: deque[Cohort] = deque()

    def __len__(self) -> int:
        return len(self._cohorts)

    @property
    def cohorts(self) -> Iterable[Cohort]:
        """Those that are watched, but for the one that messages join now."""
        return self._cohorts

    @property
    def has_evidence(self) -> bool:
        """Whether it has anything to say about receipts."""
        return bool(self._cohorts or self.silent or self.heard)

    @property
    def newest_at(self) -> float:
        """When the newest messages began that are watched, or remembered as silent."""
        cohorts = self._cohorts or self.silent
        return cohorts[-1].opened_at if cohorts else -inf

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
        self.came.clear()
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
        while cohorts and (_is_done(cohorts[0]) or now - cohorts[0].closed_at > watch_s):
            oldest = cohorts.popleft()
            if not oldest.done and oldest.taken > oldest.withdrawn - oldest.called_back:
                self.silent.append(oldest)
            if not oldest.is_overdue and oldest.opened_at >= self.epoch_at:
                counts.reported += oldest.done
        while self.silent and now - self.silent[0].closed_at > SLOW_S:
            self.silent.popleft()
        while len(cohorts) > COHORTS_MAX:
            cohorts.popleft()
            self.dropped += 1

    def silence(self, since: float, now: float, delays: Reaches, share: float) -> float:
        """The level of silence of what was taken after `since` (see health_silence.py).

        A `share` of receipts comes, after such `delays`.
        """
        level = 0.0
        for cohort in chain(reversed(self._cohorts), reversed(self.silent)):
            is_heard = cohort.delivered or cohort.failed or cohort.intercepted
            if cohort.opened_at <= since or cohort.opened_at < self.epoch_at or is_heard:
                break
            taken = cohort.taken - cohort.withdrawn - cohort.outrun + cohort.called_back
            if taken > 0:
                # Its messages were taken evenly between the two moments, as good as.
                youngest = delays.reached(now - cohort.closed_at)
                oldest = delays.reached(now - cohort.opened_at)
                heard = min(HEARD_MAX, share * (youngest + oldest) / 2.0)
                level -= taken * log1p(-heard)
            if cohort.outrun:
                level -= cohort.outrun * log1p(-_outrun_due(cohort, delays))
        return level

    def most(self, heard_at: float, level: float, weights: Weights) -> float:
        """The most to which passed() may raise a level, were all due that is open: cheap, to ask first."""
        silent, outrun, come = weights
        for cohort in self._cohorts:
            if cohort.opened_at >= heard_at:
                break
            waiting = cohort.taken - cohort.done - cohort.withdrawn
            if cohort.is_overdue or not (waiting or level or cohort.outrun):
                continue
            if not cohort.outrun:
                level = max(0.0, level + silent * waiting + come * cohort.done)
            else:
                waiting += cohort.called_back - cohort.outrun
                level = max(0.0, level + silent * waiting + come * cohort.done) + outrun * cohort.outrun
        return level

    def passed(self, heard_at: float, now: float, delays: Reaches, share: float) -> list[Passed]:
        """What was taken before the messages of `heard_at`, which have been heard of, and is not due yet.

        A `share` of receipts comes. Ages are those of the youngest: rather less is expected than more.
        """
        passed: list[Passed] = []
        for cohort in self._cohorts:
            if cohort.opened_at >= heard_at:
                break
            if not cohort.is_overdue and cohort.opened_at >= self.epoch_at:
                due = min(HEARD_MAX, share * delays.reached(now - cohort.closed_at))
                passed.append(Passed(cohort.opened_at, cohort.done, max(0, cohort.silent), due))
                if cohort.outrun:
                    passed.append(Passed(cohort.opened_at, 0, cohort.outrun, _outrun_due(cohort, delays)))
        return passed

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
            self.came.append(came)
            if is_evidence:
                counts.delivered += cohort.delivered
                counts.failed += cohort.failed
                counts.intercepted += cohort.intercepted
                if cohort.is_overdue:
                    counts.late += came
                    counts.reported += came
            cohort.done += came
            cohort.delivered = cohort.failed = cohort.intercepted = 0
        if not cohort.is_overdue and now - cohort.closed_at > deadline_s:
            cohort.is_overdue = True
            self.missing.append(cohort.message_ids)
            cohort.message_ids = []
            if is_evidence:
                counts.missing += max(0, cohort.silent) + cohort.outrun
                counts.outrun += cohort.outrun
                counts.outrun_nats += nats(cohort.outrun, _outrun_due(cohort, carriers_delays))
                counts.reported += cohort.done


def _is_done(cohort: Cohort) -> bool:
    """Whether nothing is left to be seen of a cohort."""
    return cohort.open <= 0 and not cohort.outrun


def _outrun_due(cohort: Cohort, delays: Reaches) -> float:
    """The chance that one of those that were outrun should have had its receipt before."""
    return min(OUTRUN_MAX, delays.reached(cohort.outrun_at_s))
