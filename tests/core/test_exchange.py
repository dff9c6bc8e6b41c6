import pytest

from smpp_router.config import LimitsConfig
from smpp_router.store.seam import FINAL, OWED, SENDING, SETTLED, TAKEN, Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import (
    CancelSm,
    DataSm,
    DataSmResp,
    DistributionList,
    HeaderOnly,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
)
from tests.core.talk import Talk, account, configuration

# ---------------------------------------------------------------------- the way of a message


def test_a_submit_is_answered_when_it_is_durable_and_not_before():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    while talk.hand_over():
        pass
    assert esme.answers == [] and link.submits == []
    commit = talk.begin_commit()
    assert commit is not None and len(commit.batch.accepted) == 1
    while talk.hand_over():
        pass
    assert esme.answers == [] and link.submits == [], "nothing moves while the store is writing"
    talk.exchange.committed(commit, talk.now)
    talk.hand_over()
    assert esme.statuses == [c.ESME_ROK]
    assert len(link.submits) == 1


def test_a_message_goes_its_way_and_its_receipt_comes_back_once():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    sent = esme.submit()
    talk.settle()
    relayed = link.accept(b"77")
    assert relayed == sent
    talk.settle()
    link.receipt(b"77")
    talk.settle()
    (receipt,) = esme.receipts
    assert receipt.message_id == esme.message_ids[0]
    assert receipt.message_state == c.DELIVERED
    assert esme.inbox[0].source_addr == b"8613900000001"
    assert esme.inbox[0].destination_addr == b"106900"
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK]
    assert len(talk.exchange.flight) == 0
    assert talk.kinds(TAKEN) == talk.kinds(FINAL) == talk.kinds(SETTLED) != []


def test_a_carriers_receipt_is_answered_when_its_outcome_is_durable_and_not_before():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"77")
    talk.settle()
    link.receipt(b"77")
    while talk.hand_over():
        pass
    assert link.answers == [] and esme.inbox == []
    talk.settle()
    assert len(link.answers) == len(esme.inbox) == 1


@pytest.mark.parametrize(
    ("asked", "state", "is_told"),
    [
        (0x00, c.DELIVERED, False),
        (0x00, c.UNDELIVERABLE, False),
        (0x01, c.DELIVERED, True),
        (0x01, c.UNDELIVERABLE, True),
        (0x02, c.DELIVERED, False),
        (0x02, c.EXPIRED, True),
        (0x03, c.DELIVERED, True),
        (0x03, c.REJECTED, False),
    ],
)
def test_registered_delivery_is_honoured_while_the_carrier_is_always_asked(
    asked: int, state: int, is_told: bool
):
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(registered_delivery=asked)
    talk.settle()
    assert link.accept(b"1").registered_delivery & 0x03 == 0x01
    talk.settle()
    link.receipt(b"1", state, b"000" if state == c.DELIVERED else b"013")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == ([state] if is_told else [])
    assert len(talk.exchange.flight) == 0


def test_a_failed_receipt_carries_the_carriers_error():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1", c.UNDELIVERABLE, b"034")
    talk.settle()
    (receipt,) = esme.receipts
    assert (receipt.stat, receipt.error) == (b"UNDELIV", b"034")
    assert receipt.network_error_code[-1] == 34


def test_intermediate_receipts_reach_only_who_asked_for_them():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(registered_delivery=0x11)
    esme.submit(registered_delivery=0x01)
    talk.settle()
    link.accept(b"1")
    link.accept(b"2")
    talk.settle()
    for message_id in (b"1", b"2"):
        link.receipt(message_id, c.ENROUTE)
    talk.settle()
    assert [(pdu.esm_class, r.message_id) for pdu, r in zip(esme.inbox, esme.receipts, strict=True)] == [
        (0x20, esme.message_ids[0])
    ]
    for message_id in (b"1", b"2"):
        link.receipt(message_id)
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.ENROUTE, c.DELIVERED, c.DELIVERED]


# ---------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"destination": b"4479000000"}, c.ESME_RINVDSTADR),
        ({"destination": b"not a number"}, c.ESME_RINVDSTADR),
        ({"destination": b""}, c.ESME_RINVDSTADR),
        ({"validity_period": b"240101000000000+"}, c.ESME_RINVEXPIRY),
        ({"validity_period": b"nonsense"}, c.ESME_RINVEXPIRY),
        ({"schedule_delivery_time": b"240101000000000+"}, c.ESME_RINVSCHED),
        ({"schedule_delivery_time": b"050000000000000R"}, c.ESME_RINVSCHED),
        (
            {"schedule_delivery_time": b"000001000000000R", "validity_period": b"000000010000000R"},
            c.ESME_RINVEXPIRY,
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_protocols_terms(fields: dict[str, bytes], status: int):
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    for name in ("validity_period", "schedule_delivery_time"):
        if fields.get(name) == b"nonsense":
            break
    submit = SubmitSm(destination_addr=b"8613900000001", short_message=b"x")
    for name, value in fields.items():
        setattr(submit, "destination_addr" if name == "destination" else name, value)
    from smpp_router.wire.codec import encode  # noqa: PLC0415 - lenient encoding of a bad time

    submit.sequence_number = esme.near.window.open(submit)
    esme.near.write(encode(submit, strict=False))
    talk.settle()
    assert esme.statuses == [status]
    assert link.submits == [] and len(talk.exchange.flight) == 0


def test_throughput_counts_parts_and_what_is_over_is_throttled_and_lost_nowhere():
    slow = account("bank", throughput_per_s=5.0, burst=5)
    talk = Talk(configuration(accounts=(slow,)))
    esme, link = talk.esme("bank"), talk.link("mobile", window=100)
    for _ in range(8):
        esme.submit()
    talk.settle()
    assert esme.statuses.count(c.ESME_ROK) == 5
    assert esme.statuses.count(c.ESME_RTHROTTLED) == 3
    assert len(link.submits) == 5
    talk.wait(1.0)
    esme.submit()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK


def test_a_window_overrun_is_throttled():
    talk = Talk(configuration(accounts=(account("bank", window_max=3),)))
    esme = talk.esme("bank")
    talk.link("mobile")
    for _ in range(5):
        esme.submit()
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK] * 3 + [c.ESME_RTHROTTLED] * 2


def test_a_full_router_says_queue_full():
    talk = Talk(configuration(limits=LimitsConfig(in_flight_max=2)))
    esme = talk.esme("bank")
    for _ in range(3):
        esme.submit()
        talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK, c.ESME_RMSGQFUL]


def test_a_full_store_refuses_messages_and_keeps_facts():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    talk.store_is_full = True
    link.receipt(b"1")
    esme.submit()
    talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_RMSGQFUL]
    assert len(esme.receipts) == 1 and len(talk.exchange.flight) == 0
    talk.store_is_full = False
    esme.submit()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK


# ---------------------------------------------------------------------- carriers that misbehave


@pytest.mark.parametrize("status", [c.ESME_RTHROTTLED, c.ESME_RMSGQFUL])
def test_interop_20_a_throttled_message_is_sent_again_and_its_receipt_comes_once(status: int):
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.refuse(status)
    talk.settle()
    assert esme.receipts == []
    talk.wait(2.0)
    link.accept(b"9")
    talk.settle()
    link.receipt(b"9")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.DELIVERED]


def test_a_refusal_is_tried_with_the_next_carrier_of_the_plan():
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    first.refuse(c.ESME_RSYSERR)
    talk.settle()
    assert len(second.submits) == 1
    assert esme.receipts == []


def test_a_message_at_fault_is_rejected_at_once():
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    first.refuse(c.ESME_RINVMSGLEN)
    talk.settle()
    assert second.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"REJECTD"]


def test_a_message_that_every_carrier_refuses_ends_undeliverable_once():
    talk = Talk()
    esme = talk.esme("bank")
    links = [talk.link("mobile"), talk.link("unicom")]
    esme.submit()
    for _ in range(400):
        talk.wait(1.0)
        for link in links:
            while link.submits:
                link.refuse(c.ESME_RSYSERR)
        talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"UNDELIV"]
    assert len(talk.exchange.flight) == 0


def test_a_link_that_dies_with_messages_unanswered_has_them_sent_elsewhere_when_at_least_once():
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    esme.submit()
    talk.settle()
    assert len(first.submits) == 2
    first.cut()
    talk.settle()
    assert len(second.submits) == 2
    second.accept(b"1")
    second.accept(b"2")
    talk.settle()
    second.receipt(b"1")
    second.receipt(b"2")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"] * 2


def test_a_message_that_may_be_sent_once_ends_unknown_when_its_link_dies():
    talk = Talk()
    esme, first, second = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    assert len(first.submits) == 1 and len(talk.kinds(SENDING)) == 1
    first.cut()
    talk.settle()
    assert second.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]


def test_a_message_that_may_be_sent_once_is_recorded_before_it_goes():
    talk = Talk()
    esme, link = talk.esme("shop"), talk.link("mobile")
    esme.submit()
    talk.hand_over()
    talk.commit()
    while talk.hand_over():
        pass
    assert esme.statuses == [c.ESME_ROK] and link.submits == []
    talk.commit()
    talk.hand_over()
    assert len(link.submits) == 1


def test_an_unanswered_submit_goes_elsewhere_after_the_response_timer():
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.wait(20.0)
    assert len(first.submits) == 1 and second.submits == []
    talk.wait(15.0)
    assert len(second.submits) == 1
    assert esme.receipts == []


def test_a_carrier_that_is_down_loses_its_queue_to_one_that_is_up():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.wait(1.0)
    second = talk.link("unicom")
    talk.wait(5.0)
    assert len(second.submits) == 1


def test_messages_wait_while_all_carriers_are_down_and_expire_when_their_validity_ends():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit(validity_period=b"000000000100000R")
    esme.submit()
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"EXPIRED"]
    link = talk.link("mobile")
    talk.wait(1.0)
    assert len(link.submits) == 1, "the expired one is not sent any more"


def test_a_taken_message_without_a_receipt_ends_unknown_after_its_validity():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"000000000100000R")
    talk.settle()
    link.accept(b"1")
    talk.wait(120.0)
    assert esme.receipts == []
    talk.wait(400.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]
    link.receipt(b"1")
    talk.settle()
    assert len(esme.receipts) == 1, "exactly one final receipt"


def test_a_message_that_expires_on_the_link_gets_one_receipt_only():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"000000000005000R")
    talk.wait(15.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"EXPIRED"]
    link.accept(b"1")
    link.receipt(b"1")
    talk.settle()
    assert len(esme.receipts) == 1
    assert len(talk.exchange.flight) == 0


def test_a_window_is_never_overrun_and_is_refilled_as_answers_come():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile", window=3)
    for _ in range(7):
        esme.submit()
    talk.settle()
    assert len(link.submits) == 3
    link.accept(b"1", index=2)
    talk.settle()
    assert len(link.submits) == 3
    for number in range(2, 8):
        link.accept(b"%d" % number)
        talk.settle()
    assert link.submits == []


def test_urgent_classes_overtake_in_a_carriers_queue():
    talk = Talk()
    bank, ministry = talk.esme("bank"), talk.esme("ministry")
    for _ in range(3):
        bank.submit(short_message=b"slow")
    ministry.submit(short_message=b"fast")
    talk.settle()
    link = talk.link("mobile", window=1)
    talk.settle()
    assert link.submits[0].short_message == b"fast"


# ---------------------------------------------------------------------- receipts that misbehave


def test_interop_22_a_receipt_before_its_response_is_parked_and_matched():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert esme.receipts == [] and len(link.answers) == 1
    link.accept(b"5")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_a_parked_receipt_is_bounded_in_number_and_age():
    talk = Talk(configuration(limits=LimitsConfig(orphan_receipts_max=2, orphan_receipt_s=30.0)))
    link = talk.link("mobile")
    for number in range(5):
        link.receipt(b"%d" % number)
    talk.settle()
    assert len(talk.exchange.orphans) == 2
    talk.wait(40.0)
    assert len(talk.exchange.orphans) == 0


def test_interop_24_the_same_receipt_twice_is_passed_on_once():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    link.receipt(b"5")
    talk.settle()
    assert len(esme.receipts) == 1
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK] * 2


def test_interop_24_unknown_and_then_delivered_is_delivered():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5", c.UNKNOWN)
    talk.wait(10.0)
    assert esme.receipts == []
    link.receipt(b"5")
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_interop_24_unknown_and_then_nothing_is_unknown():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5", c.UNKNOWN)
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]


def test_two_carriers_that_issue_the_same_id_do_not_cross():
    talk = Talk()
    esme, mobile, unicom = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit(b"8613900000001")
    esme.submit(b"8613000000002")
    talk.settle()
    mobile.accept(b"1")
    unicom.accept(b"1")
    talk.settle()
    unicom.receipt(b"1", c.UNDELIVERABLE, b"001")
    talk.settle()
    (receipt,) = esme.receipts
    assert receipt.message_id == esme.message_ids[1]


# ---------------------------------------------------------------------- deliveries to ESMEs


def test_receipts_wait_for_a_receiver_and_are_not_written_to_a_transmitter():
    talk = Talk()
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert esme.inbox == []
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert len(receiver.receipts) == 1


@pytest.mark.parametrize("status", [c.ESME_RX_T_APPN, c.ESME_RSYSERR, None])
def test_interop_25_a_receipt_that_is_refused_or_ignored_comes_again_and_once_accepted_no_more(
    status: int | None,
):
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.deliver_status = status
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert len(esme.inbox) == 1
    esme.deliver_status = c.ESME_ROK
    talk.wait(60.0)
    assert len(esme.inbox) == 2
    assert esme.inbox[0] == esme.inbox[1] or esme.inbox[0].short_message == esme.inbox[1].short_message
    talk.wait(60.0)
    assert len(esme.inbox) == 2 and len(talk.kinds(SETTLED)) == 1


def test_a_receipt_unanswered_when_its_session_is_lost_goes_to_another_session():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.deliver_status = None
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    other = talk.esme("bank")
    esme.cut()
    talk.settle()
    assert len(other.receipts) == 1


def test_receipts_kept_for_an_unbound_account_are_limited_and_the_oldest_is_given_up():
    talk = Talk(configuration(accounts=(account("bank", receipts_max=2),)))
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    for _ in range(4):
        esme.submit()
    talk.settle()
    for number in range(4):
        link.accept(b"%d" % number)
    talk.settle()
    for number in range(4):
        link.receipt(b"%d" % number)
    talk.settle()
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert [receipt.message_id for receipt in receiver.receipts] == esme.message_ids[2:]
    assert len(talk.kinds(SETTLED)) == 4


def test_receipts_older_than_the_accounts_limit_are_given_up():
    talk = Talk(configuration(accounts=(account("bank", receipts_age_s=100.0),)))
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.wait(200.0)
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert receiver.inbox == [] and len(talk.kinds(SETTLED)) == 1


def test_a_3_3_esme_gets_no_tlvs():
    talk = Talk()
    esme, link = talk.esme("bank", version=0x33), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert esme.inbox[0].tlvs == ()
    assert len(esme.receipts) == 1


def test_a_mobile_originated_message_reaches_the_account_of_its_number():
    talk = Talk()
    bank, shop, link = talk.esme("bank"), talk.esme("shop"), talk.link("mobile")
    link.deliver(b"106900015", b"TD")
    talk.settle()
    assert [pdu.short_message for pdu in bank.inbox] == [b"TD"] and shop.inbox == []
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK]
    assert talk.kinds(OWED) == talk.kinds(SETTLED) != []


def test_a_mobile_originated_message_for_nobody_is_refused():
    talk = Talk()
    talk.esme("bank")
    link = talk.link("mobile")
    link.deliver(b"555", b"hello")
    talk.settle()
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_RX_P_APPN]


# ---------------------------------------------------------------------- operations


def query(message_id: bytes, source: bytes = b"106900") -> QuerySm:
    return QuerySm(message_id=message_id, source_addr=source)


def test_query_sm_follows_a_message():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    link = talk.link("mobile")
    talk.settle()
    link.accept(b"1")
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    states = [pdu.message_state for pdu in esme.answers if isinstance(pdu, QuerySmResp)]
    assert states == [c.ENROUTE, c.ACCEPTED]
    link.receipt(b"1")
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    (lookup,) = talk.exchange.take_lookups()
    assert b"%d" % lookup.message_id == esme.message_ids[0]
    talk.exchange.looked_up([lookup], [None])
    talk.settle()
    assert esme.statuses[-1] == c.ESME_RQUERYFAIL


@pytest.mark.parametrize("message_id", [b"", b"nonsense", b"-5", b"9" * 40])
def test_query_sm_of_what_is_no_id_of_ours_fails(message_id: bytes):
    talk = Talk()
    esme = talk.esme("bank")
    esme.send(query(message_id))
    talk.settle()
    assert esme.statuses == [c.ESME_RQUERYFAIL]


def test_an_account_cannot_query_or_cancel_anothers_message():
    talk = Talk()
    bank, shop = talk.esme("bank"), talk.esme("shop")
    bank.submit()
    talk.settle()
    shop.send(query(bank.message_ids[0]))
    shop.send(CancelSm(message_id=bank.message_ids[0], source_addr=b"106900"))
    shop.send(ReplaceSm(message_id=bank.message_ids[0], source_addr=b"106900", short_message=b"x"))
    talk.settle()
    assert shop.statuses == [c.ESME_RQUERYFAIL, c.ESME_RINVMSGID, c.ESME_RINVMSGID]


def test_cancel_sm_takes_a_waiting_message_back():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert [receipt.stat for receipt in esme.receipts] == [b"DELETED"]
    link = talk.link("mobile")
    talk.wait(1.0)
    assert link.submits == []


def test_cancel_sm_between_two_addresses_takes_all_that_wait():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    esme.submit()
    esme.submit(b"8613900000009")
    talk.settle()
    pdu = CancelSm(source_addr=b"106900", destination_addr=b"8613900000001")
    esme.send(pdu)
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert [receipt.stat for receipt in esme.receipts] == [b"DELETED"] * 2
    link = talk.link("mobile")
    talk.settle()
    assert [submit.destination_addr for submit in link.submits] == [b"8613900000009"]


@pytest.mark.parametrize(("carrier_says", "stats"), [(c.ESME_ROK, [b"DELETED"]), (c.ESME_RCANCELFAIL, [])])
def test_cancel_sm_of_a_taken_message_is_asked_of_its_carrier(carrier_says: int, stats: list[bytes]):
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"000A")
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    (asked,) = link.others
    assert isinstance(asked, CancelSm) and asked.message_id == b"000A"
    link.near.respond(
        HeaderOnly(
            command_id=c.CANCEL_SM_RESP, sequence_number=asked.sequence_number, command_status=carrier_says
        )
    )
    talk.settle()
    assert esme.statuses[-1] == carrier_says
    assert [receipt.stat for receipt in esme.receipts] == stats


def test_cancel_sm_fails_when_the_carrier_is_gone():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    link.cut()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_RCANCELFAIL


def test_replace_sm_changes_what_will_be_sent():
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(
        ReplaceSm(
            message_id=esme.message_ids[0], source_addr=b"106900", short_message=b"new", registered_delivery=1
        )
    )
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    link = talk.link("mobile")
    talk.settle()
    assert [submit.short_message for submit in link.submits] == [b"new"]
    assert link.submits[0].registered_delivery == 1


def test_submit_multi_is_one_message_a_destination_under_one_id():
    talk = Talk()
    esme, mobile, unicom = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.send(
        SubmitMulti(
            source_addr=b"106900",
            dest_addresses=(
                SmeAddress(1, 1, b"8613900000001"),
                SmeAddress(1, 1, b"8613000000002"),
                SmeAddress(1, 1, b"4479"),
                DistributionList(b"friends"),
            ),
            registered_delivery=1,
            short_message=b"to all",
        )
    )
    talk.settle()
    (resp,) = esme.answers
    assert isinstance(resp, SubmitMultiResp)
    assert [(u.destination_addr, u.error_status_code) for u in resp.unsuccess_sme] == [
        (b"4479", c.ESME_RINVDSTADR),
        (b"friends", c.ESME_RINVDLNAME),
    ]
    mobile.accept(b"1")
    unicom.accept(b"1")
    talk.settle()
    mobile.receipt(b"1")
    unicom.receipt(b"1")
    talk.settle()
    assert [receipt.message_id for receipt in esme.receipts] == [resp.message_id] * 2
    assert {pdu.source_addr for pdu in esme.inbox} == {b"8613900000001", b"8613000000002"}


def test_data_sm_is_sent_on_with_its_payload():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.send(
        DataSm(
            source_addr=b"106900",
            destination_addr=b"8613900000001",
            registered_delivery=1,
            tlvs=((c.TAG_MESSAGE_PAYLOAD, b"by data_sm"),),
        )
    )
    talk.settle()
    (resp,) = esme.answers
    assert isinstance(resp, DataSmResp) and resp.message_id
    assert dict(link.submits[0].tlvs)[c.TAG_MESSAGE_PAYLOAD] == b"by data_sm"
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert [receipt.message_id for receipt in esme.receipts] == [resp.message_id]


def test_a_scheduled_message_goes_at_its_time_and_without_the_schedule():
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(schedule_delivery_time=b"000000000100000R")
    talk.wait(50.0)
    assert esme.statuses == [c.ESME_ROK] and link.submits == []
    talk.wait(20.0)
    assert len(link.submits) == 1
    assert link.submits[0].schedule_delivery_time == b""


def test_all_parts_of_a_long_message_go_by_one_carrier_even_when_it_is_not_the_first_choice():
    talk = Talk()
    esme, second = talk.esme("bank"), talk.link("unicom")
    esme.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01one")
    talk.settle()
    first = talk.link("mobile")
    esme.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x02two")
    talk.settle()
    assert first.submits == [] and len(second.submits) == 2


# ---------------------------------------------------------------------- after a crash


def test_what_was_recovered_goes_on_where_it_stood():
    before = Talk()
    esme, link = before.esme("bank", c.BIND_TRANSMITTER), before.link("mobile", window=2)
    for _ in range(3):
        esme.submit()
    before.settle()
    link.accept(b"1")
    before.settle()
    messages = before.exchange.flight.messages.values()
    queued = [m for batch in before.journal for m in batch.accepted if m in messages]
    awaiting = [m for m in messages if m not in queued]
    recovered = Recovered(
        queued=queued,
        awaiting=awaiting,  # type: ignore[arg-type]
        message_id_last=max(before.exchange.flight.messages),
    )
    after = Talk()
    for message in queued:
        message.attempts, message.is_on_link = 0, False
    after.exchange.recover(recovered, after.now)
    esme, link = after.esme("bank"), after.link("mobile")
    after.settle()
    assert len(link.submits) == 2
    link.accept(b"2")
    link.accept(b"3")
    after.settle()
    for number in (b"1", b"2", b"3"):
        link.receipt(number)
    after.settle()
    assert len({receipt.message_id for receipt in esme.receipts}) == 3
    esme.submit()
    after.settle()
    assert int(esme.message_ids[-1]) > recovered.message_id_last


def test_a_message_that_may_be_sent_once_and_was_recorded_as_sent_ends_unknown_after_a_crash():
    before = Talk()
    before.esme("shop").submit()
    before.settle()
    (message,) = before.journal[0].accepted
    message.is_recorded = True
    after = Talk()
    after.exchange.recover(Recovered(queued=[message]), after.now)
    esme, link = after.esme("shop"), after.link("mobile")
    after.settle()
    assert link.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]
