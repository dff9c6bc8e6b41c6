# Two receivers: one behind a real TCP listener, served by hypercorn, and one that httpx calls in this
# process, for what takes minutes of a clock that jumps.
"""Alarms are posted in order, signed, tried again as long as it makes sense, and never pile up."""

import json
import logging
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import attrs
import httpx
import hypercorn.config
import hypercorn.trio
import pytest
import trio
import trio.testing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smpp_router.config_alarms import AlarmsConfig, WebhookConfig
from smpp_router.core.alarms import Alarm
from smpp_router.net.clock import Clock
from smpp_router.net.webhook import SIGNATURE_HEADER, TIMESTAMP_HEADER, Webhook, signature
from tests.router_fixtures import serving

SECRET = "the-key-of-the-signature"
START = 1_800_000_000.0
_serve_app = cast("Callable[..., Awaitable[None]]", hypercorn.trio.serve)


def alarm(number: int, cleared_at: float | None = None) -> Alarm:
    return Alarm(
        number=number,
        kind="carrier_down",
        subject="china-mobile",
        severity="critical",
        text="carrier china-mobile has no session that takes messages",
        raised_at=START,
        cleared_at=cleared_at,
    )


@attrs.define(eq=False)
class Receiver:
    """Keeps what it gets; answers with the next of `statuses`, then 204. 0 stands for no answer at all."""

    statuses: list[int] = attrs.Factory(list[int])
    bodies: list[bytes] = attrs.Factory(list[bytes])
    headers: list[dict[str, str]] = attrs.Factory(list[dict[str, str]])
    times: list[float] = attrs.Factory(list[float])
    more: trio.Event = attrs.Factory(trio.Event)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/alarms", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        self.times.append(trio.current_time())
        self.more.set()
        self.more = trio.Event()
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 0:
            await trio.sleep_forever()
        return Response(status_code=status, headers={"Location": "https://elsewhere.example/"})

    async def until(self, count: int) -> None:
        while len(self.bodies) < count:
            await self.more.wait()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


def in_process(receiver: Receiver, **changes: Any) -> Webhook:
    values: dict[str, Any] = {"url": "http://ops.example/alarms", "secret": SECRET, **changes}
    config = WebhookConfig(**values)
    transport = httpx.ASGITransport(app=receiver.app)
    return Webhook(config, node_id=7, clock=Clock(START), rng=random.Random(1), transport=transport)


async def test_an_alarm_arrives_over_tcp_with_a_signature_that_its_receiver_can_check() -> None:
    receiver = Receiver()
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    settings = hypercorn.config.Config()
    settings.bind = [f"fd://{listener.socket.detach()}" for listener in listeners]
    settings.accesslog = settings.errorlog = None
    settings.graceful_timeout = 0.0
    config = WebhookConfig(url=f"http://127.0.0.1:{port}/alarms", secret=SECRET)
    webhook = Webhook(config, node_id=7, clock=Clock(START), rng=random.Random(1))
    async with trio.open_nursery() as nursery:

        async def serve(task_status: "trio.TaskStatus[list[str]]") -> None:
            await _serve_app(receiver.app, settings, task_status=task_status)

        await nursery.start(serve)
        nursery.start_soon(webhook.run)
        webhook.put(alarm(1))
        webhook.put(alarm(1, START + 60.0))
        with trio.fail_after(20.0):
            await receiver.until(2)
        nursery.cancel_scope.cancel()
    raised, cleared = receiver.events
    assert raised == {
        "id": "7-1800000000-1",
        "router": 7,
        "state": "raised",
        "kind": "carrier_down",
        "subject": "china-mobile",
        "severity": "critical",
        "text": "carrier china-mobile has no session that takes messages",
        "raised_at": START,
        "cleared_at": None,
    }
    assert (cleared["state"], cleared["cleared_at"], cleared["id"]) == ("cleared", START + 60.0, raised["id"])
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        timestamp = headers[TIMESTAMP_HEADER.lower()]
        assert int(timestamp) >= START
        assert headers[SIGNATURE_HEADER.lower()] == signature(SECRET, timestamp, body)
        assert headers["content-type"] == "application/json"


def test_the_signature_depends_on_secret_time_and_body() -> None:
    # Computed once with: printf '1800000000.{}' | openssl dgst -sha256 -hmac the-key-of-the-signature
    assert (
        signature(SECRET, "1800000000", b"{}")
        == "sha256=1ea433632d6268722537520fe96e05a458fa4727b033adf58491e6b28b8bfe73"
    )
    assert (
        len({signature(*given) for given in ((SECRET, "1", b"x"), (SECRET, "2", b"x"), (SECRET, "1", b"y"))})
        == 3
    )
    assert signature("another", "1", b"x") != signature(SECRET, "1", b"x")


async def test_what_may_pass_is_tried_again_with_pauses_that_double(
    autojump_clock: trio.testing.MockClock,
) -> None:
    receiver = Receiver([500, 503, 429, 0, 502])
    webhook = in_process(receiver, retry_max_s=4.0, timeout_s=3.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(webhook.run)
        webhook.put(alarm(1))
        webhook.put(alarm(2))
        await receiver.until(7)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert [event["id"][-1] for event in receiver.events] == ["1"] * 6 + ["2"], "nobody overtakes"
    pauses = [after - before for before, after in zip(receiver.times, receiver.times[1:], strict=False)]
    for pause_s, expected_s in zip(pauses, (1.0, 2.0, 4.0, 3.0 + 4.0, 4.0), strict=False):
        assert 0.79 * expected_s <= pause_s <= 1.21 * expected_s
    statistics = webhook.statistics()
    assert (statistics.posted, statistics.failed, statistics.given_up) == (2, 5, 0)


@pytest.mark.parametrize("status", [301, 400, 401, 404])
async def test_a_mistake_is_not_repeated_and_says_nothing_secret(
    status: int, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receiver = Receiver([status])
    webhook = in_process(receiver, url="http://ops.example/alarms?token=hush")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(webhook.run)
        webhook.put(alarm(1))
        await receiver.until(1)
        await trio.sleep(1_000.0)
        nursery.cancel_scope.cancel()
    assert len(receiver.bodies) == 1
    assert webhook.statistics().given_up == 1
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("smpp_router")]
    assert ours == [f"webhook: alarm 1 was given up: status {status}"]
    assert "hush" not in caplog.text
    assert SECRET not in caplog.text


async def test_a_receiver_that_is_away_too_long_costs_its_alarm_and_no_other(
    autojump_clock: trio.testing.MockClock,
) -> None:
    receiver = Receiver([500] * 3)
    webhook = in_process(receiver, attempts_max=3)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(webhook.run)
        webhook.put(alarm(1))
        webhook.put(alarm(2))
        await receiver.until(4)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    statistics = webhook.statistics()
    assert (statistics.posted, statistics.failed, statistics.given_up) == (1, 3, 1)


async def test_nobody_there_is_a_failure_that_may_pass(autojump_clock: trio.testing.MockClock) -> None:
    class Nobody(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await trio.lowlevel.checkpoint()
            raise httpx.ConnectError("no route to http://ops.example/alarms", request=request)

    config = WebhookConfig(url="http://ops.example/alarms", secret=SECRET, attempts_max=4)
    webhook = Webhook(config, node_id=7, clock=Clock(START), rng=random.Random(1), transport=Nobody())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(webhook.run)
        webhook.put(alarm(1))
        await trio.sleep(600.0)
        nursery.cancel_scope.cancel()
    assert (webhook.statistics().failed, webhook.statistics().given_up) == (4, 1)


async def test_the_queue_is_bounded_and_the_oldest_goes() -> None:
    webhook = in_process(Receiver(), queue_max=3)
    for number in range(5):
        webhook.put(alarm(number))
    statistics = webhook.statistics()
    assert (statistics.waiting, statistics.dropped) == (3, 2)


async def test_a_router_posts_the_alarms_that_it_raises(tmp_path: Path) -> None:
    taken: list[bytes] = []
    is_taken = trio.Event()
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]

    async def take(stream: trio.SocketStream) -> None:
        async with stream:
            data = b""
            while not data.endswith(b"}"):
                data += await stream.receive_some()
            taken.append(data)
            is_taken.set()
            await stream.send_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    webhook = WebhookConfig(url=f"http://127.0.0.1:{port}/alarms", secret=SECRET)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, take, listeners)
        async with serving(tmp_path, alarms=AlarmsConfig(webhook=webhook)) as world:
            world.running.exchange.alarm_watch.alarms.tell("carrier_silent", "mobile", True, START)
            with trio.fail_after(60.0):
                await is_taken.wait()
        nursery.cancel_scope.cancel()
    assert b'"kind": "carrier_silent"' in taken[0]
