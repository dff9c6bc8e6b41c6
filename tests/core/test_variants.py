import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import (
    DataSm,
    DataSmResp,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
)
from tests.core.talk import Talk


def test_submit_multi_is_one_message_a_destination_under_one_id() -> None:
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


@pytest.mark.parametrize("others", [(), (SmeAddress(1, 1, b"8613900000001"),)])
def test_an_address_longer_than_it_may_be_is_told_as_it_came(others: tuple[SmeAddress, ...]) -> None:
    talk = Talk()
    esme = talk.esme("bank")
    overlong = SmeAddress(1, 1, b"8" * 25)
    lists = DistributionList(b"f" * 30)
    pdu = SubmitMulti(
        source_addr=b"106900", dest_addresses=(*others, overlong, lists), short_message=b"to all"
    )
    pdu.sequence_number = esme.near.window.open(pdu)
    esme.near.write(encode(pdu, strict=False))
    talk.settle()
    (resp,) = esme.answers
    assert isinstance(resp, SubmitMultiResp)
    assert resp.command_status == (c.ESME_ROK if others else c.ESME_RSUBMITFAIL)
    assert [failed.destination_addr for failed in resp.unsuccess_sme] == [b"8" * 25, b"f" * 30]


def test_data_sm_is_sent_on_with_its_payload() -> None:
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
    assert isinstance(resp, DataSmResp)
    assert resp.message_id
    assert dict(link.submits[0].tlvs)[c.TAG_MESSAGE_PAYLOAD] == b"by data_sm"
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert [receipt.message_id for receipt in esme.receipts] == [resp.message_id]
