"""What the pytest plugin's factory starts, and stops."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from simulators.changes import changed, changed_network
from simulators.config_file import load_simulators
from simulators.control.running import BackgroundCarriers, CarrierHandle
from simulators.packs import apply_packs, dotted
from simulators.profile import CarrierProfile, SimulatedAccount, SimulatorConfig
from simulators.signalling.config import NetworkConfig

SYSTEM_ID: Final = "smpp"
PASSWORD: Final = "secret"  # noqa: S105 - anybody's, on loopback, for the time of a test
KEEP_ARRIVALS: Final = 10_000


class CarrierFactory:
    """Starts carriers and stops them all when the test ends."""

    def __init__(self) -> None:
        self._running = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def __call__(
        self,
        source: CarrierProfile | SimulatorConfig | str | Path | None = None,
        *,
        name: str | None = None,
        packs: Sequence[str] = (),
        changes: Mapping[str, Any] | None = None,
        network: NetworkConfig | Mapping[str, Any] | bool | None = None,
        **keys: Any,
    ) -> CarrierHandle:
        """Start what `source` says, and return its carrier `name`, or its first one.

        Without a source it is a carrier that does everything at once and well. `packs` are applied to every
        carrier of it, then `changes` (dotted keys) and `keys`. `network` puts a radio network behind it:
        True, a NetworkConfig, or dotted keys of one; False takes one away that a file has.
        """
        config = _config(source)
        more = {**dotted(apply_packs({"packs": list(packs)}) if packs else {}), **(changes or {}), **keys}
        profiles = tuple(_kept(changed(profile, more)) for profile in config.carriers)
        config = attrs.evolve(config, carriers=profiles, control=None)
        if network is not None:
            config = attrs.evolve(config, network=_network(config.network, network))
        names = [profile.name for profile in profiles]
        if name not in (None, *names):
            raise ValueError(f"no carrier {name}; there are {', '.join(names)}")
        running = self._running.enter_context(BackgroundCarriers(config))
        return running.carriers[name or names[0]]


def _config(source: CarrierProfile | SimulatorConfig | str | Path | None) -> SimulatorConfig:
    if isinstance(source, SimulatorConfig):
        return source
    if isinstance(source, (str, Path)):
        return load_simulators(Path(source))
    if source is None:
        account = SimulatedAccount(system_id=SYSTEM_ID, password=PASSWORD)
        source = CarrierProfile(name="carrier", port=0, accounts=(account,))
    return SimulatorConfig(carriers=(source,))


def _network(
    before: NetworkConfig | None, wanted: NetworkConfig | Mapping[str, Any] | bool
) -> NetworkConfig | None:
    if isinstance(wanted, NetworkConfig):
        return wanted
    if isinstance(wanted, bool):
        return before or NetworkConfig() if wanted else None
    return changed_network(before or NetworkConfig(), wanted)


def _kept(profile: CarrierProfile) -> CarrierProfile:
    """Have a carrier on free ports, so that tests run side by side, and have it keep what arrives."""
    listeners = tuple(attrs.evolve(listener, port=0) for listener in profile.listeners)
    keep_arrivals = profile.keep_arrivals or KEEP_ARRIVALS
    return attrs.evolve(profile, port=0, listeners=listeners, keep_arrivals=keep_arrivals)
