import errno
import os
import ssl

import pytest
import trio

from smpp_router.error_groups import leaves, reason

A, B, C = OSError(1), ValueError(2), OSError(3)


@pytest.mark.parametrize(
    ("error", "inside"),
    [
        (A, [A]),
        (ExceptionGroup("", [A, B]), [A, B]),
        (
            ExceptionGroup("", [A, ExceptionGroup("", [B, ExceptionGroup("", [C])])]),
            [A, B, C],
        ),
        (BaseExceptionGroup("", [KeyboardInterrupt(), A]), [KeyboardInterrupt, A]),
    ],
)
def test_every_exception_of_nested_groups_is_given_in_order(
    error: BaseException, inside: list[object]
) -> None:
    found = list(leaves(error))
    assert len(found) == len(inside)
    assert all(one is other or type(one) is other for one, other in zip(found, inside, strict=True))


async def test_who_cannot_connect_is_told_why_and_not_only_that_all_attempts_failed() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listener.socket.getsockname()[1]
    await listener.aclose()
    with pytest.raises(OSError, match="all attempts") as caught:
        await trio.open_tcp_stream("127.0.0.1", port)
    assert reason(caught.value) == os.strerror(errno.ECONNREFUSED)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("unreachable"), "unreachable"),
        (trio.BrokenResourceError(), "BrokenResourceError"),
        (ssl.SSLError(1, "certificate verify failed"), "certificate verify failed"),
        (ConnectionResetError(errno.ECONNRESET, "gone"), os.strerror(errno.ECONNRESET)),
    ],
)
def test_an_error_without_a_cause_says_what_it_says(error: Exception, words: str) -> None:
    assert reason(error) == words
