# Rules of what a client does with deliver_sm and data_sm from the carrier (SMPP 3.4 sections 4.6 and 4.7).
"""Taking receipts and messages."""

from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER_OCTETS
from smpp_router.wire.pdu import DataSmResp, DeliverSmResp

GROUP: Final = Group("receipts")
rule = GROUP.rule

_REASONS: Final = frozenset(
    {
        c.ESME_RMSGQFUL,
        c.ESME_RTHROTTLED,
        c.ESME_RX_T_APPN,
        c.ESME_RX_P_APPN,
        c.ESME_RX_R_APPN,
        c.ESME_RDELIVERYFAILURE,
        c.ESME_RINVMSGLEN,
        c.ESME_RINVDSTADR,
        c.ESME_RINVSRCADR,
        c.ESME_RINVDCS,
        c.ESME_RINVESMCLASS,
    }
)
"""Statuses from which a carrier can tell whether to try again."""
_DELIVERIES: Final = frozenset({c.DELIVER_SM, c.DATA_SM})


def _is_delivery(seen: Seen) -> bool:
    return seen.request is not None and seen.request.command_id in _DELIVERIES


@rule(
    "deliver-unanswered",
    "violation",
    "SMPP 3.4 section 4.6.2",
    On.UNANSWERED,
    "Answer every deliver_sm and data_sm; the carrier keeps what is not answered and sends it again.",
)
def deliver_unanswered(seen: Seen) -> Verdict:
    """A deliver_sm or data_sm is not answered."""
    if not _is_delivery(seen):
        return None
    assert seen.request is not None
    name = c.command_name(seen.request.command_id)
    return f"no {name}_resp for {seen.now - seen.request.at:.1f} s"


@rule(
    "deliver-late",
    "manners",
    "SMPP 3.4 section 7.2",
    On.RESPONSE,
    "Store it, answer, and work on it afterwards; a slow answer holds up what comes behind it.",
)
def deliver_late(seen: Seen) -> Verdict:
    """A late deliver_sm_resp or data_sm_resp."""
    if not _is_delivery(seen):
        return None
    assert seen.request is not None
    took_s = seen.now - seen.request.at
    return f"after {took_s:.1f} s" if took_s > seen.talk.limits.slow_s else GOOD


@rule(
    "deliver-refused-without-reason",
    "manners",
    "SMPP 3.4 section 5.1.3",
    On.RESPONSE,
    "Answer ESME_ROK to what was read; to have it again later ESME_RX_T_APPN, never again ESME_RX_P_APPN.",
)
def deliver_refused_without_reason(seen: Seen) -> Verdict:
    """A sound deliver_sm is answered with an error that tells nothing."""
    if not _is_delivery(seen) or seen.pdu is None:
        return None
    status = seen.pdu.command_status
    return GOOD if status == c.ESME_ROK or status in _REASONS else c.status_name(status)


@rule(
    "deliver-resp-message-id",
    "violation",
    "SMPP 3.4 section 4.6.2",
    On.RESPONSE,
    "Leave message_id of deliver_sm_resp empty: one NUL.",
)
def deliver_resp_message_id(seen: Seen) -> Verdict:
    """A message_id in a deliver_sm_resp."""
    if not isinstance(seen.pdu, DeliverSmResp):
        return None
    length = len(seen.pdu.message_id)
    return f"message_id has {length} octets" if length else GOOD


@rule(
    "deliver-resp-without-body",
    "violation",
    "SMPP 3.4 section 4.6.2",
    On.RESPONSE,
    "message_id is a mandatory field of the response: write its NUL.",
)
def deliver_resp_without_body(seen: Seen) -> Verdict:
    """A deliver_sm_resp or data_sm_resp that says ESME_ROK without a body."""
    if not isinstance(seen.pdu, (DeliverSmResp, DataSmResp)) or seen.pdu.command_status:
        return None
    return "command_length is 16" if len(seen.raw) == HEADER_OCTETS else GOOD


@rule(
    "no-receipts-wanted",
    "note",
    "SMPP 3.4 section 5.2.17",
    On.CLOSED,
    "Set registered_delivery to 1 to learn what becomes of messages; ESME_ROK says only they were taken.",
)
def no_receipts_wanted(seen: Seen) -> Verdict:
    """No message asks for a receipt."""
    talk = seen.talk
    if not talk.messages:
        return None
    return GOOD if talk.receipts_wanted else f"{talk.messages} messages, none with registered_delivery"
