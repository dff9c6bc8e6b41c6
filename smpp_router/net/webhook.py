# Posts alarms to whoever asked for them.
#
#   POST url                                          body: JSON, see Webhook._event
#   Smpp-Router-Timestamp: 1800000000                 unix seconds, when this attempt was made
#   Smpp-Router-Signature: sha256=HEX                 HMAC-SHA256(secret, timestamp + "." + body)
#
# Rule 1: one at a time, in order: "cleared" never overtakes "raised".
# Rule 2: a failure of the network, 408, 425, 429 and 5xx are tried again, with pauses that double; any other
#         answer than 2xx is a mistake of the configuration that another attempt does not mend.
# Rule 3: neither the URL nor the secret is logged: both let somebody in.
# Rule 4: the queue is bounded; the oldest is dropped and counted.
"""The webhook of alarms."""

import hashlib
import hmac
import json
import logging
import random
from collections import deque
from typing import Any, Final

import attrs
import httpx
import trio

from smpp_router.config_alarms import WebhookConfig
from smpp_router.core.alarms import Alarm
from smpp_router.net.clock import Clock

TIMESTAMP_HEADER: Final = "Smpp-Router-Timestamp"
SIGNATURE_HEADER: Final = "Smpp-Router-Signature"

_TRY_AGAIN: Final = frozenset({408, 425, 429})
"""Statuses below 500 that say: later (RFC 9110 section 15.5.9, RFC 8470, RFC 6585)."""

log = logging.getLogger(__name__)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what the signature header says: the receiver computes the same, and compares."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


@attrs.frozen(kw_only=True)
class WebhookStatistics:
    """Counts since the start; `waiting` now."""

    posted: int
    failed: int
    given_up: int
    dropped: int
    waiting: int


class Webhook:
    """One webhook, its queue, and the task that empties it."""

    def __init__(
        self,
        config: WebhookConfig,
        *,
        node_id: int,
        clock: Clock,
        rng: random.Random,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` is httpx's own, over TCP, unless another one is given."""
        self._config = config
        self._node_id = node_id
        self._clock = clock
        self._rng = rng
        self._transport = transport
        self._started_at = int(clock.now())
        self._queue: deque[Alarm] = deque()
        self._wake = trio.Event()
        self._posted = 0
        self._failed = 0
        self._given_up = 0
        self._dropped = 0

    def put(self, alarm: Alarm) -> None:
        """Have an alarm posted, raised or cleared as it is now."""
        if len(self._queue) >= self._config.queue_max:
            self._queue.popleft()
            self._dropped += 1
        self._queue.append(alarm)
        self._wake.set()

    def statistics(self) -> WebhookStatistics:
        """A snapshot."""
        return WebhookStatistics(
            posted=self._posted,
            failed=self._failed,
            given_up=self._given_up,
            dropped=self._dropped,
            waiting=len(self._queue),
        )

    async def run(self) -> None:
        """Post what is put, until cancelled."""
        for name in ("httpx", "httpcore"):
            # They write the whole URL into the log, at INFO and DEBUG.
            logging.getLogger(name).setLevel(logging.WARNING)
        async with httpx.AsyncClient(
            timeout=self._config.timeout_s, transport=self._transport, follow_redirects=False, trust_env=False
        ) as client:
            while True:
                await self._wake.wait()
                while self._queue:
                    await self._deliver(client, self._queue.popleft())
                self._wake = trio.Event()

    async def _deliver(self, client: httpx.AsyncClient, alarm: Alarm) -> None:
        config = self._config
        body = json.dumps(self._event(alarm), ensure_ascii=False).encode()
        pause_s = config.retry_min_s
        problem = ""
        for attempt in range(1, config.attempts_max + 1):
            problem, is_final = await self._post(client, body)
            if not problem:
                self._posted += 1
                return
            self._failed += 1
            if is_final:
                break
            if attempt < config.attempts_max:
                # Of many routers that lost the same receiver, not all come back at once.
                await trio.sleep(pause_s * self._rng.uniform(0.8, 1.2))
                pause_s = min(2.0 * pause_s, config.retry_max_s)
        self._given_up += 1
        log.warning("webhook: alarm %d was given up: %s", alarm.number, problem)

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> tuple[str, bool]:
        """Return what went wrong, empty if nothing, and whether trying again is useless."""
        timestamp = str(int(self._clock.now()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: signature(self._config.secret, timestamp, body),
        }
        status = 0
        with trio.move_on_after(self._config.timeout_s) as scope:
            try:
                status = await self._status(client, body, headers)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                # Its words may quote the URL.
                return type(error).__name__, False
        if scope.cancelled_caught:
            return "no answer in time", False
        if 200 <= status < 300:
            return "", False
        return f"status {status}", status < 500 and status not in _TRY_AGAIN

    async def _status(self, client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> int:
        """Post, and return the answer's status; its body is of no interest and is not read."""
        async with client.stream("POST", self._config.url, content=body, headers=headers) as response:
            return response.status_code

    def _event(self, alarm: Alarm) -> dict[str, Any]:
        return {
            # The same for every attempt, so that who gets it twice can tell.
            "id": f"{self._node_id}-{self._started_at}-{alarm.number}",
            "router": self._node_id,
            "state": "raised" if alarm.cleared_at is None else "cleared",
            "kind": alarm.kind,
            "subject": alarm.subject,
            "severity": alarm.severity,
            "text": alarm.text,
            "raised_at": alarm.raised_at,
            "cleared_at": alarm.cleared_at,
        }
