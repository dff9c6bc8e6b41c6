"""Lots."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.handsets.lots import lot


@given(seed=st.integers(), number=st.binary(max_size=20), turn=st.integers())
def test_a_lot_is_a_share_and_always_the_same(seed: int, number: bytes, turn: int) -> None:
    drawn = lot(seed, "busy", number, turn)
    assert 0.0 <= drawn < 1.0
    assert lot(seed, "busy", number, turn) == drawn


def test_lots_are_spread_evenly_and_differ_by_each_of_their_arguments() -> None:
    numbers = [b"86139%08d" % n for n in range(2_000)]
    drawn = [lot(1, "busy", number) for number in numbers]
    assert 0.17 < sum(one < 0.2 for one in drawn) / len(drawn) < 0.23
    for other in ((2, "busy", 0), (1, "off", 0), (1, "busy", 1)):
        seed, concern, turn = other
        both = [
            lot(seed, concern, number, turn) < 0.5 and one < 0.5
            for number, one in zip(numbers, drawn, strict=True)
        ]
        assert 0.2 < sum(both) / len(both) < 0.3
