# Rules of how a session begins and ends (SMPP 3.4 sections 2.2, 2.3, 4.1 and 4.2).
"""Binding and unbinding."""

from typing import Final

from simulators.grade.conversation import BINDS, BOUND, Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind

GROUP: Final = Group("binding")
rule = GROUP.rule

SHORT_SESSIONS: Final = 3
"""So many sessions in a row with one message each are a habit."""
HASTY_BINDS: Final = 3
"""So many binds in a row without a pause after a refusal are a storm."""

_NEEDS_NO_BIND: Final = frozenset({*BINDS, c.ENQUIRE_LINK})
_TX_ONLY: Final = frozenset({c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM, c.QUERY_SM, c.CANCEL_SM, c.REPLACE_SM})


def _command(seen: Seen) -> int:
    return int.from_bytes(seen.raw[4:8], "big")


@rule(
    "request-before-bind",
    "violation",
    "SMPP 3.4 section 2.2",
    On.REQUEST,
    "Wait for a bind_resp that says ESME_ROK before sending anything else.",
)
def request_before_bind(seen: Seen) -> Verdict:
    """A request before the bind was accepted."""
    command = _command(seen)
    if command in _NEEDS_NO_BIND:
        return None
    if seen.talk.state == "open":
        return f"{c.command_name(command)} without a bind"
    if seen.talk.state == "binding":
        return f"{c.command_name(command)} before the bind_resp"
    return GOOD


@rule(
    "wrong-bind-type",
    "violation",
    "SMPP 3.4 section 2.3",
    On.REQUEST,
    "Bind as transmitter or transceiver to submit.",
)
def wrong_bind_type(seen: Seen) -> Verdict:
    """An operation of a transmitter on a receiver bind."""
    if _command(seen) not in _TX_ONLY or not seen.talk.is_bound:
        return None
    return f"{c.command_name(_command(seen))} on a receiver" if seen.talk.state == "receiver" else GOOD


@rule(
    "bound-twice",
    "violation",
    "SMPP 3.4 section 2.2",
    On.BIND,
    "One bind a connection: open another connection for another bind.",
)
def bound_twice(seen: Seen) -> Verdict:
    """A bind on a connection that is bound or binding."""
    state = seen.talk.state
    if state in BOUND:
        return f"bound as {state} already"
    return "an earlier bind is not answered yet" if state == "binding" else GOOD


@rule(
    "interface-version",
    "violation",
    "SMPP 3.4 section 5.2.4",
    On.BIND,
    "Say 0x34 for SMPP 3.4; other values above it are reserved.",
)
def interface_version(seen: Seen) -> Verdict:
    """A reserved interface_version."""
    if not isinstance(seen.pdu, Bind):
        return None
    version = seen.pdu.interface_version
    return GOOD if version <= c.VERSION_34 or version == c.VERSION_50 else f"0x{version:02x}"


@rule(
    "interface-version-other",
    "note",
    "SMPP 3.4 section 5.2.4",
    On.BIND,
    "Know what it means: up to 0x33 no TLVs, and of 0x50 this report judges by SMPP 3.4 all the same.",
)
def interface_version_other(seen: Seen) -> Verdict:
    """Another version of SMPP than 3.4."""
    if not isinstance(seen.pdu, Bind):
        return None
    version = seen.pdu.interface_version
    if version == c.VERSION_50:
        return "5.0"
    return f"0x{version:02x}: 3.3 or earlier" if version < c.VERSION_34 else GOOD


@rule(
    "system-id-too-long",
    "violation",
    "SMPP 3.4 section 5.2.1",
    On.BIND,
    "At most 15 characters; a carrier may cut what is longer, and then not know it.",
)
def system_id_too_long(seen: Seen) -> Verdict:
    """A system_id of more than 15 characters."""
    if not isinstance(seen.pdu, Bind):
        return None
    length = len(seen.pdu.system_id)
    return f"{length} characters" if length > 15 else GOOD


@rule(
    "password-too-long",
    "violation",
    "SMPP 3.4 section 5.2.2",
    On.BIND,
    "At most 8 characters; ask the carrier whether it really takes more.",
)
def password_too_long(seen: Seen) -> Verdict:
    """A password of more than 8 characters."""
    if not isinstance(seen.pdu, Bind):
        return None
    return "more than 8 characters" if len(seen.pdu.password) > 8 else GOOD


@rule(
    "bind-storm",
    "manners",
    "SMPP 3.4 section 2.2",
    On.BIND,
    "After a refused bind wait, longer each time; after ESME_RINVPASWD do not try again by itself.",
)
def bind_storm(seen: Seen) -> Verdict:
    """Binds again and again without a pause after a refusal."""
    account = seen.talk.account
    if not account.refused_at:
        return None
    if account.hasty_binds < HASTY_BINDS:
        return GOOD
    return f"{account.hasty_binds} binds in a row within {seen.talk.limits.rebind_s:g} s of a refusal"


@rule(
    "bind-per-message",
    "manners",
    "SMPP 3.4 section 2.2",
    On.CLOSED,
    "Keep one session and send all messages by it; a bind costs both sides more than a message.",
)
def bind_per_message(seen: Seen) -> Verdict:
    """A bind for each message."""
    if not seen.talk.has_bound:
        return None
    count = seen.talk.account.short_sessions
    return f"{count} sessions in a row with one message each" if count >= SHORT_SESSIONS else GOOD


@rule(
    "no-bind",
    "manners",
    "SMPP 3.4 section 7.2",
    On.TIME,
    "Bind at once after connecting; a carrier closes what stays silent (session_init_timer).",
)
def no_bind(seen: Seen) -> Verdict:
    """A connection without a bind."""
    talk = seen.talk
    if talk.has_bound or talk.has_idled:
        return None
    if talk.state != "open" or seen.now < talk.connected_at + talk.limits.session_init_s:
        return GOOD
    if talk.outbind_at is not None:
        return None  # of outbind-ignored
    talk.has_idled = True
    return f"nothing bound for {seen.now - talk.connected_at:.0f} s"


@rule(
    "outbind-ignored",
    "violation",
    "SMPP 3.4 section 2.2.1",
    On.CLOSED,
    "Answer an outbind with a bind_receiver on the same connection, or do not listen for it.",
)
def outbind_ignored(seen: Seen) -> Verdict:
    """An outbind that no bind follows."""
    talk = seen.talk
    if talk.outbind_at is None:
        return None
    seen.raw = talk.outbind_raw
    return GOOD if talk.has_bound or talk.state == "binding" else "the connection ended without a bind"


@rule(
    "no-unbind",
    "manners",
    "SMPP 3.4 section 4.2",
    On.CLOSED,
    "Send unbind, wait for unbind_resp, then close; who just drops TCP leaves the other side guessing.",
)
def no_unbind(seen: Seen) -> Verdict:
    """The connection is closed without an unbind."""
    talk = seen.talk
    if not talk.has_bound or talk.is_given_up or talk.carrier_unbind_at is not None:
        return None
    if talk.is_bound:
        return f"closed while bound as {talk.state}"
    return GOOD


@rule(
    "request-after-unbind",
    "violation",
    "SMPP 3.4 section 4.2",
    On.REQUEST,
    "Send nothing behind an unbind: the carrier will not take it.",
)
def request_after_unbind(seen: Seen) -> Verdict:
    """A request after the client's own unbind."""
    since = seen.talk.unbind_at
    if since is None:
        return None
    return f"{c.command_name(_command(seen))} {seen.now - since:.3f} s after it"


@rule(
    "unbind-unanswered",
    "violation",
    "SMPP 3.4 section 4.2.2",
    On.CLOSED,
    "Answer an unbind with unbind_resp at once, then close.",
)
def unbind_unanswered(seen: Seen) -> Verdict:
    """The carrier's unbind is not answered."""
    since = seen.talk.carrier_unbind_at
    if since is None:
        return None
    waiting = [one for one in seen.talk.asked.values() if one.command_id == c.UNBIND]
    if not waiting:
        return GOOD
    if seen.talk.is_given_up and seen.now < since + seen.talk.limits.slow_s:
        return None  # it was we who did not wait
    seen.raw = waiting[0].raw
    return f"{seen.now - since:.3f} s without unbind_resp"
