"""What the tests of foreign clients share: a router to talk to, and foreign programs run to their end."""

import json
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import trio

from simulators.messages import Held
from tests.router_fixtures import PASSWORD, World, profile, serving

CLIENT_S = 20.0
"""For a foreign client to do all that it does; it is killed then."""

CHINESE = "您的验证码是123456，请勿泄露。"
EXTENDED = "Price: 5€ [net] {a~b}"
LONG_CHINESE = "长短信测试，" * 30
MOBILE = "8613900000001"
SENDER = "106900"


@asynccontextmanager
async def foreign_world(path: Path) -> AsyncGenerator[World, None]:
    """A router whose carrier keeps messages for a moment, so that its texts can be looked at."""
    async with serving(path, profile(response_s=0.01, receipt_s=0.05)) as world:
        yield world


class Texts:
    """Every message that a simulated carrier takes, as it was when it was taken."""

    def __init__(self, world: World, name: str = "mobile") -> None:
        messages = world.carrier(name).messages
        self.taken: list[bytes] = []
        add = messages.add

        def note(held: Held) -> None:
            self.taken.append(held.short_message)
            add(held)

        del note
