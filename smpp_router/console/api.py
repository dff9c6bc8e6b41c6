# The HTTP API of the router: the routes, and what an answer that is none looks like.
#
# Every answer is JSON, but for exports and the page of reviewers. A request that can't be done gets
# {"error": "why", "details": [...]} with
#   400 no JSON    401 no token          403 a token that may look only    404 no such thing
#   408 too slow   409 not any more      413 too much                      422 a wrong value
#   500 a fault of ours, told in the log                                   503 too much at once, or no store
"""The application of the API."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

import trio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smpp_router.config_api import ApiConfig, ApiTokenConfig
from smpp_router.console.console import Console
from smpp_router.console.guard import Guard, Tokens
from smpp_router.console.http import HttpServer, listen
from smpp_router.console.messages import MessagesApi
from smpp_router.console.optouts import OptOutsApi
from smpp_router.console.page import review_page
from smpp_router.console.reviews import ReviewsApi
from smpp_router.console.status import StatusApi
from smpp_router.console.values import BadRequest
from smpp_router.net.router import ListenError, Running
from smpp_router.store.seam import Store

Handler = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


def made_app(console: Console) -> Starlette:
    """Make the application of a running router."""
    status, messages = StatusApi(console), MessagesApi(console)
    optouts, reviews = OptOutsApi(console), ReviewsApi(console)

    async def reload(_: Request) -> Response:
        result = await console.running.reload()
        if not result.is_applied:
            raise BadRequest(422, "refused, nothing has changed", result.errors)
        return JSONResponse(result.as_json())

    here: list[tuple[str, str, Handler]] = [
        ("GET", "/status", status.status),
        ("GET", "/carriers", status.carriers),
        ("GET", "/carriers/{name}", status.carrier),
        ("GET", "/alarms", status.alarms),
        ("GET", "/messages", messages.messages),
        ("GET", "/messages/{message_id}", messages.message),
        ("GET", "/optouts", optouts.optouts),
        ("GET", "/optouts/export", optouts.export),
        ("GET", "/optouts/audit", optouts.audit),
        ("POST", "/optouts/add", optouts.add),
        ("POST", "/optouts/remove", optouts.remove),
        ("POST", "/optouts/import", optouts.load),
        ("GET", "/reviews", reviews.reviews),
        ("GET", "/reviews/decided", reviews.decided),
        ("GET", "/reviews/{message_id}", reviews.review),
        ("POST", "/reviews/{message_id}", reviews.decide),
        ("POST", "/reload", reload),
    ]
    routes = ["GET /review", *(f"{method} {path}" for method, path, _ in here)]

    async def index(_: Request) -> Response:
        await trio.lowlevel.checkpoint()
        return JSONResponse({"routes": routes})

    def tokens() -> tuple[ApiTokenConfig, ...]:
        api = console.running.config.api
        return () if api is None else api.tokens

    return Starlette(
        routes=[
            Route("/", index, methods=["GET"]),
            Route("/review", review_page, methods=["GET"]),
            *(Route(path, handler, methods=[method]) for method, path, handler in here),
        ],
        middleware=[Middleware(partial(Guard, tokens=Tokens(tokens)))],
        exception_handlers={BadRequest: _refused, HTTPException: _no_such_thing, Exception: _our_fault},
    )


async def serve_api(
    config: ApiConfig,
    running: Running,
    store: Store,
    task_status: "trio.TaskStatus[str]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve the API until cancelled; tell the URL once it listens. Raises ListenError."""
    try:
        listeners = await listen(config.host, config.port)
    except OSError as error:
        raise ListenError(f"api: {error.strerror}") from error
    try:
        console = Console(running, store, running.clock.now())
        server = HttpServer(made_app(console), config.connections_max)
        host, port = listeners[0].socket.getsockname()[:2]
        task_status.started(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
        await server.run(listeners)
    finally:
        for listener in listeners:
            listener.socket.close()


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    more = {"details": error.details} if error.details else {}
    return JSONResponse({"error": error.problem} | more, status_code=error.status)


async def _no_such_thing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


async def _our_fault(request: Request, error: Exception) -> Response:
    # Where it happened, and not what the error says: that may be somebody's number.
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("api fault=%s method=%s at %s", type(error).__name__, request.method, " > ".join(frames[-6:]))
    return JSONResponse({"error": "a fault of the router, told in its log"}, status_code=500)
