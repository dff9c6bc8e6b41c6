# TLS 1.2 or later, with the ciphers that Python and OpenSSL hold to be good; what an operator can get wrong
# is the files, so each is looked at before OpenSSL sees it: its errors name neither file nor problem.
#
# Session tickets are off: SMPP sessions last for days, so nobody resumes one, and a server that writes
# tickets before its first read can fail on a client that has nothing to say yet.
"""TLS contexts for listeners and for links to carriers."""

import ssl
from pathlib import Path

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_KEY = b"PRIVATE KEY-----"


class TlsFileError(Exception):
    """A certificate, key or authority file can't be used; the text names it and says why."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


def server_context(
    certificate: Path, key: Path, client_ca: Path | None = None, *, require: bool = False
) -> ssl.SSLContext:
    """The context of a listener.

    Args:
        certificate: PEM file of our certificate and its chain.
        key: PEM file of its private key, not encrypted.
        client_ca: PEM file of the authorities that client certificates are checked against, if they come.
        require: whether a client without a certificate is turned away; needs `client_ca`.

    Raises:
        TlsFileError: a file can't be read, holds something else, or does not fit the other.
        ValueError: `require` without `client_ca`.
    """
    if require and client_ca is None:
        raise ValueError(
            "client certificates can't be required without the authorities to check them against"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_TICKET
    context.num_tickets = 0
    _load_own(context, certificate, key)
    if client_ca is not None:
        _load_authorities(context, client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if require else ssl.CERT_OPTIONAL
    return context


def client_context(
    ca: Path | None = None, *, verify: bool = True, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """The context of a link; the carrier's name is given with the handshake (server_hostname).

    Args:
        ca: PEM file of the authorities that we trust; None: those of the system.
        verify: whether the carrier's certificate and name are checked at all.
        certificate: PEM file of our certificate, for carriers that ask for one.
        key: PEM file of its private key, not encrypted; None: it is in the same file.

    Raises:
        TlsFileError: a file can't be read, holds something else, or does not fit the other.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _load_authorities(context, ca)
    if certificate is not None:
        _load_own(context, certificate, key or certificate)
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Compressed secrets leak their content through their length; renegotiation serves only attackers here.
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def _load_own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    _require(certificate, _CERTIFICATE, "holds no PEM certificate")
    _require(key, _KEY, "holds no PEM private key")

    def no_password() -> str:
        # Without this OpenSSL would ask for a password on the terminal, and wait.
        raise TlsFileError(key, "is encrypted; the router has nobody to ask for its password")

    try:
        context.load_cert_chain(certificate, key, no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TlsFileError(key, f"is not the key of {certificate}") from error
        raise TlsFileError(certificate, f"can't be used with {key} ({_reason(error)})") from error


def _load_authorities(context: ssl.SSLContext, path: Path) -> None:
    _require(path, _CERTIFICATE, "holds no PEM certificate")
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise TlsFileError(path, f"can't be used ({_reason(error)})") from error


def _require(path: Path, mark: bytes, problem: str) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TlsFileError(path, f"can't be read: {error.strerror}") from error
    if mark not in content:
        raise TlsFileError(path, problem)


def _reason(error: ssl.SSLError) -> str:
    return error.reason or "the file is damaged"
