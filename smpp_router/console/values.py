# JSON bodies and query strings, as an HTTP API gets them: each value is asked for by name and type, and what
# nobody asks for is a mistake. The simulated carriers' API reads its requests by this, too.
"""What a request of an HTTP API says, with every mistake named."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

T = TypeVar("T", str, int, float, bool)


class BadRequest(Exception):  # noqa: N818 - it is what the client gets to read
    """A request that can't be done: an HTTP status and a sentence. `details` are further sentences."""

    def __init__(self, status: int, problem: str, details: Iterable[str] = ()) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.details = list(details)


def parse_object(octets: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty one. Raises BadRequest."""
    try:
        value: object = json.loads(octets or b"{}")
    except (ValueError, RecursionError):
        raise BadRequest(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "the body must be a JSON object")
    return cast("dict[str, Any]", value)


def only(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse what is not known: a filter that is misspelt would match everything. Raises BadRequest."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadRequest(422, f"{unknown[0]}: unknown; known are {', '.join(sorted(known))}")


def value_of(table: Mapping[str, Any], key: str, default: T, least: float = -math.inf) -> T:
    """Return a value of the default's type; numbers may be written as text, as a query string has them.

    Raises BadRequest.
    """
    value: Any = table.get(key, default)
    kind = type(default)
    if kind is not str and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise BadRequest(422, f"{key}: must be a {kind.__name__}")
    if isinstance(value, (int, float)) and value < least:
        raise BadRequest(422, f"{key}: must be at least {least:g}")
    return value
