import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.features import BUCKETS, SHAPE_ORDERS, SOUND_ORDERS, features

lines = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20)


def counts(batch: list[str], index: int) -> "dict[int, int]":
    joined = "".join(line + "\n" for line in batch)
    found = features(joined, joined, len(batch))
    numbers, owners = found.by_text()
    numbers, times = np.unique(numbers[owners == index], return_counts=True)
    return dict(zip(numbers.tolist(), times.tolist(), strict=True))


@given(st.lists(lines, min_size=1, max_size=5), st.data())
def test_a_text_has_the_same_features_in_any_batch(batch: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(batch) - 1))
    assert counts(batch, index) == counts([batch[index]], 0)


@given(lines)
def test_there_is_a_feature_for_each_n_gram(line: str) -> None:
    found = counts([line], 0)
    expected = sum(max(0, len(line) + 1 - order) for order in (*SHAPE_ORDERS, *SOUND_ORDERS))
    assert sum(found.values()) == expected
    assert all(0 <= number < BUCKETS for number in found)


def test_another_order_of_characters_has_other_features() -> None:
    assert counts(["贷款"], 0) != counts(["款贷"], 0)
