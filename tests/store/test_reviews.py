"""Decisions about held messages on disk."""

from pathlib import Path

import pytest

from smpp_router.message.review import Review
from smpp_router.store.lines import encoded
from smpp_router.store.reviews import NAME, ReviewLog, read_reviews
from smpp_router.store.seam import StoreFailedError

FIRST = Review(1.0, 7, "shop", True, "李四", "可以", "ops", "SUSPECT")
SECOND = Review(2.0, 8, "shop", False, "li", "no")


def test_decisions_are_read_back_and_by_others_meanwhile(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path)
    assert log.load() == []
    log.append([FIRST, SECOND])
    log.append([])
    assert list(read_reviews(tmp_path)) == [FIRST, SECOND]
    log.close()
    again = ReviewLog(tmp_path)
    assert again.load() == [FIRST, SECOND]
    again.close()
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_line_that_is_no_decision_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(encoded([[1, 2, 3]]))
    with pytest.raises(StoreFailedError, match="no review"):
        ReviewLog(tmp_path).load()
