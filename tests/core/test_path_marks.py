from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.path_marks import PathMarks


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b"]), st.booleans()), max_size=60))
def test_messages_under_way_between_the_same_addresses_never_share_a_mark(
    steps: list[tuple[bytes, bool]],
) -> None:
    marks = PathMarks(addresses_max=1)
    under_way: dict[bytes, list[int]] = {b"a": [], b"b": []}
    for addresses, is_new in steps:
        given_out = under_way[addresses]
        if is_new:
            mark = marks.take(addresses)
            assert mark not in given_out
            if mark:
                given_out.append(mark)
            else:
                assert len(given_out) == 7
        elif given_out:
            marks.give_back(addresses, given_out.pop(0))


def test_a_mark_that_is_free_again_is_used_last() -> None:
    marks = PathMarks()
    first = marks.take(b"a")
    marks.give_back(b"a", first)
    assert [marks.take(b"a") for _ in range(7)] == [0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x41]
    assert marks.take(b"a") == 0
    assert marks.exhausted == 1


def test_a_shared_mark_is_free_when_all_have_given_it_back() -> None:
    marks = PathMarks()
    marks.share(b"a", 0x43)
    marks.share(b"a", 0x43)
    marks.give_back(b"a", 0x43)
    assert 0x43 not in [marks.take(b"a") for _ in range(6)]
    marks.give_back(b"a", 0x43)
    assert marks.take(b"a") == 0x43
    marks.give_back(b"nobody", 0x41)


def test_addresses_are_forgotten_when_there_are_too_many() -> None:
    marks = PathMarks(addresses_max=10)
    for number in range(100):
        addresses = b"%d" % number
        marks.give_back(addresses, marks.take(addresses))
    assert len(marks) == 10
