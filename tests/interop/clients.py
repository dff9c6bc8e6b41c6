# What the tests of foreign clients share. Each client sends every text twice: to MOBILE, whose receipts it
# waits for, and to KEPT, whose carrier keeps the messages, so that their octets can be looked at. A foreign
# program is told host, port, system_id and password, and prints what it saw as JSON; see Seen.
"""A router to talk to, and foreign programs that are run to their end."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import cattrs
import trio

from smpp_router.config import RoutesConfig
from smpp_router.config_routes import RouteConfig
from smpp_router.wire.multipart import part_of, split_text
from smpp_router.wire.pdu import SubmitSm
from tests.router_fixtures import HOST, PASSWORD, World, profile, serving, until

CLIENT_S = 20.0
"""For a foreign client to do all that it does; it is killed then."""

MOBILE = "8613900000001"
KEPT = "8613000000001"
SENDER = "106900"
CHINESE = "您的验证码是123456，请勿泄露。"
EXTENDED = "Price: 5€ [net] {a~b}"
LONG = "长短信测试，" * 30
"""180 characters of UCS2: three parts."""
TEXTS = (CHINESE, EXTENDED, LONG)


@attrs.define
class Seen:
    """What a client saw. Its submits are in the order of its texts; parts count each."""

    statuses: list[int]
    message_ids: list[str]
    receipts: dict[str, str]
    """stat by message_id."""
    query_state: int
    enquired: bool
    unbound: bool
    refused_status: int
    """What a bind with a wrong password got."""


@asynccontextmanager
async def foreign_world(path: Path) -> AsyncGenerator[World, None]:
    """A router with a carrier for MOBILE that delivers everything and one for KEPT that delivers nothing."""
    routes = RoutesConfig(
        prefixes=(
            RouteConfig(prefix=MOBILE[:5], carriers=("mobile",)),
            RouteConfig(prefix=KEPT[:5], carriers=("kept",)),
        )
    )
    carriers = (
        profile("mobile", receipt_s=0.02),
        profile("kept", outcomes={"NONE": 1.0}, receipt_s=600_000.0),
    )
    async with serving(path, *carriers, routes=routes) as world:
        yield world


async def run_client(world: World, command: Sequence[str]) -> Seen:
    """Run a foreign program to its end."""
    arguments = [*command, HOST, str(world.port), "bank", PASSWORD]
    with trio.fail_after(CLIENT_S):
        done = await trio.run_process(arguments, capture_stdout=True, capture_stderr=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return cattrs.structure(json.loads(done.stdout), Seen)


def kept(world: World) -> list[bytes]:
    """The octets of the messages to KEPT, each long one put together from its parts."""
    texts: list[bytes] = []
    for held in world.carrier("kept").messages._under_way.values():
        octets = held.short_message
        # A text of ours does not begin with these; a UDH of a concatenated message does.
        has_udh = octets[:3] in (b"\x05\x00\x03", b"\x06\x08\x04")
        part = part_of(SubmitSm(esm_class=0x40, short_message=octets)) if has_udh else None
        if part is not None:
            octets = octets[octets[0] + 1 :]
        if part is not None and part.seqnum > 1:
            texts[-1] += octets
        else:
            texts.append(octets)
    return texts


def as_octets(text: str) -> bytes:
    """A text as it should be at the carrier, without UDHs."""
    segments = split_text(text, method="sar" if len(text) > 70 else "udh8")
    return b"".join(segment.short_message for segment in segments)


async def check(world: World, seen: Seen) -> None:
    """Hold what a client saw against what the router and the carriers have."""
    assert seen.statuses == [0] * len(seen.statuses)
    assert len(seen.statuses) >= 2 * len(TEXTS)
    assert len(set(seen.message_ids)) == len(seen.statuses)
    assert seen.receipts
    assert set(seen.receipts.values()) == {"DELIVRD"}
    assert set(seen.receipts) <= set(seen.message_ids)
    assert (seen.query_state, seen.enquired, seen.unbound) == (2, True, True)
    assert seen.refused_status == 14
    await until(lambda: len(kept(world)) == len(TEXTS))
    assert kept(world) == [as_octets(text) for text in TEXTS]
    await until(lambda: not world.running.exchange.accounts["bank"].sessions)
    assert world.carrier("mobile").counters.messages == len(seen.receipts)
