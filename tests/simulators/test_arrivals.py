"""What came to a carrier can be asked for."""

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, SmeAddress, SubmitMulti, SubmitSm
from tests.simulators.customers import START, World, message


def test_nothing_is_kept_unless_told_so() -> None:
    world = World()
    world.say(world.bind(), message())
    assert len(world.carrier.arrivals) == 0


def test_the_last_messages_are_kept_with_their_answers() -> None:
    world = World(keep_arrivals=3, throughput_per_s=30.0)
    customer = world.bind("bank")
    pdus = [message(b"%d" % number) for number in range(4)]
    world.say(customer, *pdus)
    arrivals = list(world.carrier.arrivals)
    submits = [arrival.pdu for arrival in arrivals if isinstance(arrival.pdu, SubmitSm)]
    assert [submit.destination_addr for submit in submits] == [b"1", b"2", b"3"]
    assert [arrival.status for arrival in arrivals] == [c.ESME_ROK, c.ESME_ROK, c.ESME_RTHROTTLED]
    assert [arrival.message_id for arrival in arrivals] == [*customer.message_ids[1:], b""]
    assert {(arrival.at, arrival.system_id) for arrival in arrivals} == {(START, "bank")}


def test_every_kind_of_message_is_kept() -> None:
    world = World(keep_arrivals=10)
    multi = SubmitMulti(dest_addresses=(SmeAddress(1, 1, b"1"), SmeAddress(1, 1, b"2")))
    world.say(world.bind(), DataSm(destination_addr=b"1"), multi)
    assert [type(arrival.pdu) for arrival in world.carrier.arrivals] == [DataSm, SubmitMulti]
    assert all(arrival.message_id for arrival in world.carrier.arrivals)
