import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import HEADER, encode, framed, header_only
from smpp_router.wire.framing import PDU_BYTES_MAX, Framer, FramingError
from tests.wire import pdus

SUBMIT_SM = p.SubmitSm(2, source_addr=b"ACME", destination_addr=b"447700900123", short_message=b"hello")
BIND = p.Bind(1, 0, c.BIND_TRANSCEIVER, b"acme", b"secret")


def feed_cut(octets: bytes, cuts: list[int]) -> tuple[Framer, list[p.Pdu]]:
    """The octets in reads that end at the cuts."""
    framer = Framer()
    found: list[p.Pdu] = []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += framer.feed(octets[start:end])
    return framer, found


def fed_by_octets(octets: bytes) -> tuple[Framer, list[p.Pdu]]:
    return feed_cut(octets, list(range(1, len(octets))))


@given(st.lists(pdus.pdus | pdus.unknown_pdus, max_size=5), st.binary(max_size=15), st.data())
def test_a_stream_cut_anywhere_gives_the_same_pdus(
    sent: list[p.Pdu], rest: bytes, data: st.DataObject
) -> None:
    octets = b"".join(map(encode, sent)) + rest
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    framer, found = feed_cut(octets, cuts)
    assert found == sent
    assert (framer.buffered, framer.error) == (len(rest), None)


@given(st.lists(pdus.pdus, min_size=1, max_size=3), st.binary(max_size=15))
def test_a_stream_read_octet_by_octet_gives_the_same_pdus(sent: list[p.Pdu], rest: bytes) -> None:
    framer, found = fed_by_octets(b"".join(map(encode, sent)) + rest)
    assert found == sent
    assert (framer.buffered, framer.error) == (len(rest), None)


@given(st.binary(max_size=200), st.data())
def test_any_octets_are_followed_or_given_up_without_an_exception(octets: bytes, data: st.DataObject) -> None:
    whole = Framer()
    found = whole.feed(octets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=6)))
    framer, again = feed_cut(octets, cuts)
    assert again == found
    assert framer.error == whole.error
    assert framer.buffered == whole.buffered


@given(st.lists(pdus.pdus, min_size=1, max_size=4), st.data())
def test_a_mutated_stream_is_followed_the_same_however_it_is_cut(
    sent: list[p.Pdu], data: st.DataObject
) -> None:
    octets = bytearray(b"".join(map(encode, sent)))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(pdus.octet)
    whole = Framer()
    found = whole.feed(bytes(octets))
    framer, again = fed_by_octets(bytes(octets))
    assert (again, framer.error, framer.buffered) == (found, whole.error, whole.buffered)


def test_many_pdus_come_in_one_read() -> None:
    assert len(Framer().feed(encode(SUBMIT_SM) * 500)) == 500


def test_the_first_request_glued_behind_a_bind_is_not_lost() -> None:
    assert Framer().feed(encode(BIND) + encode(SUBMIT_SM)) == [BIND, SUBMIT_SM]
    bind_resp = p.BindResp(1, 0, c.BIND_TRANSCEIVER_RESP, b"mc", ((c.TAG_SC_INTERFACE_VERSION, b"\x34"),))
    deliver_sm = p.DeliverSm(1, short_message=b"hi")
    assert Framer().feed(encode(bind_resp) + encode(deliver_sm)) == [bind_resp, deliver_sm]


def test_a_read_ends_within_a_pdu_and_the_next_one_goes_on() -> None:
    octets = encode(SUBMIT_SM) * 3
    framer = Framer()
    assert framer.feed(octets[:100]) == [SUBMIT_SM]
    assert framer.buffered == 100 - len(encode(SUBMIT_SM))
    assert framer.feed(octets[100:]) == [SUBMIT_SM, SUBMIT_SM]
    assert framer.buffered == 0


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_read_may_be_any_kind_of_octets(kind: type[bytes]) -> None:
    octets = encode(SUBMIT_SM)
    framer = Framer()
    found = framer.feed(kind(octets + octets[:20])) + framer.feed(kind(octets[20:]))
    assert found == [SUBMIT_SM, SUBMIT_SM]
    assert all(type(pdu.body) is bytes for pdu in found if isinstance(pdu, p.SubmitSm))


@pytest.mark.parametrize("command_length", [0, 1, 4, 15])
def test_a_command_length_below_a_header_ends_the_stream_with_rinvcmdlen(command_length: int) -> None:
    framer, found = fed_by_octets(encode(SUBMIT_SM) + HEADER.pack(command_length, c.SUBMIT_SM, 0, 9))
    assert found == [SUBMIT_SM]
    problem = f"command_length {command_length} is less than a header"
    assert framer.error == FramingError(c.ESME_RINVCMDLEN, 0, problem)


@pytest.mark.parametrize(
    ("probe", "command_length"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1195725856),
        (b"HTTP/1.1 400 Bad Request\r\n", 1213486160),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32), 0x16030102),
        (b"SSH-2.0-OpenSSH_9.6\r\n", 0x5353482D),
        (bytes(64), 0),
    ],
)
def test_a_stream_that_is_no_smpp_ends_with_rinvcmdlen(probe: bytes, command_length: int) -> None:
    framer = Framer()
    assert framer.feed(probe) == []
    assert framer.error is not None
    assert framer.error.command_status == c.ESME_RINVCMDLEN
    assert str(command_length) in framer.error.problem


def test_the_sequence_number_of_a_pdu_that_is_too_large_is_echoed() -> None:
    framer = Framer()
    assert framer.feed(HEADER.pack(PDU_BYTES_MAX + 1, c.SUBMIT_SM, 0, 9)) == []
    assert framer.error is not None
    assert framer.error.sequence_number == 9


def test_after_an_error_nothing_is_decoded_or_kept() -> None:
    framer = Framer()
    assert framer.feed(encode(SUBMIT_SM) + bytes(16) + encode(SUBMIT_SM)) == [SUBMIT_SM]
    assert framer.feed(encode(SUBMIT_SM)) == []
    assert framer.buffered == 0


def test_the_largest_pdu_of_the_specification_is_below_the_limit() -> None:
    longest = p.SubmitMulti(
        1,
        service_type=b"x" * 5,
        source_addr=b"4" * 20,
        dest_addresses=(p.SmeAddress(1, 1, b"4" * 20),) * 254,
        schedule_delivery_time=b"000007000000000R",
        validity_period=b"000007000000000R",
        short_message=bytes(254),
        tlvs=((c.TAG_MESSAGE_PAYLOAD, bytes(0xFFFF)),),
    )
    octets = encode(longest)
    assert PDU_BYTES_MAX - 2048 < len(octets) <= PDU_BYTES_MAX
    assert Framer().feed(octets) == [longest]


def test_the_limit_is_the_owners_choice() -> None:
    framer = Framer(pdu_bytes_max=64)
    assert framer.feed(framed(c.BROADCAST_SM, 0, 1, bytes(48))) != []
    assert framer.feed(framed(c.BROADCAST_SM, 0, 2, bytes(49))) == []
    assert framer.error is not None


def test_a_malformed_body_does_not_end_the_stream() -> None:
    malformed = framed(c.SUBMIT_SM, 0, 1, b"no end")
    unknown = framed(0x99, 0, 2, b"?")
    framer = Framer()
    found = framer.feed(malformed + unknown + header_only(c.ENQUIRE_LINK, 0, 3))
    assert [type(pdu) for pdu in found] == [p.Malformed, p.UnknownPdu, p.HeaderOnly]
    assert framer.error is None


def test_a_large_pdu_octet_by_octet_costs_one_append_for_each() -> None:
    # Quadratic work on 64 KiB would be 2 GiB of copies and take minutes; this takes milliseconds.
    octets = encode(p.DataSm(1, tlvs=((c.TAG_MESSAGE_PAYLOAD, bytes(0xFFFF)),)))
    framer, found = fed_by_octets(octets)
    assert len(found) == 1
    assert framer.buffered == 0
