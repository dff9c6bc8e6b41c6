import random

from smpp_router.compliance.fraud import MIX_MIN, RUN_MAX, SHARED_ACCOUNTS, TEXTS_MAX, FraudSignals


def names(signals: FraudSignals, account: str, text: str, number: int, category: str, now: float) -> set[str]:
    return {symbol.name for symbol in signals.look(account, text, str(number), category, now)}


def test_numbers_in_a_row_are_seen_even_if_shuffled_and_with_gaps() -> None:
    rng = random.Random(1)
    numbers = list(range(8613900000000, 8613900000000 + 2 * RUN_MAX, 2))
    rng.shuffle(numbers)
    signals = FraudSignals()
    assert "SEQUENTIAL" in set().union(*(names(signals, "a", "t", n, "x", 0.0) for n in numbers))


def test_numbers_of_chance_are_not_in_a_row() -> None:
    rng = random.Random(2)
    signals = FraudSignals()
    found = [
        names(signals, "a", "t", 8613900000000 + rng.randrange(10**7), "x", 0.0) for _ in range(20 * RUN_MAX)
    ]
    assert "SEQUENTIAL" not in set().union(*found)


def test_one_text_from_many_accounts_is_seen_and_one_from_one_is_not() -> None:
    signals = FraudSignals()
    found = [names(signals, f"a{n}", "same text", n, "x", 0.0) for n in range(SHARED_ACCOUNTS)]
    assert "SHARED_TEXT" not in found[0]
    assert "SHARED_TEXT" in found[-1]
    assert all("SHARED_TEXT" not in names(signals, "b", "other", n, "x", 0.0) for n in range(10))


def test_an_account_that_sends_something_else_is_seen_and_one_that_varies_a_little_is_not() -> None:
    signals = FraudSignals(window_s=60.0)
    rng = random.Random(3)

    def window(start: float, loans: float) -> set[str]:
        found: set[str] = set()
        for n in range(MIX_MIN):
            category = "loan" if rng.random() < loans else "notice"
            found |= names(signals, "a", f"t{n}", rng.randrange(10**9), category, start + n / 10)
        return found

    for turn in range(6):
        assert "MIX_CHANGED" not in window(turn * 100.0, 0.1 + 0.02 * turn)
    window(600.0, 0.95)
    assert "MIX_CHANGED" in window(700.0, 0.95)


def test_the_texts_that_are_remembered_are_bounded() -> None:
    signals = FraudSignals()
    for n in range(TEXTS_MAX + 100):
        names(signals, "a", f"text {n}", n * 1000, "x", 0.0)
    assert len(signals._texts) <= TEXTS_MAX
    assert signals.forgotten == 100
