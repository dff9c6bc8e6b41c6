from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.caps import Caps
from smpp_router.config_compliance import CapConfig

TWO_A_DAY = (CapConfig(count=2, period_s=86_400.0),)


@given(st.lists(st.floats(0, 500_000), max_size=40).map(sorted))
def test_no_period_ever_has_more_than_the_cap(times: list[float]) -> None:
    caps = Caps()
    sent: list[float] = []
    for now in times:
        if caps.exceeded(TWO_A_DAY, "shop", "marketing", "1", now) is None:
            caps.count(TWO_A_DAY, "shop", "marketing", "1", now)
            sent.append(now)
        else:
            assert sum(at > now - 86_400.0 for at in sent) >= 2
    for at in sent:
        assert sum(at - 86_400.0 < other <= at for other in sent) <= 2


def test_accounts_kinds_and_numbers_are_counted_apart() -> None:
    caps = Caps()
    for _ in range(2):
        caps.count(TWO_A_DAY, "shop", "marketing", "1", 0.0)
    assert caps.exceeded(TWO_A_DAY, "shop", "marketing", "1", 1.0) == TWO_A_DAY[0]
    assert caps.exceeded(TWO_A_DAY, "shop", "marketing", "2", 1.0) is None
    assert caps.exceeded(TWO_A_DAY, "shop", "member", "1", 1.0) is None
    assert caps.exceeded(TWO_A_DAY, "bank", "marketing", "1", 1.0) is None


def test_the_number_unused_longest_is_forgotten_first() -> None:
    caps = Caps(numbers_max=2)
    for number in ("1", "2", "1", "3"):
        caps.count(TWO_A_DAY, "shop", "marketing", number, 0.0)
    assert caps.forgotten == 1
    assert caps.exceeded(TWO_A_DAY, "shop", "marketing", "1", 1.0) is not None
