"""Texts in parts: whole when each part has come, ended where their reference is used anew."""

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.long_texts import LongText, LongTexts
from smpp_router.core.screened_texts import PartKey
from smpp_router.message.message import Message
from smpp_router.wire.multipart import user_text
from smpp_router.wire.pdu import SubmitSm

KEY: PartKey = ("bank", b"10690\x008613900000001", 7, 3)


def part(seqnum: int, text: bytes, total: int = 3) -> SubmitSm:
    return SubmitSm(esm_class=0x40, short_message=bytes([5, 0, 3, 7, total, seqnum]) + text)


class Parts:
    """Texts, and the messages of the parts that went into them."""

    def __init__(self, key: PartKey = KEY) -> None:
        self.texts = LongTexts()
        self.key = key
        self.messages: list[Message] = []

    def add(self, pdu: SubmitSm, now: float = 0.0, not_before: float = 0.0) -> LongText | None:
        number = len(self.messages) + 1
        message = Message(number, number, "bank", "default", None, b"", 0, 1e9, not_before, part_key=self.key)
        self.messages.append(message)
        return self.texts.add(pdu, message, now)


def ids(text: LongText) -> list[int]:
    return [message.message_id for message in text.messages]


def test_a_text_is_whole_with_its_last_part_and_then_forgotten() -> None:
    parts = Parts()
    assert parts.add(part(3, b"c")) is None
    assert parts.add(part(1, b"a"), not_before=9.0) is None
    assert KEY in parts.texts
    text = parts.add(part(2, b"b"))
    assert text is not None
    assert text.is_whole
    assert KEY not in parts.texts
    assert [user_text(pdu) for pdu in text.pdus] == [b"a", b"b", b"c"]
    assert ids(text) == [1, 2, 3], "as they came"
    assert (text.first.message_id, text.not_before) == (2, 9.0)


def test_a_part_that_comes_again_makes_nothing_whole_and_goes_along() -> None:
    parts = Parts()
    for _ in range(3):
        assert parts.add(part(1, b"a")) is None
    assert parts.add(part(2, b"b")) is None
    text = parts.add(part(3, b"c"))
    assert text is not None
    assert len(text.pdus) == 3
    assert ids(text) == [1, 2, 3, 4, 5]
    assert text.first.message_id == 1


def test_another_text_under_the_same_number_ends_the_one_before() -> None:
    parts = Parts()
    parts.add(part(1, b"a"))
    parts.add(part(2, b"b"))
    ended = parts.add(part(1, b"x"))
    assert ended is not None
    assert (ended.is_whole, ids(ended)) == (False, [1, 2])
    assert KEY in parts.texts
    parts.add(part(2, b"y"))
    whole = parts.add(part(3, b"z"))
    assert whole is not None
    assert (whole.is_whole, ids(whole)) == (True, [3, 4, 5])


def test_a_text_is_stale_when_nothing_more_has_come_of_it() -> None:
    parts = Parts()
    parts.add(part(1, b"a"), now=100.0)
    parts.add(part(1, b"a"), now=105.0)
    assert parts.texts.stale(10.0, 114.9) == []
    assert parts.texts.stale(10.0, 115.0) == [KEY]
    text = parts.texts.take(KEY)
    assert ids(text) == [1, 2]
    assert KEY not in parts.texts


@given(
    st.integers(2, 5).flatmap(
        lambda total: st.tuples(
            st.just(total),
            st.lists(st.tuples(st.integers(1, total), st.sampled_from([b"a", b"b"])), max_size=40),
        )
    )
)
def test_each_part_comes_out_in_one_text_which_has_one_octet_string_for_each_number(
    drawn: tuple[int, list[tuple[int, bytes]]],
) -> None:
    total, sent = drawn
    key: PartKey = ("bank", b"", 7, total)
    parts = Parts(key)
    out: list[LongText] = []
    for seqnum, octets in sent:
        text = parts.add(part(seqnum, octets, total))
        out += [] if text is None else [text]
    out += [parts.texts.take(key)] if key in parts.texts else []
    assert sorted(number for text in out for number in ids(text)) == list(range(1, len(sent) + 1))
    for text in out:
        by_number: dict[int, set[bytes]] = {}
        for number in ids(text):
            seqnum, octets = sent[number - 1]
            by_number.setdefault(seqnum, set()).add(octets)
        assert all(len(octets) == 1 for octets in by_number.values())
        assert text.is_whole == (len(by_number) == total)
        assert [{user_text(pdu)} for pdu in text.pdus] == [by_number[n] for n in sorted(by_number)]
