"""A pass begins with nothing done."""

from simulators.passing import Pass
from tests.simulators.customers import START, World


def test_passes_share_nothing() -> None:
    session = World().bind().carrier_session
    first, second = (Pass(session, "customer", START, 0) for _ in range(2))
    first.answers.append(b"answer")
    assert (second.answers, second.ended, second.order) == ([], [], None)
