"""What is in an exception group, which is how trio tells what has ended its tasks or failed a connect."""

import os
import ssl
from collections.abc import Iterator
from typing import cast


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Give the exceptions in a group and in the groups within it, or the exception itself if it is none."""
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from leaves(inner)
    else:
        yield error


def reason(error: BaseException) -> str:
    """Say why something failed: what trio says of a connect names all addresses, and no address's cause."""
    cause = error.__cause__
    if isinstance(cause, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", cause)
        return "; ".join(dict.fromkeys(map(reason, leaves(group))))
    if isinstance(cause, OSError):
        return reason(cause)
    # The errno of an error of TLS is OpenSSL's, and that of a name that is not found is below 0.
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        code = error.errno
        if code is not None and code > 0:
            return os.strerror(code)
    return str(error) or type(error).__name__
