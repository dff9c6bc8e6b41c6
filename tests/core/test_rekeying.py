"""Another way of reading a carrier's ids, while messages are under way."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.core import rekeying
from smpp_router.core.overdue import overdue
from smpp_router.core.receipt_ids import ReceiptIdStyle
from smpp_router.core.settle import GRACE_S
from smpp_router.core.statistics import statistics
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import HeaderOnly, ReplaceSm
from tests.core.talk import Esme, Link, Talk, carrier, configuration

TICK_S = 0.05


def talk_of(style: ReceiptIdStyle) -> tuple[Talk, Esme, Link]:
    talk = Talk(configuration(carriers=(carrier("mobile", message_id_style=style), carrier("unicom"))))
    return talk, talk.esme("bank"), talk.link("mobile", window=1_000)


def take(talk: Talk, esme: Esme, link: Link, ids: list[bytes]) -> None:
    for _ in ids:
        esme.submit()
    talk.settle()
    for message_id in ids:
        link.accept(message_id)
    talk.settle()


def restyle(talk: Talk, style: ReceiptIdStyle) -> None:
    talk.reload(carriers=(carrier("mobile", message_id_style=style), carrier("unicom")))


def aside(talk: Talk) -> int:
    return sum(len(one.entries) for one in talk.exchange.flight.aside.get("mobile", ()))


SPELT: dict[str, tuple[str, str]] = {
    # Of message 26 and so on: in the response, and in the receipt.
    "raw": ("{:x}", "{:x}"),
    "dec_dec": ("{:d}", "{:08d}"),
    "dec_hex": ("{:010d}", "{:X}"),
    "hex_dec": ("{:08X}", "{:d}"),
    "hex_hex": ("{:x}", "{:012X}"),
}


@given(
    st.sampled_from(sorted(SPELT)),
    st.sampled_from(sorted(SPELT)),
    st.integers(1, 40),
    st.integers(0, 2**32),
    st.sampled_from([1, 3, 1_000]),
)
@settings(max_examples=60)
def test_every_receipt_finds_its_message_whenever_it_comes(
    old: ReceiptIdStyle, new: ReceiptIdStyle, count: int, seed: int, step: int
) -> None:
    rng = random.Random(seed)
    numbers = rng.sample(range(10, 5_000), count)
    talk, esme, link = talk_of(old)
    response, receipt = SPELT[new]
    if new == "raw":
        # As the old style would have it, so that both can read them.
        response = receipt = SPELT[old][0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rekeying, "STEP_MAX", step)
        half = count // 2
        take(talk, esme, link, [response.format(number).encode() for number in numbers[:half]])
        restyle(talk, new)
        take(talk, esme, link, [response.format(number).encode() for number in numbers[half:]])
        rng.shuffle(numbers)
        for number in numbers:
            state = c.DELIVERED if number % 2 else c.UNDELIVERABLE
            link.receipt(receipt.format(number).encode(), state)
            talk.settle()
            if rng.random() < 0.5:
                talk.wait(TICK_S)
        talk.wait(3.0 + count * TICK_S / step)
    assert len(talk.exchange.flight) == 0
    assert talk.exchange.flight.aside == {}
    assert len(talk.exchange.orphans) == 0
    ended = [one.message_state for one in esme.receipts]
    assert sorted(ended) == sorted(c.DELIVERED if number % 2 else c.UNDELIVERABLE for number in numbers)


def test_nothing_moves_between_styles_that_have_the_same_keys() -> None:
    talk, esme, link = talk_of("dec_dec")
    take(talk, esme, link, [b"%d" % number for number in range(100, 200)])
    restyle(talk, "auto")
    assert aside(talk) == 0
    assert talk.exchange.carriers["mobile"].ids.statistics().response_base == 10, "it has learnt of them"
    link.receipt(b"00000150")
    talk.settle()
    assert len(esme.receipts) == 1


def test_so_many_move_at_a_tick_the_latest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 10)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"%04d" % number for number in range(25)])
    restyle(talk, "dec_dec")
    flight = talk.exchange.flight
    assert (aside(talk), len(flight.taken["mobile"])) == (25, 0)
    talk.exchange.tick(talk.now)
    assert (aside(talk), len(flight.taken["mobile"])) == (15, 10)
    assert b"24" in flight.taken["mobile"]
    assert b"0000" in flight.aside["mobile"][0].entries
    told = statistics(talk.exchange)["carriers"]["mobile"]
    assert told["awaiting_receipts"] == 25
    later = talk.now + 10 * 86_400.0
    assert len({one.message_id for one in overdue(flight, talk.exchange.carriers, later)}) == 25
    for _ in range(2):
        talk.exchange.tick(talk.now)
    assert flight.aside == {}
    assert len(flight.taken["mobile"]) == 25


def test_what_is_read_as_the_old_style_would_have_it_is_not_matched_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"10", b"16"])
    restyle(talk, "dec_hex")
    link.receipt(b"10")
    talk.settle()
    assert [talk.exchange.issuer.text(one).decode() for one in talk.exchange.flight.messages] == [
        esme.message_ids[0].decode()
    ], "10 is sixteen in hexadecimal"


def test_a_receipt_of_an_unheard_of_spelling_waits_for_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"0000000012", b"345678"])
    restyle(talk, "dec_dec")
    link.receipt(b"12")
    talk.wait(1.0)
    assert len(talk.exchange.orphans) == 1
    monkeypatch.setattr(rekeying, "STEP_MAX", 1)
    talk.wait(1.0)
    assert len(talk.exchange.orphans) == 0
    assert [one.message_state for one in esme.receipts] == [c.DELIVERED]


def test_a_later_message_keeps_the_id_that_an_earlier_one_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"7"])
    restyle(talk, "dec_dec")
    take(talk, esme, link, [b"07"])
    monkeypatch.setattr(rekeying, "STEP_MAX", 1_000)
    talk.wait(1.0)
    link.receipt(b"7")
    talk.settle()
    (left,) = talk.exchange.flight.messages
    assert talk.exchange.issuer.text(left) == esme.message_ids[0]


def test_back_and_forth_before_all_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"01", b"02"])
    restyle(talk, "dec_dec")
    take(talk, esme, link, [b"03", b"04"])
    restyle(talk, "raw")
    take(talk, esme, link, [b"05", b"06"])
    link.receipt(b"03")
    link.receipt(b"01")
    link.receipt(b"5")
    talk.settle()
    assert len(esme.receipts) == 2
    monkeypatch.setattr(rekeying, "STEP_MAX", 1)
    talk.wait(1.0)
    for message_id in (b"02", b"04", b"05", b"06"):
        link.receipt(message_id)
    talk.settle()
    assert len(esme.receipts) == 6


def test_what_expires_while_it_is_set_aside_ends_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    esme.submit(validity_period=b"000000000010000R")
    talk.settle()
    link.accept(b"01")
    talk.settle()
    restyle(talk, "dec_dec")
    talk.wait(10 * 86_400.0)
    assert [one.message_state for one in esme.receipts] == [c.UNKNOWN]
    assert aside(talk) == 0
    assert talk.exchange.flight.taken["mobile"] == {}


def test_a_carrier_that_leaves_meanwhile_waits_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 1)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"%03d" % number for number in range(5)])
    restyle(talk, "dec_dec")
    talk.reload(carriers=(carrier("unicom"),), drain_s=0.0)
    talk.wait(3.0)
    assert len(talk.exchange.flight) == 0
    link.cut()
    talk.wait(1.0)
    assert "mobile" not in talk.exchange.flight.taken
    assert talk.exchange.flight.aside == {}


def test_a_carrier_may_go_in_the_tick_in_which_the_last_that_was_set_aside_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"01"])
    link.receipt(b"01", c.UNKNOWN)
    talk.settle()
    restyle(talk, "dec_dec")
    talk.reload(carriers=(carrier("unicom"),), drain_s=0.0)
    link.cut()
    talk.wait(GRACE_S + 1.0)
    assert [one.message_state for one in esme.receipts] == [c.UNKNOWN]
    assert "mobile" not in talk.exchange.carriers
    assert talk.exchange.flight.aside == {}


def test_a_message_that_is_set_aside_can_have_other_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "STEP_MAX", 0)
    talk, esme, link = talk_of("raw")
    take(talk, esme, link, [b"00ff"])
    esme.send(ReplaceSm(message_id=esme.message_ids[0], short_message=b"new", registered_delivery=0))
    talk.settle()
    restyle(talk, "hex_hex")
    assert aside(talk) == 1
    (request,) = link.others
    link.near.respond(HeaderOnly(command_id=c.REPLACE_SM_RESP, sequence_number=request.sequence_number))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert aside(talk) == 0
    link.receipt(b"FF")
    talk.settle()
    assert (esme.receipts, len(talk.exchange.flight)) == ([], 0)
