import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.alphabets import translated, translated_body
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import DataSm, ReplaceSm, SubmitSm
from smpp_router.wire.text import decode_text, encode_text
from tests.core.talk import Talk, account, carrier, configuration

ALPHABETS = ["gsm", "gsm_packed", "latin1", "ascii"]
LETTERS = st.text(st.sampled_from("abc XYZ 0123456789.,?!"), min_size=1, max_size=140)


@given(LETTERS, st.sampled_from(ALPHABETS), st.sampled_from(ALPHABETS))
def test_interop_18_a_text_says_the_same_in_every_peers_alphabet(text: str, first: str, second: str) -> None:
    pdu = SubmitSm(short_message=text.encode("ascii"))
    translated(pdu, "ascii", first)
    translated(pdu, first, second)
    assert decode_text(pdu.data_coding, pdu.short_message, second).rstrip("@") == text.rstrip("@")


@pytest.mark.parametrize("data_coding", [1, 3, 4, 8, 0xF5])
def test_only_the_default_alphabet_is_translated(data_coding: int) -> None:
    pdu = SubmitSm(data_coding=data_coding, short_message=b"\xe9t\xe9")
    assert not translated(pdu, "latin1", "gsm")
    assert pdu.short_message == b"\xe9t\xe9"


def test_what_the_other_alphabet_lacks_becomes_ucs2_and_the_header_stays() -> None:
    pdu = SubmitSm(esm_class=0x40, short_message=b"\x05\x00\x03\x01\x02\x01\xbd cup")
    assert translated(pdu, "latin1", "gsm")
    assert pdu.data_coding == c.ENCODING_ISO10646
    assert pdu.short_message == b"\x05\x00\x03\x01\x02\x01" + "½ cup".encode("utf-16-be")


@pytest.mark.parametrize("alphabet", ["gsm", "latin1"])
def test_packed_text_behind_a_header_begins_at_its_septet(alphabet: str) -> None:
    header = b"\x05\x00\x03\x01\x02\x01"
    packed = encode_text("hello", 0, "gsm_packed", len(header))
    pdu = SubmitSm(esm_class=0x40, short_message=header + packed)
    assert translated(pdu, "gsm_packed", alphabet)
    assert pdu.short_message == header + b"hello"
    assert translated(pdu, alphabet, "gsm_packed")
    assert pdu.short_message == header + packed


def test_a_text_in_message_payload_is_translated_there() -> None:
    pdu = DataSm(tlvs=((0x0424, b"caf\xe9"), (0x1400, b"\xe9")))
    assert translated(pdu, "latin1", "gsm")
    assert pdu.tlvs == ((0x0424, b"caf\x05"), (0x1400, b"\xe9"))


def test_a_text_too_long_for_ucs2_stays_as_it_is() -> None:
    pdu = SubmitSm(short_message=b"\xbd" * 140)
    assert not translated(pdu, "latin1", "gsm")
    assert pdu.data_coding == 0


def test_a_body_is_translated_whole() -> None:
    body = translated_body(encode_body(SubmitSm(destination_addr=b"861", short_message=b"\x05")), "latin1")
    pdu = decode(c.SUBMIT_SM, 0, 1, body)
    assert isinstance(pdu, SubmitSm)
    assert (pdu.destination_addr, pdu.short_message) == (b"861", b"\xe9")


def test_interop_18_the_router_translates_between_an_account_and_a_carrier() -> None:
    config = configuration(
        accounts=(account("bank", default_alphabet="latin1"),),
        carriers=(carrier("mobile", default_alphabet="ascii"), carrier("unicom")),
    )
    talk = Talk(config)
    esme, ascii_link, gsm_link = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit(b"8613900000001", short_message=b"hello @")
    esme.submit(b"8613000000001", short_message=b"caf\xe9 @")
    talk.settle()
    assert ascii_link.submits[0].short_message == b"hello @"
    assert gsm_link.submits[0].short_message == b"caf\x05 \x00"


@pytest.mark.parametrize(
    ("first", "text", "status", "sent"),
    [
        (b"caf\xe9", b"th\xe9 @", c.ESME_ROK, b"th\x05 \x00"),
        (b"caf\xe9", b"\xbd", c.ESME_ROK, b"\x00\xbd"),
        (b"\xbd", b"caf\xe9", c.ESME_ROK, b"caf\x05"),
        (b"caf\xe9", b"\xbd" * 140, c.ESME_RREPLACEFAIL, b"caf\x05"),
    ],
)
def test_interop_18_a_text_that_is_put_in_anothers_place_is_translated_too(
    first: bytes, text: bytes, status: int, sent: bytes
) -> None:
    talk = Talk(configuration(accounts=(account("bank", default_alphabet="latin1"),)))
    esme = talk.esme("bank")
    esme.submit(short_message=first)
    talk.settle()
    esme.send(ReplaceSm(message_id=esme.message_ids[0], source_addr=b"106900", short_message=text))
    talk.settle()
    assert esme.statuses[-1] == status
    link = talk.link("mobile")
    talk.settle()
    assert [submit.short_message for submit in link.submits] == [sent]
