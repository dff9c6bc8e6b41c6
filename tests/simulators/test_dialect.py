import itertools
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.dialect import (
    BIND_REASONS,
    SM_LENGTH_MAX,
    Dialect,
    PrecedingStat,
    ReceiptFacts,
    bind_status,
    preceding_octets,
    receipt_octets,
    refusal_octets,
)
from simulators.receipt_template import APPENDIX_B
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import HEADER_OCTETS, decode
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSmResp
from smpp_router.wire.receipt import STATS, Receipt, parse_receipt
from smpp_router.wire.receipt_body import INTERMEDIATE, receipt_body
from smpp_router.wire.times import receipt_date
from tests.simulators.customers import World, message

SUBMITTED = 1_800_000_005.0
DONE = 1_800_000_067.0
ADDRESSES = b"\x05\x00Bank\x00\x01\x018613900000001\x00"


def facts(**changes: Any) -> ReceiptFacts:
    values: dict[str, Any] = {
        "message_id": b"1A2B",
        "addresses": ADDRESSES,
        "submitted_at": SUBMITTED,
        "done_at": DONE,
        "message_state": c.DELIVERED,
    }
    return ReceiptFacts(**(values | changes))


def sent(dialect: Dialect, one: ReceiptFacts) -> DeliverSm | DataSm:
    """The receipt as its receiver decodes it."""
    command_id = c.DATA_SM if dialect.receipt_pdu == "data_sm" else c.DELIVER_SM
    pdu = decode(command_id, 0, 1, receipt_octets(dialect, one))
    assert isinstance(pdu, DeliverSm | DataSm), pdu
    return pdu


def text_of(dialect: Dialect, one: ReceiptFacts) -> bytes:
    pdu = sent(dialect, one)
    return (
        pdu.short_message if isinstance(pdu, DeliverSm) else tlv.find(pdu.tlvs, c.TAG_MESSAGE_PAYLOAD) or b""
    )


def read(dialect: Dialect, one: ReceiptFacts) -> Receipt:
    receipt = parse_receipt(sent(dialect, one))
    assert receipt is not None
    return receipt


# ---------------------------------------------------------------------- receipts


@given(
    state=st.sampled_from(sorted(STATS)),
    code=st.integers(0, 65_535),
    message_id=st.text("0123456789abcdefABCDEF-", min_size=1, max_size=36),
    esm_class=st.sampled_from([4, INTERMEDIATE]),
)
def test_the_default_dialect_writes_what_the_router_writes(
    state: int, code: int, message_id: str, esm_class: int
) -> None:
    one = facts(message_id=message_id.encode(), message_state=state, error_code=code, esm_class=esm_class)
    plain = receipt_body(
        one.message_id, ADDRESSES, receipt_date(SUBMITTED), receipt_date(DONE), state, code, esm_class
    )
    assert Dialect().is_plain
    # The long way writes the same: a dialect differs by what it says and by nothing else.
    long_way = Dialect(receipt_stats={"ENROUTE": "ENROUTE"})
    assert not long_way.is_plain
    if state == c.DELIVERED and code:
        # The router knows of no such thing; a tester who asks for it gets it from every carrier.
        assert receipt_octets(Dialect(), one) == receipt_octets(long_way, one)
        return
    assert receipt_octets(Dialect(), one) == plain
    is_no_end = state in (c.ENROUTE, c.ACCEPTED) and esm_class != INTERMEDIATE
    if not is_no_end:
        assert receipt_octets(long_way, one) == plain


@pytest.mark.parametrize(
    "field",
    [field.name for field in attrs.fields(Dialect) if field.init and field.name.startswith("receipt_")],
)
def test_each_key_of_receipts_makes_a_receipt_another(field: str) -> None:
    values: dict[str, Any] = {
        "receipt_template": "{id} {stat}",
        "receipt_date_digits": 14,
        "receipt_stats": {"UNDELIV": "FAILED"},
        "receipt_err_format": "hex",
        "receipt_err_digits": 5,
        "receipt_errs": {"31": "SUBABS"},
        "receipt_text_octets": 20,
        "receipt_id_case": "lower",
        "receipt_id_digits": 12,
        "receipt_tlvs_included": ("message_state",),
        "receipt_pdu": "data_sm",
        "receipt_text_place": "message_payload",
        "receipt_esm_class": 0,
        "receipt_addresses": "as_submitted",
    }
    one = facts(message_state=c.UNDELIVERABLE, error_code=31, text_octets=b"Hello")
    dialect = Dialect(**{field: values[field]})
    assert not dialect.is_plain
    assert receipt_octets(dialect, one) != receipt_octets(Dialect(), one)


WAYS: dict[str, list[Any]] = {
    "receipt_template": [
        APPENDIX_B,
        "",
        "id:{id} stat:{stat} err:{err}",
        "Id:{id} Dlvrd:{dlvrd} Submit_Date:{submit} Done_Date:{done} Stat:{stat} Err:{err} Text:{text}",
    ],
    "receipt_date_digits": [10, 12, 14],
    "receipt_pdu": ["deliver_sm", "data_sm"],
    "receipt_text_place": ["short_message", "message_payload"],
    "receipt_addresses": ["swapped", "as_submitted"],
    "receipt_tlvs_included": [(), ("receipted_message_id", "message_state")],
}


@pytest.mark.parametrize("state", [c.DELIVERED, c.UNDELIVERABLE, c.EXPIRED])
def test_the_router_reads_id_and_state_in_every_mixture_of_dialects(state: int) -> None:
    for values in itertools.product(*WAYS.values()):
        dialect = Dialect(**dict(zip(WAYS, values, strict=True)))
        if not dialect.receipt_template and not dialect.receipt_tlvs_included:
            continue  # a receipt that says nothing is none
        receipt = read(dialect, facts(message_state=state, error_code=0 if state == c.DELIVERED else 7))
        assert (receipt.message_id, receipt.message_state) == (b"1A2B", state), dialect


@pytest.mark.parametrize(
    ("digits", "offset_min", "done"),
    [
        (10, 0, b"2701150801"),
        (12, 0, b"270115080107"),
        (14, 0, b"20270115080107"),
        (10, 480, b"2701151601"),
        (12, -60, b"270115070107"),
    ],
)
def test_dates_have_their_digits_and_their_clock(digits: int, offset_min: int, done: bytes) -> None:
    dialect = Dialect(receipt_date_digits=digits, utc_offset_min=offset_min)
    assert read(dialect, facts()).done_date == done


def test_stats_are_told_in_own_words_with_the_err_in_them() -> None:
    dialect = Dialect(receipt_stats={"UNDELIV": "MK:{err}"}, receipt_err_digits=4)
    text = text_of(dialect, facts(message_state=c.UNDELIVERABLE, error_code=12))
    assert b" stat:MK:0012 err:0012 " in text
    assert b" stat:DELIVRD err:0000 " in text_of(dialect, facts())


@pytest.mark.parametrize(
    ("changes", "code", "err"),
    [
        ({}, 5, b"005"),
        ({}, 1031, b"031"),
        ({"receipt_err_digits": 8}, 1031, b"00001031"),
        ({"receipt_err_digits": 1}, 27, b"7"),
        ({"receipt_err_format": "hex"}, 255, b"0FF"),
        ({"receipt_errs": {"27": "SUBABS"}}, 27, b"SUBABS"),
        ({"receipt_errs": {"27": "SUBABS"}}, 28, b"028"),
        ({}, 0, b"999"),
    ],
)
def test_err_is_written_as_the_vendor_has_it(changes: dict[str, Any], code: int, err: bytes) -> None:
    # A key that changes nothing here takes the long way.
    dialect = Dialect(receipt_stats={"ENROUTE": "ENROUTE"}, **changes)
    text = text_of(dialect, facts(message_state=c.UNDELIVERABLE, error_code=code))
    assert b" err:%b " % err in text


def test_a_delivered_message_has_no_error_even_if_the_network_counted_one() -> None:
    assert b" err:000 " in text_of(Dialect(receipt_date_digits=12), facts())


def test_an_intermediate_notification_has_an_esm_class_of_its_own() -> None:
    dialect = Dialect(receipt_esm_class=0, intermediate_esm_class=0x24)
    assert sent(dialect, facts()).esm_class == 0
    assert sent(dialect, facts(message_state=c.ENROUTE, esm_class=INTERMEDIATE)).esm_class == 0x24


@pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "UNKNOWN"])
def test_another_receipt_may_precede_the_final_one(stat: PrecedingStat) -> None:
    dialect = Dialect(preceding_stat=stat)
    body = preceding_octets(dialect, facts(message_state=c.UNDELIVERABLE, error_code=9))
    pdu = decode(c.DELIVER_SM, 0, 1, body)
    assert isinstance(pdu, DeliverSm)
    receipt = parse_receipt(pdu)
    assert receipt is not None
    assert (receipt.message_id, receipt.stat.decode()) == (b"1A2B", stat)
    assert receipt.error == (b"999" if stat == "UNKNOWN" else b"000")
    assert receipt.network_error_code == b""
    assert pdu.esm_class == 4
    assert preceding_octets(Dialect(), facts()) == b""


def test_a_receipt_comes_from_the_destination_or_as_submitted() -> None:
    swapped = sent(Dialect(receipt_date_digits=12), facts())
    assert (swapped.source_addr, swapped.destination_addr) == (b"8613900000001", b"Bank")
    assert (swapped.source_addr_ton, swapped.dest_addr_ton) == (1, 5)
    same = sent(Dialect(receipt_addresses="as_submitted"), facts())
    assert (same.source_addr, same.destination_addr) == (b"Bank", b"8613900000001")


def test_the_text_is_the_beginning_of_the_message_in_ascii() -> None:
    dialect = Dialect(receipt_text_octets=6)
    assert text_of(dialect, facts(text_octets=b"Hello you")).endswith(b"text:Hello ")
    ucs2 = facts(text_octets="你好 ok".encode("utf-16-be"), data_coding=8)
    assert text_of(dialect, ucs2).endswith(b"text:?? ok")


def test_the_text_is_read_by_the_default_alphabet() -> None:
    at = facts(text_octets=b"\x00b")
    assert text_of(Dialect(receipt_text_octets=6), at).endswith(b"text:@b")
    latin = Dialect(receipt_text_octets=6, default_alphabet="latin1")
    assert text_of(latin, facts(text_octets=b"@\x00b")).endswith(b"text:@ b")


def test_a_repeated_text_forges_nothing() -> None:
    one = facts(text_octets=b"id:9 stat:EXPIRED x")
    assert read(Dialect(receipt_text_octets=40), one).message_id == b"1A2B"
    assert read(Dialect(receipt_text_octets=40, receipt_tlvs_included=()), one).message_state == c.DELIVERED


def test_ids_are_cased_and_padded() -> None:
    assert read(Dialect(receipt_id_case="lower", receipt_id_digits=8), facts()).message_id == b"00001a2b"
    assert read(Dialect(receipt_id_case="upper"), facts(message_id=b"ab")).message_id == b"AB"


def test_optional_parameters_are_those_that_are_named_in_their_order() -> None:
    dialect = Dialect(receipt_tlvs_included=("network_error_code", "message_state"))
    pdu = sent(dialect, facts(message_state=c.EXPIRED, error_code=27))
    assert pdu.tlvs == (
        (c.TAG_NETWORK_ERROR_CODE, b"\x03\x00\x1b"),
        (c.TAG_MESSAGE_STATE, bytes([c.EXPIRED])),
    )


def test_a_text_that_is_too_long_for_short_message_goes_into_the_payload() -> None:
    dialect = Dialect(receipt_template=APPENDIX_B + "x" * 60, receipt_text_octets=80)
    pdu = sent(dialect, facts(message_id=b"1" * 64, text_octets=b"y" * 80))
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == b""
    payload = tlv.find(pdu.tlvs, c.TAG_MESSAGE_PAYLOAD)
    assert payload is not None
    assert len(payload) > SM_LENGTH_MAX


# ---------------------------------------------------------------------- responses and binds


@pytest.mark.parametrize(("has_body", "length"), [(False, HEADER_OCTETS), (True, HEADER_OCTETS + 1)])
def test_a_no_has_a_body_or_not(has_body: bool, length: int) -> None:
    octets = refusal_octets(Dialect(body_on_error=has_body), c.SUBMIT_SM, 7, c.ESME_RTHROTTLED)
    assert int.from_bytes(octets[:4], "big") == len(octets) == length
    pdu = decode(c.SUBMIT_SM_RESP, c.ESME_RTHROTTLED, 7, octets[HEADER_OCTETS:])
    assert pdu == SubmitSmResp(sequence_number=7, command_status=c.ESME_RTHROTTLED)


def test_a_no_may_be_a_generic_nack() -> None:
    world = World(dialect=Dialect(nacks_refusals=True), errors={"ESME_RSYSERR": 1.0})
    customer = world.bind()
    world.say(customer, message())
    (answer,) = customer.responses
    assert (answer.command_id, answer.command_status) == (c.GENERIC_NACK, c.ESME_RSYSERR)
    assert customer.carrier_session.unanswered == 0


def test_a_no_to_data_sm_is_a_data_sm_resp() -> None:
    octets = refusal_octets(Dialect(body_on_error=True), c.DATA_SM, 9, c.ESME_RSYSERR)
    assert octets == bytes.fromhex("00000011 80000103 00000008 00000009 00")


def test_binds_are_refused_as_the_specification_has_it_or_as_the_vendor_has_it() -> None:
    assert {reason: bind_status(Dialect(), reason) for reason in BIND_REASONS} == BIND_REASONS
    own = Dialect(bind_statuses={"bad_password": "ESME_RBINDFAIL"})
    assert bind_status(own, "bad_password") == c.ESME_RBINDFAIL
    assert bind_status(own, "unknown_system_id") == c.ESME_RINVSYSID


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"receipt_template": "{name}"}, "receipt_template: a template knows"),
        ({"receipt_date_digits": 11}, "receipt_date_digits: must be 10, 12 or 14"),
        ({"receipt_stats": {"FAILED": "x"}}, "receipt_stats: FAILED is none of"),
        ({"receipt_stats": {"UNDELIV": ""}}, "receipt_stats: UNDELIV must be 1 to"),
        ({"receipt_errs": {"x": "y"}}, "receipt_errs: x must be a number"),
        ({"receipt_errs": {"1": "ü"}}, "receipt_errs: 1 must be 1 to"),
        ({"receipt_err_digits": 0}, "receipt_err_digits"),
        ({"receipt_esm_class": 256}, "receipt_esm_class"),
        ({"bind_statuses": {"late": "ESME_RBINDFAIL"}}, "bind_statuses: late is none of"),
        ({"bind_statuses": {"refused": "ESME_ROK"}}, "bind_statuses: ESME_ROK is not"),
        ({"bind_statuses": {"refused": "ENROUTE"}}, "bind_statuses: ENROUTE is not"),
        ({"utc_offset_min": 900}, "utc_offset_min"),
        ({"system_id": "x" * 16}, "system_id"),
    ],
)
def test_a_wrong_key_is_named_with_its_reason(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Dialect(**changes)
