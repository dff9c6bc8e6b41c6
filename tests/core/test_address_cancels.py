"""cancel_sm between two addresses, with bodies in memory and on disk."""

import pytest

from smpp_router.core import address_cancels, carriers
from smpp_router.core.address_cancels import Sieve, address_pair
from smpp_router.message.message import Message
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, ReplaceSm
from tests.core.ministry import NAMES, Ministry
from tests.core.talk import Esme, Talk

Bodies = dict[int, bytes]


def cancel(service_type: bytes = b"CMT") -> CancelSm:
    return CancelSm(service_type=service_type, source_addr=b"106900", destination_addr=b"8613900000001")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> tuple[Talk, Esme, Bodies]:
    """One message of type CMT in memory, then CMT, OTA and CMTX on disk; none has gone."""
    monkeypatch.setattr(carriers, "BODIES_IN_MEMORY_MAX", 1)
    talk = Talk()
    esme = talk.esme("bank")
    bodies: Bodies = {}
    for service_type in (b"CMT", b"CMT", b"OTA", b"CMTX"):
        esme.submit(service_type=service_type)
        talk.hand_over()
        newest = max(talk.exchange.flight.messages.values(), key=lambda one: one.message_id)
        assert isinstance(newest, Message)
        assert newest.body is not None
        bodies[newest.message_id] = newest.body
        talk.settle()
    found = [one.body is None for one in talk.exchange.flight.messages.values() if isinstance(one, Message)]
    assert found == [False, True, True, True]
    return talk, esme, bodies


def sift(talk: Talk, bodies: Bodies, sieve: Sieve) -> list[int]:
    """Read bodies as the librarian does; return how many at a time."""
    between = talk.exchange.operations.between
    sizes: list[int] = []
    while sieve.unread:
        wanted = between.take_unread(sieve)
        sizes.append(len(wanted))
        for message in wanted:
            sieve.learn(message, bodies[message.message_id])
    between.sifted(sieve, talk.now, talk.exchange.commit)
    talk.settle()
    return sizes


def taken_sieve(talk: Talk) -> Sieve:
    between = talk.exchange.operations.between
    (sieve,) = between.sieves
    between.sieves = []
    return sieve


def left(talk: Talk) -> list[int]:
    return sorted(talk.exchange.flight.messages)


def test_what_is_on_disk_is_taken_back_by_its_service_type(disk: tuple[Talk, Esme, Bodies]) -> None:
    talk, esme, bodies = disk
    answered = len(esme.statuses)
    esme.send(cancel())
    talk.settle()
    assert len(esme.receipts) == 1, "what is in memory goes at once"
    assert len(esme.statuses) == answered, "and the answer waits for the rest"
    sift(talk, bodies, taken_sieve(talk))
    assert esme.statuses[answered:] == [c.ESME_ROK]
    assert [receipt.stat for receipt in esme.receipts] == [b"DELETED"] * 2
    assert left(talk) == sorted(bodies)[2:]


def test_it_fails_where_none_has_that_service_type(disk: tuple[Talk, Esme, Bodies]) -> None:
    talk, esme, bodies = disk
    esme.send(cancel(b"USSD"))
    talk.settle()
    sift(talk, bodies, taken_sieve(talk))
    assert esme.statuses[-1] == c.ESME_RCANCELFAIL
    assert left(talk) == sorted(bodies)


def test_without_a_service_type_nothing_has_to_be_read(disk: tuple[Talk, Esme, Bodies]) -> None:
    talk, esme, _ = disk
    esme.send(cancel(b""))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert (left(talk), talk.exchange.operations.between.sieves) == ([], [])


def test_what_has_gone_meanwhile_is_not_taken_back(disk: tuple[Talk, Esme, Bodies]) -> None:
    talk, esme, bodies = disk
    esme.send(cancel(b"OTA"))
    talk.settle()
    sieve = taken_sieve(talk)
    link = talk.link("mobile")
    wanted = talk.exchange.to_read_back()
    talk.exchange.read_back(wanted, [bodies[one.message_id] for one in wanted], talk.now)
    talk.settle()
    assert len(link.submits) == 4
    sift(talk, bodies, sieve)
    assert esme.statuses[-1] == c.ESME_RCANCELFAIL
    assert left(talk) == sorted(bodies)


def test_what_was_read_back_and_replaced_meanwhile_is_taken_back(disk: tuple[Talk, Esme, Bodies]) -> None:
    talk, esme, bodies = disk
    esme.send(cancel(b"OTA"))
    talk.settle()
    sieve = taken_sieve(talk)
    ota = sorted(bodies)[2]
    message = talk.exchange.flight.messages[ota]
    assert isinstance(message, Message)
    message.body = bodies[ota]
    esme.send(ReplaceSm(message_id=b"%d" % ota, source_addr=b"106900", short_message=b"other"))
    talk.settle()
    assert talk.exchange.flight.messages[ota] is not message
    sift(talk, bodies, sieve)
    assert esme.statuses[-2:] == [c.ESME_ROK, c.ESME_ROK]
    assert ota not in left(talk)


def test_bodies_are_read_a_piece_at_a_time(
    disk: tuple[Talk, Esme, Bodies], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_cancels, "PIECE", 2)
    talk, esme, bodies = disk
    esme.send(cancel())
    talk.settle()
    assert sift(talk, bodies, taken_sieve(talk)) == [2, 1]
    assert esme.statuses[-1] == c.ESME_ROK
    assert left(talk) == sorted(bodies)[2:]


def test_one_that_would_have_too_many_read_fails_and_takes_nothing_back(
    disk: tuple[Talk, Esme, Bodies], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_cancels, "UNREAD_MAX", 4)
    talk, esme, bodies = disk
    esme.send(cancel(b"OTA"))
    talk.settle()
    answered = len(esme.statuses)
    esme.send(cancel())
    talk.settle()
    assert esme.statuses[answered:] == [c.ESME_RCANCELFAIL]
    assert left(talk) == sorted(bodies)
    sift(talk, bodies, taken_sieve(talk))
    assert esme.statuses[-1] == c.ESME_ROK


def test_addresses_are_told_apart() -> None:
    assert address_pair(b"\x01\x01106900\0\1\1861390\0") == (b"106900", b"861390")
    assert address_pair(b"\0\0\0\0\x00861390\0") == (b"", b"861390")


@pytest.mark.parametrize(("goes", "status"), [(False, c.ESME_ROK), (True, c.ESME_RCANCELFAIL)])
def test_a_message_with_paths_is_taken_back_while_none_of_them_has_been_used(goes: bool, status: int) -> None:
    talk = Ministry("parallel")
    for link in talk.carrier_links.values():
        link.cut()
    talk.submit(service_type=b"CMT")
    (parent,) = {bundle.parent for bundle in talk.exchange.ending.bundles.values()}
    assert parent.body is not None
    body, parent.body = parent.body, None
    talk.ministry.send(cancel())
    talk.settle()
    sieve = taken_sieve(talk)
    assert sieve.unread == [parent]
    if goes:
        talk.carrier_links = {name: talk.link(name) for name in NAMES}
        talk.settle()
        assert talk.sent()
    sift(talk, {parent.message_id: body}, sieve)
    assert talk.ministry.statuses[-1] == status
    assert talk.told == ([] if goes else [c.DELETED])
    assert bool(left(talk)) == goes
