# What we write smpplib reads, and what smpplib writes we read, for every PDU that it knows.
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from smpplib import smpp
from smpplib.ptypes import ostr

from smpp_router.wire import codec, tlv
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.layouts import LAYOUTS, Destinations, Unsuccesses
from tests.wire import pdus
from tests.wire.pdus import DISTINCT, decode

# smpplib has no types.
theirs: Any = smpp

# smpplib, both ways.

THEIR_COMMANDS = [
    command_id
    for command_id in DISTINCT
    if c.command_name(command_id)
    not in {
        "outbind",
        "submit_multi",
        "submit_multi_resp",
        "cancel_sm",
        "cancel_sm_resp",
        "replace_sm",
        "replace_sm_resp",
    }
]


class Numbers:
    """What smpplib wants for a client: a source of sequence numbers."""

    sequence = 0

    def next_sequence(self) -> int:
        return 1


def their_pdu(command_id: int, **fields: Any) -> Any:
    return theirs.make_pdu(c.command_name(command_id), client=Numbers(), **fields)


def their_params(command_id: int) -> dict[str, Any]:
    return their_pdu(command_id).params


def tlvs_of(command_id: int) -> st.SearchStrategy[p.Tlvs]:
    """Optional parameters that smpplib has for this command, in the size that it and SMPP 3.4 both say."""
    params = their_params(command_id)
    choices: list[st.SearchStrategy[tuple[int, bytes]]] = []
    for tag, name in c.TAG_NAMES.items():
        rule = tlv.RULES[tag]
        param = params.get(name)
        if param is None:
            continue
        if param.type is int and rule.type is tlv.TlvType.INTEGER and param.size == rule.octets_min:
            sized = st.binary(min_size=param.size, max_size=param.size)
        elif param.type is ostr:
            sized = st.binary(min_size=max(1, rule.octets_min), max_size=min(rule.octets_max, 40))
        else:
            continue
        choices.append(st.tuples(st.just(tag), sized))
    if not choices:
        return st.just(())
    return st.lists(st.one_of(choices), max_size=3, unique_by=lambda pair: pair[0]).map(tuple)


def agree(pdu: p.Pdu, other: Any) -> None:
    """Every field that smpplib knows has the same value on both sides."""
    for field in LAYOUTS[pdu.command_id].fields:
        assert not isinstance(field, Destinations | Unsuccesses)
        value = getattr(other, field.name)
        if isinstance(value, str):
            value = value.encode("latin-1")
        assert (value or b"" if value is None else value) == getattr(pdu, field.name), field.name
    for tag, octets in getattr(pdu, "tlvs", ()):
        value = getattr(other, c.tag_name(tag))
        assert value == (int.from_bytes(octets, "big") if isinstance(value, int) else octets)


@pytest.mark.parametrize("command_id", THEIR_COMMANDS)
@given(data=st.data())
def test_smpplib_reads_what_goes_out(command_id: int, data: st.DataObject) -> None:
    pdu = data.draw(pdus.pdus_of(command_id, c.ESME_ROK))
    if hasattr(pdu, "tlvs"):
        pdu = attrs.evolve(pdu, tlvs=data.draw(tlvs_of(command_id)))
    other = theirs.parse_pdu(codec.encode(pdu), client=Numbers())
    assert (other.sequence, other.status) == (pdu.sequence_number, pdu.command_status)
    assert other.command == c.command_name(command_id)
    agree(pdu, other)


@pytest.mark.parametrize("command_id", THEIR_COMMANDS)
@given(data=st.data())
def test_what_smpplib_sends_is_read(command_id: int, data: st.DataObject) -> None:
    pdu = data.draw(pdus.pdus_of(command_id, c.ESME_ROK))
    fields = {field.name: getattr(pdu, field.name) for field in LAYOUTS[command_id].fields}
    named = {
        name: value.decode("latin-1") if isinstance(value, bytes) and name != "short_message" else value
        for name, value in fields.items()
    }
    other = their_pdu(command_id, **named)
    other.sequence = pdu.sequence_number
    if "interface_version" in named:
        # smpplib overrules its caller here.
        other.interface_version = named["interface_version"]
    params = their_params(command_id)
    # smpplib cuts what is over its own limits, which are lower than SMPP 3.4's for some addresses.
    assume(all(len(value) < params[name].max for name, value in named.items() if isinstance(value, str)))
    assume(command_id != c.QUERY_SM or bool(named["message_id"]))
    found = decode(other.generate())
    assert not isinstance(found, p.Malformed), found.problem
    assert found.sequence_number == pdu.sequence_number
    agree(found, other)
    agree(found, pdu)


def test_smpplib_and_we_write_the_same_submit_sm() -> None:
    text = "Привет".encode("utf-16-be")
    other = their_pdu(
        c.SUBMIT_SM,
        source_addr_ton=5,
        source_addr="ACME",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="447700900123",
        registered_delivery=1,
        data_coding=8,
        short_message=text,
        user_message_reference=513,
    )
    other.sequence = 7
    pdu = p.SubmitSm(
        7,
        source_addr_ton=5,
        source_addr=b"ACME",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr=b"447700900123",
        registered_delivery=1,
        data_coding=8,
        short_message=text,
        tlvs=(tlv.encode_int(c.TAG_USER_MESSAGE_REFERENCE, 513),),
    )
    assert other.generate() == codec.encode(pdu)
