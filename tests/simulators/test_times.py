"""When a message starts, and when it is too late for it."""

import math

import pytest

from simulators.times import Times, times_of
from smpp_router.wire import constants as c
from smpp_router.wire.times import format_absolute, format_relative
from tests.simulators.customers import START

SOON, LATER, PAST = (format_absolute(START + seconds) for seconds in (60, 120, -60))


@pytest.mark.parametrize(
    ("schedule", "validity", "expected"),
    [
        (b"", b"", Times(START, math.inf)),
        (b"0", b"0", Times(START, math.inf)),
        (SOON, b"", Times(START + 60, math.inf)),
        (b"", format_relative(60), Times(START, START + 60)),
        (SOON, LATER, Times(START + 60, START + 120)),
        (LATER, SOON, c.ESME_RINVEXPIRY),
        (PAST, b"", c.ESME_RINVSCHED),
        (b"", PAST, c.ESME_RINVEXPIRY),
        (b"tomorrow", b"", c.ESME_RINVSCHED),
        (b"00", b"", c.ESME_RINVSCHED),
        (b"", b"for ever", c.ESME_RINVEXPIRY),
        (format_absolute(START - 0.5), b"", Times(START, math.inf)),
    ],
)
def test_times(schedule: bytes, validity: bytes, expected: Times | int) -> None:
    assert times_of(schedule, validity, START) == expected
