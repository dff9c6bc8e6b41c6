"""However a carrier writes its ids, a receipt finds its own message or none, never another's."""

import random
import string
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.core.receipt_ids import RUN, Canonicaliser, ReceiptIdStyle

Render = Callable[[int], bytes]

DECIMAL: dict[str, Render] = {
    "decimal": lambda number: b"%d" % number,
    "decimal padded": lambda number: b"%020d" % number,
}
HEXADECIMAL: dict[str, Render] = {
    "hexadecimal": lambda number: b"%x" % number,
    "upper case": lambda number: b"%X" % number,
    "hexadecimal padded": lambda number: b"%016x" % number,
    "upper case padded": lambda number: b"%08X" % number,
}
NUMBERS = DECIMAL | HEXADECIMAL
UUIDS: dict[str, Render] = {
    "uuid": lambda number: str(uuid.UUID(int=number)).encode(),
    "uuid in upper case": lambda number: str(uuid.UUID(int=number)).upper().encode(),
    "uuid without dashes": lambda number: uuid.UUID(int=number).hex.encode(),
}
NUMBER_PAIRS = [(response, receipt) for response in NUMBERS for receipt in NUMBERS]
UUID_PAIRS = [(response, receipt) for response in UUIDS for receipt in UUIDS]

SMALL = st.integers(0, 400)
ANY_SIZE = st.one_of(SMALL, st.integers(0, 2**32), st.integers(0, 2**63))


STYLES: list[ReceiptIdStyle] = ["auto", "raw", "dec", "hex", "dec_dec", "dec_hex", "hex_dec", "hex_hex"]


def full_style(response: str, receipt: str) -> ReceiptIdStyle:
    if response in DECIMAL:
        return "dec_dec" if receipt in DECIMAL else "dec_hex"
    return "hex_dec" if receipt in DECIMAL else "hex_hex"


def half_style(receipt: str) -> ReceiptIdStyle:
    return "dec" if receipt in DECIMAL else "hex"


def readings(number: int, response: str, receipt: str) -> set[int]:
    """The messages that a receipt's id could mean to somebody who knows neither side's base."""
    written = NUMBERS[receipt](number)
    bases = [16] if not written.isdigit() else [10, 16]
    values = {int(written, base) for base in bases}
    # A value in one base is known under its response's text, which reads otherwise in the other base.
    texts = {text for value in values for text in (b"%d" % value, b"%x" % value)}
    base = 10 if response in DECIMAL else 16
    return {int(text, base) for text in texts if base == 16 or text.isdigit()}


class Conversation:
    """What a router does with one carrier's ids: known until the receipt, forgotten then."""

    def __init__(self, style: ReceiptIdStyle, response: Render, receipt: Render) -> None:
        self.canonicaliser = Canonicaliser(style)
        self.known: dict[bytes, int] = {}
        self._response = response
        self._receipt = receipt

    def submit(self, number: int) -> None:
        key = self.canonicaliser.from_response(self._response(number))
        assert key not in self.known
        self.known[key] = number

    def find(self, number: int) -> int | None:
        return self.canonicaliser.find(self._receipt(number), self.known.get)

    def settle(self, number: int) -> None:
        del self.known[self.canonicaliser.from_response(self._response(number))]


@pytest.mark.parametrize(("response", "receipt"), NUMBER_PAIRS)
@settings(max_examples=40)
@given(
    numbers=st.lists(ANY_SIZE, unique=True, min_size=1, max_size=RUN // 2),
    is_auto=st.booleans(),
    data=st.data(),
)
def test_finding_out_a_receipt_finds_its_message_unless_its_readings_meet(
    response: str, receipt: str, numbers: list[int], is_auto: bool, data: st.DataObject
) -> None:
    talk = Conversation("auto" if is_auto else half_style(receipt), NUMBERS[response], NUMBERS[receipt])
    unsent = list(numbers)
    live: list[int] = []
    settled: list[int] = []
    while unsent or live:
        if unsent and (not live or data.draw(st.booleans())):
            live.append(unsent.pop())
            talk.submit(live[-1])
            continue
        number = data.draw(st.sampled_from(live))
        found = talk.find(number)
        if found != number:
            assert len(readings(number, response, receipt) & set(numbers)) > 1
            assert response in HEXADECIMAL or receipt in HEXADECIMAL, "one spelling is never mistaken"
        if found is not None:
            if found != number:
                return
            talk.settle(number)
            settled.append(number)
            # The same receipt again, perhaps much later, is nobody's.
            assert talk.find(data.draw(st.sampled_from(settled))) is None
        live.remove(number)
        if found is None:
            talk.settle(number)


@pytest.mark.parametrize(("response", "receipt"), NUMBER_PAIRS)
@settings(max_examples=20)
@given(numbers=st.lists(ANY_SIZE, unique=True, min_size=1, max_size=100), seed=st.integers(0, 2**32))
def test_with_a_full_style_each_receipt_finds_its_message(
    response: str, receipt: str, numbers: list[int], seed: int
) -> None:
    talk = Conversation(full_style(response, receipt), NUMBERS[response], NUMBERS[receipt])
    for number in numbers:
        talk.submit(number)
    random.Random(seed).shuffle(numbers)
    for number in numbers:
        assert talk.find(number) == number
        talk.settle(number)
        assert talk.find(number) is None


@pytest.mark.parametrize("kind", ["counter", "large counter", "counter by 16", "32 bits", "63 bits"])
@pytest.mark.parametrize(("response", "receipt"), NUMBER_PAIRS)
def test_auto_gets_certain_and_stays_right(response: str, receipt: str, kind: str) -> None:
    rng = random.Random(f"{response} {receipt} {kind}")
    count = 6 * RUN
    numbers = {
        "counter": list(range(1, count + 1)),
        "large counter": list(range(17_000_000, 17_000_000 + count)),
        "counter by 16": list(range(0x10003, 0x10003 + 16 * count, 16)),
        "32 bits": rng.sample(range(2**32), count),
        "63 bits": [rng.getrandbits(63) for _ in range(count)],
    }[kind]
    talk = Conversation("auto", NUMBERS[response], NUMBERS[receipt])
    unmatched = mistaken = 0
    for first in range(0, count, 16):
        batch = numbers[first : first + 16]
        for number in batch:
            talk.submit(number)
        rng.shuffle(batch)
        for number in batch:
            found = talk.find(number)
            unmatched += found is None
            mistaken += found not in (number, None)
            talk.settle(number)
            if found == number:
                assert talk.find(number) is None
            if first > 4 * RUN:
                assert found == number
    statistics = talk.canonicaliser.statistics()
    assert statistics.response_base == (10 if response in DECIMAL else 16)
    assert statistics.receipt_base == (10 if receipt in DECIMAL else 16)
    assert statistics.ambiguous == unmatched
    assert unmatched <= (16 if "counter" in kind else 0)
    has_two_bases = (response in DECIMAL) != (receipt in DECIMAL)
    assert mistaken <= (3 if has_two_bases and kind == "counter" else 0)


@pytest.mark.parametrize("style", ["auto", "hex", "hex_hex"])
@pytest.mark.parametrize(("response", "receipt"), UUID_PAIRS)
@settings(max_examples=20)
@given(numbers=st.lists(st.integers(2**96, 2**128 - 1), unique=True, min_size=1, max_size=50))
def test_uuids_match_in_any_spelling(
    response: str, receipt: str, style: ReceiptIdStyle, numbers: list[int]
) -> None:
    talk = Conversation(style, UUIDS[response], UUIDS[receipt])
    for number in numbers:
        talk.submit(number)
    assert all(talk.find(number) == number for number in numbers)


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), length=st.integers(8, 64))
def test_other_ids_match_octet_by_octet_in_every_style(style: ReceiptIdStyle, seed: int, length: int) -> None:
    rng = random.Random(seed)
    alphabet = string.ascii_letters + string.digits + "-_=+/."
    ids = {"".join(rng.choices(alphabet, k=length)).encode() + b"x" for _ in range(100)}
    canonicaliser = Canonicaliser(style)
    known = {canonicaliser.from_response(message_id): message_id for message_id in ids}
    assert len(known) == len(ids)
    for message_id in ids:
        assert canonicaliser.find(message_id, known.get) == message_id
        assert canonicaliser.find(message_id.swapcase(), known.get) in (None, message_id.swapcase())


@given(
    style=st.sampled_from(STYLES),
    ids=st.lists(st.binary(max_size=70) | st.text("0123456789abcdefABCDEF-", max_size=70).map(str.encode)),
)
def test_any_octets_have_a_key_that_is_its_own_key(style: ReceiptIdStyle, ids: list[bytes]) -> None:
    canonicaliser = Canonicaliser(style)
    for message_id in ids:
        key = canonicaliser.from_response(message_id)
        assert canonicaliser.from_response(key) == key
        candidates = canonicaliser.from_receipt(message_id)
        assert len(set(candidates)) == len(candidates) >= 1


def test_of_two_known_readings_the_one_spelt_alike_is_meant_until_a_letter_is_seen() -> None:
    talk = Conversation("auto", DECIMAL["decimal"], DECIMAL["decimal"])
    talk.submit(10)
    talk.submit(16)
    assert talk.find(10) == 10
    talk.settle(10)
    assert talk.find(10) is None
    assert talk.find(16) == 16


def test_once_a_letter_is_seen_two_known_readings_are_no_match_then_or_later() -> None:
    talk = Conversation("auto", DECIMAL["decimal"], HEXADECIMAL["hexadecimal"])
    for number in (10, 16, 31):
        talk.submit(number)
    assert talk.find(31) == 31
    assert talk.find(16) is None
    assert talk.canonicaliser.statistics().ambiguous == 1
    talk.settle(16)
    assert talk.find(16) is None


def test_a_repeated_receipt_is_not_taken_for_a_later_message() -> None:
    talk = Conversation("auto", DECIMAL["decimal"], DECIMAL["decimal"])
    talk.submit(10)
    assert talk.find(10) == 10
    assert talk.find(10) == 10
    talk.settle(10)
    talk.submit(16)
    assert talk.find(10) is None


def test_a_carrier_may_change_its_ways() -> None:
    canonicaliser = Canonicaliser()
    for number in range(1000, 1000 + RUN):
        key = canonicaliser.from_response(b"%d" % number)
        assert canonicaliser.from_receipt(b"%d" % number)[0] == key
    assert canonicaliser.from_receipt(b"1000") == (b"1000",)
    assert canonicaliser.from_receipt(b"3ea") == (b"1002", b"3ea")
    assert canonicaliser.from_receipt(b"1000") == (b"1000", b"4096")
    assert canonicaliser.from_receipt(b"3eb") == (b"1003", b"3eb")
    assert canonicaliser.from_receipt(b"1000") == (b"4096",)


def test_one_stray_id_changes_nothing() -> None:
    talk = Conversation("auto", DECIMAL["decimal"], DECIMAL["decimal"])
    numbers = range(5_000_000, 5_000_000 + 2 * RUN)
    for number in numbers:
        talk.submit(number)
        assert talk.find(number) == number
    talk.canonicaliser.find(b"cafe", talk.known.get)
    talk.canonicaliser.find(b"cafe", talk.known.get)
    assert all(talk.find(number) == number for number in numbers)
    assert talk.canonicaliser.statistics().receipt_base == 10


def test_recovered_keys_teach_what_the_responses_taught() -> None:
    before = Canonicaliser()
    keys = [before.from_response(b"%08X" % number) for number in range(0xABC00, 0xABC00 + RUN)]
    after = Canonicaliser()
    assert [after.from_response(key) for key in keys] == keys
    assert after.statistics() == before.statistics()


def test_an_empty_id_and_zero_are_ids() -> None:
    canonicaliser = Canonicaliser("hex_dec")
    assert canonicaliser.from_response(b"") == b""
    assert canonicaliser.from_receipt(b"") == (b"",)
    assert canonicaliser.from_response(b"000") == b"0"
    assert canonicaliser.from_receipt(b"0") == (b"0",)


def test_ids_too_long_to_be_numbers_are_not_converted() -> None:
    digits = b"1" * 5000
    assert Canonicaliser("hex_dec").from_receipt(digits) == (digits,)
    assert Canonicaliser("auto").from_receipt(digits) == (digits,)
    assert Canonicaliser("dec_hex").from_receipt(b"a" * 5000) == (b"a" * 5000,)


def test_a_fixed_decimal_style_takes_letters_as_they_are() -> None:
    assert Canonicaliser("dec").from_receipt(b"00AB") == (b"ab",)
    assert Canonicaliser("dec_hex").from_receipt(b"00AB") == (b"171",)
