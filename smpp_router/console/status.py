"""The state of a running router as plain values: sessions, carriers, queues, counters, alarms, versions."""

import platform
from collections.abc import Iterable
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from smpp_router import __version__
from smpp_router.console.console import Console
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.core.alarms import Alarm
from smpp_router.core.carriers import Carrier
from smpp_router.core.statistics import statistics
from smpp_router.session.session import Session

ALARMS_DEFAULT = 100
"""Alarms that are over, in one answer, unless more are asked for."""


class StatusApi:
    """GET /status, /carriers, /carriers/{name}, /alarms."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def status(self, _: Request) -> Response:
        """Give the state of the whole router."""
        running = self._console.running
        exchange, now = running.exchange, running.clock.now()
        counters = statistics(exchange)
        screener = None if exchange.screening is None else exchange.screening.screener
        lexicon, model = ("", "") if screener is None else screener.versions
        configuration = None if screener is None else screener.configuration_version
        return JSONResponse(
            {
                "versions": {
                    "smpp_router": __version__,
                    "python": platform.python_version(),
                    "lexicon": lexicon or None,
                    "model": model or None,
                    "configuration": configuration,
                },
                "node_id": running.config.node_id,
                "started_at": self._console.started_at,
                "now": now,
                "is_stopping": running.is_stopping,
                "ports": running.ports,
                "sessions": {
                    "accounts": {
                        name: sessions(account.sessions)
                        for name, account in exchange.accounts.items()
                        if account.sessions
                    },
                    "carriers": {
                        name: sessions(carrier.sessions)
                        for name, carrier in exchange.carriers.items()
                        if carrier.sessions
                    },
                },
                "carriers": {
                    name: {
                        "is_up": carrier.is_up,
                        "score": self._score(name),
                        "queued": carrier.queued,
                        "awaiting_receipts": exchange.flight.awaiting(name),
                    }
                    for name, carrier in exchange.carriers.items()
                },
                "queues": {
                    "in_flight": len(exchange.flight),
                    "staged": exchange.backlog,
                    "paused": exchange.retries.paused,
                    "held": len(exchange.retries.held),
                    "deliveries_waiting": sum(account.waiting for account in exchange.accounts.values()),
                },
                "alarms": [alarm(one) for one in exchange.alarm_watch.alarms.active()],
                "store": self._console.store.statistics()
                | {"commits": running.committer.commits, "full": running.committer.full},
                "counters": counters,
            }
        )

    def _score(self, name: str) -> float | None:
        measured = self._console.running.exchange.health.carrier(name)
        return None if measured is None else round(measured.gauge.score, 1)

    async def carriers(self, _: Request) -> Response:
        """Give every carrier."""
        carriers = self._console.running.exchange.carriers.values()
        return JSONResponse({"carriers": [self._carrier(carrier) for carrier in carriers]})

    async def carrier(self, request: Request) -> Response:
        """Give one carrier, and the explanation of its score."""
        exchange = self._console.running.exchange
        name: str = request.path_params["name"]
        carrier = exchange.carriers.get(name)
        if carrier is None:
            raise BadRequest(404, f"no carrier {name}; there are {', '.join(exchange.carriers)}")
        health = exchange.health
        return JSONResponse(
            self._carrier(carrier)
            | {"explanation": health.details(name), "health": health.scores().get(name)}
        )

    def _carrier(self, carrier: Carrier) -> dict[str, Any]:
        exchange = self._console.running.exchange
        name = carrier.name
        return {
            "name": name,
            "is_up": carrier.is_up,
            "score": self._score(name),
            "why": exchange.health.explain(name, "", ""),
            "sessions": sessions(carrier.sessions),
            "links": [f"{link.host}:{link.port}" for link in carrier.config.links],
            "queued": carrier.queued,
            "queue_max": carrier.config.queue_max,
            "awaiting_receipts": exchange.flight.awaiting(name),
            "pace": attrs.asdict(carrier.pacer.statistics()),
            "counters": attrs.asdict(carrier.counters),
        }

    async def alarms(self, request: Request) -> Response:
        """Give the alarms that stand, and the last of those that are over."""
        query = request.query_params
        only(query, ("limit",))
        limit = value_of(query, "limit", ALARMS_DEFAULT, 0)
        alarms = self._console.running.exchange.alarm_watch.alarms
        over = alarms.history()
        return JSONResponse(
            {
                "active": [alarm(one) for one in alarms.active()],
                "over": [alarm(one) for one in reversed(over[len(over) - min(limit, len(over)) :])],
            }
        )


def sessions(those: Iterable[Session]) -> list[dict[str, Any]]:
    """Give sessions, in words."""
    return [
        {
            "name": session.name,
            "state": session.state.name.lower(),
            "interface_version": f"{session.peer_version >> 4}.{session.peer_version & 15}",
            "window": len(session.window),
            "window_max": session.window.size,
            "unanswered": session.unanswered,
            "outbox_bytes": session.outbox_bytes,
        }
        for session in those
    ]


def alarm(one: Alarm) -> dict[str, Any]:
    """Give an alarm."""
    return attrs.asdict(one)
