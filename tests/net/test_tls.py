"""Real handshakes over memory streams: who may come in, who is turned away, and what is said of bad files."""

import ssl
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import trio
import trio.testing
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from smpp_router.net.tls import TlsFileError, client_context, server_context

HOST = "smsc.example"


@attrs.frozen
class Files:
    """Certificates as an operator has them."""

    folder: Path
    ca: Path
    other_ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path
    stranger: Path
    stranger_key: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    ca, other_ca = trustme.CA(), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    other_ca.cert_pem.write_to_path(folder / "other_ca.pem")
    issued = {
        "server": ca.issue_cert(HOST),
        "client": ca.issue_cert("esme.example"),
        "stranger": other_ca.issue_cert("esme.example"),
    }
    paths: list[Path] = []
    for name, issued_one in issued.items():
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        for blob in issued_one.cert_chain_pems:
            blob.write_to_path(certificate, append=True)
        issued_one.private_key_pem.write_to_path(key)
        paths += [certificate, key]
    return Files(folder, folder / "ca.pem", folder / "other_ca.pem", *paths)


@attrs.define
class Outcome:
    """What each side saw: what it read, or the error that ended it."""

    server: bytes | Exception = b""
    client: bytes | Exception = b""
    version: str | None = None
    client_certificate: dict[str, object] | None = None


async def talk(server: ssl.SSLContext, client: ssl.SSLContext, host: str = HOST) -> Outcome:
    """Shake hands over a memory stream and exchange a word each way."""
    outcome = Outcome()
    server_end, client_end = trio.testing.memory_stream_pair()

    async def serve() -> None:
        stream = trio.SSLStream(server_end, server, server_side=True, https_compatible=True)
        try:
            await stream.do_handshake()
            outcome.server = bytes(await stream.receive_some())
            outcome.client_certificate = stream.getpeercert()
            await stream.send_all(b"bind_resp")
            await stream.receive_some()
        except (trio.BrokenResourceError, ssl.SSLError) as error:
            outcome.server = error
        finally:
            await trio.aclose_forcefully(server_end)

    async def connect() -> None:
        stream = trio.SSLStream(client_end, client, server_hostname=host, https_compatible=True)
        try:
            await stream.do_handshake()
            outcome.version = stream.version()
            await stream.send_all(b"bind")
            outcome.client = bytes(await stream.receive_some())
        except (trio.BrokenResourceError, ssl.SSLError) as error:
            outcome.client = error
        finally:
            await trio.aclose_forcefully(client_end)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        nursery.start_soon(connect)
    return outcome


async def test_two_sides_that_trust_each_other_talk(files: Files) -> None:
    outcome = await talk(server_context(files.server, files.server_key), client_context(files.ca))
    assert (outcome.server, outcome.client) == (b"bind", b"bind_resp")
    assert outcome.version == "TLSv1.3"


async def test_tls_1_2_is_spoken_and_nothing_older(files: Files) -> None:
    server = server_context(files.server, files.server_key)
    client = client_context(files.ca)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert (await talk(server, client)).version == "TLSv1.2"
    assert server.minimum_version is client.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_carrier_of_unknown_authority_is_not_spoken_to(files: Files) -> None:
    outcome = await talk(server_context(files.server, files.server_key), client_context(files.other_ca))
    assert isinstance(outcome.client, Exception)
    assert isinstance(outcome.server, Exception)


async def test_a_carrier_of_another_name_is_not_spoken_to(files: Files) -> None:
    server = server_context(files.server, files.server_key)
    outcome = await talk(server, client_context(files.ca), host="other.example")
    assert isinstance(outcome.client, Exception)


async def test_without_verify_any_carrier_is_spoken_to(files: Files) -> None:
    server = server_context(files.server, files.server_key)
    outcome = await talk(server, client_context(verify=False), host="other.example")
    assert (outcome.server, outcome.client) == (b"bind", b"bind_resp")


async def test_a_trusted_client_certificate_lets_in(files: Files) -> None:
    server = server_context(files.server, files.server_key, files.ca, require=True)
    client = client_context(files.ca, certificate=files.client, key=files.client_key)
    outcome = await talk(server, client)
    assert outcome.server == b"bind"
    assert outcome.client_certificate


async def test_a_required_client_certificate_that_does_not_come_keeps_out(files: Files) -> None:
    server = server_context(files.server, files.server_key, files.ca, require=True)
    outcome = await talk(server, client_context(files.ca))
    assert isinstance(outcome.server, Exception)
    # In TLS 1.3 the client is done before the server looks at certificates: it may see an end or an error.
    assert outcome.client == b"" or isinstance(outcome.client, Exception)


async def test_an_asked_for_client_certificate_may_be_missing(files: Files) -> None:
    server = server_context(files.server, files.server_key, files.ca)
    outcome = await talk(server, client_context(files.ca))
    assert outcome.server == b"bind"
    assert not outcome.client_certificate


@pytest.mark.parametrize("require", [True, False])
async def test_a_client_certificate_of_unknown_authority_keeps_out(files: Files, *, require: bool) -> None:
    server = server_context(files.server, files.server_key, files.ca, require=require)
    client = client_context(files.ca, certificate=files.stranger, key=files.stranger_key)
    assert isinstance((await talk(server, client)).server, Exception)


def test_the_systems_authorities_are_the_default() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_certificate_and_key_may_share_a_file(files: Files) -> None:
    both = files.folder / "both.pem"
    both.write_bytes(files.client.read_bytes() + files.client_key.read_bytes())
    assert client_context(files.ca, certificate=both)


def test_requiring_client_certificates_needs_authorities(files: Files) -> None:
    with pytest.raises(ValueError, match="authorities"):
        server_context(files.server, files.server_key, require=True)


def damaged(path: Path) -> Path:
    copy = path.with_name("damaged_" + path.name)
    lines = path.read_bytes().splitlines(keepends=True)
    copy.write_bytes(b"".join(lines[:3] + lines[5:]))
    return copy


def encrypted(path: Path) -> Path:
    copy = path.with_name("encrypted_" + path.name)
    key = load_pem_private_key(path.read_bytes(), None)
    copy.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    return copy


@pytest.mark.parametrize(
    ("build", "file", "problem"),
    [
        (lambda f: server_context(f.folder / "none.pem", f.server_key), "none.pem", "No such file"),
        (lambda f: server_context(f.folder, f.server_key), "tls", "Is a directory"),
        (lambda f: server_context(f.server_key, f.server_key), "server.key", "no PEM certificate"),
        (lambda f: server_context(f.server, f.server), "server.pem", "no PEM private key"),
        (lambda f: server_context(f.server, f.client_key), "client.key", "is not the key of"),
        (lambda f: server_context(f.server, encrypted(f.server_key)), "encrypted_server.key", "is encrypted"),
        (lambda f: server_context(damaged(f.server), f.server_key), "damaged_server.pem", "can't be used"),
        (lambda f: server_context(f.server, damaged(f.server_key)), "damaged_server.key", "can't be used"),
        (
            lambda f: server_context(f.server, f.server_key, f.folder / "no_ca.pem"),
            "no_ca.pem",
            "No such file",
        ),
        (lambda f: server_context(f.server, f.server_key, f.server_key), "server.key", "no PEM certificate"),
        (lambda f: client_context(damaged(f.ca)), "damaged_ca.pem", "can't be used"),
        (
            lambda f: client_context(f.ca, certificate=f.client, key=f.server_key),
            "server.key",
            "is not the key",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_problem(
    files: Files, build: Callable[[Files], ssl.SSLContext], file: str, problem: str
) -> None:
    with pytest.raises(TlsFileError, match=problem) as caught:
        build(files)
    assert file in str(caught.value)
    assert "secret" not in str(caught.value)
