# Rules of how much and how fast (SMPP 3.4 sections 2.7 and 5.1.3): windows and throttling.
"""Windows and throttling."""

from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c

GROUP: Final = Group("windows")
rule = GROUP.rule

SLOW_DOWN: Final = frozenset({c.ESME_RTHROTTLED, c.ESME_RMSGQFUL})
RATE_SECOND_S: Final = 1.0
RATE_MIN: Final = 5
"""Fewer submits in the second before a refusal are too few to tell a slowing down by."""
RATE_SAME: Final = 0.8
"""A client that heeds a refusal sends less than this share of what it sent before."""
ONE_BY_ONE_MESSAGES: Final = 20
ONE_BY_ONE_ANSWER_S: Final = 0.02
"""With quicker responses than this a window is of little use."""

_SUBMITS: Final = frozenset({c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM})


@rule(
    "window-overrun",
    "manners",
    "SMPP 3.4 section 2.7",
    On.REQUEST,
    "Stop at the window agreed with the carrier, 10 if none was, until a response makes room.",
)
def window_overrun(seen: Seen) -> Verdict:
    """More unanswered requests than the window has room for."""
    talk = seen.talk
    if not talk.is_bound:
        return None
    waiting = len(talk.asks)
    if waiting < talk.limits.window_max:
        return GOOD if waiting else None
    return f"{waiting + 1} requests without a response, the window is {talk.limits.window_max}"


@rule(
    "throttling-ignored",
    "manners",
    "SMPP 3.4 section 5.1.3",
    On.TIME,
    "On ESME_RTHROTTLED and ESME_RMSGQFUL lower the rate, and raise it again little by little.",
)
def throttling_ignored(seen: Seen) -> Verdict:
    """The rate stays the same after ESME_RTHROTTLED or ESME_RMSGQFUL."""
    slowdown = seen.talk.slowdown
    if slowdown is None or seen.now < slowdown.at + RATE_SECOND_S:
        return None
    if slowdown.before < RATE_MIN:
        return None
    seen.raw = slowdown.raw
    if slowdown.after < slowdown.before * RATE_SAME:
        return GOOD
    return f"{slowdown.before} messages in the second before it, {slowdown.after} in the one after"


@rule(
    "retry-without-pause",
    "manners",
    "SMPP 3.4 section 5.1.3",
    On.MESSAGE,
    "Wait before sending again what was refused for speed, a second at first, longer each time.",
)
def retry_without_pause(seen: Seen) -> Verdict:
    """The same message again at once after ESME_RTHROTTLED or ESME_RMSGQFUL."""
    throttled = seen.talk.account.throttled
    if not throttled:
        return None
    at = throttled.get(hash(seen.raw[16:]))
    if at is None or seen.now - at >= seen.talk.limits.retry_s:
        return GOOD
    return f"again after {(seen.now - at) * 1000:.0f} ms"


@rule(
    "one-by-one",
    "note",
    "SMPP 3.4 section 2.7",
    On.CLOSED,
    "Send without waiting for each response: at 50 ms a response one by one makes 20 messages a second.",
)
def one_by_one(seen: Seen) -> Verdict:
    """Each message waits for the response to the one before."""
    talk = seen.talk
    if talk.messages < ONE_BY_ONE_MESSAGES or talk.slowest_answer_s < ONE_BY_ONE_ANSWER_S:
        return None
    if talk.asks_max > 1:
        return GOOD
    return (
        f"{talk.messages} messages, never two under way, responses took up to {talk.slowest_answer_s:.2f} s"
    )


def is_submit(command_id: int) -> bool:
    """Whether a request counts for the rate."""
    return command_id in _SUBMITS
