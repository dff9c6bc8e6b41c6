# Rules of enquire_link (SMPP 3.4 section 4.11) and of the timers that go with it (section 7.2).
"""Knowing that the link is there."""

from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c

GROUP: Final = Group("links")
rule = GROUP.rule

HASTY_ENQUIRES: Final = 3
"""So many short intervals in a row are a setting, not an accident."""


@rule(
    "no-enquire-link",
    "manners",
    "SMPP 3.4 section 7.2",
    On.TIME,
    "Send enquire_link after 30 to 60 s of silence: a dead connection is not seen otherwise.",
)
def no_enquire_link(seen: Seen) -> Verdict:
    """A long silence without an enquire_link."""
    talk = seen.talk
    if not talk.is_bound or talk.has_idled:
        return None
    quiet_s = talk.quiet_s(seen.now)
    if quiet_s < talk.limits.quiet_s:
        # Only a client that has had cause to ask has been put to the test.
        return GOOD if talk.last_enquire_at is not None else None
    talk.has_idled = True
    return f"no traffic for {quiet_s:.0f} s, and the client does not ask"


@rule(
    "enquire-link-too-often",
    "manners",
    "SMPP 3.4 section 7.2",
    On.REQUEST,
    "Every 30 to 60 s will do, and only when nothing else has been heard.",
)
def enquire_link_too_often(seen: Seen) -> Verdict:
    """An enquire_link every few seconds."""
    talk = seen.talk
    if int.from_bytes(seen.raw[4:8], "big") != c.ENQUIRE_LINK or talk.last_enquire_at is None:
        return None
    if talk.hasty_enquires + 1 < HASTY_ENQUIRES:
        return GOOD
    interval_s = seen.now - talk.last_enquire_at
    return f"again after {interval_s:.1f} s" if interval_s < talk.limits.enquire_every_s else GOOD


@rule(
    "enquire-link-unanswered",
    "violation",
    "SMPP 3.4 section 4.11.2",
    On.UNANSWERED,
    "Answer each enquire_link with enquire_link_resp; carriers close a link that does not answer.",
)
def enquire_link_unanswered(seen: Seen) -> Verdict:
    """The carrier's enquire_link is not answered."""
    assert seen.request is not None
    if seen.request.command_id != c.ENQUIRE_LINK:
        return None
    return f"no enquire_link_resp for {seen.now - seen.request.at:.1f} s"


@rule(
    "enquire-link-late",
    "manners",
    "SMPP 3.4 section 7.2",
    On.RESPONSE,
    "Answer enquire_link where the PDUs are read, ahead of any work on messages.",
)
def enquire_link_late(seen: Seen) -> Verdict:
    """A late enquire_link_resp."""
    request = seen.request
    if request is None or request.command_id != c.ENQUIRE_LINK:
        return None
    took_s = seen.now - request.at
    return f"after {took_s:.1f} s" if took_s > seen.talk.limits.slow_s else GOOD
