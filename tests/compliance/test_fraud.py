import random
from itertools import pairwise

import pytest

from smpp_router.compliance.fraud import (
    MIX_MIN,
    MIX_RECENT,
    RUN_EVERY,
    RUN_GAP,
    RUN_MAX,
    RUN_MIN,
    RUN_SHARE,
    SHARED_ACCOUNTS,
    STANDS_S,
    TEXTS_MAX,
    WINDOW_S,
    FraudSignals,
)
from smpp_router.compliance.views import zeroed_texts

LONG = "您好，新到一批特价手机，数量有限，欢迎到店选购，地址示例路"


def names(
    signals: FraudSignals,
    account: str = "a",
    text: str = "",
    number: int | str = "",
    category: str = "x",
    now: float = 0.0,
) -> set[str]:
    (zeroed,) = zeroed_texts([text])
    return {symbol.name for symbol in signals.look(account, zeroed, str(number), category, now)}


@pytest.mark.parametrize(("step", "is_shuffled"), [(1, False), (2, True), (3, False)])
def test_numbers_in_a_row_are_seen_from_the_24th_on_to_the_last(step: int, is_shuffled: bool) -> None:
    numbers = [13800000000 + step * n for n in range(300)]
    if is_shuffled:
        # A burst sends blocks, each in any order.
        rng = random.Random(1)
        numbers = [n for at in range(0, 300, 50) for n in rng.sample(numbers[at : at + 50], 50)]
    signals = FraudSignals()
    found = [bool(names(signals, number=number)) for number in numbers]
    assert not any(found[: RUN_MIN - 1])
    assert all(found[RUN_MAX:])
    assert signals.counts["SEQUENTIAL"] == sum(found)


@pytest.mark.parametrize("seed", range(20))
def test_a_run_is_what_it_is_said_to_be_whatever_came_before(seed: int) -> None:
    rng = random.Random(seed)
    signals, numbers, expected, looked_at = FraudSignals(), list[int](), False, 0
    while len(numbers) < 5_000:
        # Numbers of a block, dense or less so, or of anywhere: changes of kind are where a look is due.
        start, step = rng.randrange(10**10), rng.choice((1, 1, 4, 6, 40, 10**6))
        for _ in range(rng.randrange(1, 150)):
            number = start + rng.randrange(40) * step
            numbers.append(number)
            last = sorted(set(numbers[-RUN_MAX:]))
            if len(numbers) >= max(RUN_MIN, looked_at + RUN_EVERY):
                looked_at = len(numbers)
                neighbours = sum(two - one <= RUN_GAP for one, two in pairwise(last))
                expected = neighbours >= RUN_SHARE * min(len(numbers), RUN_MAX)
            assert (names(signals, number=number) == {"SEQUENTIAL"}) == expected
    assert 0 < signals.counts["SEQUENTIAL"] < len(numbers)


def test_a_run_ends_when_the_numbers_are_anybodys_again() -> None:
    rng = random.Random(5)
    signals = FraudSignals()
    for n in range(100):
        names(signals, number=n)
    found = [names(signals, number=rng.randrange(10**10)) for _ in range(2 * RUN_MAX)]
    assert found[0] == {"SEQUENTIAL"}
    assert found[-1] == set()


def test_numbers_of_chance_or_one_again_and_again_are_not_in_a_row() -> None:
    rng = random.Random(2)
    signals = FraudSignals()
    for _ in range(20 * RUN_MAX):
        assert not names(signals, number=8613900000000 + rng.randrange(10**7))
    assert not any(names(signals, "b", number=8613900000000) for _ in range(3 * RUN_MAX))


def test_runs_of_several_accounts_are_not_mixed() -> None:
    signals = FraudSignals()
    found = [names(signals, f"a{n % 10}", number=n * 7) for n in range(600)]
    assert found == [set()] * 600


def test_one_text_from_many_accounts_is_seen_whatever_its_signature_and_digits() -> None:
    signals = FraudSignals()
    found = [names(signals, f"a{n}", f"【店{n}】{LONG}{n}号") for n in range(SHARED_ACCOUNTS)]
    assert found == [set()] * (SHARED_ACCOUNTS - 1) + [{"SHARED_TEXT"}]
    assert names(signals, "a0", f"{LONG}77号【店】") == set(), "77 are two digits"
    assert names(signals, "a0", f"{LONG}7号【店】") == {"SHARED_TEXT"}
    assert names(signals, "a0", LONG.replace("手机", "电脑")) == set()


def test_short_texts_and_many_from_one_account_are_nothing() -> None:
    signals = FraudSignals()
    assert all(not names(signals, f"a{n}", "您的包裹已到") for n in range(10))
    assert all(not names(signals, "a", LONG) for _ in range(10))


def test_a_shared_text_is_forgotten_with_its_window() -> None:
    signals = FraudSignals()
    for n in range(SHARED_ACCOUNTS):
        names(signals, f"a{n}", LONG)
    assert names(signals, "a0", LONG, now=WINDOW_S - 1.0) == {"SHARED_TEXT"}
    assert names(signals, "a0", LONG, now=WINDOW_S + 1.0) == set()


def changed(signals: FraudSignals, count: int, categories: dict[str, float], seed: int = 3) -> list[bool]:
    rng = random.Random(seed)
    drawn = rng.choices(list(categories), list(categories.values()), k=count)
    return [names(signals, category=category) == {"MIX_CHANGED"} for category in drawn]


def test_an_account_that_suddenly_sends_something_else_is_seen_within_fifty_messages() -> None:
    signals = FraudSignals()
    assert not any(changed(signals, 600, {"notice": 0.6, "delivery": 0.3, "bank": 0.1}))
    found = changed(signals, 100, {"loan": 1.0})
    assert found.index(True) < MIX_RECENT
    assert all(found[found.index(True) :])


def test_what_is_new_becomes_usual() -> None:
    signals = FraudSignals()
    changed(signals, 400, {"notice": 1.0})
    assert changed(signals, 3_000, {"retail": 1.0})[-1] is False


def test_an_account_that_varies_or_is_new_has_not_changed() -> None:
    signals = FraudSignals()
    for turn in range(10):
        share = 0.1 + 0.03 * turn
        assert not any(changed(signals, 200, {"loan": share, "notice": 1.0 - share}, seed=turn))
    new = FraudSignals()
    assert not any(changed(new, MIX_MIN, {"notice": 1.0}))


def test_a_signal_stands_until_no_message_has_shown_it_for_a_while() -> None:
    signals = FraudSignals()
    for n in range(SHARED_ACCOUNTS):
        names(signals, f"a{n}", LONG, now=10.0)
    last = f"a{SHARED_ACCOUNTS - 1}"
    assert list(signals.standing(11.0)) == [("SHARED_TEXT", last, True)]
    assert list(signals.standing(10.0 + STANDS_S)) == [("SHARED_TEXT", last, False)]
    assert list(signals.standing(10.0 + WINDOW_S)) == [("SHARED_TEXT", last, False)]
    assert list(signals.standing(10.0 + WINDOW_S)) == []


def test_the_texts_that_are_remembered_are_bounded() -> None:
    signals = FraudSignals()
    for n in range(TEXTS_MAX + 100):
        names(signals, "a", LONG + chr(0x4E00 + n), n * 1000)
    assert len(signals._texts) <= TEXTS_MAX
    assert signals.forgotten == 100
