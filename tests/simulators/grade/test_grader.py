# The grader as a whole: that it never raises, forgets nothing that matters, and bounds what it remembers.
# That each rule finds what it should is in test_catalog.py.
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.grade import grader as grader_module
from simulators.grade.conversation import PARTED_MAX, PENDING_MAX, Limits
from simulators.grade.grader import Grader
from simulators.grade.page import as_html
from simulators.grade.report import as_json, report_of
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, framed, header_only
from smpp_router.wire.pdu import Bind, BindResp
from tests.simulators.grade.bad_clients import BAD
from tests.simulators.grade.wires import SECRET, START, Wire, submit_sm

PDUS = st.builds(
    framed,
    st.sampled_from([*c.COMMAND_NAMES, 0x7777]),
    st.sampled_from([0, 0, 8, 0x58]),
    st.sampled_from([0, 1, 2, 3, 0xFFFFFFFF]),
    st.one_of(
        st.binary(max_size=60),
        st.builds(
            lambda octets, esm_class, coding: encode(
                submit_sm(short_message=octets, esm_class=esm_class, data_coding=coding), strict=False
            )[16:],
            st.binary(max_size=60),
            st.sampled_from([0, 0x40, 0xFF]),
            st.integers(0, 255),
        ),
        st.just(encode(Bind(system_id=b"bank", password=SECRET))[16:]),
        st.just(b"\0"),
    ),
)
STEPS = st.tuples(
    st.integers(1, 3),
    st.booleans(),
    st.one_of(PDUS, st.binary(max_size=40)),
    st.sampled_from([0.0, 0.5, 45.0]),
)


@given(steps=st.lists(STEPS, max_size=30), cut=st.integers(1, 40))
def test_whatever_passes_either_way_nothing_raises(steps: list[Any], cut: int) -> None:
    grader = Grader({"c": Limits(window_max=2)})
    now = START
    for connection, is_from_peer, octets, pause_s in steps:
        now += pause_s
        if connection not in grader._watched:
            grader.connected(connection, "c", "p", now)
        for at in range(0, len(octets), cut):
            grader.octets(connection, is_from_peer, octets[at : at + cut], now)
        if pause_s > 40.0:
            grader.closed(connection, now)
    grader.tick(now + 100.0)
    grader.finish(now + 200.0)
    report = report_of(grader)
    assert as_json(report)["score"] == report.score
    assert as_html(report).endswith("</html>\n")
    for rule_id, finding in grader.findings.items():
        assert finding.count <= grader.checked[rule_id]


@given(cuts=st.lists(st.integers(0, 400), max_size=12))
def test_how_reads_were_cut_changes_nothing(cuts: list[int]) -> None:
    octets = b"".join(
        (
            encode(Bind(sequence_number=1, system_id=b"bank", password=SECRET)),
            encode(submit_sm(sequence_number=2, data_coding=0x0B)),
            header_only(c.ENQUIRE_LINK, 0, 2),
            encode(submit_sm(sequence_number=0, short_message="€".encode())),
        )
    )
    places = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    grader = Grader()
    grader.connected(1, "c", "p", START)
    for start, end in zip(places, places[1:], strict=False):  # noqa: RUF007 - empty reads are part of it
        grader.octets(1, True, octets[start:end], START)
    grader.closed(1, START)
    counts = {rule_id: finding.count for rule_id, finding in grader.findings.items()}
    assert counts == {
        "request-before-bind": 2,
        "data-coding-reserved": 1,
        "sequence-reused": 1,
        "sequence-not-ascending": 2,
        "sequence-zero": 1,
        "utf8-as-default": 1,
    }


@pytest.mark.parametrize("name", BAD)
def test_no_password_is_in_any_report(name: str) -> None:
    wire = Wire().bound()
    BAD[name](wire)
    wire.end()
    words = str(as_json(report_of(wire.grader))) + as_html(report_of(wire.grader))
    assert SECRET.decode() not in words
    assert SECRET.hex() not in words


def test_a_password_behind_a_broken_bind_is_not_shown() -> None:
    bind = encode(Bind(sequence_number=1, system_id=b"bank", password=SECRET))
    for cut in range(1, len(bind)):
        wire = Wire().connect()
        wire.send((len(bind) - cut).to_bytes(4, "big") + bind[4:])
        wire.close()
        words = str(as_json(report_of(wire.grader)))
        assert SECRET[:4].decode() not in words
        assert SECRET[:4].hex() not in words


def test_an_open_connection_at_the_end_is_not_held_against_the_client() -> None:
    wire = Wire().bound()
    wire.submit()
    wire.grader.finish(wire.now + 1.0)
    assert wire.found() == set()


def test_what_the_carrier_asked_and_the_client_left_is_counted_when_it_goes() -> None:
    wire = Wire().bound()
    wire.deliver(is_answered=False)
    wire.wait(10.0)
    assert wire.found() == set()
    assert wire.end() == {"deliver-unanswered"}


def test_parts_that_never_came_are_missed_at_the_end() -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02\x01Hello")
    assert wire.end() == {"parts-missing"}


def test_a_part_that_was_refused_may_come_again() -> None:
    wire = Wire().bound()
    for status, number in ((0, 1), (c.ESME_RSYSERR, 2), (0, 2)):
        wire.submit(
            status, esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02" + bytes([number]) + b"Hello"
        )
    assert wire.end() == set()


def test_parts_may_come_by_several_binds_of_one_account() -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02\x01Hello")
    wire.submit()
    wire.unbind().close().bound()
    wire.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02\x02Hello")
    assert wire.end() == set()


def test_a_connection_too_many_is_not_looked_at_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader_module, "CONVERSATIONS_MAX", 2)
    wire = Wire().connect().connect().connect()
    wire.send(b"GET / HTTP/1.1\r\n")
    wire.close()
    assert wire.grader.counters.connections_not_looked_at == 1
    assert wire.found() == set()


def test_accounts_unanswered_requests_and_parts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader_module, "ACCOUNTS_MAX", 3)
    wire = Wire()
    for number in range(5):
        wire.bound(system_id=b"%d" % number).unbind().close()
    assert len(wire.grader._accounts) == 3
    wire.bound()
    talk = wire.grader._watched[wire.connection].talk
    octets = [header_only(c.ENQUIRE_LINK, 0, number) for number in range(1, PENDING_MAX + 101)]
    wire.reply(b"".join(octets))
    assert (len(talk.asked), talk.forgotten) == (PENDING_MAX, 100)
    for number in range(PARTED_MAX + 10):
        udh = b"\x06\x08\x04" + number.to_bytes(2, "big") + b"\x02\x01"
        wire.submit(esm_class=0x40, short_message=udh + b"x")
    assert len(talk.account.parted) == PARTED_MAX
    # What was forgotten is held against nobody.
    wire.end()
    assert "parts-missing" not in wire.found()
    assert "response-to-nothing" not in wire.found()


def test_a_run_is_over_when_all_clients_have_gone() -> None:
    wire = Wire()
    assert not wire.grader.is_over
    wire.bound()
    assert not wire.grader.is_over
    wire.unbind().close()
    assert wire.grader.is_over


def test_octets_of_a_connection_that_nobody_announced_are_passed_over() -> None:
    grader = Grader()
    grader.octets(7, True, b"GET / HTTP/1.1\r\n", START)
    grader.closed(7, START)
    assert grader.findings == {}


def test_two_carriers_have_their_own_windows() -> None:
    grader = Grader({"narrow": Limits(window_max=1)})
    for connection, carrier in enumerate(("narrow", "wide")):
        grader.connected(connection, carrier, "p", START)
        grader.octets(connection, True, encode(Bind(sequence_number=1, system_id=b"bank")), START)
        grader.octets(connection, False, encode(BindResp(sequence_number=1)), START)
        for number in (2, 3):
            grader.octets(connection, True, encode(submit_sm(sequence_number=number)), START)
    finding = grader.findings["window-overrun"]
    assert [example.connection for example in finding.examples] == [0]


def test_counters_tell_what_was_looked_at() -> None:
    wire = Wire().bound()
    wire.submit()
    wire.deliver()
    wire.end()
    assert attrs.asdict(wire.grader.counters) == {
        "connections": 1,
        "binds": 1,
        "pdus_in": 4,
        "pdus_out": 4,
        "messages": 1,
        "deliveries": 1,
        "connections_not_looked_at": 0,
    }
