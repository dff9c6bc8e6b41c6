# A client for each rule that breaks it, and as far as it can be done that rule only. The second table says
# which others it can't help breaking.
"""Bad clients, by the id of the rule that they break."""

from collections.abc import Callable
from typing import Any

from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, encode_body, header_only
from smpp_router.wire.pdu import DeliverSmResp, HeaderOnly, Outbind
from tests.simulators.grade.wires import NUMBER, Wire, raw, submit_sm

BadClient = Callable[[Wire], None]
BAD: dict[str, BadClient] = {}
ALSO: dict[str, set[str]] = {
    "stream-cut": {"no-unbind"},
    "response-to-nothing": {"deliver-unanswered"},
    "ucs2-little-endian": {"ucs2-byte-order-mark"},
    "generic-nack": {"deliver-refused-without-reason"},
    "sequence-zero": {"sequence-not-ascending"},
    "sequence-reused": {"sequence-not-ascending"},
    "throttling-ignored": {"sequence-not-ascending"},
    "udh-length": {"part-number"},
}
UTF16 = "中文短信内容测试".encode("utf-16-be")
UDH = b"\x05\x00\x03\x09"


def bad(name: str) -> Callable[[BadClient], BadClient]:
    def add(client: BadClient) -> BadClient:
        BAD[name] = client
        return client

    return add


def one_message(name: str, **fields: Any) -> None:
    """A client that is bad by one submit_sm."""
    BAD[name] = lambda wire: (wire.submit(**fields), None)[1]


def one_pdu(name: str, octets: Callable[[int], bytes]) -> None:
    """A client that is bad by one PDU."""

    def client(wire: Wire) -> None:
        wire.number += 1
        wire.send(octets(wire.number))

    BAD[name] = client


def submit_body(**fields: Any) -> bytes:
    return encode_body(submit_sm(**fields), strict=False)


def with_tlv(tag: int, *values: bytes) -> dict[str, Any]:
    return {"tlvs": tuple((tag, value) for value in values)}


# ---------------------------------------------------------------------- framing

BAD["command-length"] = lambda wire: (wire.send(b"GET / HTTP/1.1\r\n"), None)[1]
BAD["stream-cut"] = lambda wire: (wire.send(encode(submit_sm(sequence_number=9))[:-3]), None)[1]
one_pdu("unknown-command-id", lambda n: raw(0x0111, b"", n))
one_pdu("wrong-way", lambda n: raw(c.ALERT_NOTIFICATION, b"\0\0\0\0\0\0", n))
one_pdu("request-status", lambda n: header_only(c.ENQUIRE_LINK, 8, n))
one_pdu("body-unreadable", lambda n: raw(c.SUBMIT_SM, b"abc", n))
one_pdu("sm-length", lambda n: raw(c.SUBMIT_SM, submit_body()[:-1], n))
one_message("field-too-long", service_type=b"abcdefgh")
one_pdu("octets-too-many", lambda n: raw(c.ENQUIRE_LINK, b"\0", n))
one_pdu("tlv-unreadable", lambda n: raw(c.SUBMIT_SM, submit_body() + b"\x02\x04\x00\x09\x01", n))
one_message("tlv-reserved", **with_tlv(0x5000, b"x"))
one_message("tlv-vendor", **with_tlv(0x1401, b"x"))
one_message("tlv-size", **with_tlv(c.TAG_USER_MESSAGE_REFERENCE, b"x"))
one_message("tlv-repeated", **with_tlv(c.TAG_USER_MESSAGE_REFERENCE, b"ab", b"cd"))


@bad("tlv-before-3.4")
def _(wire: Wire) -> None:
    wire.unbind().close()
    wire.bound(interface_version=0x33).submit(**with_tlv(c.TAG_USER_MESSAGE_REFERENCE, b"ab"))


ALSO["tlv-before-3.4"] = {"interface-version-other"}


@bad("generic-nack")
def _(wire: Wire) -> None:
    wire.deliver(header_only(c.GENERIC_NACK, c.ESME_RSYSERR, 1))


# ---------------------------------------------------------------------- binding


@bad("request-before-bind")
def _(wire: Wire) -> None:
    wire.unbind().close().connect()
    wire.submit(status=4)
    wire.bind()


@bad("wrong-bind-type")
def _(wire: Wire) -> None:
    wire.unbind().close().bound(command_id=c.BIND_RECEIVER).submit(status=4)


@bad("bound-twice")
def _(wire: Wire) -> None:
    wire.bind(status=5)


def one_bind(name: str, *also: str, **fields: Any) -> None:
    BAD[name] = lambda wire: (wire.unbind().close().bound(**fields), None)[1]
    ALSO[name] = set(also)


one_bind("interface-version", interface_version=0x40)
one_bind("interface-version-other", interface_version=0x00)
one_bind("system-id-too-long", system_id=b"a" * 16)
one_bind("password-too-long", password=b"123456789")


@bad("bind-storm")
def _(wire: Wire) -> None:
    wire.unbind().close()
    for _ in range(5):
        wire.connect().bind(status=c.ESME_RINVPASWD).close()
    wire.wait(60.0).bound()


@bad("bind-per-message")
def _(wire: Wire) -> None:
    wire.unbind().close()
    for _ in range(4):
        wire.bound().submit()
        wire.unbind().close()
    wire.bound()


@bad("no-bind")
def _(wire: Wire) -> None:
    wire.unbind().close()
    wire.connect().wait(40.0).close().bound()


@bad("outbind-ignored")
def _(wire: Wire) -> None:
    wire.unbind().close().connect()
    wire.reply(encode(Outbind(sequence_number=1, system_id=b"c", password=b"secret")))
    wire.close().bound()


@bad("no-unbind")
def _(wire: Wire) -> None:
    wire.close().bound()


@bad("request-after-unbind")
def _(wire: Wire) -> None:
    wire.unbind()
    wire.send(header_only(c.ENQUIRE_LINK, 0, wire.number + 2))
    wire.close().bound()


@bad("unbind-unanswered")
def _(wire: Wire) -> None:
    wire.ask(c.UNBIND)
    wire.close().bound()


# ---------------------------------------------------------------------- sequence numbers

one_pdu("sequence-zero", lambda _: header_only(c.ENQUIRE_LINK, 0, 0))


@bad("sequence-above-range")
def _(wire: Wire) -> None:
    wire.send(header_only(c.ENQUIRE_LINK, 0, 0x80000000))
    wire.unbind().close().bound()


ALSO["sequence-above-range"] = {"sequence-not-ascending"}


@bad("sequence-reused")
def _(wire: Wire) -> None:
    number = wire.submit(status=None)
    wire.send(submit_sm(sequence_number=number))


@bad("sequence-not-ascending")
def _(wire: Wire) -> None:
    wire.message(submit_sm(sequence_number=1000))
    wire.message(submit_sm(sequence_number=999))


@bad("response-to-nothing")
def _(wire: Wire) -> None:
    wire.deliver(encode(DeliverSmResp(sequence_number=77)))
    wire.wait(40.0)


@bad("response-twice")
def _(wire: Wire) -> None:
    number = wire.deliver()
    wire.send(encode(DeliverSmResp(sequence_number=number)))


@bad("response-of-other-kind")
def _(wire: Wire) -> None:
    number = wire.ask(c.ENQUIRE_LINK)
    wire.send(encode(DeliverSmResp(sequence_number=number)))


# ---------------------------------------------------------------------- windows


@bad("window-overrun")
def _(wire: Wire) -> None:
    numbers = [wire.submit(status=None) for _ in range(12)]
    for number in numbers:
        wire.answer(number)


@bad("throttling-ignored")
def _(wire: Wire) -> None:
    for i in range(40):
        wire.now += 0.08
        wire.submit(c.ESME_RTHROTTLED if i == 15 else 0, short_message=b"%d" % i)


@bad("retry-without-pause")
def _(wire: Wire) -> None:
    wire.submit(c.ESME_RMSGQFUL)
    wire.submit()


@bad("one-by-one")
def _(wire: Wire) -> None:
    for _ in range(25):
        number = wire.submit(status=None)
        wire.now += 0.1
        wire.answer(number)


# ---------------------------------------------------------------------- links


@bad("no-enquire-link")
def _(wire: Wire) -> None:
    wire.wait(60.0).wait(61.0).wait(10.0)


@bad("enquire-link-too-often")
def _(wire: Wire) -> None:
    for _ in range(6):
        number = wire.send(HeaderOnly(), after=1.0)
        wire.reply(header_only(c.ENQUIRE_LINK_RESP, 0, number))


@bad("enquire-link-unanswered")
def _(wire: Wire) -> None:
    wire.ask(c.ENQUIRE_LINK)
    wire.wait(31.0)


@bad("enquire-link-late")
def _(wire: Wire) -> None:
    number = wire.ask(c.ENQUIRE_LINK)
    wire.send(header_only(c.ENQUIRE_LINK_RESP, 0, number), after=6.0)


# ---------------------------------------------------------------------- messages

one_message("address-ton", dest_addr_ton=7)
one_message("address-npi", dest_addr_npi=2)
one_message("address-content", destination_addr=b"+" + NUMBER)
one_message("no-destination", destination_addr=b"")
one_message("esm-class", esm_class=0x04)
one_message("registered-delivery", registered_delivery=0x81)
one_message("priority-flag", priority_flag=4)
one_message("replace-if-present-flag", replace_if_present_flag=2)
one_message("sm-default-msg-id", sm_default_msg_id=255)
one_message("time-malformed", validity_period=b"tomorrow")
one_message("time-past", validity_period=b"200101000000000+")
one_message("time-order", validity_period=b"030000000000000R")
one_message("two-texts", **with_tlv(c.TAG_MESSAGE_PAYLOAD, b"Another"))
one_message("no-text", short_message=b"")

# ---------------------------------------------------------------------- texts

one_message("data-coding-reserved", data_coding=0x0B)
one_message("utf8-as-default", short_message="价格 10 €".encode())
one_message("octets-above-default", short_message="Grüße".encode("latin-1"))
one_message("ascii-as-default", short_message=b"write to me@example.org")
one_message("ucs2-odd", data_coding=8, short_message=UTF16 + b"\x4e")
one_message("ucs2-byte-order-mark", data_coding=8, short_message=b"\xfe\xff" + UTF16)
one_message("ucs2-little-endian", data_coding=8, short_message="中文短信".encode("utf-16"))
one_message("ucs2-not-needed", data_coding=8, short_message="Hello".encode("utf-16-be"))
one_message("too-long-for-one", short_message=b"a" * 161)

# ---------------------------------------------------------------------- parts

one_message("udh-missing", esm_class=0x40, short_message=b"Hello")
one_message("udh-length", esm_class=0x40, short_message=b"\x04\x00\x03\x09\x01\x02Hello")
one_message("udh-without-udhi", short_message=UDH + b"\x02\x01Hello")
one_message("part-number", esm_class=0x40, short_message=UDH + b"\x02\x03Hello")
one_message("sar-incomplete", **with_tlv(c.TAG_SAR_TOTAL_SEGMENTS, b"\2"))


def part(wire: Wire, number: int, total: int, text: bytes = b"Hello", **fields: Any) -> None:
    wire.submit(esm_class=0x40, short_message=UDH + bytes((total, number)) + text, **fields)


@bad("sar-and-udh")
def _(wire: Wire) -> None:
    sar = ((0x020C, b"\0\1"), (0x020E, b"\2"), (0x020F, b"\1"))
    part(wire, 1, 2, tlvs=sar)
    part(wire, 2, 2)


@bad("parts-inconsistent")
def _(wire: Wire) -> None:
    part(wire, 1, 2)
    part(wire, 2, 3)
    for number in (1, 3):
        part(wire, number, 3)


@bad("part-repeated")
def _(wire: Wire) -> None:
    for number in (1, 1, 2):
        part(wire, number, 2)


@bad("parts-missing")
def _(wire: Wire) -> None:
    part(wire, 1, 3)
    part(wire, 3, 3)
    wire.wait(61.0)


@bad("part-given-up")
def _(wire: Wire) -> None:
    part(wire, 1, 2)
    part(wire, 2, 2, status=c.ESME_RTHROTTLED)
    wire.wait(61.0)


@bad("part-cut-surrogate")
def _(wire: Wire) -> None:
    emoji = "中😀".encode("utf-16-be")
    part(wire, 1, 2, emoji[:4], data_coding=8)
    part(wire, 2, 2, emoji[4:], data_coding=8)


@bad("part-cut-escape")
def _(wire: Wire) -> None:
    part(wire, 1, 2, b"price \x1b")
    part(wire, 2, 2, b"e 10")


# ---------------------------------------------------------------------- receipts


@bad("deliver-unanswered")
def _(wire: Wire) -> None:
    wire.deliver(is_answered=False)
    wire.wait(31.0)


@bad("deliver-late")
def _(wire: Wire) -> None:
    wire.deliver(after=6.0)


@bad("deliver-refused-without-reason")
def _(wire: Wire) -> None:
    wire.deliver(header_only(c.DELIVER_SM_RESP, c.ESME_RSYSERR, 1))


@bad("deliver-resp-message-id")
def _(wire: Wire) -> None:
    wire.deliver(encode(DeliverSmResp(sequence_number=1, message_id=b"77")))


@bad("deliver-resp-without-body")
def _(wire: Wire) -> None:
    wire.deliver(header_only(c.DELIVER_SM_RESP, 0, 1))


@bad("no-receipts-wanted")
def _(wire: Wire) -> None:
    wire.unbind().close()
    wire.bound().submit(registered_delivery=0)
    wire.submit(registered_delivery=0)
