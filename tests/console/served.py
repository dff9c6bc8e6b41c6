# A whole router with its API on a socket, and somebody who asks it.
"""A served API in a test."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import httpx
import trio

from simulators.profile import CarrierProfile
from smpp_router.config_api import ApiConfig, ApiTokenConfig
from smpp_router.console.api import serve_api
from smpp_router.core import credentials
from smpp_router.store.embedded import EmbeddedStore
from tests.router_fixtures import World, serving

TOKEN = "ops-token"
LOOKER = "looker-token"


@cache
def secret(token: str) -> str:
    # Of the least cost that scrypt has.
    return credentials._spelled(2, 1, 1, bytes(16), credentials._scrypt(token.encode(), bytes(16), 2, 1, 1))


def api_config(**changes: Any) -> ApiConfig:
    tokens = (
        ApiTokenConfig(name="ops", secrets=(secret(TOKEN),), access="change"),
        ApiTokenConfig(name="looker", secrets=(secret(LOOKER),)),
    )
    values: dict[str, Any] = {"port": 0, "tokens": tokens}
    return ApiConfig(**(values | changes))


@attrs.define(eq=False)
class Served:
    """A world, and a client of its API that has the token to change things."""

    world: World
    url: str
    client: httpx.AsyncClient

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.client.post(path, json={} if body is None else body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        answer = await self.client.request(method, path, **options)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, str(answer.json()["error"])


def client_of(url: str, token: str = TOKEN) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=20.0, trust_env=False)


@asynccontextmanager
async def served(
    path: Path, *profiles: CarrierProfile, api: ApiConfig | None = None, **changes: Any
) -> AsyncGenerator[Served, None]:
    """A router on sockets with its API."""
    api = api or api_config()
    async with serving(path, *profiles, api=api, **changes) as world, trio.open_nursery() as nursery:
        store = world.store
        assert isinstance(store, EmbeddedStore)
        url: str = await nursery.start(serve_api, api, world.running, store)
        async with client_of(url) as client:
            yield Served(world, url, client)
        nursery.cancel_scope.cancel()
