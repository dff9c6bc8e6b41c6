"""The client of the API, against what is none."""

import io
import socket
import threading
from collections.abc import Iterator

import pytest

from simulators.control.client import ControlClient, Refused, Unreachable


@pytest.fixture
def stranger(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that gives one answer, whatever it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(request.param)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def answer(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize(
    "stranger", [b"", b"\0\0\0\x10smpp", answer("200 OK", b"<html>"), answer("200 OK", b"[]")], indirect=True
)
def test_who_is_no_control_api_is_said_to_be_none(stranger: str) -> None:
    with pytest.raises(Unreachable, match="no control API at"):
        ControlClient(stranger).ask("GET", "/carriers")


@pytest.mark.parametrize("stranger", [answer("422 No", b'{"error": "port: why"}')], indirect=True)
def test_a_refusal_has_its_status_and_reason(stranger: str) -> None:
    with pytest.raises(Refused, match="port: why") as caught:
        ControlClient(stranger).save("/capture.pcap", {}, io.BytesIO())
    assert caught.value.status == 422


@pytest.mark.parametrize("stranger", [answer("200 OK", b'{"x": 1}')], indirect=True)
def test_a_url_needs_no_scheme(stranger: str) -> None:
    assert ControlClient(stranger.removeprefix("http://")).ask("GET", "/") == {"x": 1}
