"""Windows that count as the specification does not."""

import pytest
import trio
import trio.testing

from simulators.dialect import Dialect
from simulators.esme import esme_over
from simulators.numbering import UnrulyWindow
from smpp_router.wire.codec import encode
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import Bind, DeliverSm
from tests.simulators.customers import message
from tests.simulators.lines import lines


def test_it_counts_through_32_bits_and_passes_over_what_is_under_way() -> None:
    window = UnrulyWindow(10, 0xFFFFFFFE)
    assert [window.open(index) for index in range(4)] == [0xFFFFFFFE, 0xFFFFFFFF, 0, 1]
    assert window.answer(0) == 2
    again = UnrulyWindow(10, 0)
    again.open("first")
    again._next = 0
    assert again.open("second") == 1


def test_what_is_old_expires_across_the_turn() -> None:
    window = UnrulyWindow(10, 0xFFFFFFFF)
    window.open("old")
    window.open("old too")
    assert window.expire(0.0, 5.0) == []
    window.open("new")
    assert window.expire(5.0, 5.0) == ["old", "old too"]
    assert len(window) == 1


@pytest.mark.parametrize("first", [0, 0x80000000, 0xFFFFFFFF])
async def test_a_carrier_numbers_its_requests_so(first: int, autojump_clock: trio.testing.MockClock) -> None:
    async with lines(dialect=Dialect(first_sequence_number=first)) as line:
        stream = await line.connect()
        submits = [message(), message()]
        for number, submit in enumerate(submits, 2):
            submit.sequence_number = number
        await stream.send_all(
            encode(Bind(sequence_number=1, system_id=b"x")) + b"".join(map(encode, submits))
        )
        framer, numbers = Framer(), list[int]()
        while len(numbers) < 2:
            for pdu in framer.feed(bytes(await stream.receive_some())):
                numbers += [pdu.sequence_number] if isinstance(pdu, DeliverSm) else []
        await stream.aclose()
        assert numbers == [first, (first + 1) % (1 << 32)]


async def test_their_answers_are_found(autojump_clock: trio.testing.MockClock) -> None:
    dialect = Dialect(first_sequence_number=0xFFFFFFFE)
    async with lines(dialect=dialect) as line, esme_over(line.connect, "x", "") as esme:
        for _ in range(5):
            await esme.submit("8613900000001", "hello")
            await esme.deliveries.receive()
        await trio.sleep(1.0)
        assert line.carrier.counters.deliveries_answered == 5
