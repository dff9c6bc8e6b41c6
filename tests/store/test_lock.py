"""One process at a time has a store."""

from pathlib import Path

import pytest

from smpp_router.store.lock import StoreBusyError, lock, locked
from smpp_router.store.seam import StoreFailedError


def test_a_store_in_use_is_told_from_one_that_cannot_be_had(tmp_path: Path) -> None:
    with locked(tmp_path / "store"), pytest.raises(StoreBusyError, match="used by another process"):
        lock(tmp_path / "store")
    with locked(tmp_path / "store"):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailedError, match="file"):
        lock(tmp_path / "file")
