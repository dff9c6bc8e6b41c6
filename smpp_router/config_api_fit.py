"""Checks of `[api]` that need more than one value."""

from collections.abc import Iterator

from smpp_router.config_api import ApiConfig
from smpp_router.core.credentials import secret_problem


def check_api(api: ApiConfig | None) -> Iterator[tuple[str, str]]:
    """Yield (section, problem) for each."""
    seen: dict[str, int] = {}
    for index, token in enumerate(() if api is None else api.tokens):
        first = seen.setdefault(token.name, index)
        if first != index:
            yield "api", f"api.tokens[{index}].name: {token.name} is api.tokens[{first}] already"
        for number, secret in enumerate(token.secrets):
            problem = secret_problem(secret)
            if problem is not None:
                yield "api", f"api.tokens[{index}].secrets[{number}]: {problem}"
