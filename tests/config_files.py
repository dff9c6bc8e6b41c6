"""Writing and loading configuration files in tests."""

from pathlib import Path

import pytest

from smpp_router.config import RouterConfig
from smpp_router.config_file import ConfigError, load_config

SECRET = "scrypt$2$1$1$00$" + "00" * 32
"""A valid secret that costs next to nothing; of no password that a test uses."""


def loaded(folder: Path, text: str, **others: str) -> RouterConfig:
    """Load `text` as router.toml, beside other files that are named by their stem."""
    for stem, other in others.items():
        (folder / f"{stem}.toml").write_text(other, "utf-8")
    file = folder / "router.toml"
    file.write_text(text, "utf-8")
    return load_config(file)


def problems(folder: Path, text: str, **others: str) -> list[str]:
    """What is said about it, each line without the folder."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **others)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return [line.replace(f"{folder}/", "") for line in caught.value.lines]
