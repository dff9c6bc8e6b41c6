import attrs
import pytest

from smpp_router.wire import constants as c
from smpp_router.wire import layouts as lay
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode_body
from tests.wire.pdus import COMMANDS

STRINGS = [
    (command_id, field)
    for command_id, layout in sorted(lay.LAYOUTS.items())
    for field in layout.fields
    if isinstance(field, lay.COctets) and not isinstance(field, lay.Time)
]
TIMES = [
    (command_id, field)
    for command_id, layout in sorted(lay.LAYOUTS.items())
    for field in layout.fields
    if isinstance(field, lay.Time)
]
INTEGERS = [
    (command_id, field)
    for command_id, layout in sorted(lay.LAYOUTS.items())
    for field in layout.fields
    if isinstance(field, lay.Integer)
]

# Octets with the NUL, from the field tables of SMPP 3.4 chapter 4.
LIMITS = {
    "system_id": {16},
    "password": {9},
    "system_type": {13},
    "address_range": {41},
    "service_type": {6},
    "message_id": {65},
    "source_addr": {21, 65},
    "destination_addr": {21, 65},
    "esme_addr": {65},
}


def with_value(command_id: int, name: str, value: object) -> p.Pdu:
    layout = lay.LAYOUTS[command_id]
    named: dict[str, object] = {"command_id": command_id} if layout.carries_command_id else {}
    return layout.pdu_class(**named, **{name: value})  # pyright: ignore[reportArgumentType] - the layout names the fields


def test_the_table_has_every_command_of_the_specification() -> None:
    assert set(lay.LAYOUTS) == {id_ for id_, name in c.COMMAND_NAMES.items() if "broadcast" not in name}


@pytest.mark.parametrize("command_id", COMMANDS)
def test_fields_are_the_attributes_in_their_order(command_id: int) -> None:
    layout = lay.LAYOUTS[command_id]
    names = ["sequence_number", "command_status"]
    names += ["command_id"] * layout.carries_command_id
    names += [field.name for field in layout.fields]
    names += ["tlvs"] * layout.has_tlvs
    attributes = [field.name for field in attrs.fields(layout.pdu_class)]
    assert attributes[: len(names)] == names
    assert set(attributes[len(names) :]) <= {"body", "request"}


@pytest.mark.parametrize("command_id", COMMANDS)
def test_a_class_has_the_command_id_of_its_layout(command_id: int) -> None:
    layout = lay.LAYOUTS[command_id]
    assert layout.carries_command_id or layout.pdu_class().command_id == command_id
    assert layout.is_response == bool(command_id & c.RESPONSE_BIT)


def test_limits_are_those_of_the_specification() -> None:
    limits: dict[str, set[int]] = {}
    for _, field in STRINGS:
        limits.setdefault(field.name, set()).add(field.octets_max)
    assert limits == LIMITS


@pytest.mark.parametrize(("command_id", "field"), STRINGS)
def test_a_string_at_its_limit_goes_out_and_one_more_does_not(command_id: int, field: lay.COctets) -> None:
    longest = b"7" * (field.octets_max - 1)
    assert longest + b"\0" in encode_body(with_value(command_id, field.name, longest))
    too_long = with_value(command_id, field.name, longest + b"7")
    with pytest.raises(ValueError, match=f"{field.name}: {field.octets_max} octets, at most {len(longest)}"):
        encode_body(too_long)
    assert longest + b"7\0" in encode_body(too_long, strict=False)


@pytest.mark.parametrize(("command_id", "field"), STRINGS + TIMES)
def test_a_string_with_a_nul_never_goes_out(command_id: int, field: lay.COctets) -> None:
    value = b"261231235959948\0" if isinstance(field, lay.Time) else b"1\0"
    for strict in (True, False):
        with pytest.raises(ValueError, match=f"{field.name}: a C-octet string holds no NUL"):
            encode_body(with_value(command_id, field.name, value), strict=strict)


@pytest.mark.parametrize(("command_id", "field"), TIMES)
def test_a_time_is_empty_or_sixteen_octets(command_id: int, field: lay.Time) -> None:
    assert encode_body(with_value(command_id, field.name, b"000007000000000R"))
    odd = with_value(command_id, field.name, b"2612312359")
    with pytest.raises(ValueError, match=field.name):
        encode_body(odd)
    assert b"2612312359\0" in encode_body(odd, strict=False)


@pytest.mark.parametrize(("command_id", "field"), INTEGERS)
@pytest.mark.parametrize("value", [256, -1])
def test_an_integer_that_does_not_fit_is_named(command_id: int, field: lay.Integer, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field.name}: {value} does not fit 1 octets"):
        encode_body(with_value(command_id, field.name, value))


@pytest.mark.parametrize("command_id", [c.SUBMIT_SM, c.DELIVER_SM, c.SUBMIT_MULTI, c.REPLACE_SM])
def test_a_short_message_has_254_octets_at_most(command_id: int) -> None:
    assert encode_body(with_value(command_id, "short_message", bytes(254)))
    for octets, strict in ((255, True), (256, False)):
        with pytest.raises(ValueError, match=f"short_message: {octets} octets, at most {octets - 1}"):
            encode_body(with_value(command_id, "short_message", bytes(octets)), strict=strict)
    assert encode_body(with_value(command_id, "short_message", bytes(255)), strict=False)


def test_submit_multi_has_254_destinations_at_most() -> None:
    one = p.SmeAddress(1, 1, b"447700900123")
    assert encode_body(p.SubmitMulti(dest_addresses=(one,) * 254))
    with pytest.raises(ValueError, match="dest_addresses: 255 entries, at most 254"):
        encode_body(p.SubmitMulti(dest_addresses=(one,) * 255))
    with pytest.raises(ValueError, match="unsuccess_sme: 256 entries, at most 255"):
        encode_body(p.SubmitMultiResp(unsuccess_sme=(p.UnsuccessSme(1, 1, b"4477", 11),) * 256))


def test_a_field_says_what_it_misses() -> None:
    for field in (lay.Integer("esm_class"), lay.ShortMessageOctets(), lay.Destinations(), lay.Unsuccesses()):
        with pytest.raises(lay.Unreadable, match="the PDU ends before"):
            field.read(b"", 0, is_last=False)
    with pytest.raises(lay.Unreadable, match="system_id has no end"):
        lay.COctets("system_id", 16).read(b"acme", 0, is_last=False)
