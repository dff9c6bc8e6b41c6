"""Several ports of one carrier, with TLS and without, on real sockets."""

import ssl
from pathlib import Path

import attrs
import pytest
import smpplib.client
import trio
import trustme

from simulators.esme import ConnectionLostError, open_esme
from simulators.listening import listen, tls_problem
from simulators.profile import CarrierProfile, SimulatedListener
from simulators.server import CarrierServer, serve_carriers
from smpp_router.config import TlsConfig
from smpp_router.net.tls import TlsFileError, client_context
from smpp_router.wire import constants as c
from tests.simulators.customers import profile
from tests.simulators.lines import served

HOST = "localhost"


@attrs.frozen
class Files:
    tls: TlsConfig
    ca: Path
    client: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    for name in (HOST, "client.example"):
        issued = ca.issue_cert(name)
        issued.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
    own = folder / f"{HOST}.pem"
    return Files(TlsConfig(certificate=own, key=own), folder / "ca.pem", folder / "client.example.pem")


def many(files: Files, **tls: object) -> CarrierProfile:
    secured = SimulatedListener(host=HOST, port=0, tls=attrs.evolve(files.tls, **tls))
    return profile(listeners=(SimulatedListener(port=0), secured))


async def said(server: CarrierServer, number: int, context: ssl.SSLContext | None) -> str:
    port = server.listening("carrier")[number].port
    async with open_esme(HOST, port, "x", "", tls=context) as esme:
        (resp,) = await esme.submit("8613900000001", "hello", source="10690")
        assert (await esme.deliveries.receive()).destination_addr == b"10690"
    return c.status_name(resp.command_status)


async def test_one_carrier_answers_on_all_of_its_ports(files: Files) -> None:
    with trio.fail_after(10.0):
        async with served(many(files)) as server:
            assert [port.is_tls for port in server.listening("carrier")] == [False, False, True]
            assert len({port.port for port in server.listening("carrier")}) == 3
            contexts = (None, None, client_context(files.ca))
            for number, context in enumerate(contexts):
                assert await said(server, number, context) == "ESME_ROK"
            assert server.carriers["carrier"].counters.messages == 3


async def test_down_closes_every_port_and_up_opens_the_same_ones(files: Files) -> None:
    with trio.fail_after(10.0):
        async with served(many(files)) as server:
            before = server.listening("carrier")
            server.take_down("carrier")
            assert server.listening("carrier") == ()
            for port in before:
                with pytest.raises(OSError, match="all attempts to connect"):
                    await trio.open_tcp_stream(HOST, port.port)
            await server.bring_up("carrier")
            assert server.listening("carrier") == before
            assert await said(server, 2, client_context(files.ca)) == "ESME_ROK"


async def one_handshake_failed(server: CarrierServer) -> None:
    """The client may hear of it before the server has counted it."""
    counters = server.carriers["carrier"].counters
    while not counters.handshakes_failed:
        await trio.lowlevel.checkpoint()
    assert counters.handshakes_failed == 1


async def test_who_shakes_no_hands_is_counted_and_the_others_go_on(files: Files) -> None:
    with trio.fail_after(10.0):
        async with served(many(files)) as server:
            port = server.listening("carrier")[2].port
            stream = await trio.open_tcp_stream(HOST, port)
            await stream.send_all(b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1")
            while await stream.receive_some():
                pass
            await stream.aclose()
            await one_handshake_failed(server)
            assert await said(server, 2, client_context(files.ca)) == "ESME_ROK"


async def test_a_client_shows_a_certificate_where_one_is_asked_for(files: Files) -> None:
    asking = many(files, client_ca=files.ca, require_client_certificate=True)
    with trio.fail_after(10.0):
        async with served(asking) as server:
            with pytest.raises(ConnectionLostError):
                await said(server, 2, client_context(files.ca))
            await one_handshake_failed(server)
            known = client_context(files.ca, certificate=files.client)
            assert await said(server, 2, known) == "ESME_ROK"


async def test_a_foreign_client_binds_over_tls(files: Files) -> None:
    async with served(many(files)) as server:
        port = server.listening("carrier")[2].port

        def foreign() -> int:
            context = ssl.create_default_context(cafile=files.ca)
            # It names no host in the handshake, so there is none to check.
            context.check_hostname = False
            client = smpplib.client.Client(
                HOST, port, timeout=5, ssl_context=context, allow_unknown_opt_params=True
            )
            client.connect()
            resp = client.bind_transceiver(system_id="x", password="")
            client.unbind()
            client.disconnect()
            return -1 if resp is None else int(resp.status)

        with trio.fail_after(10.0):
            assert await trio.to_thread.run_sync(foreign) == 0


async def test_no_port_stays_open_if_one_can_not_be_had(files: Files) -> None:
    taken = await trio.open_tcp_listeners(0, host="127.0.0.1")
    number = taken[0].socket.getsockname()[1]
    free = await trio.open_tcp_listeners(0, host="127.0.0.1")
    first = free[0].socket.getsockname()[1]
    await free[0].aclose()
    wanting = profile(port=first, listeners=(SimulatedListener(port=number),))
    with pytest.raises(OSError, match=f"carrier on 127.0.0.1:{number}"):
        await listen(wanting, ())
    await taken[0].aclose()
    again = await listen(wanting, ())
    assert [port.port for port in again.ports] == [first, number]
    again.close()
    assert again.is_closed


def broken(files: Files, how: str) -> TlsConfig:
    return {
        "certificate": attrs.evolve(files.tls, certificate=Path("/none.pem")),
        "key": attrs.evolve(files.tls, key=files.client),
        "client_ca": attrs.evolve(files.tls, client_ca=Path(__file__)),
        "require_client_certificate": attrs.evolve(files.tls, require_client_certificate=True),
    }[how]


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("certificate", "can't be read: No such file"),
        ("key", "is not the key of"),
        ("client_ca", "holds no PEM certificate"),
        ("require_client_certificate", "needs client_ca"),
    ],
)
def test_a_bad_file_is_told_by_its_key(files: Files, how: str, problem: str) -> None:
    found = tls_problem(broken(files, how))
    assert found.startswith(f"{how}: ")
    assert problem in found


async def test_a_file_that_has_become_bad_stops_the_start(files: Files) -> None:
    bad = many(files, certificate=Path("/none.pem"))
    with pytest.raises(TlsFileError, match="No such file"):
        await serve_carriers([bad])
