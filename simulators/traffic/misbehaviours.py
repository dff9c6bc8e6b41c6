# What ESMEs do wrong, by name, as it has been seen in the field. Each is a function that is given a
# connection, which nobody has bound yet, and does its wrong once; misbehaving.py repeats it.
"""Misbehaving ESMEs."""

import random
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs
import trio

from simulators.traffic.talk import Talk, answer_all
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.pdu import DeliverSmResp

LISTEN_S: Final = 1.0
"""For the MC to say something to what was wrong."""
BURST: Final = 2_000
FEW: Final = 10
SLOW_READ_BYTES: Final = 16
SLOW_READ_S: Final = 0.1
STORM: Final = 20

Act = Callable[[Talk, random.Random], Awaitable[None]]


@attrs.frozen
class Misbehaviour:
    """One way to be a bad ESME."""

    name: str
    summary: str
    act: Act
    resets: bool = False
    """Whether the connection ends with a reset, and not with a FIN."""


MISBEHAVIOURS: Final[dict[str, Misbehaviour]] = {}


def _named(name: str, summary: str, *, resets: bool = False) -> Callable[[Act], Act]:
    def add(act: Act) -> Act:
        MISBEHAVIOURS[name] = Misbehaviour(name, summary, act, resets)
        return act

    return add


# ---------------------------------------------------------------------- windows, rates, manners


@_named("ignores-window", f"sends {BURST:,} submit_sm at once, whatever is unanswered")
async def _ignores_window(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([talk.submit_pdu() for _ in range(BURST)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("ignores-throttling", "sends on at once, ten times more, when it is told to slow down")
async def _ignores_throttling(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        for _ in range(FEW):
            await talk.request([talk.submit_pdu() for _ in range(BURST // FEW)])
            await talk.listen(LISTEN_S / FEW)


@_named("enquire-link-flood", f"sends {BURST // 2:,} enquire_link at once")
async def _enquire_link_flood(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        pdus = [header_only(c.ENQUIRE_LINK, 0, talk.next_number()) for _ in range(BURST // 2)]
        await talk.request(pdus)
        await talk.listen(LISTEN_S, until_answered=True)


@_named("bind-per-message", "binds, sends one message and unbinds, for every message")
async def _bind_per_message(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([talk.submit_pdu()])
        await talk.listen(LISTEN_S, until_answered=True)
        await talk.request([header_only(c.UNBIND, 0, talk.next_number())])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("bind-storm", f"connects and binds {STORM} times without a pause, and never unbinds")
async def _bind_storm(talk: Talk, _rng: random.Random) -> None:
    await talk.request([talk.bind_pdu()])


@_named("binds-twice", "binds again on a connection that is bound")
async def _binds_twice(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([talk.bind_pdu()])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("wrong-password", "binds with a wrong password, again and again")
async def _wrong_password(talk: Talk, rng: random.Random) -> None:
    await talk.bind(password=b"%08x" % rng.getrandbits(32))


# ---------------------------------------------------------------------- what is never answered


def _without(*commands: int) -> Callable[[Talk, int, int], None]:
    def answer(talk: Talk, command_id: int, number: int) -> None:
        if command_id not in commands:
            answer_all(talk, command_id, number)

    return answer


async def _bound_with_messages(talk: Talk) -> bool:
    """Bind, send a few messages whose receipts then come."""
    if not await talk.bind():
        return False
    await talk.request([talk.submit_pdu() for _ in range(FEW)])
    return True


@_named("no-deliver-sm-resp", "never answers a deliver_sm")
async def _no_deliver_sm_resp(talk: Talk, _rng: random.Random) -> None:
    talk.on_request = _without(c.DELIVER_SM, c.DATA_SM)
    if await _bound_with_messages(talk):
        await talk.hold()


@_named("no-enquire-link-resp", "never answers an enquire_link, and says nothing by itself")
async def _no_enquire_link_resp(talk: Talk, _rng: random.Random) -> None:
    talk.on_request = _without(c.ENQUIRE_LINK)
    if await talk.bind():
        await talk.hold()


@_named("no-unbind-resp", "never answers an unbind, and stays")
async def _no_unbind_resp(talk: Talk, _rng: random.Random) -> None:
    talk.on_request = _without(c.UNBIND)
    if await talk.bind():
        await talk.hold()


@_named("refuses-deliver-sm", "answers every deliver_sm with ESME_RX_T_APPN")
async def _refuses_deliver_sm(talk: Talk, _rng: random.Random) -> None:
    def refuse(talk: Talk, command_id: int, number: int) -> None:
        if command_id == c.DELIVER_SM:
            talk.outbox += header_only(c.DELIVER_SM_RESP, c.ESME_RX_T_APPN, number)
        else:
            answer_all(talk, command_id, number)

    talk.on_request = refuse
    if await _bound_with_messages(talk):
        await talk.listen(LISTEN_S)


@_named("half-open", "binds, then neither reads nor writes, and keeps the connection")
async def _half_open(talk: Talk, _rng: random.Random) -> None:
    if await _bound_with_messages(talk):
        await talk.stopping.wait()


@_named("says-nothing", "connects and never says anything")
async def _says_nothing(talk: Talk, _rng: random.Random) -> None:
    await talk.hold()


@_named("reads-slowly", f"reads {SLOW_READ_BYTES} octets every {SLOW_READ_S} s, and sends all it can")
async def _reads_slowly(talk: Talk, _rng: random.Random) -> None:
    if not await talk.bind():
        return
    await talk.request([talk.submit_pdu() for _ in range(BURST)])
    while not talk.is_closed and not talk.stopping.is_set():
        with trio.move_on_after(SLOW_READ_S):
            await talk.listen(SLOW_READ_S / 10, read_bytes=SLOW_READ_BYTES)
            await trio.sleep_forever()


@_named("writes-slowly", "sends its PDUs octet by octet")
async def _writes_slowly(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        pdu = talk.submit_pdu()
        for at in range(len(pdu) - 1):
            await talk.send(pdu[at : at + 1], 0)
            await trio.sleep(0.005)
        await talk.send(pdu[-1:])
        await talk.listen(LISTEN_S)


# ---------------------------------------------------------------------- sequence numbers


@_named("wrong-sequence-numbers", "answers every deliver_sm with a sequence_number that was never used")
async def _wrong_sequence_numbers(talk: Talk, _rng: random.Random) -> None:
    def answer(talk: Talk, command_id: int, number: int) -> None:
        answer_all(talk, command_id, (number + 0x01000000) & 0x7FFFFFFF)

    talk.on_request = answer
    if await _bound_with_messages(talk):
        await talk.listen(LISTEN_S)


@_named("reused-sequence-numbers", "gives all its submit_sm one sequence_number")
async def _reused_sequence_numbers(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([talk.submit_pdu(7) for _ in range(FEW)])
        await talk.listen(LISTEN_S)


@_named("odd-sequence-numbers", "uses sequence_numbers 0, 0x80000000 and 0xFFFFFFFF")
async def _odd_sequence_numbers(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([talk.submit_pdu(number) for number in (0, 0x80000000, 0xFFFFFFFF)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("stray-responses", "sends responses to what nobody asked")
async def _stray_responses(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        for number in range(1, FEW):
            await talk.send(encode(DeliverSmResp(sequence_number=0x100000 + number)))
        await talk.request([header_only(c.ENQUIRE_LINK, 0, talk.next_number())])
        await talk.listen(LISTEN_S, until_answered=True)


# ---------------------------------------------------------------------- states


@_named("sends-before-bind", "sends submit_sm and enquire_link without having bound")
async def _sends_before_bind(talk: Talk, _rng: random.Random) -> None:
    await talk.request([talk.submit_pdu(), header_only(c.ENQUIRE_LINK, 0, talk.next_number())])
    await talk.listen(LISTEN_S, until_answered=True)


@_named("sends-as-receiver", "sends submit_sm over a bind_receiver")
async def _sends_as_receiver(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind(c.BIND_RECEIVER):
        await talk.request([talk.submit_pdu() for _ in range(FEW)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("sends-after-unbind", "unbinds, waits for no answer and sends on")
async def _sends_after_unbind(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        pdus = [header_only(c.UNBIND, 0, talk.next_number())]
        await talk.request(pdus + [talk.submit_pdu() for _ in range(FEW)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("closes-without-unbind", "closes with messages under way")
async def _closes_without_unbind(talk: Talk, _rng: random.Random) -> None:
    await _bound_with_messages(talk)


@_named("resets", "resets the connection with messages under way", resets=True)
async def _resets(talk: Talk, _rng: random.Random) -> None:
    await _bound_with_messages(talk)


# ---------------------------------------------------------------------- octets


@_named("bad-command-length", "sends a command_length of 8, 15 or 0x7FFFFFFF")
async def _bad_command_length(talk: Talk, rng: random.Random) -> None:
    if await talk.bind():
        length = rng.choice((8, 15, 0x7FFFFFFF))
        await talk.send(struct.pack(">IIII", length, c.SUBMIT_SM, 0, talk.next_number()))
        await talk.listen(LISTEN_S)


@_named("speaks-http", "asks for a page")
async def _speaks_http(talk: Talk, _rng: random.Random) -> None:
    await talk.send(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
    await talk.listen(LISTEN_S)


@_named("speaks-proxy-protocol", "sends the header of a load balancer that it is not, then binds")
async def _speaks_proxy_protocol(talk: Talk, _rng: random.Random) -> None:
    await talk.send(b"PROXY TCP4 10.0.0.1 10.0.0.2 40000 2775\r\n")
    await talk.bind()
    await talk.listen(LISTEN_S)


@_named("garbage", "sends 4,096 octets of chance, bound or not")
async def _garbage(talk: Talk, rng: random.Random) -> None:
    if rng.random() < 0.5 and not await talk.bind():
        return
    await talk.send(rng.randbytes(4_096))
    await talk.listen(LISTEN_S)


@_named("unknown-command", "sends a command_id that SMPP doesn't know")
async def _unknown_command(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        await talk.request([header_only(0x00010000, 0, talk.next_number())])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("wrong-sm-length", "sends an sm_length that disagrees with the octets")
async def _wrong_sm_length(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        pdu = bytearray(talk.submit_pdu(short_message=b"hello"))
        pdu[-6] = 200
        await talk.request([bytes(pdu)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("no-nul", "sends a submit_sm whose addresses do not end")
async def _no_nul(talk: Talk, _rng: random.Random) -> None:
    if await talk.bind():
        body = b"\xff" * 80
        number = talk.next_number()
        await talk.request([struct.pack(">IIII", 16 + len(body), c.SUBMIT_SM, 0, number) + body])
        await talk.listen(LISTEN_S, until_answered=True)


# ---------------------------------------------------------------------- messages


async def _one_message(talk: Talk, **fields: Any) -> None:
    if await talk.bind():
        await talk.request([talk.submit_pdu(**fields)])
        await talk.listen(LISTEN_S, until_answered=True)


@_named("utf8-in-data-coding-0", "writes Chinese in UTF-8 and calls it the default alphabet")
async def _utf8_in_data_coding_0(talk: Talk, _rng: random.Random) -> None:
    await _one_message(talk, data_coding=0, short_message="您的验证码是123456".encode())


@_named("wrong-udh-length", "sends a UDH that is longer than its message")
async def _wrong_udh_length(talk: Talk, _rng: random.Random) -> None:
    await _one_message(talk, esm_class=0x40, short_message=b"\xc8\x00\x03\x01\x02\x01hello")


@_named("validity-in-past", "sends a validity_period of the year 2001")
async def _validity_in_past(talk: Talk, _rng: random.Random) -> None:
    await _one_message(talk, validity_period=b"010101000000000+")


@_named("text-twice", "sends a short_message and a message_payload in one submit_sm")
async def _text_twice(talk: Talk, _rng: random.Random) -> None:
    await _one_message(talk, tlvs=((c.TAG_MESSAGE_PAYLOAD, b"hello again"),))


def check_names(names: tuple[str, ...]) -> None:
    """Raise ValueError for a name that no misbehaviour has."""
    for name in names:
        if name not in MISBEHAVIOURS:
            raise ValueError(f"--misbehave: there is no {name}; --misbehave list shows what there is")
