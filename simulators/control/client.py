# The standard library's HTTP client is enough: one request, one answer, on loopback. A library would be a
# dependency of everybody who installs the carriers, for the sake of one command.
"""A client of the HTTP API."""

import http.client
import json
from contextlib import closing
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlencode, urlsplit

CONNECT_S: Final = 10.0
ANSWER_S: Final = 30.0
"""For an answer that needs no waiting."""
PIECE_OCTETS: Final = 1 << 16


class Unreachable(Exception):  # noqa: N818 - it says what the API is
    """Nobody answers there, or not in HTTP."""


class Refused(Exception):  # noqa: N818 - it says what the API did
    """The API says no, and why."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class ControlClient:
    """Asks the API at a URL such as http://127.0.0.1:8775."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname:
            raise Unreachable(f"{url} is not a URL such as http://127.0.0.1:8775")
        try:
            self._place = (parts.hostname, parts.port or 80)
        except ValueError as error:
            raise Unreachable(f"{url}: {error}") from None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        extra_s: float = 0.0,
    ) -> dict[str, Any]:
        """Return an answer. `extra_s` is how much longer than usual it may take."""
        octets = None if body is None else json.dumps(body).encode()
        try:
            with closing(self._open(ANSWER_S + extra_s)) as connection:
                response = self._request(connection, method, path, octets, query)
                return _object(response.read())
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error

    def save(self, path: str, query: dict[str, Any], file: BinaryIO) -> int:
        """Copy an answer that is not JSON to a file; return its octets."""
        count = 0
        try:
            with closing(self._open(ANSWER_S)) as connection:
                response = self._request(connection, "GET", path, None, query)
                while piece := response.read(PIECE_OCTETS):
                    count += file.write(piece)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error
        return count

    def _open(self, timeout_s: float) -> http.client.HTTPConnection:
        host, port = self._place
        connection = http.client.HTTPConnection(host, port, timeout=CONNECT_S)
        connection.connect()
        connection.sock.settimeout(timeout_s)
        return connection

    def _request(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        octets: bytes | None,
        query: dict[str, Any] | None,
    ) -> http.client.HTTPResponse:
        target = f"{path}?{urlencode(query)}" if query else path
        connection.request(method, target, octets, self._headers)
        response = connection.getresponse()
        if response.status >= 400:
            problem = _object(response.read()).get("error", response.reason)
            raise Refused(response.status, str(problem))
        return response

    def _unreachable(self, error: Exception) -> Unreachable:
        host, port = self._place
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Unreachable(f"no control API at {host}:{port}: {why}")


def _object(octets: bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(octets)
    except ValueError:
        raise http.client.HTTPException("the answer is not JSON; another program listens there") from None
    if not isinstance(value, dict):
        raise http.client.HTTPException("the answer is not of the control API")
    return cast("dict[str, Any]", value)
