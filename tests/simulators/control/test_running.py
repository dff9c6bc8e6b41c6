"""Carriers in a thread: they start, they stop, and what goes wrong is told to who waits."""

import threading

import pytest
import trio

from simulators.control.running import BackgroundCarriers
from simulators.profile import CarrierProfile, SimulatorConfig
from tests.simulators.control.controlled import profile


def config(*profiles: CarrierProfile) -> SimulatorConfig:
    return SimulatorConfig(carriers=profiles or (profile(),))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "smpp-carriers"]


def test_they_run_until_they_are_stopped() -> None:
    with BackgroundCarriers(config()) as carriers:
        handle = carriers.carriers["mobile"]
        assert threads() == ["smpp-carriers"]
        assert (handle.host, handle.system_id, handle.password) == ("127.0.0.1", "bank", "secret")
        assert handle.statistics["submits"] == 0
    assert threads() == []
    with pytest.raises(RuntimeError, match="have stopped"):
        _ = handle.messages
    carriers.stop()


def test_a_port_that_is_taken_is_an_error_of_the_start() -> None:
    with BackgroundCarriers(config()) as carriers:
        port = carriers.carriers["mobile"].port
        other = BackgroundCarriers(config(profile(port=port)))
        with pytest.raises(OSError, match="in use"):
            other.start()
        other.stop()
    assert threads() == []


def test_what_a_question_raises_is_raised_where_it_was_asked() -> None:
    with BackgroundCarriers(config()) as carriers:
        with pytest.raises(ZeroDivisionError):
            carriers.ask(lambda: 1 // 0)
        assert carriers.ask(lambda: trio.current_time() > 0)


def test_who_still_waits_when_they_stop_is_told() -> None:
    carriers = BackgroundCarriers(config()).start()
    problems: list[BaseException] = []

    def wait() -> None:
        try:
            carriers.carriers["mobile"].wait_for(1, timeout_s=60.0)
        except RuntimeError as error:
            problems.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    carriers.ask(lambda: None)
    carriers.stop()
    waiting.join(10)
    assert len(problems) == 1


def test_a_carrier_without_accounts_lets_anybody_in() -> None:
    with BackgroundCarriers(config(profile(accounts=()))) as carriers:
        assert carriers.carriers["mobile"].system_id == "smpp"
