# A strategy for each kind of PDU, built from the table of layouts, so that a new PDU is tested at once.
"""Hypothesis strategies for PDUs, and octets read back, for the tests of wire/ and of what stands on it."""

from typing import Any

from hypothesis import strategies as st

from smpp_router.wire import codec
from smpp_router.wire import constants as c
from smpp_router.wire import layouts as lay
from smpp_router.wire import pdu as p

COMMANDS = sorted(lay.LAYOUTS)
# One command_id for each layout: the binds share one, and so do the PDUs without a body.
DISTINCT = sorted({id(layout): command_id for command_id, layout in lay.LAYOUTS.items()}.values())

octet = st.integers(0, 0xFF)
number = st.integers(0, 0xFFFFFFFF)
tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)


def decode(octets: bytes) -> p.Pdu:
    """A whole PDU, its header trusted."""
    length, command_id, command_status, sequence_number = codec.HEADER.unpack_from(octets)
    assert length == len(octets)
    return codec.decode(command_id, command_status, sequence_number, octets[codec.HEADER_OCTETS :])


def c_octets(octets_max: int) -> st.SearchStrategy[bytes]:
    """Any C-octet string whose size with its NUL is within the limit."""
    return st.binary(max_size=octets_max - 1).map(lambda octets: octets.replace(b"\0", b"\xc0"))


times = st.sampled_from((b"", b"000007000000000R", b"261231235959948+"))
sme_addresses = st.builds(p.SmeAddress, octet, octet, c_octets(21))
destinations = st.lists(sme_addresses | st.builds(p.DistributionList, c_octets(21)), max_size=5).map(tuple)
unsuccesses = st.lists(st.builds(p.UnsuccessSme, octet, octet, c_octets(21), number), max_size=5).map(tuple)


def values_of(field: lay.Field) -> st.SearchStrategy[Any]:
    """Any value that the field may have by the specification."""
    match field:
        case lay.Time():
            return times
        case lay.COctets():
            return c_octets(field.octets_max)
        case lay.Integer():
            return st.integers(0, 256**field.octets - 1)
        case lay.ShortMessageOctets():
            return st.binary(max_size=lay.SHORT_MESSAGE_OCTETS_MAX)
        case lay.Destinations():
            return destinations
        case _:
            return unsuccesses


def pdus_of(command_id: int, command_status: int | None = None) -> st.SearchStrategy[p.Pdu]:
    """Any PDU with this command_id that obeys the specification."""
    layout = lay.LAYOUTS[command_id]
    fields: dict[str, st.SearchStrategy[Any]] = {field.name: values_of(field) for field in layout.fields}
    if layout.has_tlvs:
        fields["tlvs"] = tlvs
    if layout.carries_command_id:
        fields["command_id"] = st.just(command_id)
    statuses = number if command_status is None else st.just(command_status)
    return st.builds(layout.pdu_class, sequence_number=number, command_status=statuses, **fields)


pdus = st.sampled_from(COMMANDS).flatmap(pdus_of)
unknown_pdus = st.builds(
    p.UnknownPdu,
    number,
    number,
    st.sampled_from((c.BROADCAST_SM, 0x99, 0x80000099, 0x00010200)),
    st.binary(max_size=80),
)
