"""What is about to go out over each session of a load."""

import trio.testing

from simulators.load_binds import DueUnreceipted, LoadBind, sources_of
from simulators.load_result import LoadOptions
from simulators.traffic.accounts import LoadAccount
from simulators.traffic.mix import Made
from smpp_router.net.connection import Connection
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits

TWO = Made((b"first", b"second"), True)
ONE = Made((b"only",), False)


def binds(*rooms: int) -> list[LoadBind]:
    (source,) = sources_of(LoadOptions())
    made: list[LoadBind] = []
    for room in rooms:
        session = Session(Role.ESME, now=0.0, writable=[], window_size=10, limits=TimerLimits())
        bind = LoadBind(Connection(trio.testing.memory_stream_pair()[0], session, 1.0), source)
        bind.room = room
        made.append(bind)
    return made


def test_a_message_goes_whole_or_not_at_all() -> None:
    (bind,) = binds(3)
    assert bind.put(TWO, 5.0)
    assert not bind.put(TWO, 6.0)
    assert (bind.bodies, bind.due, bind.room) == ([b"first", b"second"], [5.0, 5.0], 1)


def test_one_that_wants_no_receipt_is_marked() -> None:
    (bind,) = binds(3)
    bind.put(ONE, 5.0)
    assert bind.due == [5.0]
    assert type(bind.due[0]) is DueUnreceipted


def test_sessions_take_turns_and_full_ones_are_passed_over() -> None:
    able = binds(2, 0, 2)
    source = able[0].account
    assert [source.put_in_turn(able, ONE, 0.0) for _ in range(5)] == [True] * 4 + [False]
    assert [len(bind.bodies) for bind in able] == [2, 0, 2]


def test_shares_divide_the_rate() -> None:
    accounts = (LoadAccount(system_id="a", share=3.0), LoadAccount(system_id="b"))
    first, second = sources_of(LoadOptions(accounts=accounts, rate_per_s=8.0))
    assert first.pace is not None
    assert second.pace is not None
    assert [first.pace.take() for _ in range(3)] == [0.0, 1 / 6, 2 / 6]
    assert [second.pace.take() for _ in range(3)] == [0.0, 0.5, 1.0]
    assert first.key != second.key
