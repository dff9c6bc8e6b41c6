"""Who may bind, checked from the cheapest reason to refuse to the dearest."""

import pytest

from smpp_router.core.accounts import Account
from smpp_router.core.admission import Admission, Candidate
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from tests.core.talk import account as account_config
from tests.session.peers import LIMITS, NOW, bind, bound

HOME = "127.0.0.1"


def admission(**changes: object) -> tuple[Admission, Account]:
    account = Account(account_config("acme", **changes))
    return Admission({"acme": account}, b"k" * 32), account


def candidate(found: Candidate | int) -> Candidate:
    assert isinstance(found, Candidate)
    return found


def test_a_bind_that_only_lacks_its_password_is_a_candidate() -> None:
    gate, account = admission()
    found = candidate(gate.check(bind(), HOME))
    assert (found.account, found.is_known) == (account, False)


@pytest.mark.parametrize(
    ("request_", "peer_ip", "changes", "status"),
    [
        (p.Bind(system_id=b"nobody"), HOME, {}, c.ESME_RINVSYSID),
        (p.Bind(system_id=b"ACME"), HOME, {}, c.ESME_RINVSYSID),
        (p.Bind(system_id=b"acme\xff"), HOME, {}, c.ESME_RINVSYSID),
        (bind(), "192.0.2.1", {}, c.ESME_RBINDFAIL),
        (bind(), "", {}, c.ESME_RBINDFAIL),
        (bind(), HOME, {"allow_from": ()}, c.ESME_RBINDFAIL),
        (bind(), HOME, {"system_type": "VMA"}, c.ESME_RINVSYSTYP),
        (bind(c.BIND_RECEIVER), HOME, {"bind_types": ("transmitter", "transceiver")}, c.ESME_RBINDFAIL),
        (bind(c.BIND_TRANSMITTER), HOME, {"bind_types": ("receiver",)}, c.ESME_RBINDFAIL),
        (bind(c.BIND_TRANSCEIVER), HOME, {"bind_types": ("receiver",)}, c.ESME_RBINDFAIL),
    ],
)
def test_a_bind_is_refused_for_what_costs_nothing_to_see(
    request_: p.Bind, peer_ip: str, changes: dict[str, object], status: int
) -> None:
    gate, _ = admission(**changes)
    assert gate.check(request_, peer_ip) == status


@pytest.mark.parametrize(("configured", "sent"), [(None, b"anything"), ("", b""), ("VMA", b"VMA")])
def test_a_system_type_is_checked_only_if_one_is_configured(configured: str | None, sent: bytes) -> None:
    gate, _ = admission(system_type=configured)
    request = bind()
    request.system_type = sent
    assert candidate(gate.check(request, HOME))


def test_a_password_that_was_right_is_known_to_be() -> None:
    gate, _ = admission()
    gate.remember(candidate(gate.check(bind(), HOME)), bind())
    assert candidate(gate.check(bind(), HOME)).is_known
    other = bind()
    other.password = b"other"
    assert not candidate(gate.check(other, HOME)).is_known


def test_a_known_password_does_not_open_what_else_is_closed() -> None:
    gate, _ = admission()
    gate.remember(candidate(gate.check(bind(), HOME)), bind())
    assert gate.check(bind(), "192.0.2.1") == c.ESME_RBINDFAIL


def sessions_of(account: Account, count: int) -> list[Session]:
    account.sessions = [bound(Role.MC, limits=LIMITS) for _ in range(count)]
    return account.sessions


def test_interop_11_a_bind_above_the_limit_is_refused() -> None:
    gate, account = admission(binds_max=2)
    sessions_of(account, 1)
    assert gate.make_room(account, NOW)
    sessions = sessions_of(account, 2)
    assert not gate.make_room(account, NOW)
    assert all(session.timers.unbind_at is None for session in sessions)


def test_interop_11_a_bind_above_the_limit_may_end_the_oldest_session() -> None:
    gate, account = admission(binds_max=2, takeover="kick_oldest")
    oldest, newest = sessions_of(account, 2)
    assert gate.make_room(account, NOW)
    assert oldest.take_output()[4:8] == c.UNBIND.to_bytes(4, "big")
    assert newest.take_output() == b""


def test_interop_11_each_bind_ends_one_session_and_not_the_same_one_twice() -> None:
    gate, account = admission(binds_max=2, takeover="kick_oldest")
    oldest, newest = sessions_of(account, 2)
    assert gate.make_room(account, NOW)
    account.sessions.append(bound(Role.MC))
    assert gate.make_room(account, NOW)
    assert oldest.timers.unbind_at is not None
    assert newest.timers.unbind_at is not None
    assert account.sessions[-1].timers.unbind_at is None


@pytest.mark.parametrize("how", [lambda s: s.unbind(NOW), lambda s: s.close("enquire_link unanswered")])
def test_interop_15_a_session_on_its_way_out_takes_up_no_room(how: object) -> None:
    """An ESME whose host vanished comes back before its old connection is known to be dead."""
    gate, account = admission(binds_max=1)
    (old,) = sessions_of(account, 1)
    assert not gate.make_room(account, NOW)
    assert callable(how)
    how(old)
    assert gate.make_room(account, NOW)
