from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire.multipart import Method, Part, part_of, split_text, user_text
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.reassembly import Reassembler
from smpp_router.wire.text import decode_text

METHODS: list[Method] = ["udh8", "udh16", "sar"]


def parts(text: str, method: Method, reference: int) -> list[SubmitSm]:
    return [
        SubmitSm(
            source_addr=b"106900",
            destination_addr=b"8613900000001",
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
            tlvs=segment.tlvs,
        )
        for segment in split_text(text, method=method, reference=reference)
    ]


def add(reassembler: Reassembler, pdu: SubmitSm, now: float = 0.0, peer: str = "bank") -> bytes | None:
    part = part_of(pdu)
    assert part is not None
    return reassembler.add(peer, pdu.source_addr, pdu.destination_addr, part, user_text(pdu), now)


@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-16-be"), min_size=170, max_size=900), min_size=1, max_size=3
    ),
    method=st.sampled_from(METHODS),
    data=st.data(),
)
def test_interop_17_parts_in_any_order_and_repeated_make_each_message_once(
    texts: list[str], method: Method, data: st.DataObject
) -> None:
    reassembler = Reassembler()
    pdus = [pdu for number, text in enumerate(texts) for pdu in parts(text, method, number + 1)]
    repeated = data.draw(st.lists(st.sampled_from(pdus), max_size=5))
    order = data.draw(st.permutations(pdus))
    whole: list[str] = []
    for index, pdu in enumerate(order):
        octets = add(reassembler, pdu)
        if octets is not None:
            whole.append(decode_text(pdu.data_coding, octets))
        elif index < len(repeated):
            assert add(reassembler, pdu) is None
    assert sorted(whole) == sorted(texts)
    assert len(reassembler) == 0


def test_interop_17_a_reference_may_be_used_again_at_once() -> None:
    reassembler = Reassembler()
    for text in ("first " * 60, "other " * 60):
        whole = [octets for pdu in parts(text, "udh8", 7) if (octets := add(reassembler, pdu)) is not None]
        assert [decode_text(0, octets) for octets in whole] == [text]


def test_interop_17_messages_of_other_peers_and_totals_do_not_mix() -> None:
    reassembler = Reassembler()
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 1, "udh8"), b"a", 0.0) is None
    assert reassembler.add("shop", b"1", b"2", Part(7, 2, 2, "udh8"), b"b", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 3, 2, "udh8"), b"c", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 2, "sar"), b"d", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 2, "udh8"), b"e", 0.0) == b"ae"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=100), st.integers(1, 10))
def test_what_waits_is_bounded_and_the_oldest_gives_way(
    arrivals: list[tuple[int, int]], parts_max: int
) -> None:
    reassembler = Reassembler(parts_max=parts_max)
    for reference, seqnum in arrivals:
        reassembler.add("bank", b"1", b"2", Part(reference, 5, seqnum, "udh8"), b"x", 0.0)
        assert len(reassembler) <= parts_max


def test_parts_that_wait_too_long_are_given_up_and_named() -> None:
    reassembler = Reassembler(seconds_max=60.0)
    reassembler.add("bank", b"1", b"2", Part(7, 2, 1, "udh8"), b"a", 0.0)
    reassembler.add("bank", b"1", b"2", Part(8, 2, 1, "udh8"), b"a", 30.0)
    assert reassembler.tick(59.0) == []
    assert reassembler.tick(60.0) == [("bank", b"1", b"2", 7, 2, "udh8")]
    assert (len(reassembler), reassembler.dropped) == (1, 1)
