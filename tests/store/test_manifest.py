from pathlib import Path

import pytest

from smpp_router.store import manifest
from smpp_router.store.manifest import Manifest
from smpp_router.store.seam import StoreFailedError


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    Manifest(7, {5: 1.5, 6: 2.25}).write(tmp_path)
    found = manifest.read(tmp_path)
    assert (found.replay_from, found.retired) == (7, {5: 1.5, 6: 2.25})


def test_a_young_store_has_retired_nothing(tmp_path: Path) -> None:
    found = manifest.read(tmp_path)
    assert (found.replay_from, found.retired) == (1, {})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"replay_from": 1, "retired": 3}', "\xff"])
def test_anything_else_is_damage(tmp_path: Path, text: str) -> None:
    (tmp_path / manifest.NAME).write_text(text, "latin-1")
    with pytest.raises(StoreFailedError, match="manifest: damaged"):
        manifest.read(tmp_path)


def test_a_manifest_that_can_not_be_read_stops_the_store(tmp_path: Path) -> None:
    (tmp_path / manifest.NAME).mkdir()
    with pytest.raises(StoreFailedError, match="manifest"):
        manifest.read(tmp_path)
