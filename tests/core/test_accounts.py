"""What an account is owed is always in exactly one place until it is settled or given up."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smpp_router.core.accounts import Account
from smpp_router.message.message import Delivery
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode, encode_body, header_only
from tests.core.talk import account as account_config
from tests.session.peers import LIMITS, NOW, bind, opened, said

WINDOW = 3


def owed(message_id: int, made_at: float = NOW) -> Delivery:
    tlvs = ((c.TAG_MESSAGE_STATE, b"\2"),)
    body = encode_body(p.DeliverSm(source_addr=b"1", short_message=b"%d" % message_id, tlvs=tlvs))
    return Delivery(message_id, "bank", body, made_at)


def receiver(account: Account, command_id: int = c.BIND_RECEIVER, version: int = 0x34) -> Session:
    session = opened(Role.MC)
    session.receive(encode(bind(command_id, interface_version=version)), NOW)
    session.accept_bind(b"mc", NOW, WINDOW, LIMITS)
    session.take_output()
    account.sessions.append(session)
    return session


def delivered(session: Session) -> list[p.DeliverSm]:
    return [pdu for pdu in said(session) if isinstance(pdu, p.DeliverSm)]


def texts(session: Session) -> list[bytes]:
    return [pdu.short_message for pdu in delivered(session)]


class AccountMachine(RuleBasedStateMachine):
    """Deliveries owed, sessions that come and go, ESMEs that answer well, badly and not at all."""

    @initialize(receipts_max=st.integers(0, 8))
    def begin(self, receipts_max: int) -> None:
        config = account_config("bank", receipts_max=receipts_max, receipt_retry_s=10.0, receipts_age_s=100.0)
        self.account = Account(config)
        self.now = NOW
        self.made = 0
        self.done: list[int] = []

    @rule(count=st.integers(1, 6))
    def owe(self, count: int) -> None:
        deliveries = [owed(self.made + n, self.now) for n in range(count)]
        self.made += count
        dropped = self.account.owe(deliveries)
        self.done += [delivery.message_id for delivery in dropped]
        if not any(session.can_deliver for session in self.account.sessions):
            assert len(self.account._outbox) <= self.account.config.receipts_max

    @precondition(lambda self: len(self.account.sessions) < 3)
    @rule(command_id=st.sampled_from([c.BIND_RECEIVER, c.BIND_TRANSCEIVER, c.BIND_TRANSMITTER]))
    def bind(self, command_id: int) -> None:
        receiver(self.account, command_id)
        self.pump()

    @rule()
    def pump(self) -> None:
        self.account.pump(self.now)
        if any(session.can_deliver and session.window.room > 0 for session in self.account.sessions):
            assert not self.account._outbox

    @precondition(lambda self: any(len(session.window) for session in self.account.sessions))
    @rule(data=st.data(), status=st.sampled_from([0, 0, c.ESME_RX_T_APPN]))
    def answer(self, data: st.DataObject, status: int) -> None:
        sessions = [session for session in self.account.sessions if len(session.window)]
        session = data.draw(st.sampled_from(sessions))
        number = data.draw(st.sampled_from(sorted(session.window._entries)))
        for arrival in session.receive(header_only(c.DELIVER_SM_RESP, status, number), self.now):
            assert isinstance(arrival.request, Delivery)
            if status:
                self.account.retry_later(arrival.request, self.now)
            else:
                self.done.append(arrival.request.message_id)

    @precondition(lambda self: bool(self.account.sessions))
    @rule(data=st.data(), is_unbinding=st.booleans())
    def leave(self, data: st.DataObject, is_unbinding: bool) -> None:
        session = data.draw(st.sampled_from(self.account.sessions))
        if is_unbinding:
            session.unbind(self.now)
            return
        self.account.sessions.remove(session)
        self.account.put_back([x for x in session.lose() if isinstance(x, Delivery)])

    @rule(seconds=st.sampled_from([0.25, 5.0, 10.0, 60.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        for session in self.account.sessions:
            for context in session.tick(self.now):
                assert isinstance(context, Delivery)
                self.account.retry_later(context, self.now)
        dropped = self.account.tick(self.now)
        assert all(delivery.made_at < self.now - 100.0 for delivery in dropped)
        self.done += [delivery.message_id for delivery in dropped]

    @invariant()
    def every_delivery_is_in_one_place(self) -> None:
        if not hasattr(self, "account"):
            return
        account = self.account
        waiting = [*account._outbox, *(delivery for _, _, delivery in account._later)]
        assert account.waiting == len(waiting)
        on_sessions = [x for session in account.sessions for x in session.window._entries.values()]
        places = [x.message_id for x in [*waiting, *on_sessions] if isinstance(x, Delivery)]
        assert Counter([*places, *self.done]) == Counter(range(self.made))


TestAccount = AccountMachine.TestCase


def test_deliveries_go_out_in_the_order_in_which_they_were_owed() -> None:
    account = Account(account_config("bank"))
    session = receiver(account)
    assert account.owe([owed(n) for n in range(5)]) == []
    account.pump(NOW)
    assert texts(session) == [b"0", b"1", b"2"]
    session.receive(header_only(c.DELIVER_SM_RESP, 0, 2), NOW)
    account.pump(NOW)
    assert texts(session) == [b"3"]
    assert account.waiting == 1


def test_any_session_that_may_receive_carries_deliveries_and_no_other() -> None:
    account = Account(account_config("bank"))
    sessions = [
        receiver(account, command_id)
        for command_id in (c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER)
    ]
    account.owe([owed(n) for n in range(6)])
    account.pump(NOW)
    assert [len(delivered(session)) for session in sessions] == [0, 3, 3]


def test_sessions_take_turns() -> None:
    account = Account(account_config("bank"))
    first, second = receiver(account), receiver(account)
    for n in range(4):
        account.owe([owed(n)])
        account.pump(NOW)
    assert (texts(first), texts(second)) == ([b"0", b"2"], [b"1", b"3"])


def test_what_a_lost_session_carried_comes_first_again() -> None:
    account = Account(account_config("bank"))
    session = receiver(account)
    account.owe([owed(n) for n in range(5)])
    account.pump(NOW)
    account.sessions.remove(session)
    account.put_back([x for x in session.lose() if isinstance(x, Delivery)])
    again = receiver(account)
    account.pump(NOW)
    assert texts(again) == [b"0", b"1", b"2"]


def test_interop_25_a_refused_delivery_comes_again_after_the_pause_and_not_before() -> None:
    account = Account(account_config("bank", receipt_retry_s=10.0))
    session = receiver(account)
    account.retry_later(owed(1), NOW)
    assert (account.waiting, account.counters.deliver_errors) == (1, 1)
    account.tick(NOW + 9.9)
    account.pump(NOW + 9.9)
    assert delivered(session) == []
    account.tick(NOW + 10.0)
    account.pump(NOW + 10.0)
    assert texts(session) == [b"1"]


def test_interop_12_a_peer_of_3_3_is_sent_no_optional_parameters() -> None:
    account = Account(account_config("bank"))
    old, new = receiver(account, version=0x33), receiver(account)
    account.owe([owed(n) for n in range(6)])
    account.pump(NOW)
    assert [pdu.tlvs for pdu in delivered(old)] == [(), (), ()]
    assert all(pdu.tlvs for pdu in delivered(new))


def test_what_nobody_is_bound_for_waits_up_to_the_limit_and_the_oldest_goes_first() -> None:
    account = Account(account_config("bank", receipts_max=3))
    receiver(account, c.BIND_TRANSMITTER)
    assert account.owe([owed(1), owed(2)]) == []
    assert account.owe([owed(3), owed(4), owed(5)]) == [owed(1), owed(2)]
    assert (account.waiting, account.counters.deliveries_dropped) == (3, 2)


def test_what_has_waited_too_long_is_given_up() -> None:
    account = Account(account_config("bank", receipts_age_s=100.0))
    account.owe([owed(1, NOW), owed(2, NOW + 50.0)])
    assert account.tick(NOW + 100.0) == []
    assert account.tick(NOW + 100.1) == [owed(1, NOW)]
    assert (account.waiting, account.counters.deliveries_dropped) == (1, 1)
