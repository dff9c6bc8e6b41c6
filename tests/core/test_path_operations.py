"""query_sm, cancel_sm and replace_sm on messages with several paths."""

from typing import Any

import pytest

from smpp_router.store.seam import FINAL
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, HeaderOnly, QuerySm, QuerySmResp, ReplaceSm
from tests.core.ministry import NAMES, Ministry


def answer(talk: Ministry, name: str, status: int = c.ESME_ROK) -> None:
    """Have a carrier answer what it was asked last."""
    link = talk.carrier_links[name]
    pdu = link.others.pop(0)
    resp = HeaderOnly(
        command_id=pdu.command_id | 0x80000000, sequence_number=pdu.sequence_number, command_status=status
    )
    link.near.respond(resp)
    talk.settle()


def ask(talk: Ministry, kind: type[CancelSm] | type[ReplaceSm], **fields: Any) -> None:
    message_id = talk.ministry.message_ids[0]
    pdu = kind(message_id=message_id, source_addr=b"106900", **fields)
    talk.ministry.send(pdu)
    talk.settle()


def status(talk: Ministry) -> int:
    return talk.ministry.statuses[-1]


def queried(talk: Ministry, message_id: bytes) -> int | None:
    talk.ministry.send(QuerySm(message_id=message_id, source_addr=b"106900"))
    talk.settle()
    last = talk.ministry.answers[-1]
    if isinstance(last, QuerySmResp) and last.command_status == c.ESME_ROK:
        return last.message_state
    return None


def down(talk: Ministry) -> None:
    for link in talk.carrier_links.values():
        link.cut()


def test_query_tells_that_it_is_on_its_way_and_nothing_of_copies() -> None:
    talk = Ministry("parallel")
    talk.submit()
    ours = talk.ministry.message_ids[0]
    assert queried(talk, ours) == c.ENROUTE
    talk.accept("unicom")
    assert queried(talk, ours) == c.ENROUTE
    for entry in talk.in_flight():
        message_id = b"%d" % entry.message_id
        assert queried(talk, message_id) == (c.ENROUTE if message_id == ours else None)
    assert status(talk) == c.ESME_RQUERYFAIL


def test_a_message_that_waits_is_cancelled_on_all_paths_at_once() -> None:
    talk = Ministry("parallel")
    down(talk)
    talk.submit()
    ask(talk, CancelSm)
    assert status(talk) == c.ESME_ROK
    assert talk.told == [c.DELETED]
    assert talk.in_flight() == []
    for name in NAMES:
        talk.carrier_links[name] = talk.link(name)
    talk.wait(5)
    assert talk.sent() == {}


def test_what_carriers_have_is_cancelled_when_all_of_them_have_done_so() -> None:
    talk = Ministry("parallel")
    talk.submit()
    for name in NAMES:
        talk.accept(name)
    ask(talk, CancelSm)
    answer(talk, "mobile")
    answer(talk, "unicom")
    assert talk.ministry.statuses == [c.ESME_ROK]
    assert talk.told == []
    answer(talk, "telecom")
    assert talk.ministry.statuses == [c.ESME_ROK, c.ESME_ROK]
    assert talk.told == [c.DELETED]
    assert talk.in_flight() == []


def test_a_carrier_that_does_not_cancel_decides_how_the_message_ends() -> None:
    talk = Ministry("hedged")
    talk.submit()
    talk.accept("mobile")
    talk.wait(11)
    talk.accept("unicom")
    ask(talk, CancelSm)
    answer(talk, "mobile")
    answer(talk, "unicom", c.ESME_RCANCELFAIL)
    assert status(talk) == c.ESME_RCANCELFAIL
    talk.wait(60)
    assert talk.sent() == {}
    talk.receipt("unicom")
    assert talk.told == [c.DELIVERED]


def test_a_copy_on_a_link_makes_the_cancel_fail_and_nothing_is_changed() -> None:
    talk = Ministry("parallel")
    talk.submit()
    talk.accept("mobile")
    ask(talk, CancelSm)
    assert status(talk) == c.ESME_RCANCELFAIL
    assert talk.recalled("mobile") == []
    talk.receipt("mobile")
    assert talk.told == [c.DELIVERED]


def test_a_carrier_that_is_lost_while_it_is_asked_counts_as_a_refusal() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile")
    ask(talk, CancelSm)
    talk.carrier_links["mobile"].cut()
    talk.settle()
    assert status(talk) == c.ESME_RCANCELFAIL


def test_all_between_two_addresses_are_cancelled_if_they_wait() -> None:
    talk = Ministry("parallel")
    talk.submit()
    down(talk)
    talk.settle()
    talk.submit()
    talk.submit(destination=b"8613900000002")
    cancel = CancelSm(source_addr=b"106900", destination_addr=b"8613900000002")
    talk.ministry.send(cancel)
    talk.settle()
    assert status(talk) == c.ESME_ROK
    assert talk.told == [c.DELETED]
    talk.ministry.send(cancel)
    talk.settle()
    assert status(talk) == c.ESME_RCANCELFAIL


def test_a_text_is_replaced_in_copies_that_wait_and_in_those_to_come() -> None:
    talk = Ministry("parallel")
    down(talk)
    talk.submit()
    ask(talk, ReplaceSm, short_message=b"new text", registered_delivery=1)
    assert status(talk) == c.ESME_ROK
    for name in NAMES:
        talk.carrier_links[name] = talk.link(name)
    talk.wait(1)
    copies = [talk.carrier_links[name].submits[0] for name in NAMES]
    assert {(copy.short_message, copy.protocol_id) for copy in copies} == {(b"new text", 0x41)}
    for name in NAMES:
        talk.accept(name)
        talk.receipt(name)
    assert talk.told == [c.DELIVERED]
    ended = talk.kinds(FINAL)
    assert len(ended) == len(set(ended)) == 4


def test_a_replace_sm_lets_no_carrier_keep_a_copy_for_longer_than_it_is_waited_for() -> None:
    talk = Ministry()
    talk.submit(validity_period=b"000000000500000R")
    talk.accept("mobile")
    ask(talk, ReplaceSm, short_message=b"new text", validity_period=b"000001000000000R")
    assert talk.carrier_links["mobile"].others[0].validity_period == b"000000000500000R"


def test_a_text_that_carriers_have_is_replaced_there_and_on_the_next_path() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile")
    ask(talk, ReplaceSm, short_message=b"new text", registered_delivery=1)
    assert talk.carrier_links["mobile"].others[0].short_message == b"new text"
    answer(talk, "mobile")
    assert status(talk) == c.ESME_ROK
    talk.wait(11)
    assert talk.carrier_links["unicom"].submits[0].short_message == b"new text"
    after = talk.crash()
    after.receipt("mobile", c.UNDELIVERABLE)
    after.accept("unicom")
    after.receipt("unicom", c.UNDELIVERABLE)
    assert after.carrier_links["telecom"].submits[0].short_message == b"new text"


def test_a_carrier_that_does_not_replace_makes_it_fail() -> None:
    talk = Ministry("parallel")
    talk.submit()
    for name in NAMES:
        talk.accept(name)
    ask(talk, ReplaceSm, short_message=b"new text")
    answer(talk, "mobile")
    answer(talk, "unicom", c.ESME_RREPLACEFAIL)
    answer(talk, "telecom")
    assert status(talk) == c.ESME_RREPLACEFAIL


@pytest.mark.parametrize(
    ("says", "told"), [(c.ESME_ROK, []), (c.ESME_RREPLACEFAIL, [c.DELIVERED]), (None, [c.DELIVERED])]
)
@pytest.mark.parametrize("crashes", [False, True])
def test_carriers_that_have_replaced_a_text_decide_whether_other_receipts_come(
    says: int | None, told: list[int], crashes: bool
) -> None:
    talk = Ministry("parallel", count=2)
    talk.submit()
    talk.accept("mobile", b"1")
    talk.accept("unicom", b"2")
    ask(talk, ReplaceSm, short_message=b"new text", registered_delivery=0)
    answer(talk, "mobile")
    if says is None:
        talk.carrier_links["unicom"].cut()
        talk.carrier_links["unicom"] = talk.link("unicom")
        talk.settle()
    else:
        answer(talk, "unicom", says)
    assert status(talk) == (c.ESME_RREPLACEFAIL if says is None else says)
    if crashes:
        talk = talk.crash()
    talk.receipt("mobile", message_id=b"1")
    talk.receipt("unicom", message_id=b"2")
    assert talk.told == told


def test_copies_that_wait_alone_have_other_receipts_at_once() -> None:
    talk = Ministry("parallel", count=2)
    for name in NAMES:
        talk.carrier_links[name].cut()
    talk.submit()
    ask(talk, ReplaceSm, short_message=b"new text", registered_delivery=0)
    assert status(talk) == c.ESME_ROK
    for name in NAMES:
        talk.carrier_links[name] = talk.link(name)
    talk.wait(5.0)
    for name in talk.sent():
        talk.accept(name, name.encode())
        talk.receipt(name, message_id=name.encode())
    assert (talk.told, talk.in_flight()) == ([], [])


def test_bad_times_refuse_a_replace_and_change_nothing() -> None:
    talk = Ministry()
    down(talk)
    talk.submit()
    ask(talk, ReplaceSm, short_message=b"new text", validity_period=b"000000000000000X")
    assert status(talk) == c.ESME_RINVEXPIRY
    talk.carrier_links["mobile"] = talk.link("mobile")
    talk.wait(3)
    assert talk.carrier_links["mobile"].submits[0].short_message == b"hello"


def test_a_replaced_schedule_holds_for_a_message_of_which_nothing_is_sent() -> None:
    talk = Ministry()
    talk.submit(schedule_delivery_time=b"000000000100000R")
    ask(talk, ReplaceSm, short_message=b"new text", schedule_delivery_time=b"000000000010000R")
    assert status(talk) == c.ESME_ROK
    talk.wait(9)
    assert talk.sent() == {}
    talk.wait(2)
    assert talk.sent() == {"mobile": 1}
    assert talk.carrier_links["mobile"].submits[0].short_message == b"new text"


def test_carriers_are_asked_by_their_own_ids_however_long() -> None:
    for kind in (CancelSm, ReplaceSm):
        talk = Ministry("parallel")
        talk.submit()
        for name in NAMES:
            talk.accept(name, b"L" * 100)
        ask(talk, kind)
        assert [talk.carrier_links[name].others[0].message_id for name in NAMES] == [b"L" * 100] * 3
