# The real router before carriers of each pack, on memory streams and a virtual clock. What it must come to is
# the same for all of them: each message that was accepted gets exactly one final receipt, and what that says
# is what became of the message, or UNKNOWN where the carrier does not tell.
"""Every pack against the router."""

from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from simulators.carrier import SimulatedCarrier
from simulators.config_file import load_simulators
from simulators.esme import Esme
from simulators.packs import pack_names, packs
from simulators.profile import CarrierProfile
from smpp_router.net.router import Pace
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt
from tests.router_fixtures import account, on_memory

MESSAGES = 60
SERVICE = b"10691"
"""To which the subscribers of some packs write."""
PAUSE_S = 3.0
HOUR_S = 3_600.0
"""Longer than any pack takes to tell what became of a message."""
PACE = Pace(tick_s=0.1, librarian_s=0.1)
"""Coarser than the router's own, because some packs take the hour."""
VAGUE = {
    "receipt-missing",
    "one-receipt-for-parts",
    "truncated-bodies",
    "receipt-after-expiry",
    "responses-withheld",
    "small-window-silence",
    "throttles-with-silence",
    "throttles-with-disconnection",
}
"""Packs after which a client cannot know of each message what became of it."""
LINK: dict[str, dict[str, Any]] = {
    "alphabet-latin1": {"default_alphabet": "latin1"},
    "alphabet-ascii": {"default_alphabet": "ascii"},
    "alphabet-gsm-packed": {"default_alphabet": "gsm_packed"},
    "small-window-disconnect": {"window": 10},
}
"""What the router has to be told of a carrier, as its operator would."""


def given_carrier(pack: str, path: Path) -> CarrierProfile:
    """A carrier as its file says, in a hurry."""
    file = path / "carriers.toml"
    file.write_text(f'[[carriers]]\nname = "mobile"\nport = 0\nseed = 5\npacks = ["{pack}"]\n')
    return load_simulators(file).carriers[0]


@cache
def pause_s(pack: str) -> float:
    """Seconds between two messages: what happens to links within minutes needs some to happen to."""
    table = packs()[pack].carrier
    return PAUSE_S if "timeline" in table or "lasts_s" in table.get("faults", {}) else 0.0


def number(index: int) -> bytes:
    return b"86139%08d" % index


@attrs.define(eq=False)
class Seen:
    """What the ESME has seen: ids by number, and the final receipts by id."""

    accepted: dict[bytes, bytes] = attrs.Factory(dict[bytes, bytes])
    refused: dict[bytes, int] = attrs.Factory(dict[bytes, int])
    finals: dict[bytes, list[int]] = attrs.Factory(dict[bytes, list[int]])
    strays: int = 0
    from_subscribers: int = 0

    @property
    def is_complete(self) -> bool:
        return len(self.finals) >= len(self.accepted)


async def listen(esme: Esme, seen: Seen) -> None:
    async for pdu in esme.deliveries:
        receipt = parse_receipt(pdu)
        if receipt is None:
            seen.strays += pdu.destination_addr != SERVICE
            seen.from_subscribers += pdu.destination_addr == SERVICE
        elif receipt.is_final:
            seen.finals.setdefault(receipt.message_id, []).append(receipt.message_state)


async def send(esme: Esme, index: int, pack: str, seen: Seen) -> None:
    await trio.sleep(index * pause_s(pack))
    is_part = pack == "one-receipt-for-parts"
    udh = bytes([5, 0, 3, index // 2, 2, index % 2 + 1]) if is_part else b""
    pdu = SubmitSm(
        source_addr=b"10690",
        destination_addr=number(index),
        registered_delivery=1,
        esm_class=0x40 if is_part else 0,
        short_message=udh + b"id:1 stat:EXPIRED err:0 %d" % index,
        validity_period=b"000000000600000R",
    )
    resp = await esme.request(pdu)
    assert isinstance(resp, SubmitSmResp)
    if resp.command_status == c.ESME_ROK:
        seen.accepted[number(index)] = resp.message_id
    else:
        seen.refused[number(index)] = resp.command_status


def fates(carrier: SimulatedCarrier) -> dict[bytes, set[int]]:
    """What became of the messages to each number, by the carrier's own memory."""
    found: dict[bytes, set[int]] = {}
    for held in carrier.messages._ended.values():
        destination = held.addresses[2:].split(b"\0", 1)[1][2:-1]
        found.setdefault(destination, set()).add(held.message_state)
    return found


def is_truthful(state: int, fate: set[int], is_vague: bool) -> bool:
    """Whether a final receipt may say `state` of a message that came to `fate`, once or more often."""
    if state == c.UNKNOWN:
        # What the carrier never tells has the state 0 in its memory.
        return is_vague or bool(fate & {c.UNKNOWN, 0})
    return state in fate if fate else state != c.DELIVERED


@pytest.mark.parametrize("pack", pack_names())
async def test_each_message_ends_once_and_truthfully(
    pack: str, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    seen = Seen()
    async with (
        on_memory(
            tmp_path / "store",
            given_carrier(pack, tmp_path),
            carrier_changes=LINK.get(pack),
            limit_s=3 * HOUR_S,
            accounts=(account(mo_addresses=(SERVICE.decode(),)),),
            pace=PACE,
        ) as world,
        world.esme(window=MESSAGES, reconnect_max_s=2.0) as esme,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(listen, esme, seen)
        async with trio.open_nursery() as sending:
            for index in range(MESSAGES):
                sending.start_soon(send, esme, index, pack, seen)
        with trio.move_on_after(HOUR_S):
            while not seen.is_complete:  # noqa: ASYNC110 - until() looks too often for an hour
                await trio.sleep(1.0)
        world.carriers.apply("mobile", {"mo.is_on": False})
        # What comes twice comes soon after.
        await trio.sleep(20.0)
        fate = fates(world.carrier())
        counters = world.carrier().counters
        nursery.cancel_scope.cancel()
    assert len(seen.accepted) == MESSAGES
    if pack.startswith("mo-"):
        assert seen.from_subscribers >= counters.mobile_originated > counters.mobile_originated_dropped
    assert seen.strays == 0, "receipts must not reach the ESME as messages"
    assert {message_id: len(states) for message_id, states in seen.finals.items()} == dict.fromkeys(
        seen.accepted.values(), 1
    )
    wrong = {
        destination: (seen.finals[message_id], fate.get(destination))
        for destination, message_id in seen.accepted.items()
        if not is_truthful(seen.finals[message_id][0], fate.get(destination, set()), pack in VAGUE)
    }
    assert wrong == {}
