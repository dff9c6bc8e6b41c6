"""The timers of SMPP 3.4 section 7.2 as plain values: told the time, they tell what is due."""

import enum

import attrs


class Due(enum.Enum):
    """What a tick asks of the session."""

    NOTHING = "nothing"
    ENQUIRE_LINK = "enquire_link"
    UNBIND_IDLE = "inactivity_timer"
    CLOSE_UNBOUND = "session_init_timer"
    CLOSE_SILENT = "enquire_link unanswered"
    CLOSE_UNANSWERED_UNBIND = "unbind unanswered"


@attrs.frozen
class TimerLimits:
    """Seconds. `enquire_link_s` and `inactivity_s` may be 0: never.

    session_init_s: connect to bind. enquire_link_s: silence after which the peer is asked.
    inactivity_s: time without any message, after which the session is unbound.
    response_s: how long a request may go unanswered.
    """

    session_init_s: float = 10.0
    enquire_link_s: float = 30.0
    inactivity_s: float = 0.0
    response_s: float = 30.0


@attrs.define(eq=False)
class Timers:
    """When what happened last on a session, in unix seconds.

    `heard_at`: anything came. `message_at`: a message or its answer crossed, either way. `enquired_at`: the
    peer was asked and has not been heard since. `unbind_at`: we asked to unbind.
    """

    limits: TimerLimits
    opened_at: float
    heard_at: float = attrs.field(init=False)
    message_at: float = attrs.field(init=False)
    enquired_at: float | None = None
    unbind_at: float | None = None

    def __attrs_post_init__(self) -> None:
        self.heard_at = self.opened_at
        self.message_at = self.opened_at

    def due(self, now: float, is_bound: bool) -> Due:
        """Tell the one thing that is most due; doing it is the session's part."""
        limits = self.limits
        if self.unbind_at is not None:
            is_late = now >= self.unbind_at + limits.response_s
            return Due.CLOSE_UNANSWERED_UNBIND if is_late else Due.NOTHING
        # At once counts: we ask only after a silence, so what was heard at that very time came behind it.
        if self.enquired_at is not None and self.heard_at >= self.enquired_at:
            self.enquired_at = None
        if self.enquired_at is not None and now >= self.enquired_at + limits.response_s:
            return Due.CLOSE_SILENT
        if not is_bound:
            is_late = now >= self.opened_at + limits.session_init_s
            return Due.CLOSE_UNBOUND if is_late else Due.NOTHING
        if limits.inactivity_s and now >= self.message_at + limits.inactivity_s:
            return Due.UNBIND_IDLE
        if (
            limits.enquire_link_s
            and self.enquired_at is None
            and now >= self.heard_at + limits.enquire_link_s
        ):
            return Due.ENQUIRE_LINK
        return Due.NOTHING
