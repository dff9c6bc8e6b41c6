# Loaded by every pytest of an environment that has this package, so it imports nothing until a test asks.
"""Fixtures for tests of SMPP clients: a carrier in two lines.

def test_it(smpp_carrier):
    my_client.send(smpp_carrier.host, smpp_carrier.port, ...); smpp_carrier.wait_for(1)
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from simulators.control.fixtures import CarrierFactory
    from simulators.control.running import CarrierHandle


@pytest.fixture
def smpp_carrier_factory() -> "Iterator[CarrierFactory]":
    """Start carriers: of a profile, of a TOML file, of packs and keys. They stop when the test ends."""
    from simulators.control.fixtures import CarrierFactory  # noqa: PLC0415 - see the head

    with CarrierFactory() as factory:
        yield factory


@pytest.fixture
def smpp_carrier(smpp_carrier_factory: "Callable[..., CarrierHandle]") -> "CarrierHandle":
    """Give a simulated carrier that listens on a free port of 127.0.0.1, with one account."""
    return smpp_carrier_factory()
