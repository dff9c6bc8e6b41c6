"""Reading simulated carriers from a TOML file, with every mistake named by its place."""

import tomllib
from pathlib import Path

import cattrs
from cattrs import transform_error
from cattrs.gen import make_dict_structure_fn

from simulators.profile import CarrierProfile, SimulatedAccount, SimulatorConfig


class SimulatorConfigError(Exception):
    """The file can't be used; `lines` say why, each naming file and key."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_simulators(path: Path) -> SimulatorConfig:
    """Read a file of carriers. Raises SimulatorConfigError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SimulatorConfigError([f"{path}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SimulatorConfigError([f"{path}: {error}"]) from error
    converter = cattrs.Converter(forbid_extra_keys=True)
    for cls in (SimulatedAccount, CarrierProfile, SimulatorConfig):
        hook = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)
        converter.register_structure_hook(cls, hook)
    try:
        config = converter.structure(table, SimulatorConfig)
    except cattrs.BaseValidationError as error:
        raise SimulatorConfigError([f"{path}: {line}" for line in transform_error(error, path="")]) from error
    lines = _repeated(path, config)
    if lines:
        raise SimulatorConfigError(lines)
    return config


def _repeated(path: Path, config: SimulatorConfig) -> list[str]:
    lines: list[str] = []
    names: set[str] = set()
    ports: set[tuple[str, int]] = set()
    if not config.carriers:
        lines.append(f"{path}: carriers: there is none")
    for index, carrier in enumerate(config.carriers):
        if carrier.name in names:
            lines.append(f"{path}: carriers[{index}].name: {carrier.name!r} is there twice")
        if carrier.port and (carrier.host, carrier.port) in ports:
            lines.append(f"{path}: carriers[{index}].port: {carrier.port} is there twice")
        names.add(carrier.name)
        ports.add((carrier.host, carrier.port))
    return lines
