# The manifest says what the segments can't say of themselves: from which on they are to be replayed, and
# since when each of those before, which are kept for queries only, has had no message in flight.
"""The manifest of a store's directory."""

import json
from pathlib import Path
from typing import Any, Final

import attrs

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.index import replace_file
from smpp_router.store.seam import StoreFailedError

NAME: Final = "manifest"


@attrs.define(eq=False)
class Manifest:
    """`retired` tells for each segment before `replay_from` when it left the replay, in unix seconds."""

    replay_from: int = 1
    retired: dict[int, float] = attrs.Factory(dict[int, float])

    def write(self, directory: Path, disk: Disk = DISK) -> None:
        """Make it durable, in the place of the last one. Raises OSError."""
        text = json.dumps({"replay_from": self.replay_from, "retired": self.retired})
        replace_file(directory / NAME, text.encode(), disk)


def read(directory: Path) -> Manifest:
    """Read it; a young store, which has retired nothing, has none. Raises StoreFailedError."""
    path = directory / NAME
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        retired = {int(number): float(at) for number, at in found["retired"].items()}
        return Manifest(int(found["replay_from"]), retired)
    except FileNotFoundError:
        return Manifest()
    except OSError as error:
        raise StoreFailedError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreFailedError(f"{path}: damaged at offset 0: not a manifest") from error
