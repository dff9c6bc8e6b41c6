"""Which messages match, and a wait that looks at each of them once."""

from collections import deque
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.arrivals import Arrival
from simulators.control.matching import Wanted, Watch, shown, text_in
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import DataSm, Pdu, QuerySm, SmeAddress, SubmitMulti, SubmitSm


def arrived(pdu: Pdu) -> Arrival:
    return Arrival(at=100.0, system_id="bank", pdu=pdu, message_id=b"7", status=c.ESME_ROK)


def submit(text: str = "hello", destination: bytes = b"8613900000001") -> Arrival:
    return arrived(
        SubmitSm(source_addr=b"BANK", destination_addr=destination, short_message=text.encode("ascii"))
    )


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(destination="8613900000001"),
        Wanted(destination="86139*"),
        Wanted(destination="*0001"),
        Wanted(source="BANK", text="ell", system_id="bank", status="ESME_ROK", since=100.0),
    ],
)
def test_what_obeys_everything_matches(wanted: Wanted) -> None:
    assert wanted.matches(submit())


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(destination="861390000000"),
        Wanted(destination="86138*"),
        Wanted(source="bank"),
        Wanted(text="Hello"),
        Wanted(system_id="other"),
        Wanted(status="ESME_RSYSERR"),
        Wanted(since=100.1),
        Wanted(destination="86139*", text="bye"),
    ],
)
def test_what_breaks_one_of_them_does_not(wanted: Wanted) -> None:
    assert not wanted.matches(submit())


def test_a_message_to_many_matches_by_any_of_its_destinations() -> None:
    many = tuple(SmeAddress(1, 1, number) for number in (b"1", b"2"))
    one = arrived(SubmitMulti(dest_addresses=many, short_message=b"hello"))
    assert Wanted(destination="2", text="hello").matches(one)
    assert not Wanted(destination="3").matches(one)
    assert shown(one)["destinations"] == ["1", "2"]


def test_the_text_of_a_payload_is_found_too() -> None:
    one = arrived(DataSm(tlvs=((c.TAG_MESSAGE_PAYLOAD, b"hello"),)))
    assert Wanted(text="hello").matches(one)
    assert text_in(QuerySm()) == ""


def test_a_part_of_a_long_message_is_shown_as_one() -> None:
    segment = split_text("x" * 200)[1]
    pdu = SubmitSm(esm_class=segment.esm_class, short_message=segment.short_message)
    assert shown(arrived(pdu))["part"] == {"reference": 1, "total": 2, "seqnum": 2, "kind": "udh8"}


@given(st.lists(st.sampled_from("ab"), max_size=30), st.integers(0, 10), st.lists(st.integers(1, 5)))
def test_a_wait_finds_the_first_that_match_however_often_it_looks(
    texts: list[str], count: int, looks: list[int]
) -> None:
    arrivals: deque[Arrival] = deque(maxlen=100)
    watch = Watch(lambda: arrivals, Wanted(text="a"), count, "gsm")
    everything = [submit(text) for text in texts]
    rest = list(everything)
    for some in (*looks, len(texts) + 1):
        arrivals.extend(rest[:some])
        del rest[:some]
        watch.look()
    pdus = [cast("SubmitSm", one.pdu) for one in everything]
    expected = [one for one, pdu in zip(everything, pdus, strict=True) if pdu.short_message == b"a"][:count]
    assert watch.found == expected
    assert watch.is_met is (len(expected) == count)


def test_a_wait_that_lost_sight_of_its_last_goes_on_with_what_is_kept() -> None:
    arrivals: deque[Arrival] = deque(maxlen=2)
    watch = Watch(lambda: arrivals, Wanted(), 4, "gsm")
    arrivals.append(submit("1"))
    assert not watch.look()
    arrivals.extend([submit("2"), submit("3"), submit("4")])
    assert not watch.look()
    assert len(watch.found) == 3


def test_a_wait_sees_another_deque_when_the_carrier_has_one() -> None:
    deques: list[deque[Arrival]] = [deque([submit("1")], maxlen=1)]
    watch = Watch(lambda: deques[-1], Wanted(), 2, "gsm")
    assert not watch.look()
    deques.append(deque([*deques[0], submit("2")], maxlen=9))
    assert watch.look()
