import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.grade.texts import looks_little_endian
from smpp_router.wire.pdu import SmeAddress, SubmitMulti
from smpp_router.wire.text import encode_gsm
from tests.simulators.grade.wires import NUMBER, Wire


def found(data_coding: int, octets: bytes, esm_class: int = 0) -> set[str]:
    wire = Wire().bound()
    wire.submit(data_coding=data_coding, short_message=octets, esm_class=esm_class)
    wire.end()
    return wire.found() - {"parts-missing"}


@pytest.mark.parametrize(
    "text", ["Hello", "Où étiez-vous? à 10 €", "[ok] {1} ~ |", "Straße", "a@b", "a_b", "$5"]
)
def test_gsm_is_good_under_the_default(text: str) -> None:
    assert found(0, encode_gsm(text)) == set()


@pytest.mark.parametrize("text", ["中文", "é", "😀", "naïve Grüße €"])
def test_utf8_is_not_good_under_the_default(text: str) -> None:
    assert found(0, text.encode()) == {"utf8-as-default"}


def test_latin_1_under_the_default_is_not_taken_for_utf8() -> None:
    assert found(0, "Grüße".encode("latin-1")) == {"octets-above-default"}
    assert found(3, "Grüße".encode("latin-1")) == set()


def script(first: int, last: int) -> st.SearchStrategy[str]:
    return st.characters(min_codepoint=first, max_codepoint=last, exclude_categories=("Cn",))


SCRIPTS = (
    script(0x20, 0x7E),
    script(0x400, 0x45F),
    script(0x5D0, 0x5EA),
    script(0x627, 0x64A),
    script(0xE01, 0xE3A),
    script(0x3041, 0x30FA),
    script(0x4E00, 0x9F00),
    script(0xAC00, 0xD7A3),
)


@given(text=st.one_of(*(st.text(script, min_size=1, max_size=70) for script in SCRIPTS)))
def test_text_in_the_right_order_is_never_taken_for_swapped(text: str) -> None:
    assert not looks_little_endian(text.encode("utf-16-be"))


@given(text=st.text(st.one_of(SCRIPTS[0], SCRIPTS[6]), min_size=1, max_size=70))
def test_chinese_with_letters_in_it_is_never_taken_for_swapped(text: str) -> None:
    assert not looks_little_endian(text.encode("utf-16-be"))


@pytest.mark.parametrize(
    "text",
    ["Hello world", "您的验证码是八位数字", "Your code 1234\r\n", "【银行】验证码是123456，5分钟内有效。"],
)
def test_little_endian_is_seen_without_a_mark(text: str) -> None:
    assert looks_little_endian(text.encode("utf-16-le"))
    assert not looks_little_endian(text.encode("utf-16-be"))


@pytest.mark.parametrize("coding", [0x00, 0x01, 0x03, 0x04, 0x08, 0xC0, 0xF0, 0xF5])
def test_data_codings_that_3_4_knows_are_not_reserved(coding: int) -> None:
    octets = "中文".encode("utf-16-be") if coding == 8 else b"Hello"
    assert found(coding, octets) == set()


def test_gsm_codings_that_3_4_reserves_are_named_as_such() -> None:
    wire = Wire().bound()
    wire.submit(data_coding=0x10)
    wire.end()
    assert "GSM has it" in wire.grader.findings["data-coding-reserved"].first[0].detail


@pytest.mark.parametrize(
    ("coding", "octets", "is_too_long"),
    [
        (0, b"a" * 160, False),
        (0, b"a" * 161, True),
        (8, "中".encode("utf-16-be") * 70, False),
        (8, "中".encode("utf-16-be") * 71, True),
        (4, bytes(141), True),
    ],
)
def test_one_message_holds_what_a_handset_takes(coding: int, octets: bytes, is_too_long: bool) -> None:
    assert ("too-long-for-one" in found(coding, octets)) == is_too_long


def test_a_part_holds_less_by_its_header() -> None:
    header = b"\x05\x00\x03\x09\x02\x01"
    assert found(0, header + b"a" * 153, 0x40) == set()
    assert found(0, header + b"a" * 154, 0x40) == {"too-long-for-one"}
    assert found(8, header + "中".encode("utf-16-be") * 67, 0x40) == set()
    assert found(8, header + "中".encode("utf-16-be") * 68, 0x40) == {"too-long-for-one"}


def test_the_text_of_a_submit_multi_is_judged_too() -> None:
    wire = Wire().bound()
    wire.message(
        SubmitMulti(
            registered_delivery=1,
            dest_addresses=(SmeAddress(1, 1, NUMBER),),
            short_message="中文".encode(),
        )
    )
    assert wire.end() == {"utf8-as-default"}
