# The HTTP API of carriers that run. Whoever reaches it may do everything, so it listens on loopback unless
# told otherwise, asks for a token if there is one, and answers no browser: a page from anywhere could
# otherwise steer the carriers of whoever looks at it.
#
# Every answer is JSON, but for the capture. A request that can't be done gets {"error": "why"} with
#   400 no JSON    401 no token   403 a browser   404 no such carrier
#   409 not now    413 too much   422 a wrong value
"""Questions and orders to running carriers, over HTTP."""

import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import islice
from typing import Any, Final, cast

import attrs
import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.arrivals import Arrival
from simulators.carrier import CarrierCounters, SimulatedCarrier
from simulators.control.asking import Waits, body_of
from simulators.control.body import mobile_originated
from simulators.control.config import ControlConfig
from simulators.control.decoded import command_of, described
from simulators.control.matching import Wanted, Watch, shown
from simulators.control.network_api import NetworkApi
from simulators.control.recorder import Recorded, Recorder
from simulators.control.state import carrier_state, profile_table
from simulators.server import CarrierServer, OutageError
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.net.tls import TlsFileError

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 10_000
"""Entries in one answer."""
BURST_MAX: Final = 10_000
"""Messages of one order: a fraction of a second in which the carriers do nothing else."""
FRAMES_A_PIECE: Final = 500
"""Of a download, between two moments at which the carriers get their turn."""

_FILTERS: Final = tuple(field.name for field in attrs.fields(Wanted))
_Handler = Callable[[Request], Awaitable[Response]]


class ControlApi:
    """The application, for any ASGI server that runs on trio."""

    def __init__(self, config: ControlConfig, server: CarrierServer, recorder: Recorder) -> None:
        self._config = config
        self._server = server
        self._recorder = recorder
        self._waits = Waits(config.waits_max)
        self._reference = 0
        here: list[tuple[str, str, _Handler]] = [
            ("GET", "/", self.index),
            ("GET", "/carriers", self.carriers),
            ("GET", "/carriers/{name}", self.carrier),
            ("PATCH", "/carriers/{name}", self.change),
            ("POST", "/carriers/{name}/inject", self.inject),
            ("POST", "/carriers/{name}/burst", self.burst),
            ("POST", "/carriers/{name}/outbind", self.outbind),
            ("POST", "/carriers/{name}/down", self.down),
            ("POST", "/carriers/{name}/up", self.up),
            ("POST", "/carriers/{name}/disconnect", self.disconnect),
            ("GET", "/carriers/{name}/arrivals", self.arrivals),
            ("POST", "/carriers/{name}/wait", self.wait),
            ("GET", "/pdus", self.pdus),
            ("GET", "/capture.pcap", self.capture),
            ("POST", "/reset", self.reset),
        ]
        here += NetworkApi(server, self._waits).routes
        self._routes = [f"{method} {path}" for method, path, _ in here]
        self.app = Starlette(
            routes=[Route(path, handler, methods=[method]) for method, path, handler in here],
            middleware=[Middleware(_Guard, token=config.token)],
            exception_handlers={BadRequest: _refused, HTTPException: _no_such_thing},
        )

    # ------------------------------------------------------------------ state

    async def index(self, _: Request) -> Response:
        """Say what there is to ask."""
        return JSONResponse({"routes": self._routes, "carriers": list(self._server.carriers)})

    async def carriers(self, _: Request) -> Response:
        """Give the state of all carriers, and of the recorder."""
        carriers = [self._state(carrier) for carrier in self._server.carriers.values()]
        recorder = attrs.asdict(self._recorder.counters)
        return JSONResponse({"carriers": carriers, "recorder": recorder, "waits": len(self._waits)})

    async def carrier(self, request: Request) -> Response:
        """Give the state of one carrier, and its whole behaviour."""
        carrier = self._carrier(request)
        return JSONResponse(self._state(carrier) | {"profile": profile_table(carrier.profile)})

    def _state(self, carrier: SimulatedCarrier) -> dict[str, Any]:
        name = carrier.profile.name
        return carrier_state(carrier, self._server.listening(name)) | {
            "timeline": self._server.timeline(name)
        }

    def _carrier(self, request: Request) -> SimulatedCarrier:
        name: str = request.path_params["name"]
        carrier = self._server.carriers.get(name)
        if carrier is None:
            raise BadRequest(404, f"no carrier {name}; there are {', '.join(self._server.carriers)}")
        return carrier

    # ------------------------------------------------------------------ orders

    async def change(self, request: Request) -> Response:
        """Change a carrier's behaviour by dotted keys, all of them or none."""
        carrier = self._carrier(request)
        changes = await body_of(request)
        try:
            self._server.apply(carrier.profile.name, changes)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        return JSONResponse({"carrier": carrier.profile.name, "changed": changes})

    async def inject(self, request: Request) -> Response:
        """Send a mobile-originated message to an account."""
        carrier = self._carrier(request)
        table = await body_of(request)
        accounts = carrier.accounts
        destination = value_of(table, "destination", "").encode("latin-1", "replace")
        system_id = value_of(table, "system_id", "") or carrier.profile.mo_account(destination)
        if not system_id and len(accounts) == 1:
            system_id = next(iter(accounts))
        known = set(accounts) | {account.system_id for account in carrier.profile.accounts}
        if system_id not in known:
            raise BadRequest(422, f"system_id: one of {', '.join(sorted(known)) or 'those that have bound'}")
        self._reference = (self._reference + 1) % 256
        pdus = mobile_originated(table, self._reference, _alphabet(carrier))
        for pdu in pdus:
            self._server.inject(carrier.profile.name, system_id, pdu)
        return JSONResponse({"carrier": carrier.profile.name, "system_id": system_id, "parts": len(pdus)})

    async def burst(self, request: Request) -> Response:
        """Have subscribers send many messages at once, as the carrier's `mo` says."""
        carrier = self._carrier(request)
        table = await body_of(request)
        only(table, ("count",))
        count = value_of(table, "count", 1, 1)
        if count > BURST_MAX:
            raise BadRequest(422, f"count: must be at most {BURST_MAX}")
        sent = self._server.burst(carrier.profile.name, count)
        return JSONResponse({"carrier": carrier.profile.name, "sent": sent, "dropped": count - sent})

    async def outbind(self, request: Request) -> Response:
        """Call an account: connect to it, so that it binds."""
        carrier = self._carrier(request)
        table = await body_of(request)
        only(table, ("system_id",))
        name, system_id = carrier.profile.name, value_of(table, "system_id", "")
        if not system_id and len(carrier.profile.accounts) == 1:
            system_id = carrier.profile.accounts[0].system_id
        try:
            config = self._server.outbind(name, system_id)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        told = {"carrier": name, "system_id": system_id, "host": config.host, "port": config.port}
        return JSONResponse(told)

    async def down(self, request: Request) -> Response:
        """Close a carrier's port and its connections."""
        carrier = self._carrier(request)
        self._server.take_down(carrier.profile.name)
        return JSONResponse(self._state(carrier))

    async def up(self, request: Request) -> Response:
        """Have a carrier that was taken down listen again."""
        carrier = self._carrier(request)
        try:
            await self._server.bring_up(carrier.profile.name)
        except (OSError, TlsFileError, OutageError) as error:
            raise BadRequest(409, str(error)) from None
        return JSONResponse(self._state(carrier))

    async def disconnect(self, request: Request) -> Response:
        """Close a carrier's connections, its port stays open."""
        carrier = self._carrier(request)
        table = await body_of(request)
        only(table, ("how",))
        try:
            self._server.disconnect(carrier.profile.name, value_of(table, "how", "close"))
        except ValueError as error:
            raise BadRequest(422, f"how: {error}") from None
        return JSONResponse(self._state(carrier))

    async def reset(self, request: Request) -> Response:
        """Begin counting from nothing, and forget arrivals and PDUs."""
        table = await body_of(request)
        only(table, ("counters", "arrivals", "pdus"))
        if value_of(table, "pdus", True):
            self._recorder.forget()
        network = self._server.network
        if network is not None and value_of(table, "counters", True):
            network.reset()
        for carrier in self._server.carriers.values():
            if value_of(table, "counters", True):
                carrier.counters = CarrierCounters()
                for account in carrier.accounts.values():
                    account.sent = account.dropped = 0
            if value_of(table, "arrivals", True):
                carrier.arrivals.clear()
        return JSONResponse({"reset": True})

    # ------------------------------------------------------------------ what arrived

    async def arrivals(self, request: Request) -> Response:
        """Give the latest messages that match, in the order in which they came."""
        carrier = self._carrier(request)
        query = request.query_params
        only(query, (*_FILTERS, "limit"))
        wanted = _wanted(query)
        alphabet = _alphabet(carrier)
        matching = (arrival for arrival in reversed(_arrivals(carrier)) if wanted.matches(arrival, alphabet))
        found = [shown(arrival, alphabet) for arrival in islice(matching, _limit(query))]
        return JSONResponse({"arrivals": found[::-1]})

    async def wait(self, request: Request) -> Response:
        """Answer when `count` messages match, or after `timeout_s` with those that do."""
        carrier = self._carrier(request)
        table = await body_of(request)
        only(table, (*_FILTERS, "count", "timeout_s"))
        count = value_of(table, "count", 1, 0)
        timeout_s = value_of(table, "timeout_s", 30.0, 0.0)
        if count > LIMIT_MAX:
            raise BadRequest(422, f"count: must be at most {LIMIT_MAX}")
        alphabet = _alphabet(carrier)
        _arrivals(carrier)
        watch = Watch(lambda: carrier.arrivals, _wanted(table), count, alphabet)
        await self._waits.until(watch.look, request, timeout_s)
        found = [shown(arrival, alphabet) for arrival in watch.found]
        return JSONResponse({"is_met": watch.is_met, "count": len(found), "arrivals": found})

    # ------------------------------------------------------------------ what passed

    async def pdus(self, request: Request) -> Response:
        """Give the latest PDUs that match, decoded, in the order in which they passed."""
        query = request.query_params
        only(query, ("carrier", "connection", "command", "is_from_peer", "after", "since", "limit"))
        carrier, command = value_of(query, "carrier", ""), value_of(query, "command", "")
        connection, after = value_of(query, "connection", -1), value_of(query, "after", 0)
        since = value_of(query, "since", 0.0)
        direction = value_of(query, "is_from_peer", True) if "is_from_peer" in query else None

        def matches(pdu: Recorded) -> bool:
            return (
                carrier in ("", pdu.line.carrier)
                and connection in (-1, pdu.line.number)
                and direction in (None, pdu.is_from_peer)
                and pdu.number > after
                and pdu.at >= since
                and command in ("", command_of(pdu))
            )

        found = [described(pdu) for pdu in islice(filter(matches, self._recorder.pdus()), _limit(query))]
        return JSONResponse({"pdus": found[::-1], "dropped": self._recorder.counters.pdus_dropped})

    async def capture(self, request: Request) -> Response:
        """Give the capture file, of one carrier or of all."""
        query = request.query_params
        only(query, ("carrier",))
        frames = self._recorder.capture(query.get("carrier"))

        async def pieces() -> AsyncIterator[bytes]:
            while piece := b"".join(islice(frames, FRAMES_A_PIECE)):
                yield piece
                await trio.lowlevel.checkpoint()

        return StreamingResponse(pieces(), media_type="application/vnd.tcpdump.pcap")


def _wanted(table: Mapping[str, Any]) -> Wanted:
    texts = {key: value_of(table, key, "") for key in _FILTERS if key != "since"}
    return Wanted(since=value_of(table, "since", 0.0) if "since" in table else None, **texts)


def _limit(table: Mapping[str, Any]) -> int:
    return min(value_of(table, "limit", LIMIT_DEFAULT, 0), LIMIT_MAX)


def _alphabet(carrier: SimulatedCarrier) -> str:
    return carrier.profile.dialect.default_alphabet


def _arrivals(carrier: SimulatedCarrier) -> deque[Arrival]:
    if carrier.profile.keep_arrivals == 0:
        raise BadRequest(409, f"{carrier.profile.name} keeps no arrivals; set its key keep_arrivals")
    return carrier.arrivals


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return JSONResponse({"error": error.problem}, status_code=error.status)


async def _no_such_thing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


class _Guard:
    """Lets in who has the token, and no browser."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
            given = headers.get(b"authorization", b"")
            refusal: Response | None = None
            if b"origin" in headers:
                refusal = JSONResponse({"error": "pages in a browser are not answered"}, 403)
            elif self._expected and not hmac.compare_digest(given, self._expected):
                why = {"error": "the token is wrong" if given else "a token is asked for"}
                refusal = JSONResponse(why, 401, {"WWW-Authenticate": "Bearer"})
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
