# What the command line asks of a running router. One request, one answer, each within its time.
"""A client of the router's HTTP API."""

import json
from collections.abc import Iterator
from typing import Any, Final, Self, cast

import httpx

ANSWER_S: Final = 120.0
"""For an answer: an import of 100,000 lines takes seconds, a search of months some more."""
FROM_ENVIRONMENT: Final = "SMPP_ROUTER_TOKEN"
"""The environment variable that has the token: on the command line everybody would see it."""


class AskError(Exception):
    """The API says no, or nobody answers; `lines` say why."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


class ApiClient:
    """Asks the API at a URL such as http://127.0.0.1:8780. To be closed, or used as a context."""

    def __init__(self, url: str, token: str) -> None:
        """Raises AskError for what is no URL, or no token."""
        if not token:
            raise AskError(f"the API wants a token: put it into the environment variable {FROM_ENVIRONMENT}")
        if not token.isascii() or not token.isprintable():
            raise AskError(f"{FROM_ENVIRONMENT}: a token is printable ASCII")
        self.url = url if "://" in url else f"http://{url}"
        try:
            self._client = httpx.Client(
                base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_S
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise AskError(f"{url}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Ask something. Raises AskError."""
        return self._ask("GET", path, params=_given(query))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Order something. Raises AskError."""
        return self._ask("POST", path, json=body)

    def send(self, path: str, octets: bytes, **query: Any) -> dict[str, Any]:
        """Order something with a file. Raises AskError."""
        return self._ask("POST", path, params=_given(query), content=octets)

    def lines(self, path: str, **query: Any) -> Iterator[str]:
        """Give an answer that is a file, in pieces as they come. Raises AskError."""
        try:
            with self._client.stream("GET", path, params=_given(query)) as answer:
                if answer.is_error:
                    answer.read()
                    raise _refusal(answer)
                yield from answer.iter_text()
        except httpx.HTTPError as error:
            raise AskError(f"{self.url}: {error or type(error).__name__}") from None

    def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, **what)
            if answer.is_error:
                raise _refusal(answer)
            return cast("dict[str, Any]", answer.json())
        except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError) as error:
            raise AskError(f"{self.url}: {error or type(error).__name__}") from None


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in query.items() if value not in (None, "")}


def _refusal(answer: httpx.Response) -> AskError:
    try:
        table: Any = answer.json()
        details: list[Any] = table.get("details", [])
        return AskError(str(table["error"]), *map(str, details))
    except (ValueError, KeyError, AttributeError, TypeError):
        return AskError(f"{answer.url.host}: answers {answer.status_code}, which is no answer of this API")
