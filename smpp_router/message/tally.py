# What becomes of messages, counted where it happens and read once a second by whoever measures.
#
#   Tally    one cell (a carrier, a region of numbers, a traffic class): sent, accepted, refused, unanswered
#   Cohort   the messages of a cell that a carrier took within the same second or so, awaiting receipts
#
# Rule 1: the hot path only adds to plain numbers here; it never divides, decays or looks at a clock.
# Rule 2: the reader takes the numbers out, so that nothing is counted twice.
# Rule 3: a Pending refers to its Cohort, which costs 8 bytes a message, and tells age and cell together.
"""Counters of what became of messages, by cell and by the second in which they were taken."""

from typing import Final

from smpp_router.wire import constants as c

THROTTLES: Final = frozenset({c.ESME_RTHROTTLED, c.ESME_RMSGQFUL})
"""command_status of a carrier that is asked for more than it takes now."""

ADDRESSES: Final = frozenset({c.ESME_RINVDSTADR, c.ESME_RINVDSTTON, c.ESME_RINVDSTNPI})
"""command_status about the number: as good as a receipt that says UNDELIV."""

FAULTS: Final = frozenset(
    {
        c.ESME_RINVMSGLEN,
        c.ESME_RINVPRTFLG,
        c.ESME_RINVREGDLVFLG,
        c.ESME_RINVSRCADR,
        c.ESME_RINVESMCLASS,
        c.ESME_RINVREPFLAG,
        c.ESME_RINVSERTYP,
        c.ESME_RINVSCHED,
        c.ESME_RINVEXPIRY,
        c.ESME_RINVDFTMSGID,
        c.ESME_RINVOPTPARSTREAM,
        c.ESME_RINVPARLEN,
        c.ESME_RINVOPTPARAMVAL,
    }
)
"""command_status about the message itself: says nothing of the carrier's health."""


class Cohort:
    """Messages taken by a carrier at about the same time.

    `opened_at` is when the first of them could be taken, `closed_at` the latest moment for the last.
    `taken` messages await their receipts; `delivered`, `failed` and `intercepted` came since the last look,
    `withdrawn` ended without a receipt, `done` is what earlier looks have seen. `message_ids` are all
    that were taken, until the cohort is overdue. `outrun` had no receipt when another carrier, asked later,
    delivered the same message: `outrun_s` seconds after they went out, all added up; `called_back` of these
    have been withdrawn.
    """

    __slots__ = (
        "called_back",
        "closed_at",
        "delivered",
        "done",
        "failed",
        "intercepted",
        "is_overdue",
        "message_ids",
        "opened_at",
        "outrun",
        "outrun_s",
        "taken",
        "withdrawn",
    )

    def __init__(self, opened_at: float) -> None:
        self.opened_at = opened_at
        self.closed_at = opened_at
        self.taken = 0
        self.delivered = 0
        self.failed = 0
        self.intercepted = 0
        self.withdrawn = 0
        self.outrun = 0
        self.outrun_s = 0.0
        self.called_back = 0
        self.done = 0
        self.is_overdue = False
        self.message_ids: list[int] = []

    def outran(self, age_s: float) -> None:
        """Another carrier has delivered one, at this age of it."""
        self.outrun += 1
        self.outrun_s += age_s

    def was_late(self, age_s: float) -> None:
        """One that was outrun at this age has its receipt now."""
        self.outrun -= 1
        self.outrun_s -= age_s

    def call_back(self) -> None:
        """Withdraw one of those that were outrun."""
        self.withdrawn += 1
        self.called_back += 1

    @property
    def outrun_at_s(self) -> float:
        """The age at which they were outrun, on average."""
        return self.outrun_s / self.outrun if self.outrun else 0.0

    @property
    def silent(self) -> int:
        """Messages whose end has not been seen, and that nobody has outrun."""
        return self.open - self.outrun + self.called_back

    @property
    def open(self) -> int:
        """Messages whose end has not been seen."""
        return self.taken - self.done - self.delivered - self.failed - self.intercepted - self.withdrawn


class Tally:
    """One cell's counters since the last look. `cohort` is where messages that are taken now belong.

    `latency_sum_s` adds up seconds from submit_sm to an accepting submit_sm_resp. `overdue` is no sum: it is
    counted just before each look, as how many requests are outstanding for longer than they should be.
    """

    __slots__ = (
        "accepted",
        "cohort",
        "complaints",
        "errors",
        "faults",
        "latency_sum_s",
        "overdue",
        "sent",
        "silent",
        "throttled",
        "undeliverable",
    )

    def __init__(self, now: float) -> None:
        self.cohort = Cohort(now)
        self.take()

    def take(self) -> None:
        """Begin anew; the reader has read everything but the cohort."""
        self.sent = 0
        self.accepted = 0
        self.latency_sum_s = 0.0
        self.errors = 0
        self.faults = 0
        self.throttled = 0
        self.undeliverable = 0
        self.silent = 0
        self.complaints = 0
        self.overdue = 0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has happened since the last look."""
        return not (
            self.sent
            or self.accepted
            or self.errors
            or self.throttled
            or self.silent
            or self.undeliverable
            or self.complaints
            or self.overdue
            or self.cohort.taken
        )

    def accept(self, count: int, latency_sum_s: float) -> Cohort:
        """Count accepting responses; return the cohort that the messages belong to from now on."""
        self.accepted += count
        self.latency_sum_s += latency_sum_s
        cohort = self.cohort
        cohort.taken += count
        return cohort

    def refuse(self, command_status: int) -> None:
        """Count a response that refuses, by its kind."""
        if command_status in THROTTLES:
            self.throttled += 1
        elif command_status in ADDRESSES:
            self.undeliverable += 1
        elif command_status in FAULTS:
            self.faults += 1
        else:
            self.errors += 1
