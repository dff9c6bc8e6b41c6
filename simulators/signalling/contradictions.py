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
    """Say what is refused of a file's carriers, as they stand there, without their packs."""
    carriers = table.get("carriers")
    if "network" not in table or not isinstance(carriers, list):
        return
    for index, carrier in enumerate(cast("list[object]", carriers)):
        if isinstance(carrier, dict):
            for line in refused(cast("dict[str, Any]", carrier)):
                yield f"carriers[{index}].{line}"


def unheeded(profile: CarrierProfile) -> list[str]:
    """Return the keys that a carrier's packs have set and that say nothing beside a network."""
    plain = CarrierProfile(name=profile.name, port=profile.port)
    return [
        field.name
        for field in attrs.fields(CarrierProfile)
        if field.name in DECIDED and getattr(profile, field.name) != getattr(plain, field.name)
    ]
