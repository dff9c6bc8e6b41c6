"""Cutting recorded streams: lengths are kept, passwords are not."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simulators.control.cutter import Cutter
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, framed
from smpp_router.wire.pdu import Bind, HeaderOnly, Outbind, SubmitSm

BINDS = (c.BIND_RECEIVER, c.BIND_TRANSMITTER, c.BIND_TRANSCEIVER)

ordinary = st.builds(
    lambda n, text: encode(
        SubmitSm(sequence_number=n, destination_addr=b"8613900000001", short_message=text)
    ),
    st.integers(1, 1000),
    st.binary(max_size=140),
)
passwords = st.text("abcxyz", min_size=1, max_size=8).map(str.encode)


def bind(password: bytes, command_id: int = c.BIND_TRANSCEIVER) -> bytes:
    return encode(Bind(command_id=command_id, sequence_number=1, system_id=b"bank", password=password))


def fed(octets: bytes, cuts: list[int]) -> tuple[bytes, list[bytes]]:
    """Feed a stream in pieces that end at `cuts`."""
    cutter = Cutter()
    places = sorted({cut % (len(octets) + 1) for cut in cuts} | {0, len(octets)})
    shown, pdus = b"", list[bytes]()
    for start, end in pairwise(places):
        some, whole = cutter.feed(octets[start:end])
        assert len(some) == end - start
        shown += some
        pdus += whole
    return shown, pdus


@given(st.lists(ordinary, max_size=5), st.lists(st.integers(0, 2_000)))
def test_however_reads_were_cut_the_pdus_are_the_same_and_nothing_is_changed(
    pdus: list[bytes], cuts: list[int]
) -> None:
    assert fed(b"".join(pdus), cuts) == (b"".join(pdus), pdus)


@given(passwords, st.sampled_from(BINDS), st.lists(st.integers(0, 200)), ordinary)
def test_a_password_comes_out_nowhere_however_the_bind_was_cut(
    password: bytes, command_id: int, cuts: list[int], behind: bytes
) -> None:
    expected = [bind(b"*" * len(password), command_id), behind]
    assert fed(bind(password, command_id) + behind, cuts) == (b"".join(expected), expected)


@given(passwords, st.lists(st.integers(0, 200)))
def test_an_outbind_has_a_password_too(password: bytes, cuts: list[int]) -> None:
    octets = encode(Outbind(sequence_number=1, system_id=b"mc", password=password))
    assert fed(octets, cuts)[0] == octets.replace(b"mc\0" + password, b"mc\0" + b"*" * len(password))


def test_octet_by_octet_is_no_other_way() -> None:
    octets = bind(b"secret")
    shown, pdus = fed(octets, list(range(len(octets))))
    assert b"secret" not in shown
    assert pdus == [shown]


@given(passwords, st.sampled_from([0, 15, 0xFFFFFFFF]), st.lists(st.integers(0, 200)))
def test_a_bind_with_an_impossible_length_shows_nothing_behind_its_header(
    password: bytes, command_length: int, cuts: list[int]
) -> None:
    octets = command_length.to_bytes(4, "big") + bind(password)[4:]
    shown, pdus = fed(octets + bind(password), cuts)
    assert shown[:16] == octets[:16]
    assert set(shown[16:]) == {ord("*")}
    assert pdus == []


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_garbage_passes_as_long_as_it_was(octets: bytes, cuts: list[int]) -> None:
    shown, _ = fed(octets, cuts)
    assert len(shown) == len(octets)


def test_what_follows_an_impossible_length_is_shown_and_is_no_pdu() -> None:
    cutter = Cutter()
    assert cutter.feed(b"GET / HTTP/1.1\r\n\r\n") == (b"GET / HTTP/1.1\r\n\r\n", [])
    assert cutter.is_lost
    assert cutter.feed(encode(HeaderOnly(sequence_number=1))) == (encode(HeaderOnly(sequence_number=1)), [])
    assert not cutter.is_between_pdus


def test_it_knows_where_a_pdu_begins() -> None:
    cutter = Cutter()
    octets = framed(c.ENQUIRE_LINK, 0, 1, b"")
    assert cutter.is_between_pdus
    cutter.feed(octets + octets[:5])
    assert not cutter.is_between_pdus
    assert cutter.header_octets == 5
    cutter.feed(octets[5:])
    assert cutter.is_between_pdus
    assert cutter.header_octets == 0
