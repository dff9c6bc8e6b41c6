import attrs
import pytest

from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.layouts import LAYOUTS

CLASSES = sorted(
    {layout.pdu_class for layout in LAYOUTS.values()} | {p.UnknownPdu, p.Malformed},
    key=lambda cls: cls.__name__,
)


@pytest.mark.parametrize("pdu_class", CLASSES)
def test_every_pdu_has_a_command_id_and_takes_its_header_first(pdu_class: type[p.Pdu]) -> None:
    pdu = pdu_class(7, 8)
    assert isinstance(pdu.command_id, int)
    assert (pdu.sequence_number, pdu.command_status) == (7, 8)


@pytest.mark.parametrize("pdu_class", CLASSES)
def test_a_pdu_has_slots_and_no_dictionary(pdu_class: type[p.Pdu]) -> None:
    assert not hasattr(pdu_class(), "__dict__")


@pytest.mark.parametrize("pdu_class", CLASSES)
def test_every_response_can_carry_its_request(pdu_class: type[p.Pdu]) -> None:
    names = [field.name for field in attrs.fields(pdu_class)]
    answers = pdu_class in (p.HeaderOnly, p.Malformed) or pdu_class.__name__.endswith("Resp")
    assert ("request" in names) == answers


def test_a_class_of_several_commands_takes_the_command_id_third() -> None:
    assert p.HeaderOnly(1, 0, c.UNBIND).command_id == c.UNBIND
    assert p.Bind(1, 0, c.BIND_RECEIVER).command_id == c.BIND_RECEIVER
    assert p.BindResp(1, 0, c.BIND_RECEIVER_RESP).command_id == c.BIND_RECEIVER_RESP
    assert p.UnknownPdu(1, 0, 0x99).command_id == 0x99
    assert p.Malformed(1, 0, c.SUBMIT_SM).command_id == c.SUBMIT_SM


def test_numbers_secrets_and_texts_do_not_show() -> None:
    shown = repr(
        [
            p.Bind(1, 0, c.BIND_RECEIVER, b"acme", b"s3cret", address_range=b"4477"),
            p.SubmitSm(2, source_addr=b"4477001", destination_addr=b"4477002", short_message=b"dear bob"),
            p.SmeAddress(1, 1, b"4477003"),
            p.UnknownPdu(3, 0, 0x99, b"raw 4477004"),
            p.Malformed(4, 0, c.SUBMIT_SM, c.ESME_RINVMSGLEN, "sm_length", b"raw 4477005"),
            p.SubmitSm(5, tlvs=((c.TAG_MESSAGE_PAYLOAD, b"dear bob"),)),
        ]
    )
    assert "acme" in shown
    assert "0x424" in shown
    assert not [secret for secret in ("s3cret", "4477", "bob", "raw") if secret in shown]


def test_the_raw_body_and_the_request_are_no_part_of_equality() -> None:
    assert p.SubmitSm(1, body=b"x") == p.SubmitSm(1)
    assert p.SubmitSmResp(1, request=object()) == p.SubmitSmResp(1)
    assert p.SubmitSm(1) != p.DeliverSm(1)
