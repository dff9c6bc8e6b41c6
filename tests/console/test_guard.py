"""Who is let in, and what guessing costs."""

import trio
import trio.testing
from trio.testing import MockClock

from smpp_router.config_api import ApiTokenConfig
from smpp_router.console.guard import CHECKS_MAX, WRONG_PAUSE_S, Tokens
from tests.console.served import LOOKER, TOKEN, secret

OPS = ApiTokenConfig(name="ops", secrets=(secret(TOKEN),), access="change")
OTHER = ApiTokenConfig(name="looker", secrets=(secret(LOOKER),))


async def test_a_token_is_its_owners_and_is_known_from_then_on() -> None:
    tokens = Tokens(lambda: (OPS, OTHER))
    assert tokens.known(TOKEN.encode()) is None
    assert await tokens.checked(TOKEN.encode()) is OPS
    assert await tokens.checked(LOOKER.encode()) is OTHER
    assert tokens.known(TOKEN.encode()) is OPS
    assert tokens.known(LOOKER.encode()) is OTHER


async def test_a_token_that_is_taken_out_of_the_configuration_is_known_no_longer() -> None:
    configured = [OPS]
    tokens = Tokens(lambda: configured)
    await tokens.checked(TOKEN.encode())
    configured.clear()
    assert tokens.known(TOKEN.encode()) is None


async def test_a_wrong_token_is_counted_and_the_next_unknown_one_waits(autojump_clock: MockClock) -> None:
    tokens = Tokens(tuple)
    before = trio.current_time()
    assert await tokens.checked(b"wrong") is None
    assert trio.current_time() - before >= WRONG_PAUSE_S
    assert tokens.wrong == 1


async def test_only_so_many_unknown_tokens_wait() -> None:
    tokens = Tokens(tuple)
    async with trio.open_nursery() as nursery:
        for _ in range(CHECKS_MAX):
            assert not tokens.is_busy
            nursery.start_soon(tokens.checked, b"wrong")
            await trio.testing.wait_all_tasks_blocked()
        assert tokens.is_busy
        nursery.cancel_scope.cancel()
    assert not tokens.is_busy
