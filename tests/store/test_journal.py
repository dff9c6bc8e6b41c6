import os
from pathlib import Path

import pytest

from smpp_router.store import segments
from smpp_router.store.journal import FREE_CHECK_S, Journal
from smpp_router.store.seam import StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, Head


def begun(directory: Path, segment_bytes: int = 1000, free_min: int = 0) -> Journal:
    journal = Journal(directory, segment_bytes, free_min)
    journal.roll(0)
    return journal


def test_what_is_appended_stands_in_the_file(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.append(bytearray(b"one"))
    journal.append(bytearray(b"two"))
    assert journal.size == HEAD_BYTES + 6
    assert journal.path.read_bytes()[HEAD_BYTES:] == b"onetwo"
    journal.close()
    journal.close()


def test_a_full_segment_is_followed_by_one_that_knows_its_length(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    assert not journal.is_due
    journal.append(bytearray(1000))
    assert journal.is_due
    journal.roll(77)
    assert (journal.number, journal.size, journal.is_due) == (2, HEAD_BYTES, False)
    with segments.mapped(tmp_path, 2) as view:
        head = segments.read_head(journal.path, view, 2)
    assert head == Head(2, journal.salt, HEAD_BYTES + 1000, 77)
    journal.close()


def test_going_on_cuts_off_what_was_torn(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.append(bytearray(b"whole"))
    head, size = Head(1, journal.salt, 0, 0), journal.size
    journal.append(bytearray(b"torn"))
    journal.close()
    journal = Journal(tmp_path, 1000, 0)
    journal.resume(head, size)
    journal.append(bytearray(b"next"))
    assert journal.path.read_bytes()[HEAD_BYTES:] == b"wholenext"
    journal.close()


def test_going_on_without_the_file_fails(tmp_path: Path) -> None:
    with pytest.raises(StoreFailedError, match=r"0000000001\.log: No such file"):
        Journal(tmp_path, 1000, 0).resume(Head(1, 0, 0, 0), HEAD_BYTES)


def test_a_journal_that_has_failed_refuses_for_good(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    journal.close()
    with pytest.raises(StoreFailedError, match="Bad file descriptor"):
        journal.append(bytearray(b"lost"))
    for attempt in (lambda: journal.append(bytearray(b"more")), lambda: journal.roll(0), journal.check):
        with pytest.raises(StoreFailedError, match="failed before"):
            attempt()


def test_a_segment_in_the_way_is_a_failure(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    segments.log_path(tmp_path, 2).touch()
    with pytest.raises(StoreFailedError, match="File exists"):
        journal.roll(0)
    journal.close()


def test_free_space_is_looked_at_now_and_then(tmp_path: Path) -> None:
    found = os.statvfs(tmp_path)
    free = found.f_bavail * found.f_frsize
    assert begun(tmp_path, free_min=free * 2).is_short_of_room(0.0)
    directory = tmp_path / "other"
    directory.mkdir()
    journal = begun(directory)
    assert not journal.is_short_of_room(0.0)
    # Between two looks, what is written counts: here more than there was.
    journal._free_bytes = 3
    journal.append(bytearray(b"four"))
    assert journal.is_short_of_room(FREE_CHECK_S / 2)
    assert not journal.is_short_of_room(FREE_CHECK_S)
    journal.close()


def test_a_directory_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone", 1000, 1)
    with pytest.raises(StoreFailedError):
        journal.is_short_of_room(0.0)
