# A configuration may be checked on another machine than the one it is for, and a name may mean something else
# there. So what is no address of this machine is a warning, and not an error, unless it can be one nowhere.
"""Whether this machine could listen where a configuration says."""

import errno
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from smpp_router.config import RouterConfig


def host_warnings(config: RouterConfig, files: Mapping[str, Path]) -> Iterator[str]:
    """Tell, with file, key and value, of each host to listen on that this machine has not now.

    `files` are those in which sections stand. A name is looked up, which may take as long as DNS does.
    """
    hosts = [("listeners", f"listeners[{at}]", one.host) for at, one in enumerate(config.listeners)]
    if config.api is not None:
        hosts.append(("api", "api", config.api.host))
    for section, path, host in hosts:
        why = host_problem(host)
        if why is not None:
            yield f'{files[section]}: {path}.host: "{host}" {why}'


def host_problem(host: str) -> str | None:
    """Say why this machine cannot listen on a host, None if it can."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        return f"is not to be found from here: {error.strerror}"
    except UnicodeError as error:
        return f"is not to be found from here: {error}"
    for family, kind, protocol, _, address in found:
        try:
            with socket.socket(family, kind, protocol) as one:
                one.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                name = str(address[0])
                return (
                    "is no address of this machine"
                    if name == host
                    else f"is {name}, which is not this machine"
                )
            if error.errno != errno.EAFNOSUPPORT:
                return f"cannot be listened on: {error.strerror}"
    return None
