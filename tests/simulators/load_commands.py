"""`smpp-esme load` against carriers of the same process."""

import trio

from simulators import esme_cli
from simulators.server import CarrierServer


async def main_in_thread(server: CarrierServer, *more: str) -> int:
    raise NotImplementedError
