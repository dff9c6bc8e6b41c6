# What a test asks and tells the network behind carriers that run in the background, and its handsets. As with
# carriers (running.py) nothing of them is touched from the test's thread.
"""Handles of a network and of handsets that run in the background."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

import attrs
import trio

from simulators.server import CarrierServer
from simulators.signalling import orders
from simulators.signalling.config import NetworkConfig
from simulators.signalling.network import Network
from simulators.signalling.record import Event

POLL_S: Final = 0.005

T = TypeVar("T")


class Asker(Protocol):
    """What asks in the carriers' thread: see BackgroundCarriers."""

    def ask(self, question: Callable[[], T]) -> T:
        """Have a function called there; return what it returns, or raise what it raises."""
        ...

    def ask_task(self, task: Callable[[], Any], timeout_s: float) -> Any:
        """Have a task run there, and wait for its end."""
        ...


@attrs.frozen(kw_only=True)
class ShownText:
    """A text that a handset was shown."""

    at: float
    source: str
    text: str
    parts: int
    data_coding: int
    protocol_id: int
    is_flash: bool
    """Of class 0: shown, and not stored."""
    times_shown: int
    """1, or how often this handset has now been shown the same text from the same source."""


class NetworkHandle:
    """The network behind the carriers of one configuration. Raises RuntimeError if there is none."""

    def __init__(self, asker: Asker, server: CarrierServer) -> None:
        network = server.network
        if network is None:
            raise RuntimeError("there is no network: give the factory network=True, or a file with [network]")
        self._asker = asker
        self._server = server
        self._network: Network = network

    @property
    def config(self) -> NetworkConfig:
        """How it behaves now."""
        return self._asker.ask(lambda: self._network.config)

    @property
    def statistics(self) -> dict[str, int]:
        """What it has counted."""
        return self._asker.ask(self._network.statistics)

    def events(self, number: str = "", kind: str = "") -> list[Event]:
        """Return what happened lately, in order, for a number or a kind of event, or all of it."""

        def look() -> list[Event]:
            wanted = orders.number_in_full(self._network, number) if number else b""
            return list(self._network.record.events(wanted, kind))[::-1]

        return self._asker.ask(look)

    def change(self, changes: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Have it behave otherwise: `change({"unknown.share": 0.5})`. ValueError names a wrong key."""
        self._order(lambda now: orders.change(self._network, {**(changes or {}), **more}, now))

    def port(self, number: str, carrier: str) -> None:
        """Have another carrier serve a number; an empty one undoes it."""
        self._order(lambda _: self._network.hlr.port(orders.number_in_full(self._network, number), carrier))

    def handset(self, number: str) -> "HandsetHandle":
        """Return a handle of a number's handset."""
        return HandsetHandle(self._asker, self._server, self._network, number)

    def _order(self, order: Callable[[float], object]) -> None:
        def do() -> None:
            order(self._server.clock.now())
            self._server.moved()

        self._asker.ask(do)


class HandsetHandle:
    """One handset."""

    def __init__(self, asker: Asker, server: CarrierServer, network: Network, number: str) -> None:
        self._asker = asker
        self._server = server
        self._network = network
        self._number = orders.number_in_full(network, number)
        self.number: str = self._number.decode()
        """In full."""

    @property
    def state(self) -> str:
        """on, off or out_of_coverage."""
        return self._told()["state"]

    @property
    def inbox(self) -> list[ShownText]:
        """What can be seen on it now, in the order in which it came."""
        return [ShownText(**text) for text in self._told()["inbox"]]

    @property
    def shown(self) -> list[ShownText]:
        """What it was shown lately, in order, with what is not in its inbox any more."""
        return [ShownText(**text) for text in self._told()["shown"]]

    def turn_on(self) -> None:
        """Have it be on and in coverage, whatever its habits are."""
        self._set("on")

    def turn_off(self) -> None:
        """Have it be off."""
        self._set("off")

    def leave_coverage(self) -> None:
        """Have it be on, and out of coverage."""
        self._set("out_of_coverage")

    def as_configured(self) -> None:
        """Take back what it was ordered to be."""
        self._set(orders.AS_CONFIGURED)

    def fill(self) -> None:
        """Have it have no room, whatever is in it."""
        self._order(lambda now: orders.set_full(self._network, self._number, True, now))

    def make_room(self) -> None:
        """Take fill() back."""
        self._order(lambda now: orders.set_full(self._network, self._number, False, now))

    def clear(self) -> None:
        """Delete all that is in it."""
        self._order(lambda now: orders.clear(self._network, self._number, now))

    def send(self, text: str, *, to: str = "10690", carrier: str | None = None) -> None:
        """Have it send a text to a service, by way of the carrier that serves it or of another."""

        def send(now: float) -> None:
            carriers = self._server.carriers
            name = carrier or orders.sends_by(self._network, self._number, carriers)
            alphabet: str = carriers[name].profile.dialect.default_alphabet
            orders.send(self._network, self._number, to, text, orders.Way(name, alphabet), now)

        self._order(send)

    def wait_for(self, count: int = 1, *, timeout_s: float = 10.0, **wanted: Any) -> list[ShownText]:
        """Return the first `count` texts that it was shown and that match, waiting for them if need be.

        They match by text (what it contains), source and since. AssertionError says how many came in time.
        """
        if count > self._network.config.inbox_max:
            raise ValueError(f"count: must be at most inbox_max, {self._network.config.inbox_max}")

        def found() -> list[ShownText]:
            handset = self._network.handsets.get(self._number)
            texts = orders.shown_that_match(handset, **wanted)[:count]
            return [ShownText(**orders.text_state(text)) for text in texts]

        async def wait() -> list[ShownText]:
            with trio.move_on_after(timeout_s):
                while len(found()) < count:  # noqa: ASYNC110 - handsets tell nobody that a text has come
                    await trio.sleep(POLL_S)
            return found()

        texts: list[ShownText] = self._asker.ask_task(wait, timeout_s + 30.0)
        if len(texts) < count:
            of = f" that match {wanted}" if wanted else ""
            raise AssertionError(
                f"{count} texts{of} were to be shown within {timeout_s:g} s; {len(texts)} were"
            )
        return texts

    def _told(self) -> dict[str, Any]:
        return self._asker.ask(
            lambda: orders.handset_state(self._network, self._number, self._server.clock.now())
        )

    def _set(self, state: str) -> None:
        self._order(lambda now: orders.set_state(self._network, self._number, state, now))

    def _order(self, order: Callable[[float], object]) -> None:
        def do() -> None:
            order(self._server.clock.now())
            self._server.moved()

        self._asker.ask(do)
