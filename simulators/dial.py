"""Opening a stream to an MC."""

import ssl

import trio


async def dial(host: str, port: int, tls: ssl.SSLContext | None = None) -> trio.abc.Stream:
    """Connect, and shake hands if there is a TLS context. Raises OSError."""
    stream = await trio.open_tcp_stream(host, port)
    if tls is None:
        return stream
    secured = trio.SSLStream(stream, tls, server_hostname=host, https_compatible=True)
    try:
        await secured.do_handshake()
    except trio.BrokenResourceError as error:
        await trio.aclose_forcefully(stream)
        raise ConnectionError(f"no TLS: {error.__cause__ or error}") from error
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return secured
