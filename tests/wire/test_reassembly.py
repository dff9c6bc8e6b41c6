import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from smpp_router.wire.multipart import Method, Part, part_of, split_text, user_text
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.reassembly import Key, Reassembler
from smpp_router.wire.text import decode_text
from tests.wire.texts import UCS2_SIGNS

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


def put(
    reassembler: Reassembler, seqnum: int, text: bytes, now: float = 0.0, total: int = 3, reference: int = 7
) -> bytes | None:
    return reassembler.add("bank", b"1", b"2", Part(reference, total, seqnum, "udh8"), text, now)


@given(
    texts=st.lists(st.text(UCS2_SIGNS, min_size=170, max_size=900), min_size=1, max_size=3),
    method=st.sampled_from(METHODS),
    data=st.data(),
)
def test_interop_17_parts_in_any_order_and_repeated_make_each_message_once(
    texts: list[str], method: Method, data: st.DataObject
) -> None:
    reassembler = Reassembler()
    pdus = [pdu for number, text in enumerate(texts) for pdu in parts(text, method, number + 1)]
    repeated = data.draw(st.sets(st.integers(0, len(pdus) - 1)))
    order = data.draw(st.permutations(pdus))
    whole: list[str] = []
    for index, pdu in enumerate(order):
        octets = add(reassembler, pdu)
        if octets is not None:
            whole.append(decode_text(pdu.data_coding, octets))
        elif index in repeated:
            assert add(reassembler, pdu) is None
    assert sorted(whole) == sorted(texts)
    assert len(reassembler) == 0


def test_interop_17_a_reference_may_be_used_again_at_once() -> None:
    reassembler = Reassembler()
    for text in ("first " * 60, "other " * 60, "other " * 60):
        whole = [octets for pdu in parts(text, "udh8", 7) if (octets := add(reassembler, pdu)) is not None]
        assert [decode_text(0, octets) for octets in whole] == [text]


@pytest.mark.parametrize("left", [[1], [2], [1, 2], [2, 1]])
def test_interop_17_a_reference_may_be_used_again_while_parts_of_the_first_message_lack(
    left: list[int],
) -> None:
    reassembler = Reassembler()
    for seqnum in left:
        put(reassembler, seqnum, b"old")
    whole = [put(reassembler, seqnum, b"new%d" % seqnum) for seqnum in (1, 2, 3)]
    assert whole == [None, None, b"new1new2new3"]


def test_interop_17_a_part_repeated_after_its_message_does_not_spoil_the_next_one() -> None:
    reassembler = Reassembler()
    for seqnum in (1, 2, 3):
        put(reassembler, seqnum, b"old")
    assert put(reassembler, 2, b"old") is None
    assert [put(reassembler, seqnum, b"new") for seqnum in (1, 2, 3)] == [None, None, b"newnewnew"]
    assert len(reassembler) == 0


def test_interop_17_messages_of_other_peers_and_totals_do_not_mix() -> None:
    reassembler = Reassembler()
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 1, "udh8"), b"a", 0.0) is None
    assert reassembler.add("shop", b"1", b"2", Part(7, 2, 2, "udh8"), b"b", 0.0) is None
    assert reassembler.add("bank", b"3", b"2", Part(7, 2, 2, "udh8"), b"b", 0.0) is None
    assert reassembler.add("bank", b"1", b"3", Part(7, 2, 2, "udh8"), b"b", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 3, 2, "udh8"), b"c", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 2, "sar"), b"d", 0.0) is None
    assert reassembler.add("bank", b"1", b"2", Part(7, 2, 2, "udh8"), b"e", 0.0) == b"ae"


def test_interop_17_one_of_one_is_whole_at_once() -> None:
    reassembler = Reassembler()
    assert put(reassembler, 1, b"all", total=1) == b"all"
    assert len(reassembler) == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), st.integers(0, 3000)), max_size=100))
def test_what_waits_is_bounded_in_octets_too(arrivals: list[tuple[int, int, int]]) -> None:
    reassembler = Reassembler(parts_max=10)
    for reference, seqnum, octets in arrivals:
        put(reassembler, seqnum, bytes(octets), total=5, reference=reference)
        assert len(reassembler) <= 10
        held = sum(
            len(text) for message in reassembler._incomplete.values() for text in message.parts.values()
        )
        assert held < 10 * 256


def test_the_oldest_gives_way_and_is_counted() -> None:
    reassembler = Reassembler(parts_max=2)
    for reference in (1, 2, 3):
        put(reassembler, 1, b"a", total=2, reference=reference)
    assert (len(reassembler), reassembler.dropped) == (2, 1)
    assert put(reassembler, 2, b"b", total=2, reference=3) == b"ab"
    assert put(reassembler, 2, b"b", total=2, reference=2) == b"ab"
    assert put(reassembler, 2, b"b", total=2, reference=1) is None


def test_parts_that_wait_too_long_are_given_up_and_named() -> None:
    reassembler = Reassembler(seconds_max=60.0)
    put(reassembler, 1, b"a", 0.0, total=2, reference=7)
    put(reassembler, 1, b"a", 30.0, total=2, reference=8)
    assert reassembler.tick(59.0) == []
    assert reassembler.tick(60.0) == [("bank", b"1", b"2", 7, 2, "udh8")]
    assert (len(reassembler), reassembler.dropped) == (1, 1)


def test_repeating_a_part_does_not_prolong_the_waiting_but_a_new_message_does() -> None:
    reassembler = Reassembler(seconds_max=60.0)
    for reference in (7, 8):
        put(reassembler, 1, b"a", 0.0, reference=reference)
    put(reassembler, 1, b"a", 30.0, reference=8)
    put(reassembler, 1, b"b", 30.0, reference=7)
    assert [key[3] for key in reassembler.tick(60.0)] == [8]
    assert [key[3] for key in reassembler.tick(90.0)] == [7]
    assert len(reassembler) == 0


class AgainstADict(RuleBasedStateMachine):
    """A Reassembler with room enough does what a dict of dicts does."""

    def __init__(self) -> None:
        super().__init__()
        self.reassembler = Reassembler(seconds_max=20.0)
        self.held: dict[Key, tuple[float, dict[int, bytes]]] = {}
        self.now = 0.0

    @rule(
        reference=st.integers(0, 2),
        total_and_seqnum=st.integers(1, 3).flatmap(
            lambda total: st.tuples(st.just(total), st.integers(1, total))
        ),
        text=st.sampled_from([b"", b"a", b"b", b"c" * 300]),
    )
    def part_comes(self, reference: int, total_and_seqnum: tuple[int, int], text: bytes) -> None:
        total, seqnum = total_and_seqnum
        key: Key = ("bank", b"1", b"2", reference, total, "udh8")
        since, held = self.held.pop(key, (self.now, {}))
        if held.get(seqnum, text) != text:
            since = self.now
        held[seqnum] = text
        whole = put(self.reassembler, seqnum, text, self.now, total, reference)
        if len(held) == total:
            assert whole == b"".join(held[number] for number in range(1, total + 1))
        else:
            assert whole is None
            self.held[key] = since, held

    @rule(seconds=st.sampled_from([1.0, 7.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        old = {key for key, (since, _) in self.held.items() if since + 20.0 <= self.now}
        assert set(self.reassembler.tick(self.now)) == old
        for key in old:
            del self.held[key]

    @invariant()
    def what_waits_is_counted(self) -> None:
        waiting = [text for _, held in self.held.values() for text in held.values()]
        assert len(self.reassembler) == sum(1 + len(text) // 256 for text in waiting)


TestAgainstADict = AgainstADict.TestCase
