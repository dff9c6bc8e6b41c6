# With a radio network behind it a carrier does not draw how its messages end and when: the network says so.
# Keys that would say it are refused where a file sets them, and pointed out where a pack does.
"""Keys of a carrier that say nothing beside a network."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import attrs

from simulators.profile import CarrierProfile

DECIDED: Final = {
    "outcomes": "the handsets and [network.causes] decide it",
    "error_codes": "[network.causes] decides it",
    "receipt_s": "the network's own delays decide it",
    "receipt_jitter_s": "the network's own delays decide it",
    "receipt_shape": "the network's own delays decide it",
    "receipt_delay": "the network's own delays decide it",
}
"""What a network decides, by key of a carrier."""


def refused(keys: Iterable[str]) -> Iterator[str]:
    """Say of each key why it can't be set."""
    for key in keys:
        name = key.partition(".")[0]
        if name in DECIDED:
            yield f"{name}: says nothing beside a [network]: {DECIDED[name]}"


def refused_in_tables(table: Mapping[str, Any]) -> Iterator[str]:
    """Say what is refused of a file's carriers and timelines, as they stand there, without their packs."""
    if "network" not in table:
        return
    yield from _refused_in_timeline(table, "")
    for index, carrier in _tables(table, "carriers"):
        for line in refused(carrier):
            yield f"carriers[{index}].{line}"
        yield from _refused_in_timeline(carrier, f"carriers[{index}].")


def _refused_in_timeline(table: Mapping[str, Any], place: str) -> Iterator[str]:
    for index, entry in _tables(table, "timeline"):
        changes = entry.get("set")
        for line in refused(cast("dict[str, Any]", changes) if isinstance(changes, dict) else ()):
            yield f"{place}timeline[{index}].set.{line}"


def _tables(table: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables of a list; what is none is told of when the file is read."""
    value = table.get(key)
    for index, entry in enumerate(cast("list[object]", value) if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            yield index, cast("dict[str, Any]", entry)


def unheeded(profile: CarrierProfile) -> list[str]:
    """Return the keys that a carrier's packs have set and that say nothing beside a network."""
    plain = CarrierProfile(name=profile.name, port=profile.port)
    return [
        field.name
        for field in attrs.fields(CarrierProfile)
        if field.name in DECIDED and getattr(profile, field.name) != getattr(plain, field.name)
    ]
