# What a PDU costs in CPU, ours and smpplib's side by side in the same process and the same minute, because
# only the ratio says anything about a noisy machine. Rounds take turns and their median counts: the least
# would flatter, the mean would tell of the neighbours.
"""Microseconds to decode and encode the PDUs of a message, ours and smpplib's: python -m benchmarks.codec."""

import argparse
import json
import statistics
import sys
import timeit
from collections.abc import Callable, Sequence
from typing import Any

import attrs
from smpplib import smpp

from smpp_router.wire import codec
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.framing import Framer

# smpplib has no types.
_smpplib: Any = smpp

TEXT = ("Ваш код 123456. Никому его не говорите. " * 2)[:70].encode("utf-16-be")
"""70 characters of UCS2: a whole single-part message."""

RECEIPT = (
    b"id:0123456789 sub:001 dlvrd:001 submit date:2607011200 done date:2607011201 stat:DELIVRD err:000 text:"
)

PDUS_PER_READ = 64


@attrs.frozen
class Case:
    """One thing to do with one PDU, our way and smpplib's."""

    name: str
    ours: Callable[[], object]
    smpplib: Callable[[], object] | None
    pdus: int = 1


@attrs.frozen
class Result:
    """Medians over the rounds; `ratio` is how many times longer smpplib takes."""

    name: str
    ours_us: float
    smpplib_us: float | None
    ratio: float | None


class Numbers:
    """What smpplib wants for a client: a source of sequence numbers."""

    sequence = 1

    def next_sequence(self) -> int:
        """The same one each time, so that counting costs nothing."""
        return self.sequence


def cases() -> list[Case]:
    """Decoding and encoding of each PDU of a message, then a read of many as the router gets them."""
    submit_sm = p.SubmitSm(
        7,
        source_addr_ton=5,
        dest_addr_ton=1,
        dest_addr_npi=1,
        source_addr=b"ACME",
        destination_addr=b"447700900123",
        registered_delivery=1,
        data_coding=c.ENCODING_ISO10646,
        short_message=TEXT,
    )
    deliver_sm = p.DeliverSm(
        7,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr=b"447700900123",
        dest_addr_ton=5,
        destination_addr=b"ACME",
        esm_class=c.MSGTYPE_DELIVERY_RECEIPT,
        short_message=RECEIPT,
        tlvs=((c.TAG_RECEIPTED_MESSAGE_ID, b"0123456789\0"), (c.TAG_MESSAGE_STATE, bytes((c.DELIVERED,)))),
    )
    submit_sm_resp = p.SubmitSmResp(7, c.ESME_ROK, b"0123456789")
    pdus: tuple[p.Pdu, ...] = (submit_sm, deliver_sm, submit_sm_resp)
    found: list[Case] = []
    for pdu in pdus:
        found.append(_decoding(pdu))
        found.append(_encoding(pdu))
    found.append(Case("submit_sm_resp encode, quick", lambda: codec.submit_sm_resp(7, b"0123456789"), None))
    body = codec.encode_body(submit_sm)
    found.append(Case("submit_sm forward, body reused", lambda: codec.framed(c.SUBMIT_SM, 0, 7, body), None))
    found.extend(_reading(pdu) for pdu in pdus)
    return found


def _decoding(pdu: p.Pdu) -> Case:
    octets = codec.encode(pdu)
    body = octets[codec.HEADER_OCTETS :]
    client = Numbers()
    if codec.decode(pdu.command_id, 0, 7, body) != pdu:
        raise AssertionError("a benchmark of a codec that is wrong is worth nothing")
    return Case(
        f"{c.command_name(pdu.command_id)} decode",
        lambda: codec.decode(pdu.command_id, 0, 7, body),
        lambda: _smpplib.parse_pdu(octets, client=client),
    )


def _encoding(pdu: p.Pdu) -> Case:
    """Building the object counts on both sides: smpplib's can't be encoded twice."""
    client = Numbers()
    name = c.command_name(pdu.command_id)
    pdu_class = type(pdu)
    fields: dict[str, Any] = {
        field.name: getattr(pdu, field.name)
        for field in attrs.fields(pdu_class)
        if field.name not in ("body", "request")
    }
    theirs = {
        key: value.decode("latin-1") if isinstance(value, bytes) and key != "short_message" else value
        for key, value in fields.items()
        if key not in ("sequence_number", "command_status", "tlvs")
    }
    if isinstance(pdu, p.DeliverSm):
        theirs |= {"receipted_message_id": "0123456789", "message_state": c.DELIVERED}
    return Case(
        f"{name} build and encode",
        lambda: codec.encode(pdu_class(**fields)),
        lambda: _smpplib.make_pdu(name, client=client, **theirs).generate(),
    )


def _reading(pdu: p.Pdu) -> Case:
    octets = codec.encode(pdu) * PDUS_PER_READ
    framer = Framer()
    return Case(
        f"{c.command_name(pdu.command_id)} in a read of {PDUS_PER_READ}",
        lambda: framer.feed(octets),
        None,
        PDUS_PER_READ,
    )


def measure(found: Sequence[Case], rounds: int, calls: int) -> list[Result]:
    """Run every case in every round, ours and theirs by turns."""
    ours: dict[str, list[float]] = {case.name: [] for case in found}
    theirs: dict[str, list[float]] = {case.name: [] for case in found}
    for _ in range(rounds):
        for case in found:
            number = max(1, calls // case.pdus)
            per_pdu = 1e6 / number / case.pdus
            ours[case.name].append(timeit.timeit(case.ours, number=number) * per_pdu)
            if case.smpplib is not None:
                fewer = max(1, calls // 10)
                theirs[case.name].append(timeit.timeit(case.smpplib, number=fewer) * 1e6 / fewer)
    results: list[Result] = []
    for case in found:
        ours_us = statistics.median(ours[case.name])
        smpplib_us = statistics.median(theirs[case.name]) if theirs[case.name] else None
        ratio = None if smpplib_us is None else smpplib_us / ours_us
        results.append(Result(case.name, ours_us, smpplib_us, ratio))
    return results


def report(results: Sequence[Result]) -> str:
    """A table for people."""
    lines = [f"{'us per PDU, median':36}{'ours':>8}{'smpplib':>10}{'ratio':>8}"]
    for result in results:
        line = f"{result.name:36}{result.ours_us:8.2f}"
        if result.smpplib_us is not None and result.ratio is not None:
            line += f"{result.smpplib_us:10.2f}{result.ratio:7.1f}x"
        lines.append(line)
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codec", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds whose median counts (default: %(default)s)"
    )
    parser.add_argument(
        "--calls", type=int, default=10_000, help="calls a round and case (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.calls < 1:
        parser.error("--rounds and --calls are 1 at least")
    results = measure(cases(), options.rounds, options.calls)
    print(
        json.dumps([attrs.asdict(result) for result in results], indent=2)
        if options.json
        else report(results)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
