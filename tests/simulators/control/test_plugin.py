"""The fixtures, in suites of people who know nothing of this project."""

import re
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CLIENT = """
import smpplib.client
import smpplib.consts


def send(carrier, *texts, destination="8613900000001"):
    client = smpplib.client.Client(carrier.host, carrier.port, timeout=10, allow_unknown_opt_params=True)
    client.got, client.ids = [], []
    client.set_message_sent_handler(lambda pdu, **_: client.ids.append(pdu.message_id.decode()))
    client.set_message_received_handler(lambda pdu: client.got.append(pdu.short_message) or 0)
    client.connect()
    client.bind_transceiver(system_id=carrier.system_id, password=carrier.password)
    for text in texts:
        client.send_message(
            source_addr="BANK", destination_addr=destination, short_message=text, registered_delivery=True
        )
    return client


def close(client):
    client.unbind()
    client.disconnect()
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(client=CLIENT)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def passed(suite: pytest.Pytester, source: str, count: int = 1) -> None:
    suite.makepyfile(test_mine="from client import close, send\n" + source)
    is_installed = bool(entry_points(group="pytest11", name="smpp_carriers"))
    plugin = [] if is_installed else ["-p", "simulators.control.plugin"]
    suite.runpytest_inprocess("-p", "no:cacheprovider", *plugin).assert_outcomes(passed=count)


def test_two_lines_are_enough(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
def test_it(smpp_carrier):
    client = send(smpp_carrier, b"hello")
    (message,) = smpp_carrier.wait_for(1)
    assert (message.text, message.source, message.destination) == ("hello", "BANK", "8613900000001")
    while not client.got:
        client.read_once()
    assert client.ids == [message.message_id]
    assert b"stat:DELIVRD" in client.got[0]
    close(client)
""",
    )


def test_the_example_of_the_documentation_runs(suite: pytest.Pytester) -> None:
    page = (Path(__file__).parents[3] / "docs/simulator/control.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(import smpplib.*?)```", page, re.DOTALL)
    passed(suite, example)


def test_messages_can_be_waited_for_by_what_they_are(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
import pytest

def test_it(smpp_carrier):
    client = send(smpp_carrier, b"one", b"two", b"one more")
    assert [m.text for m in smpp_carrier.wait_for(2, text="one", destination="86139*")] == ["one", "one more"]
    assert [m.text for m in smpp_carrier.messages] == ["one", "two", "one more"]
    with pytest.raises(AssertionError, match="1 messages .* within 0.02 s; 0 did, of 3 in all"):
        smpp_carrier.wait_for(1, text="three", timeout_s=0.02)
    with pytest.raises(TypeError):
        smpp_carrier.wait_for(1, txt="three")
    client.disconnect()
""",
    )


def test_a_carrier_changes_in_the_middle_of_a_test(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
import pytest

def test_it(smpp_carrier):
    client = send(smpp_carrier, b"one")
    smpp_carrier.wait_for(1)
    smpp_carrier.change({"errors": {"ESME_RMSGQFUL": 1.0}}, window_max=5)
    client.send_message(source_addr="BANK", destination_addr="1", short_message=b"two")
    assert smpp_carrier.wait_for(1, text="two")[0].status == "ESME_RMSGQFUL"
    with pytest.raises(ValueError, match="window_max"):
        smpp_carrier.change(window_max=0)
    assert smpp_carrier.statistics["refused"] == 1
    client.disconnect()
""",
    )


def test_a_handset_writes_and_everything_that_passed_can_be_read(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
def test_it(smpp_carrier, tmp_path):
    client = send(smpp_carrier)
    smpp_carrier.inject("TD", source="8613900000001", destination="10690")
    while not client.got:
        client.read_once()
    assert client.got == [b"TD"]
    smpp_carrier.change({"mo.texts": ["hello"]})
    assert smpp_carrier.burst(2) == 2
    while len(client.got) < 3:
        client.read_once()
    assert client.got[1:] == [b"hello"] * 2
    close(client)
    commands = [pdu["command"] for pdu in smpp_carrier.pdus]
    assert commands[:3] == ["bind_transceiver", "bind_transceiver_resp", "deliver_sm"]
    smpp_carrier.save_capture(tmp_path / "capture.pcap")
    assert (tmp_path / "capture.pcap").stat().st_size > 500
""",
    )


def test_a_carrier_goes_away_and_comes_back(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
import socket
import pytest
import smpplib.exceptions

def lost(client):
    with pytest.raises(smpplib.exceptions.ConnectionError):
        while True:
            client.read_once()
    client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
    client.disconnect()

def test_it(smpp_carrier):
    client = send(smpp_carrier)
    smpp_carrier.take_down()
    lost(client)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((smpp_carrier.host, smpp_carrier.port))
    smpp_carrier.bring_up()
    client = send(smpp_carrier, b"hello")
    smpp_carrier.wait_for(1)
    smpp_carrier.disconnect()
    lost(client)
""",
    )


def test_carriers_of_ones_own_are_started_by_the_factory(suite: pytest.Pytester) -> None:
    suite.makefile(
        ".toml",
        carriers=(
            '[[carriers]]\nname = "one"\nport = 3001\nmessage_ids = "hex"\n\n'
            '[[carriers]]\nname = "two"\nport = 3002\naccounts = [{ system_id = "a", password = "b" }]\n'
        ),
    )
    passed(
        suite,
        """
from pathlib import Path

def test_it(smpp_carrier_factory):
    two = smpp_carrier_factory(Path(__file__).with_name("carriers.toml"), name="two", response_s=0.01)
    assert (two.name, two.system_id, two.password) == ("two", "a", "b")
    assert two.port not in (3001, 3002)
    one = two.carriers["one"]
    client = send(one, b"hello")
    one.wait_for(1)
    assert two.messages == []
    close(client)

def test_two_at_once(smpp_carrier, smpp_carrier_factory):
    other = smpp_carrier_factory(packs=["china-mobile"])
    assert other.port != smpp_carrier.port
""",
        2,
    )


def test_a_suite_on_trio_may_ask_too(suite: pytest.Pytester) -> None:
    passed(
        suite,
        """
import trio

def test_it(smpp_carrier):
    async def main():
        stream = await trio.open_tcp_stream(smpp_carrier.host, smpp_carrier.port)
        await stream.aclose()
        return smpp_carrier.messages
    assert trio.run(main) == []
""",
    )


def test_a_suite_that_does_not_ask_loads_nothing(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    suite.makepyfile(
        test_mine="""
import sys

def test_it():
    assert "simulators.control.plugin" in sys.modules
    assert not {"trio", "attrs", "simulators.server"} & set(sys.modules)

def test_who_asks_for_a_carrier_has_not_asked_for_the_api(smpp_carrier):
    assert "simulators.server" in sys.modules
    assert not {"starlette", "hypercorn"} & set(sys.modules)
"""
    )
    result = suite.run(sys.executable, "-m", "pytest", "-p", "simulators.control.plugin")
    result.assert_outcomes(passed=2)
