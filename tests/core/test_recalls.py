from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.recalls import Recalls, cancel_of
from smpp_router.message.message import Pending
from smpp_router.wire import constants as c
from tests.core.ministry import Ministry


def taken(count: int = 1) -> tuple[Ministry, list[int]]:
    talk = Ministry()
    for number in range(count):
        talk.submit()
        talk.accept("mobile", b"m%d" % number)
    return talk, [entry.message_id for entry in talk.in_flight() if isinstance(entry, Pending)]


def test_a_carrier_is_asked_once_naming_its_own_id_and_both_addresses() -> None:
    talk, ids = taken()
    recalls = talk.exchange.paths.recalls
    recalls.ask(ids[0])
    recalls.send(talk.now)
    recalls.send(talk.now)
    talk.settle()
    (asked,) = talk.carrier_links["mobile"].others
    assert asked.command_id == c.CANCEL_SM
    assert (asked.message_id, asked.source_addr, asked.destination_addr) == (
        b"m0",
        b"106900",
        b"8613900000001",
    )
    assert recalls.asked == 1


def test_a_carriers_id_may_be_longer_than_it_should() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile", b"L" * 100)
    recalls = talk.exchange.paths.recalls
    recalls.ask(next(entry.message_id for entry in talk.in_flight() if isinstance(entry, Pending)))
    recalls.send(talk.now)
    talk.settle()
    assert talk.recalled("mobile") == [b"L" * 100]


def test_it_waits_for_room_and_for_a_session() -> None:
    talk, ids = taken()
    recalls = talk.exchange.paths.recalls
    talk.carrier_links["mobile"].cut()
    recalls.ask(ids[0])
    recalls.send(talk.now)
    assert len(recalls) == 1
    talk.carrier_links["mobile"] = talk.link("mobile")
    talk.wait(1)
    assert talk.recalled("mobile") == [b"m0"]
    assert len(recalls) == 0


def test_what_has_ended_meanwhile_and_what_was_never_taken_is_not_asked_for() -> None:
    talk, ids = taken()
    recalls = talk.exchange.paths.recalls
    recalls.ask(77)
    recalls.ask(ids[0])
    talk.receipt("mobile", message_id=b"m0")
    recalls.send(talk.now)
    assert recalls.asked == 0
    assert len(recalls) == 0


def test_above_the_limit_the_oldest_is_left_alone() -> None:
    talk, ids = taken(3)
    recalls = Recalls(talk.exchange.flight, talk.exchange.carriers, waiting_max=2)
    for message_id in ids:
        recalls.ask(message_id)
    assert (len(recalls), recalls.dropped) == (2, 1)


@given(
    st.tuples(st.integers(0, 6), st.integers(0, 18)),
    st.text("0123456789", max_size=20),
    st.text("0123456789", min_size=1, max_size=20),
)
def test_the_addresses_are_those_of_the_message(kind: tuple[int, int], source: str, destination: str) -> None:
    ton, npi = kind
    addresses = b"%c%c%b\0%c%c%b\0" % (ton, npi, source.encode(), npi % 7, ton, destination.encode())
    pdu = cancel_of(Pending(1, 1, "ministry", "mobile", b"id", addresses, 0, 0.0))
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr) == (ton, npi, source.encode())
    assert (pdu.dest_addr_ton, pdu.dest_addr_npi) == (npi % 7, ton)
    assert pdu.destination_addr == destination.encode()


def test_a_window_that_is_more_than_full_has_no_room_and_does_no_harm() -> None:
    talk, ids = taken(2)
    link = talk.carrier_links["mobile"]
    link.far.window.size = 1
    for _ in range(3):
        link.far.window.open(None)
    talk.exchange.paths.recalls.ask(ids[0])
    talk.exchange.paths.recalls.send(talk.now)
    assert len(talk.exchange.paths.recalls) == 1
