"""The part of the HTTP API that is about the radio network and its handsets."""

from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulators.control.asking import Waits, body_of
from simulators.control.state import plain
from simulators.server import CarrierServer
from simulators.signalling import orders
from simulators.signalling.network import Network
from smpp_router.console.values import BadRequest, only, value_of

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 10_000
"""Events in one answer."""

Handler = Callable[[Request], Awaitable[Response]]


class NetworkApi:
    """Questions and orders to the network behind the carriers, if there is one."""

    def __init__(self, server: CarrierServer, waits: Waits) -> None:
        self._server = server
        self._waits = waits
        self.routes: list[tuple[str, str, Handler]] = [
            ("GET", "/network", self.state),
            ("PATCH", "/network", self.change),
            ("POST", "/network/port", self.port),
            ("GET", "/network/events", self.events),
            ("GET", "/handsets/{number}", self.handset),
            ("PATCH", "/handsets/{number}", self.order),
            ("POST", "/handsets/{number}/clear", self.clear),
            ("POST", "/handsets/{number}/send", self.send),
            ("POST", "/handsets/{number}/wait", self.wait),
        ]

    @property
    def _now(self) -> float:
        return self._server.clock.now()

    @property
    def _network(self) -> Network:
        network = self._server.network
        if network is None:
            raise BadRequest(409, "there is no network: the configuration has no [network]")
        return network

    def _number(self, text: str) -> bytes:
        try:
            return orders.number_in_full(self._network, text)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None

    def _handset(self, request: Request) -> bytes:
        return self._number(request.path_params["number"])

    def _done(self, number: bytes) -> Response:
        self._server.moved()
        return JSONResponse(orders.handset_state(self._network, number, self._now))

    async def state(self, _: Request) -> Response:
        """Give what the network has seen, and all of its keys."""
        network = self._network
        return JSONResponse(
            {
                "statistics": network.statistics(),
                "timeline": network.timeline(self._now),
                "config": plain(network.config),
            }
        )

    async def change(self, request: Request) -> Response:
        """Change keys of the network by dotted keys, all of them or none."""
        network, changes = self._network, await body_of(request)
        try:
            orders.change(network, changes, self._now)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        self._server.moved()
        return JSONResponse({"changed": changes})

    async def port(self, request: Request) -> Response:
        """Have another carrier serve a number; an empty carrier undoes it."""
        network, table = self._network, await body_of(request)
        only(table, ("number", "carrier"))
        number = self._number(value_of(table, "number", ""))
        try:
            network.hlr.port(number, value_of(table, "carrier", ""))
        except ValueError as error:
            raise BadRequest(422, f"carrier: {error}") from None
        route = network.hlr.route(number, "")
        return JSONResponse({"number": number.decode(), "served_by": route.carrier or None})

    async def events(self, request: Request) -> Response:
        """Give the latest events, of a number or of all, in the order in which they happened."""
        network, query = self._network, request.query_params
        only(query, ("number", "kind", "cause", "carrier", "limit"))
        number = self._number(query["number"]) if query.get("number") else b""
        cause, carrier = query.get("cause", ""), query.get("carrier", "")
        matching = (
            {**event._asdict(), "at": round(event.at, 3), "number": event.number.decode("latin-1")}
            for event in network.record.events(number, query.get("kind", ""))
            if cause in ("", event.cause) and carrier in ("", event.carrier)
        )
        limit = min(value_of(query, "limit", LIMIT_DEFAULT, 0), LIMIT_MAX)
        return JSONResponse({"events": list(islice(matching, limit))[::-1]})

    async def handset(self, request: Request) -> Response:
        """Give a handset's state, its inbox and what it was shown."""
        return JSONResponse(orders.handset_state(self._network, self._handset(request), self._now))

    async def order(self, request: Request) -> Response:
        """Have a handset be on, off, out of coverage or as configured, full or not full."""
        number, table = self._handset(request), await body_of(request)
        only(table, ("state", "is_full"))
        network, now = self._network, self._now
        try:
            if "state" in table:
                orders.set_state(network, number, value_of(table, "state", ""), now)
            if "is_full" in table:
                orders.set_full(network, number, value_of(table, "is_full", True), now)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        return self._done(number)

    async def clear(self, request: Request) -> Response:
        """Delete all that a handset holds."""
        number = self._handset(request)
        orders.clear(self._network, number, self._now)
        return self._done(number)

    async def send(self, request: Request) -> Response:
        """Have a handset send a text."""
        number, table = self._handset(request), await body_of(request)
        only(table, ("to", "text", "carrier"))
        network, carriers = self._network, self._server.carriers
        name = value_of(table, "carrier", "") or orders.sends_by(network, number, carriers)
        if name not in carriers:
            raise BadRequest(422, f"carrier: no carrier {name}; there are {', '.join(carriers)}")
        alphabet: str = carriers[name].profile.dialect.default_alphabet
        to, text = value_of(table, "to", ""), value_of(table, "text", "")
        try:
            orders.send(network, number, to, text, orders.Way(name, alphabet), self._now)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        self._server.moved()
        return JSONResponse({"number": number.decode(), "to": to, "carrier": name})

    async def wait(self, request: Request) -> Response:
        """Answer when a handset has been shown `count` texts that match, or after `timeout_s` with those."""
        number, table = self._handset(request), await body_of(request)
        only(table, ("text", "source", "since", "count", "timeout_s"))
        network = self._network
        count = value_of(table, "count", 1, 0)
        if count > network.config.inbox_max:
            raise BadRequest(422, f"count: must be at most inbox_max, {network.config.inbox_max}")
        filters: dict[str, Any] = {
            "text": value_of(table, "text", ""),
            "source": value_of(table, "source", ""),
            "since": value_of(table, "since", 0.0),
        }

        def found() -> list[Any]:
            return orders.shown_that_match(network.handsets.get(number), **filters)[:count]

        await self._waits.until(
            lambda: len(found()) >= count, request, value_of(table, "timeout_s", 30.0, 0.0)
        )
        texts = [orders.text_state(text) for text in found()]
        return JSONResponse({"is_met": len(texts) >= count, "count": len(texts), "shown": texts})
