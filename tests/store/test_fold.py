# The fold is checked against the model in test_embedded.py; here is what that can't easily bring about.
import random
from itertools import pairwise

import pytest

from smpp_router.message.message import Copy, Delivery, Orphan, PathEnd
from smpp_router.store import records
from smpp_router.store.fold import OFFSET_BITS, Fold
from smpp_router.store.records import FRAME, LENGTH
from smpp_router.store.seam import (
    ADOPTED,
    COPY,
    ORPHANED,
    OWED,
    PATH,
    PATH_TAKEN,
    REPLACED,
    RETIMED,
    SENDING,
    TAKEN,
    TIMES,
    Batch,
    Recovered,
)
from tests.store.stores import NOW, accepted, facts, final, message_of, settled, taken


def fold(*batches: Batch) -> tuple[Recovered, Fold]:
    """Fold batches as if each stood in a segment of its own."""
    folding = Fold()
    for number, batch in enumerate(batches, 1):
        view = memoryview(bytes(records.encode(batch, 0).data))
        for section in records.sections(view, FRAME.size, len(view)):
            folding.add(number, view, section)
    return folding.result(), folding


def ids_of(recovered: Recovered) -> tuple[list[int], list[int], list[int]]:
    return (
        [message.message_id for message in recovered.queued],
        [pending.message_id for pending in recovered.awaiting],
        [delivery.message_id for delivery in recovered.owed],
    )


def test_the_furthest_fact_decides_wherever_it_stands() -> None:
    batches = [
        accepted(range(1, 41)),
        taken(range(1, 31)),
        final(range(1, 21)),
        settled(range(1, 6)),
        final([6, 7], b""),
    ]
    rng = random.Random(1)
    for _ in range(20):
        recovered, folding = fold(*batches)
        assert ids_of(recovered) == ([*range(31, 41)], [*range(21, 31)], [*range(8, 21)])
        assert folding.live == {*range(8, 41)}
        rng.shuffle(batches)


def test_the_last_copy_of_a_message_counts() -> None:
    copy = message_of(2, b"body 2")
    recovered, _ = fold(accepted([1, 2, 3]), Batch([copy]))
    assert ids_of(recovered) == ([1, 2, 3], [], [])
    assert [message.handle >> OFFSET_BITS for message in recovered.queued] == [1, 2, 1]


def test_a_message_that_stands_twice_in_one_section_is_one_message() -> None:
    twice = accepted([1, 2, 3, 4, 2, 3, 4])
    recovered, folding = fold(twice, taken([2, 3, 4]), final([3]), settled([4]))
    assert ids_of(recovered) == ([1], [2], [3])
    assert folding.live == {1, 2, 3}


def test_copies_of_facts_do_not_come_before_later_ones() -> None:
    old, new = (SENDING, 1, NOW, 1, b"north"), (SENDING, 1, NOW + 1, 2, b"north")
    recovered, _ = fold(accepted([1]), facts(new), facts(old))
    assert (recovered.queued[0].attempts, recovered.queued[0].is_recorded) == (2, True)
    old, new = (REPLACED, 1, NOW, 0, b"old"), (REPLACED, 1, NOW + 1, 17, b"new!")
    batches = [accepted([1, 2]), facts(new), facts(old)]
    recovered, _ = fold(*batches)
    replaced = recovered.queued[0]
    assert replaced.registered_delivery == 17
    number, offset = replaced.handle >> OFFSET_BITS, replaced.handle & ((1 << OFFSET_BITS) - 1)
    data = records.encode(batches[number - 1], 0).data
    assert data[offset : offset + LENGTH.size + 4] == LENGTH.pack(4) + b"new!"
    recovered, _ = fold(*batches, taken([1]))
    assert recovered.awaiting[0].registered_delivery == 17


@pytest.mark.parametrize(
    ("order", "later_s"),
    [("old new", 0.0), ("old new", 1.0), ("together", 0.0), ("together", 1.0), ("new old", 1.0)],
)
def test_the_last_times_of_a_message_count_wherever_they_stand(order: str, later_s: float) -> None:
    old = (RETIMED, 1, NOW, 0, TIMES.pack(NOW + 10, NOW + 5))
    new = (RETIMED, 1, NOW + later_s, 0, TIMES.pack(NOW + 20, 0.0))
    said = {"old new": [facts(old), facts(new)], "new old": [facts(new), facts(old)]}
    batches = [accepted([1, 2]), *said.get(order, [facts(old, new)])]
    recovered, _ = fold(*batches)
    (one, other), (plain, _) = recovered.queued, fold(accepted([1, 2]))[0].queued
    assert (one.expires_at, one.not_before) == (NOW + 20, 0.0)
    assert (other.expires_at, other.not_before) == (plain.expires_at, plain.not_before)
    recovered, _ = fold(*batches, taken([1]))
    assert recovered.awaiting[0].expires_at == NOW + 20


def test_facts_of_unknown_messages_mean_nothing() -> None:
    recovered, folding = fold(taken([1]), final([2]), settled([3]), facts((SENDING, 4, NOW, 1, b"north")))
    assert ids_of(recovered) == ([], [], [])
    assert not folding.live


def test_mobile_originated_messages_are_owed_until_settled() -> None:
    owed = facts(*((OWED, i, NOW, 0, b"alpha\x00mo %d" % i) for i in (5, 6)))
    recovered, folding = fold(owed, settled([5]), owed)
    assert recovered.owed == [Delivery(6, "alpha", b"mo 6", NOW)]
    assert (folding.live, recovered.message_id_last) == ({6}, 6)


def test_orphans_come_by_age_and_the_last_of_an_id_counts() -> None:
    recovered, folding = fold(
        facts((ORPHANED, 0, NOW + 2, 5, b"north\x00b"), (ORPHANED, 0, NOW, 2 | 66 << 8, b"north\x00a")),
        facts((ADOPTED, 0, NOW + 3, 0, b"north\x00b"), (ORPHANED, 0, NOW + 4, 8, b"north\x00c")),
        facts((ORPHANED, 0, NOW + 5, 5, b"north\x00a")),
    )
    assert recovered.orphans == [
        Orphan("north", b"c", 8, 0, NOW + 4),
        Orphan("north", b"a", 5, 0, NOW + 5),
    ]
    assert folding.orphans[b"north\x00a"] == (5, NOW + 5, 3)


def test_results_are_in_the_order_of_ids() -> None:
    numbers = list(range(1, 200))
    random.Random(2).shuffle(numbers)
    batches = [accepted(numbers[at : at + 10]) for at in range(0, len(numbers), 10)]
    for found in ids_of(fold(*batches, taken(numbers[:50]), final(numbers[:20]))[0]):
        assert found
        assert all(a < b for a, b in pairwise(found))


def test_names_and_times_are_shared() -> None:
    recovered, _ = fold(
        accepted(range(10)), facts(*((TAKEN, i, NOW, 0, b"north\x00%d" % i) for i in range(10)))
    )
    first, *others = recovered.awaiting
    for other in others:
        assert other.account is first.account
        assert other.carrier is first.carrier
        assert other.expires_at is first.expires_at


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_journal_folds_to_nothing(count: int) -> None:
    recovered, _ = fold(*[settled([1])] * count)
    assert ids_of(recovered) == ([], [], [])
    assert (recovered.orphans, recovered.message_id_last) == ([], 0)


def test_copies_and_the_ledger_of_their_paths_are_known_as_long_as_somebody_needs_them() -> None:
    copies = facts(*((COPY, i, NOW, 1 | 0x41 << 8, (1).to_bytes(8, "big") + b"north") for i in (2, 3)))
    ledger = facts(
        (PATH, 1, NOW, 1 | PATH_TAKEN | 5 << 8 | 66 << 16, (3).to_bytes(8, "big") + b"north"),
        (PATH, 9, NOW, 1, (8).to_bytes(8, "big") + b"south"),
    )
    batches = [accepted([1, 2, 3, 9]), copies, ledger, final([3], b""), final([9])]
    recovered, _ = fold(*batches, copies, ledger)
    assert recovered.copies == [Copy(2, 1, 1, "north", 0x41, NOW)]
    assert recovered.path_ends == [PathEnd(1, 1, 3, "north", True, 5, 66, NOW)]
