# The body of every PDU as a table of fields, and the one reader and writer that walk it.
#
# The table is SMPP 3.4 chapter 4. codec.py has quicker ways for the few PDUs that come by the thousand and
# falls back to this one when anything in them is unusual, so this file alone decides what is acceptable.
#
# Rule 1: lenient in. Over-long strings pass, and the last C-octet string may lack its NUL.
# Rule 2: strict out. Limits are checked unless the caller says strict=False, for a link that wants otherwise;
#         what can't be written so that a peer would read it back (a NUL in a C-octet string) never passes.
# Rule 3: a field that can't be read raises Unreadable, which never leaves wire/: codec.decode turns it into a
#         Malformed value. Names and sizes are in its words, content never is.
"""The mandatory fields of each PDU of SMPP 3.4 chapter 4, with their sizes."""

from typing import Final, Protocol, cast

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.limits import ADDRESS_OCTETS_MAX, SERVICE_TYPE_OCTETS_MAX

SHORT_MESSAGE_OCTETS_MAX: Final = 254
"""The most that sm_length may say (SMPP 3.4 section 4.4.1); 255 is accepted from peers."""

DESTINATIONS_MAX: Final = 254
"""The most that number_of_dests may say (SMPP 3.4 section 4.5.1)."""

ABSOLUTE_TIME_OCTETS: Final = 16
"""A time is empty or YYMMDDhhmmsstnnp (SMPP 3.4 section 7.1.1)."""


class Unreadable(Exception):  # noqa: N818 - it says what the field is, and never leaves wire/
    """A field of a peer's PDU that can't be read."""

    def __init__(self, answer_status: int, problem: str) -> None:
        super().__init__(problem)
        self.answer_status = answer_status
        self.problem = problem


class Field(Protocol):
    """One field of a body."""

    @property
    def name(self) -> str:
        """Its name in the specification, which is the attribute's."""
        ...

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:
        """The value and the offset behind it; Unreadable if it is not there."""
        ...

    def write(self, value: object, strict: bool) -> bytes:
        """The octets of a value; ValueError if they break a limit."""
        ...


@attrs.frozen
class COctets:
    """A C-octet string: held without its NUL, limited with it (SMPP 3.4 section 3.1)."""

    name: str
    octets_max: int

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:
        """Up to the NUL; to the end of the body if this field is the last one and has none."""
        end = body.find(b"\0", offset)
        if end >= 0:
            return body[offset:end], end + 1
        if is_last:
            return body[offset:], len(body)
        raise Unreadable(c.ESME_RINVCMDLEN, f"{self.name} has no end")

    def write(self, value: object, strict: bool) -> bytes:
        """The string and its NUL."""
        string = cast("bytes", value)
        if b"\0" in string:
            raise ValueError(f"{self.name}: a C-octet string holds no NUL")
        if strict and len(string) >= self.octets_max:
            raise ValueError(f"{self.name}: {len(string)} octets, at most {self.octets_max - 1}")
        return string + b"\0"


@attrs.frozen
class Time(COctets):
    """A C-octet string that is empty or a time of 16 octets."""

    octets_max: int = ABSOLUTE_TIME_OCTETS + 1

    def write(self, value: object, strict: bool) -> bytes:
        """The time and its NUL."""
        if strict and len(cast("bytes", value)) not in (0, ABSOLUTE_TIME_OCTETS):
            raise ValueError(f"{self.name}: neither empty nor {ABSOLUTE_TIME_OCTETS} octets")
        return super().write(value, strict)


@attrs.frozen
class Integer:
    """An unsigned big-endian integer."""

    name: str
    octets: int = 1

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:  # noqa: ARG002 - all alike
        """The next octets as a number."""
        end = offset + self.octets
        if end > len(body):
            raise Unreadable(c.ESME_RINVCMDLEN, f"the PDU ends before {self.name}")
        return int.from_bytes(body[offset:end], "big"), end

    def write(self, value: object, strict: bool) -> bytes:  # noqa: ARG002 - all alike
        """The number in its octets."""
        try:
            return cast("int", value).to_bytes(self.octets, "big")
        except OverflowError:
            raise ValueError(f"{self.name}: {value} does not fit {self.octets} octets") from None


@attrs.frozen
class ShortMessageOctets:
    """sm_length and the short_message of that many octets."""

    name: str = "short_message"

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:  # noqa: ARG002 - all alike
        """The octets that sm_length counts."""
        if offset >= len(body):
            raise Unreadable(c.ESME_RINVCMDLEN, "the PDU ends before sm_length")
        end = offset + 1 + body[offset]
        if end > len(body):
            room = len(body) - offset - 1
            raise Unreadable(c.ESME_RINVMSGLEN, f"sm_length is {body[offset]}, {room} octets follow")
        return body[offset + 1 : end], end

    def write(self, value: object, strict: bool) -> bytes:
        """The length and the octets; 255 only without strict."""
        octets = cast("bytes", value)
        most = SHORT_MESSAGE_OCTETS_MAX if strict else 0xFF
        if len(octets) > most:
            raise ValueError(f"short_message: {len(octets)} octets, at most {most}")
        return bytes((len(octets),)) + octets


_ADDRESS: Final = (
    Integer("dest_addr_ton"),
    Integer("dest_addr_npi"),
    COctets("destination_addr", ADDRESS_OCTETS_MAX + 1),
)
_DL_NAME: Final = (COctets("dl_name", 21),)
_UNSUCCESS: Final = (*_ADDRESS, Integer("error_status_code", 4))


@attrs.frozen
class Destinations:
    """number_of_dests and as many dest_address structures (SMPP 3.4 section 4.5.1.1)."""

    name: str = "dest_addresses"

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:  # noqa: ARG002 - all alike
        """The destinations; the flag of each says which kind it is."""
        count, offset = _read_count("number_of_dests", body, offset)
        destinations: list[p.SmeAddress | p.DistributionList] = []
        for _ in range(count):
            if offset >= len(body):
                raise Unreadable(
                    c.ESME_RINVNUMDESTS, f"number_of_dests is {count}, {len(destinations)} follow"
                )
            flag = body[offset]
            if flag == c.DEST_FLAG_SME:
                values, offset = read_fields(_ADDRESS, body, offset + 1)
                destinations.append(p.SmeAddress(*values))  # pyright: ignore[reportArgumentType] - its fields' layout has read them, in this order
            elif flag == c.DEST_FLAG_DISTRIBUTION_LIST:
                values, offset = read_fields(_DL_NAME, body, offset + 1)
                destinations.append(p.DistributionList(*values))  # pyright: ignore[reportArgumentType] - its fields' layout has read them, in this order
            else:
                raise Unreadable(c.ESME_RINVDESTFLAG, f"dest_flag is {flag}")
        return tuple(destinations), offset

    def write(self, value: object, strict: bool) -> bytes:
        """The count and the destinations."""
        destinations = cast("tuple[p.SmeAddress | p.DistributionList, ...]", value)
        pieces = [_written_count(self.name, len(destinations), DESTINATIONS_MAX if strict else 0xFF)]
        for destination in destinations:
            if isinstance(destination, p.SmeAddress):
                pieces.append(bytes((c.DEST_FLAG_SME,)) + write_fields(_ADDRESS, destination, strict))
            else:
                pieces.append(
                    bytes((c.DEST_FLAG_DISTRIBUTION_LIST,)) + write_fields(_DL_NAME, destination, strict)
                )
        return b"".join(pieces)


@attrs.frozen
class Unsuccesses:
    """no_unsuccess and as many unsuccess_sme structures (SMPP 3.4 section 4.5.2.1)."""

    name: str = "unsuccess_sme"

    def read(self, body: bytes, offset: int, is_last: bool) -> tuple[object, int]:  # noqa: ARG002 - all alike
        """The destinations that failed."""
        count, offset = _read_count("no_unsuccess", body, offset)
        failed: list[p.UnsuccessSme] = []
        for _ in range(count):
            values, offset = read_fields(_UNSUCCESS, body, offset)
            failed.append(p.UnsuccessSme(*values))  # pyright: ignore[reportArgumentType] - its fields' layout has read them, in this order
        return tuple(failed), offset

    def write(self, value: object, strict: bool) -> bytes:
        """The count and the destinations that failed."""
        failed = cast("tuple[p.UnsuccessSme, ...]", value)
        pieces = [_written_count(self.name, len(failed), 0xFF)]
        pieces.extend(write_fields(_UNSUCCESS, one, strict) for one in failed)
        return b"".join(pieces)


def _read_count(name: str, body: bytes, offset: int) -> tuple[int, int]:
    if offset >= len(body):
        raise Unreadable(c.ESME_RINVCMDLEN, f"the PDU ends before {name}")
    return body[offset], offset + 1


def _written_count(name: str, count: int, most: int) -> bytes:
    if count > most:
        raise ValueError(f"{name}: {count} entries, at most {most}")
    return bytes((count,))


@attrs.frozen
class Layout:
    """The class of a PDU and the fields of its body in their order."""

    pdu_class: type[p.Pdu]
    fields: tuple[Field, ...] = ()
    has_tlvs: bool = False
    is_response: bool = False
    carries_command_id: bool = False
    """The class serves several command ids and takes the one it has as its third argument."""


def read_fields(fields: tuple[Field, ...], body: bytes, offset: int) -> tuple[list[object], int]:
    """The values of the fields and the offset behind them; Unreadable if one can't be read."""
    values: list[object] = []
    last = len(fields) - 1
    for i, field in enumerate(fields):
        value, offset = field.read(body, offset, i == last)
        values.append(value)
    return values, offset


def write_fields(fields: tuple[Field, ...], source: object, strict: bool) -> bytes:
    """The octets of the fields, from the attributes of their names; ValueError if one breaks a limit."""
    return b"".join([field.write(getattr(source, field.name), strict) for field in fields])


def _address(
    kind: str, octets_max: int = ADDRESS_OCTETS_MAX + 1, field: str | None = None
) -> tuple[Field, ...]:
    return Integer(f"{kind}_ton"), Integer(f"{kind}_npi"), COctets(field or kind, octets_max)


_SOURCE: Final = _address("source_addr")
_DESTINATION: Final = _address("dest_addr", field="destination_addr")
_SYSTEM_ID: Final = COctets("system_id", 16)
_PASSWORD: Final = COctets("password", 9)
_SERVICE_TYPE: Final = COctets("service_type", SERVICE_TYPE_OCTETS_MAX + 1)
_MESSAGE_ID: Final = COctets("message_id", 65)
_MESSAGE_TAIL: Final = (
    Integer("esm_class"),
    Integer("protocol_id"),
    Integer("priority_flag"),
    Time("schedule_delivery_time"),
    Time("validity_period"),
    Integer("registered_delivery"),
    Integer("replace_if_present_flag"),
    Integer("data_coding"),
    Integer("sm_default_msg_id"),
    ShortMessageOctets(),
)
_BIND: Final = Layout(
    p.Bind,
    (
        _SYSTEM_ID,
        _PASSWORD,
        COctets("system_type", 13),
        Integer("interface_version"),
        Integer("addr_ton"),
        Integer("addr_npi"),
        COctets("address_range", 41),
    ),
    carries_command_id=True,
)
_BIND_RESP: Final = Layout(
    p.BindResp, (_SYSTEM_ID,), has_tlvs=True, is_response=True, carries_command_id=True
)
_EMPTY: Final = Layout(p.HeaderOnly, carries_command_id=True)
_EMPTY_RESP: Final = Layout(p.HeaderOnly, is_response=True, carries_command_id=True)
_SHORT_MESSAGE: Final = (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_MESSAGE_TAIL)

LAYOUTS: Final[dict[int, Layout]] = {
    c.GENERIC_NACK: _EMPTY_RESP,
    c.BIND_RECEIVER: _BIND,
    c.BIND_RECEIVER_RESP: _BIND_RESP,
    c.BIND_TRANSMITTER: _BIND,
    c.BIND_TRANSMITTER_RESP: _BIND_RESP,
    c.BIND_TRANSCEIVER: _BIND,
    c.BIND_TRANSCEIVER_RESP: _BIND_RESP,
    c.OUTBIND: Layout(p.Outbind, (_SYSTEM_ID, _PASSWORD)),
    c.UNBIND: _EMPTY,
    c.UNBIND_RESP: _EMPTY_RESP,
    c.ENQUIRE_LINK: _EMPTY,
    c.ENQUIRE_LINK_RESP: _EMPTY_RESP,
    c.SUBMIT_SM: Layout(p.SubmitSm, _SHORT_MESSAGE, has_tlvs=True),
    c.SUBMIT_SM_RESP: Layout(p.SubmitSmResp, (_MESSAGE_ID,), has_tlvs=True, is_response=True),
    c.DELIVER_SM: Layout(p.DeliverSm, _SHORT_MESSAGE, has_tlvs=True),
    c.DELIVER_SM_RESP: Layout(p.DeliverSmResp, (_MESSAGE_ID,), has_tlvs=True, is_response=True),
    c.SUBMIT_MULTI: Layout(
        p.SubmitMulti, (_SERVICE_TYPE, *_SOURCE, Destinations(), *_MESSAGE_TAIL), has_tlvs=True
    ),
    c.SUBMIT_MULTI_RESP: Layout(
        p.SubmitMultiResp, (_MESSAGE_ID, Unsuccesses()), has_tlvs=True, is_response=True
    ),
    c.DATA_SM: Layout(
        p.DataSm,
        (
            _SERVICE_TYPE,
            *_address("source_addr", 65),
            *_address("dest_addr", 65, "destination_addr"),
            Integer("esm_class"),
            Integer("registered_delivery"),
            Integer("data_coding"),
        ),
        has_tlvs=True,
    ),
    c.DATA_SM_RESP: Layout(p.DataSmResp, (_MESSAGE_ID,), has_tlvs=True, is_response=True),
    c.QUERY_SM: Layout(p.QuerySm, (_MESSAGE_ID, *_SOURCE)),
    c.QUERY_SM_RESP: Layout(
        p.QuerySmResp,
        (_MESSAGE_ID, Time("final_date"), Integer("message_state"), Integer("error_code")),
        is_response=True,
    ),
    c.CANCEL_SM: Layout(p.CancelSm, (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION)),
    c.CANCEL_SM_RESP: _EMPTY_RESP,
    c.REPLACE_SM: Layout(
        p.ReplaceSm,
        (
            _MESSAGE_ID,
            *_SOURCE,
            Time("schedule_delivery_time"),
            Time("validity_period"),
            Integer("registered_delivery"),
            Integer("sm_default_msg_id"),
            ShortMessageOctets(),
        ),
    ),
    c.REPLACE_SM_RESP: _EMPTY_RESP,
    c.ALERT_NOTIFICATION: Layout(
        p.AlertNotification,
        (*_address("source_addr", 65), *_address("esme_addr", 65)),
        has_tlvs=True,
    ),
}
