"""A text that takes another's place says what its customer means, or is refused and changes nothing."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.replacing import of_carrier, replaced
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import ReplaceSm, SubmitSm
from smpp_router.wire.text import choose_data_coding, encode_text
from tests.core.talk import Talk, account, carrier, configuration

CHINESE = "您的包裹已到，请凭码取件"
HEADER = b"\x05\x00\x03\x07\x02\x01"


def written(text: str) -> SubmitSm:
    """A message as it waits: in GSM if that can be."""
    coding = choose_data_coding(text)
    return SubmitSm(data_coding=coding, short_message=encode_text(text, coding))


@given(st.text("abc defgh @é{}€\n", max_size=60), st.text("ABC xyz ü[]€\n", max_size=60))
def test_gsm_takes_the_place_of_gsm(old: str, new: str) -> None:
    found = replaced(written(old), encode_text(new, 0), "gsm")
    assert found is not None
    assert (found.data_coding, text_of(found)) == (0, new)


@pytest.mark.parametrize("text", [CHINESE, "你好，世界", "hello world", "Привет"])
def test_ucs2_does_not_take_the_place_of_gsm(text: str) -> None:
    assert replaced(written("hello"), text.encode("utf-16-be"), "gsm") is None


@pytest.mark.parametrize("text", ["hello", "your parcel has come.", "your parcel has come"])
def test_letters_do_not_take_the_place_of_ucs2(text: str) -> None:
    assert replaced(written(CHINESE), text.encode(), "gsm") is None


@pytest.mark.parametrize("text", [CHINESE, "好", "Hi 你", "おはよう", "hello", ""])
def test_ucs2_takes_the_place_of_ucs2(text: str) -> None:
    found = replaced(written(CHINESE), text.encode("utf-16-be"), "gsm")
    assert found is not None
    assert (found.data_coding, text_of(found)) == (c.ENCODING_ISO10646, text)


def test_chinese_is_not_taken_for_letters() -> None:
    rng = random.Random(1)
    texts = ["".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(4)) for _ in range(5_000)]
    refused = [text for text in texts if replaced(written(CHINESE), text.encode("utf-16-be"), "gsm") is None]
    assert len(refused) <= 5


def test_what_an_account_has_always_written_so_it_may_write_again() -> None:
    old = SubmitSm(short_message=b"caf\xe9")
    found = replaced(old, b"th\xe9", "gsm")
    assert found is not None
    assert found.short_message == b"th\xe9"


@pytest.mark.parametrize(("old", "new"), list(pairwise(("café @", "thé", "ação", "café", "½", "ação"))))
def test_the_text_of_another_alphabet_is_translated_whatever_it_becomes(old: str, new: str) -> None:
    found = replaced(written(old), new.encode("latin-1"), "latin1")
    assert found is not None
    assert (found.data_coding, text_of(found)) == (choose_data_coding(new), new)


@pytest.mark.parametrize(
    ("old", "new"), [*pairwise((CHINESE, CHINESE, "hi", "hello")), *pairwise((CHINESE, "ação", "thé"))]
)
def test_an_account_that_wrote_ucs2_itself_writes_it_again(old: str, new: str) -> None:
    message = SubmitSm(data_coding=c.ENCODING_ISO10646, short_message=old.encode("utf-16-be"))
    found = replaced(message, new.encode("utf-16-be"), "latin1")
    assert found is not None
    assert (found.data_coding, text_of(found)) == (c.ENCODING_ISO10646, new)


def test_what_is_too_long_for_ucs2_is_refused() -> None:
    assert replaced(written("hello"), b"\xbd" * 140, "latin1") is None


@pytest.mark.parametrize("alphabet", ["gsm", "latin1"])
def test_a_part_keeps_its_header_and_its_data_coding(alphabet: str) -> None:
    old = SubmitSm(esm_class=0x40, short_message=HEADER + b"first half")
    assert replaced(old, b"another half", alphabet) is None
    found = replaced(old, HEADER + b"another half", alphabet)
    assert found is not None
    assert text_of(found) == "another half"
    assert replaced(old, HEADER + b"\xbd half", alphabet) is None


def test_a_text_takes_the_place_of_a_payload() -> None:
    old = SubmitSm(tlvs=((c.TAG_MESSAGE_PAYLOAD, b"long text"), (0x1400, b"1")))
    found = replaced(old, b"new", "gsm")
    assert found is not None
    assert (found.short_message, found.tlvs) == (b"new", ((0x1400, b"1"),))
    assert old.tlvs[0][1] == b"long text", "that one stays as it is"


@pytest.mark.parametrize(
    ("old", "new", "alphabet", "told"),
    [
        ("hello", "caf\u00e9", "gsm", b"caf\x05"),
        ("hello", "caf\u00e9", "latin1", b"caf\xe9"),
        ("hello", "caf\u00e9", "ascii", None),
        ("caf\u00e9", "hello", "ascii", None),
        ("hello", CHINESE, "gsm", None),
        (CHINESE, CHINESE[::-1], "ascii", CHINESE[::-1].encode("utf-16-be")),
    ],
)
def test_a_carrier_is_told_a_text_as_it_has_the_old_one(
    old: str, new: str, alphabet: str, told: bytes | None
) -> None:
    assert of_carrier(written(old), written(new), alphabet) == told


# ---------------------------------------------------------------------- in conversation


def asked(talk: Talk, first: bytes, text: bytes) -> int:
    """Submit a text, and at once another in its place."""
    esme = talk.esmes[0]
    esme.submit(short_message=first)
    talk.settle()
    return replace(talk, text)


def replace(talk: Talk, text: bytes) -> int:
    esme = talk.esmes[0]
    esme.send(ReplaceSm(message_id=esme.message_ids[-1], source_addr=b"106900", short_message=text))
    talk.settle()
    return esme.statuses[-1]


def test_what_cannot_be_is_refused_and_the_message_goes_out_as_it_was() -> None:
    talk = Talk()
    talk.esme("bank")
    assert asked(talk, b"hello", CHINESE.encode("utf-16-be")) == c.ESME_RREPLACEFAIL
    link = talk.link("mobile")
    talk.settle()
    assert [(submit.data_coding, submit.short_message) for submit in link.submits] == [(0, b"hello")]


def test_what_became_ucs2_for_one_sign_becomes_gsm_again_without_it() -> None:
    talk = Talk(configuration(accounts=(account("bank", default_alphabet="latin1"),)))
    talk.esme("bank")
    assert asked(talk, "½ off".encode("latin-1"), b"all off") == c.ESME_ROK
    link = talk.link("mobile")
    talk.settle()
    assert [(submit.data_coding, submit.short_message) for submit in link.submits] == [(0, b"all off")]


@pytest.mark.parametrize(
    ("of_account", "of_carrier", "status"),
    [("gsm", "gsm", None), ("latin1", "gsm", c.ESME_RREPLACEFAIL), ("gsm", "latin1", c.ESME_RREPLACEFAIL)],
)
def test_a_carrier_is_asked_only_where_octets_mean_the_same(
    of_account: str, of_carrier: str, status: int | None
) -> None:
    talk = Talk(
        configuration(
            accounts=(account("bank", default_alphabet=of_account),),
            carriers=(carrier("mobile", default_alphabet=of_carrier), carrier("unicom")),
        )
    )
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    before = len(esme.statuses)
    replace(talk, b"new")
    assert esme.statuses[before:] == ([] if status is None else [status])
    assert len(link.others) == (status is None)
