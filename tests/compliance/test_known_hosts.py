from smpp_router.compliance.facts.hosts import looks_like
from smpp_router.compliance.known_hosts import PROTECTED, SHORTENERS


def test_no_known_host_is_taken_for_an_imitation_of_another() -> None:
    taken = [(one, other) for one in PROTECTED for other in PROTECTED if looks_like(one, other)]
    assert taken == []


def test_no_protected_host_is_a_shortener() -> None:
    assert SHORTENERS.isdisjoint(PROTECTED)
