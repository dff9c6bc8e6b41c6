# Carriers in a thread of their own, for programs that know nothing of trio: tests of other people's clients.
#
#   the test's thread                      the carriers' thread
#   CarrierHandle.change() --ask()-->      a function between two events of the loop
#                          <--result---
#   CarrierHandle.wait_for() --ask_task()--> a task; the test's thread waits for what it returns
#
# Rule 1: nothing of the carriers is touched from the test's thread. Every question goes through ask().
# Rule 2: the test's thread may run a loop of its own, trio's or another: nothing here depends on it.
# Rule 3: what goes wrong in the carriers' thread is raised in the test: by the next question, or by stop().
"""Carriers that run in the background of a program."""

import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import attrs
import trio

from simulators.arrivals import Arrival
from simulators.carrier import SimulatedCarrier
from simulators.control.body import mobile_originated
from simulators.control.config import ControlConfig
from simulators.control.decoded import described
from simulators.control.handset_handles import HandsetHandle, NetworkHandle
from simulators.control.matching import Wanted, Watch, text_in
from simulators.control.recorder import Recorder, make_recorder
from simulators.listening import Port
from simulators.profile import CarrierProfile, SimulatorConfig
from simulators.server import CarrierServer, serve_carriers
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Pdu

START_S: Final = 30.0
"""For the carriers to listen; the slowest machine needs a fraction of it."""
STOP_S: Final = 10.0
ASK_S: Final = 30.0
"""For an answer to a question that needs no waiting."""
POLL_S: Final = 0.005

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Message:
    """A message that a carrier was sent, taken or not."""

    at: float
    system_id: str
    source: str
    destination: str
    text: str
    message_id: str
    """What the carrier named it in its answer; empty if it refused."""
    status: str
    """The answer's command_status, such as ESME_ROK."""
    pdu: Pdu = attrs.field(repr=False)
    """The whole PDU, decoded."""


def message_of(arrival: Arrival, default_alphabet: str) -> Message:
    """Make of a carrier's arrival what a test wants to read."""
    pdu = arrival.pdu
    return Message(
        at=arrival.at,
        system_id=arrival.system_id,
        source=getattr(pdu, "source_addr", b"").decode("latin-1"),
        destination=getattr(pdu, "destination_addr", b"").decode("latin-1"),
        text=text_in(pdu, default_alphabet),
        message_id=arrival.message_id.decode("latin-1"),
        status=c.status_name(arrival.status),
        pdu=pdu,
    )


class BackgroundCarriers:
    """All carriers of one configuration, in a thread of their own."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.carriers: dict[str, CarrierHandle] = {}
        self._config = config
        self._thread = threading.Thread(target=self._run, name="smpp-carriers", daemon=True)
        self._started: Future[tuple[CarrierServer, Recorder]] = Future()
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None
        self._problem: BaseException | None = None

    def start(self) -> "BackgroundCarriers":
        """Return when every port listens. Raises OSError if one can't be had."""
        self._thread.start()
        server, recorder = self._started.result(START_S)
        for name in server.carriers:
            self.carriers[name] = CarrierHandle(self, server, recorder, name)
        return self

    def stop(self) -> None:
        """Unbind and disconnect everybody; return when the thread has ended."""
        token, nursery = self._token, self._nursery
        if token is not None and nursery is not None and self._thread.is_alive():
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(nursery.cancel_scope.cancel)
        self._thread.join(STOP_S)
        if self._thread.is_alive():
            raise RuntimeError("the carriers' thread does not end")
        if self._problem is not None and self.carriers:
            raise self._problem

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # ------------------------------------------------------------------ between the threads

    def ask(self, question: Callable[[], T]) -> T:
        """Have a function called in the carriers' thread; return what it returns, or raise what it raises."""

        async def task() -> T:
            return question()

        return self.ask_task(task, ASK_S)

    def ask_task(self, task: Callable[[], Awaitable[T]], timeout_s: float) -> T:
        """Have a task run in the carriers' thread, and wait for its end."""
        answer: Future[T] = Future()
        token, nursery = self._token, self._nursery
        assert token is not None, "start() comes first"
        assert nursery is not None, "start() comes first"

        async def run() -> None:
            try:
                answer.set_result(await task())
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the asker's
                answer.set_exception(error)
            finally:
                if not answer.done():
                    answer.set_exception(RuntimeError("the carriers have stopped"))

        try:
            token.run_sync_soon(nursery.start_soon, run)
        except trio.RunFinishedError:
            raise RuntimeError("the carriers have stopped") from self._problem
        return answer.result(timeout_s)

    def _run(self) -> None:
        try:
            trio.run(self._serve)
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to raise to; stop() does it
            self._problem = _only(error)
            if not self._started.done():
                self._started.set_exception(self._problem)

    async def _serve(self) -> None:
        async with trio.open_nursery() as nursery:

            async def serve(task_status: "trio.TaskStatus[CarrierServer]") -> None:
                await serve_carriers(
                    self._config.carriers, network=self._config.network, task_status=task_status
                )

            server: CarrierServer = await nursery.start(serve)
            recorder = make_recorder(ControlConfig(), server)
            self._token = trio.lowlevel.current_trio_token()
            self._nursery = nursery
            self._started.set_result((server, recorder))


def _only(error: BaseException) -> BaseException:
    """Take a single error out of the groups that nurseries put around it."""
    is_group = isinstance(error, BaseExceptionGroup)
    inner = cast("BaseExceptionGroup[BaseException]", error).exceptions if is_group else ()
    return _only(inner[0]) if len(inner) == 1 else error


class CarrierHandle:
    """One carrier that runs in the background: what a test asks it and tells it."""

    def __init__(
        self, carriers: BackgroundCarriers, server: CarrierServer, recorder: Recorder, name: str
    ) -> None:
        self.name = name
        self._carriers = carriers
        self._server = server
        self._recorder = recorder
        profile = server.carriers[name].profile
        self.host: str = profile.host
        self.port: int = server.known_ports(name)[0].port
        """Where it listens first."""
        self.listeners: tuple[Port, ...] = server.known_ports(name)
        """All of its ports, that one first, with TLS or without."""
        account = profile.accounts[0] if profile.accounts else None
        self.system_id: str = account.system_id if account else "smpp"
        self.password: str = account.password if account else ""
        """Of its first account; of a carrier without accounts, which lets anybody in, any."""

    @property
    def carriers(self) -> "Mapping[str, CarrierHandle]":
        """All carriers of the same configuration, by name."""
        return self._carriers.carriers

    @property
    def network(self) -> NetworkHandle:
        """The radio network behind it. Raises RuntimeError if there is none."""
        return NetworkHandle(self._carriers, self._server)

    def handset(self, number: str) -> HandsetHandle:
        """Return a handset of that network."""
        return self.network.handset(number)

    @property
    def _carrier(self) -> SimulatedCarrier:
        return self._server.carriers[self.name]

    @property
    def _alphabet(self) -> str:
        return self._carrier.profile.dialect.default_alphabet

    # ------------------------------------------------------------------ questions

    @property
    def profile(self) -> CarrierProfile:
        """How it behaves now."""
        return self._carriers.ask(lambda: self._carrier.profile)

    @property
    def messages(self) -> list[Message]:
        """What it was sent, in order; the last `keep_arrivals` of it."""
        return self._carriers.ask(
            lambda: [message_of(arrival, self._alphabet) for arrival in self._carrier.arrivals]
        )

    def wait_for(self, count: int = 1, *, timeout_s: float = 10.0, **wanted: Any) -> list[Message]:
        """Return the first `count` messages that match, waiting for them if need be.

        They match by destination, source (`*` stands for anything), text (what it contains), system_id,
        status and since. AssertionError says how many came in time.
        """
        filters = Wanted(**wanted)

        async def wait() -> tuple[bool, list[Message]]:
            carrier = self._carrier
            watch = Watch(lambda: carrier.arrivals, filters, count, self._alphabet)
            with trio.move_on_after(timeout_s):
                while not watch.look():  # noqa: ASYNC110 - the carriers tell nobody that a message has come
                    await trio.sleep(POLL_S)
            found = [message_of(arrival, self._alphabet) for arrival in watch.found]
            return watch.is_met, found

        is_met, found = self._carriers.ask_task(wait, timeout_s + ASK_S)
        if not is_met:
            of = f" that match {wanted}" if wanted else ""
            raise AssertionError(
                f"{count} messages{of} were to arrive within {timeout_s:g} s; {len(found)} did,"
                f" of {len(self.messages)} in all"
            )
        return found

    @property
    def statistics(self) -> dict[str, int]:
        """What it has counted."""
        return self._carriers.ask(self._carrier.statistics)

    @property
    def pdus(self) -> list[dict[str, Any]]:
        """Every PDU that passed, both ways, decoded, in order; passwords are masked."""
        return self._carriers.ask(
            lambda: [described(pdu) for pdu in self._recorder.pdus() if pdu.line.carrier == self.name][::-1]
        )

    def save_capture(self, path: str | Path) -> None:
        """Write what passed as a file for Wireshark."""
        pieces = self._carriers.ask(lambda: list(self._recorder.capture(self.name)))
        Path(path).write_bytes(b"".join(pieces))

    # ------------------------------------------------------------------ orders

    def change(self, changes: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Have it behave otherwise: `change(response_s=0.5)`, `change({"anomalies.late": 0.2})`."""
        self._carriers.ask(lambda: self._server.apply(self.name, {**(changes or {}), **more}))

    def take_down(self) -> None:
        """Close its port and its connections."""
        self._carriers.ask(lambda: self._server.take_down(self.name))

    def bring_up(self) -> None:
        """Have it listen again, on the same port."""
        self._carriers.ask_task(lambda: self._server.bring_up(self.name), ASK_S)

    def disconnect(self, how: str = "close") -> None:
        """Close its connections; the port stays open."""
        self._carriers.ask(lambda: self._server.disconnect(self.name, how))

    def outbind(self, system_id: str | None = None) -> None:
        """Have it call an account, as that account's `outbind` says. Raises ValueError if there is none."""
        to = self.system_id if system_id is None else system_id
        self._carriers.ask(lambda: self._server.outbind(self.name, to))

    def burst(self, count: int) -> int:
        """Have its subscribers send so many messages at once, as `mo` says; return how many found room."""
        return self._carriers.ask(lambda: self._server.burst(self.name, count))

    def inject(
        self,
        text: str,
        *,
        source: str = "8613900000001",
        destination: str = "10690",
        system_id: str | None = None,
        data_coding: int | None = None,
    ) -> None:
        """Send a client a message from a handset, in parts if it is long."""
        to = self.system_id if system_id is None else system_id
        table: dict[str, Any] = {"text": text, "source": source, "destination": destination}
        if data_coding is not None:
            table["data_coding"] = data_coding

        def send() -> None:
            for pdu in mobile_originated(table, 1, self._alphabet):
                self._server.inject(self.name, to, pdu)

        self._carriers.ask(send)
