"""Where a peer may come from: a list of networks that fails closed."""

import ipaddress
from collections.abc import Iterable


class AllowList:
    """Networks from which a peer is let in.

    An empty list lets nobody in, and so does an address that cannot be read. An IPv4 address that came by an
    IPv6 socket (::ffff:192.0.2.1) counts as IPv4: only IPv4 networks let it in, not ::/0.

    Raises:
        ValueError: an entry is not an address or a network.
    """

    def __init__(self, cidrs: Iterable[str]) -> None:
        self.cidrs = tuple(cidrs)
        self._networks = tuple(ipaddress.ip_network(cidr) for cidr in self.cidrs)

    def permits(self, ip: str) -> bool:
        """Whether a peer at this address is let in; a zone (fe80::1%eth0) is ignored."""
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
