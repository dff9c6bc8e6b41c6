"""A session is restrained while another one of its carrier is better, and not longer."""

from smpp_router.config_health import HealthConfig
from smpp_router.routing.health_breaker import BreakerLimits, State
from smpp_router.routing.health_links import LinksHealth, SessionHealth, lines
from smpp_router.wire import constants as c

CONFIG = HealthConfig()
LIMITS = BreakerLimits(open_below=50, open_s=10.0, open_max_s=120.0, slow_start_s=30.0)


class Pair:
    """Two sessions, looked at once a second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.links = LinksHealth()
        self.one, self.two = (self.links.attach(link, LIMITS, 0.0) for link in (1, 2))

    def look(self, seconds: int, one: list[int], two: list[int], overdue: int = 0) -> None:
        """Each session answers so every second; `overdue` requests stand on the second."""
        for _ in range(seconds):
            self.now += 1.0
            for session, statuses in ((self.one, one), (self.two, two)):
                session.sent(len(statuses))
                session.answered(statuses, 0.1)
            self.two.tally.overdue = overdue
            self.links.look(CONFIG, self.now, 1.0)


WELL = [c.ESME_ROK] * 10
FAILING = [c.ESME_RSYSERR] * 10


def state(session: SessionHealth) -> State:
    return session.gauge.breaker.state


def test_two_good_sessions_have_all_their_room() -> None:
    pair = Pair()
    pair.look(30, WELL, WELL)
    assert [session.room(64) for session in pair.links.sessions] == [64, 64]
    assert [session.gauge.score for session in pair.links.sessions] == [100.0, 100.0]


def test_a_dead_one_gets_nothing_then_probes_then_ever_more() -> None:
    pair = Pair()
    pair.look(20, WELL, WELL)
    pair.look(3, WELL, [], overdue=20)
    assert state(pair.two) is State.OPEN
    assert (pair.one.room(64), pair.two.room(64)) == (64, 0)
    assert not pair.links.tells_of_carrier(pair.two)
    assert pair.links.tells_of_carrier(pair.one)
    assert pair.links.tells_of_carrier(None)
    pair.look(10, WELL, [])
    assert state(pair.two) is State.HALF_OPEN
    assert pair.two.room(64) == 2
    pair.two.sent(2)
    assert pair.two.room(64) == 0
    pair.look(4, WELL, [c.ESME_ROK] * 2)
    assert state(pair.two) is State.RECOVERING
    rooms: list[int] = []
    while state(pair.two) is State.RECOVERING:
        rooms.append(pair.two.room(64))
        pair.look(1, WELL, [c.ESME_ROK] * 2)
    assert rooms == sorted(rooms)
    assert rooms[0] == 7
    assert rooms[-1] > 60
    assert pair.two.room(64) == 64


def test_refusals_open_it_too() -> None:
    pair = Pair()
    pair.look(20, WELL, FAILING)
    assert state(pair.two) in (State.OPEN, State.HALF_OPEN)
    assert state(pair.one) is State.CLOSED


def test_if_all_are_bad_none_is_restrained_and_all_tell_of_the_carrier() -> None:
    pair = Pair()
    pair.look(8, FAILING, FAILING)
    assert pair.links.are_all_out()
    assert [session.room(64) for session in pair.links.sessions] == [64, 64]
    assert all(map(pair.links.tells_of_carrier, pair.links.sessions))


def test_what_is_lost_is_remembered_by_its_link() -> None:
    pair = Pair()
    for _ in range(10):
        pair.links.detach(pair.two)
        pair.two = pair.links.attach(2, LIMITS, pair.now)
    pair.look(1, WELL, WELL)
    assert pair.two.gauge.score < 70.0
    assert pair.one.gauge.score == 100.0
    pair.look(3_000, WELL, WELL)
    assert pair.two.gauge.score > 99.0


def test_sessions_are_told_of_by_their_link() -> None:
    pair = Pair()
    pair.look(1, WELL, WELL)
    assert (
        lines(pair.links.sessions)[1] == "  session        link 2: 100 of 100, closed, 0.10 s, usually 0.10 s"
    )
    assert pair.links.plain()[0] == {"link": 1, "score": 100.0, "breaker": "closed", "latency_s": 0.1}
