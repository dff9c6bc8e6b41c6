# Who serves a number, if anybody does.
#
#   unknown?  barred?  ported by order?  by table?  by lot?  else the longest prefix of the plan, else unknown
"""The home location register: what the network knows of subscribers."""

from typing import Final, NamedTuple

from simulators.handsets.lots import lot
from simulators.signalling.causes import BARRED, UNKNOWN
from simulators.signalling.config import NetworkConfig, Subscribers

PORTED_MAX: Final = 100_000
"""Numbers that were ported while the network runs."""
_INTERNATIONAL: Final = 1
_NATIONAL: Final = 2


class Route(NamedTuple):
    """The carrier that serves a number, or the cause why nobody does."""

    carrier: str
    cause: str = ""


class Hlr:
    """What is known of every number of the plan, without remembering any."""

    def __init__(self, config: NetworkConfig, seed: int) -> None:
        self.ported: dict[bytes, str] = {}
        """Numbers ported while it runs."""
        self._seed = seed
        self.configure(config)

    def configure(self, config: NetworkConfig) -> None:
        """Go by another configuration from now on; what was ported by order stays so."""
        self._country = config.country_code.encode()
        self._ported = {number.encode(): network for number, network in config.ported.items()}
        self._ported_share = config.ported_share
        self._plan = {
            prefix.encode(): Route(network)
            for network, prefixes in config.number_plan.items()
            for prefix in prefixes
        }
        self._lengths = sorted({len(prefix) for prefix in self._plan}, reverse=True)
        self._networks = list(config.number_plan)
        self._unknown = _Group(config.unknown, "unknown", self._seed)
        self._barred = _Group(config.barred, "barred", self._seed)
        self._is_plain = not (
            self._unknown.is_any or self._barred.is_any or self._ported or self._ported_share
        )

    def number_of(self, destination: tuple[int, int, bytes]) -> bytes:
        """Return an address's number in full: international, digits only."""
        ton, _, number = destination
        if number[:1] == b"+":
            return number[1:]
        country = self._country
        if not country or ton == _INTERNATIONAL or (ton != _NATIONAL and number.startswith(country)):
            return number
        if number.startswith(b"00"):
            return number[2:]
        return country + number.removeprefix(b"0")

    def port(self, number: bytes, carrier: str) -> None:
        """Have another carrier serve a number from now on; an empty one undoes it. Raises ValueError."""
        if not carrier:
            self.ported.pop(number, None)
            return
        if self._networks and carrier not in self._networks:
            raise ValueError(f"unknown carrier {carrier}; known: {', '.join(self._networks)}")
        if number not in self.ported and len(self.ported) >= PORTED_MAX:
            raise ValueError(f"no more than {PORTED_MAX} numbers can be ported")
        self.ported[number] = carrier

    def route(self, number: bytes, carrier: str) -> Route:
        """Return who serves a number, asked by `carrier`: it does itself where there is no plan."""
        if self._is_plain and not self.ported:
            return self._planned(number, carrier)
        if self._unknown.has(number):
            return Route("", UNKNOWN)
        if self._barred.has(number):
            return Route("", BARRED)
        network = self.ported.get(number) or self._ported.get(number)
        if network is not None:
            return Route(network)
        route = self._planned(number, carrier)
        share = self._ported_share
        if share and not route.cause:
            drawn = lot(self._seed, "ported", number)
            if drawn < share:
                others = [other for other in self._networks if other != route.carrier]
                return Route(others[int(drawn / share * len(others))])
        return route

    def _planned(self, number: bytes, carrier: str) -> Route:
        plan = self._plan
        if not plan:
            return Route(carrier) if number.isdigit() else Route("", UNKNOWN)
        for length in self._lengths:
            route = plan.get(number[:length])
            if route is not None:
                return route
        return Route("", UNKNOWN)


class _Group:
    """Some subscribers."""

    def __init__(self, config: Subscribers, concern: str, seed: int) -> None:
        self._numbers = frozenset(number.encode() for number in config.numbers)
        self._prefixes = tuple(prefix.encode() for prefix in config.prefixes)
        self._share = config.share
        self._concern = concern
        self._seed = seed
        self.is_any = bool(self._numbers or self._prefixes or self._share)

    def has(self, number: bytes) -> bool:
        if not self.is_any:
            return False
        if number in self._numbers or number.startswith(self._prefixes):
            return True
        return self._share > 0.0 and lot(self._seed, self._concern, number) < self._share
