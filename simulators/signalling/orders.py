# What may be ordered of handsets and the network while it runs. Each order takes effect at once, and whoever
# waits for a handset hears of it as if it had come by itself: an alert, and the next attempt.
"""Orders to a network that runs."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, get_args

from simulators.changes import changed_network
from simulators.handsets.answering import Reply
from simulators.handsets.config import REPLY_CHARACTERS_MAX, State
from simulators.handsets.handset import Handset
from simulators.handsets.inbox import Text
from simulators.signalling.network import Network
from simulators.timeline.network_agenda import network_problems

NUMBER_MAX: Final = 20
ADDRESS_MAX: Final = 20
STATES: Final[tuple[State, ...]] = get_args(State)
AS_CONFIGURED: Final = "as_configured"


def number_in_full(network: Network, text: str) -> bytes:
    """Return a number as the network knows it. Raises ValueError if it is none."""
    number = network.hlr.number_of((0, 1, text.strip().encode("utf-8", "replace")))
    if not number.isdigit() or len(number) > NUMBER_MAX:
        raise ValueError(f"number: must be 1 to {NUMBER_MAX} digits")
    return number


def set_state(network: Network, number: bytes, state: str, now: float) -> None:
    """Have a handset be on, off or out_of_coverage, or as_configured again. Raises ValueError for others."""
    if state not in (*STATES, AS_CONFIGURED):
        raise ValueError(f"state: must be {', '.join(STATES)} or {AS_CONFIGURED}, got {state}")
    handset = network.handsets.get_to_order(number)
    handset.order(None if state == AS_CONFIGURED else state)
    network.changed(number, now)


def set_full(network: Network, number: bytes, is_full: bool, now: float) -> None:
    """Have a handset's memory be full, whatever is in it, or not any more. Raises ValueError for too many."""
    network.handsets.get_to_order(number).inbox.is_full = is_full
    network.changed(number, now)


def clear(network: Network, number: bytes, now: float) -> int:
    """Delete all that a handset holds, which makes room; return how many texts that were."""
    deleted = network.handsets.get(number).inbox.clear()
    network.changed(number, now)
    return deleted


class Way(NamedTuple):
    """The carrier that a handset sends by, and that carrier's default alphabet."""

    carrier: str
    alphabet: str = "gsm"


def send(network: Network, number: bytes, to: str, text: str, way: Way, now: float) -> None:
    """Have a handset send a text to a number. Raises ValueError if it can't."""
    if not (to.isascii() and to.isprintable() and 0 < len(to) <= ADDRESS_MAX):
        raise ValueError(f"to: must be 1 to {ADDRESS_MAX} printable ASCII characters")
    if not 0 < len(text) <= REPLY_CHARACTERS_MAX:
        raise ValueError(f"text: must have 1 to {REPLY_CHARACTERS_MAX} characters")
    if network.handsets.get(number).back_at(now) == math.inf:
        raise ValueError("state: the handset is away, and does not come back by itself")
    network.send(number, Reply(now, to.encode(), text), way.carrier, way.alphabet)


def change(network: Network, changes: Mapping[str, Any], now: float) -> None:
    """Have the network go by other values of its keys.

    Raises ValueError for a wrong one, and changes nothing then. What its timeline says lies over them.
    """
    config = changed_network(network.base, changes)
    for index, problem in network_problems(config):
        raise ValueError(f"timeline[{index}].{problem}")
    network.configure(config, now)


def sends_by(network: Network, number: bytes, carriers: Mapping[str, object]) -> str:
    """Return the carrier that a handset sends by: the one that serves it, or the first of those there are."""
    serving = network.hlr.route(number, "").carrier
    return serving if serving in carriers else next(iter(carriers))


def handset_state(network: Network, number: bytes, now: float) -> dict[str, Any]:
    """Say everything about a handset, in values that JSON has."""
    handset = network.handsets.get(number)
    handset.inbox.pass_time(now)
    route = network.hlr.route(number, "")
    back_at = handset.back_at(now)
    return {
        "number": number.decode(),
        "state": handset.state_at(now),
        "ordered": handset.ordered,
        "back_at": None if back_at == math.inf else round(back_at, 3),
        "served_by": route.carrier or None,
        "cause": route.cause or None,
        "memory": handset.habits.memory,
        "used": handset.inbox.used,
        "is_full": handset.inbox.is_full,
        "waiting": network.waiting_for(number),
        "inbox": [text_state(text) for text in handset.inbox.texts],
        "shown": [text_state(text) for text in handset.inbox.shown],
    }


def text_state(text: Text) -> dict[str, Any]:
    """Say everything about a text, in values that JSON has."""
    return {
        "at": round(text.at, 3),
        "source": text.source.decode("latin-1"),
        "text": text.text,
        "parts": len(text.pieces),
        "data_coding": text.data_coding,
        "protocol_id": text.protocol_id,
        "is_flash": text.is_flash,
        "times_shown": text.times_shown,
    }


def shown_that_match(handset: Handset, text: str = "", source: str = "", since: float = 0.0) -> list[Text]:
    """Return the texts that a handset has been shown lately and that fit: text is what they contain."""
    return [
        one
        for one in handset.inbox.shown
        if one.at >= since and source in ("", one.source.decode("latin-1")) and (not text or text in one.text)
    ]
