"""A small comparison, for tests: two carriers, one of which goes bad."""

from pathlib import Path

TEXT = """
description = "one of two carriers goes bad"
duration_s = 60.0
messages_per_s = 4.0
grain_s = 0.2
compare = ["failover", "static_failover"]

[[customers]]
system_id = "courier"

[[carriers]]
profile = { name = "a", response_s = 0.1 }
router = { price_per_part = 0.03 }

[[carriers]]
profile = { name = "b", response_s = 0.1 }
router = { price_per_part = 0.05 }

[network]

[[degradations]]
carrier = "a"
kind = "dark"
at_s = 20.0
for_s = 30.0

[[goals]]
strategies = ["failover", "static_failover"]
switch_s_max = 10.0
delivered_share_min = 0.99
"""


def written(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """Write the comparison with some of its text replaced, and more behind it."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "small.toml"
    path.write_text(text + more)
    return path
