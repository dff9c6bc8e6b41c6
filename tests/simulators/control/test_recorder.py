"""The recorder: what passed, within bounds, without passwords; captures that Wireshark reads."""

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.control.recorder import EVENT_OCTETS, PcapFile, Recorder
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import SmeAddress, SubmitMulti
from tests.simulators.control import recordings as r
from tests.simulators.control.captures import conversations


def captured(
    recorder: Recorder, carrier: str | None = None
) -> dict[tuple[Any, Any], tuple[bytes, bytes, bool]]:
    return conversations(b"".join(recorder.capture(carrier)))


def test_pdus_are_kept_with_their_direction_the_latest_first() -> None:
    recorder = r.recorder()
    r.talk(recorder)
    kept = [(pdu.number, pdu.is_from_peer, pdu.octets) for pdu in recorder.pdus()]
    assert kept == [
        (5, False, r.DELIVER),
        (4, False, r.SUBMIT_RESP),
        (3, True, r.SUBMIT),
        (2, False, r.BIND_RESP),
        (1, True, r.BIND_MASKED),
    ]


def test_beyond_the_bound_the_oldest_pdus_are_dropped_and_counted() -> None:
    recorder = r.recorder(pdus_max=2)
    r.talk(recorder)
    assert [pdu.number for pdu in recorder.pdus()] == [5, 4]
    assert recorder.counters.pdus_dropped == 3


def test_a_bound_of_zero_keeps_nothing() -> None:
    recorder = r.recorder(pdus_max=0, capture_octets_max=0)
    r.talk(recorder)
    assert list(recorder.pdus()) == []
    assert captured(recorder) == {}
    assert recorder.counters.pdus_dropped == 5


def test_a_capture_says_what_both_sides_said_without_the_password() -> None:
    recorder = r.recorder()
    r.talk(recorder)
    recorder.closed(1, 1e9 + 1)
    (((peer, carrier), said),) = captured(recorder).items()
    assert (peer, carrier) == (("10.1.2.3", 50_000), ("127.0.0.1", r.PORT))
    assert said == (r.BIND_MASKED + r.SUBMIT, r.BIND_RESP + r.SUBMIT_RESP + r.DELIVER, True)


def test_a_capture_may_be_of_one_carrier() -> None:
    recorder = r.recorder()
    r.talk(recorder)
    assert captured(recorder, "other") == {}
    assert len(captured(recorder, "mobile")) == 1


def test_an_ipv6_peer_is_captured_as_one() -> None:
    recorder = r.recorder()
    r.talk(recorder, peer="[2001:db8::7]:50000")
    ((peer, carrier),) = captured(recorder)
    assert (peer[0], carrier[0]) == ("2001:db8::7", "::1")


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(0, 4_000))
def test_a_capture_whose_beginning_was_dropped_begins_with_a_whole_pdu(
    cuts: list[int], octets_max: int
) -> None:
    stream = r.BIND + r.SUBMIT * 20
    recorder = r.recorder(capture_octets_max=octets_max)
    recorder.connected(1, "mobile", "10.1.2.3:50000", 1.0)
    offset = 0
    for cut in (*cuts, len(stream)):
        recorder.octets(1, True, stream[offset : offset + cut], 2.0)
        offset += cut
    for from_peer, _, _ in captured(recorder).values():
        assert (r.BIND_MASKED + r.SUBMIT * 20).endswith(from_peer)
        assert from_peer[4:8] in (b"", r.SUBMIT[4:8], r.BIND[4:8])
        assert from_peer == b"" or from_peer[:4] in (r.SUBMIT[:4], r.BIND[:4])


def test_connections_that_say_nothing_fill_the_ring_too() -> None:
    recorder = r.recorder(capture_octets_max=10 * EVENT_OCTETS)
    for connection in range(1_000):
        recorder.connected(connection, "mobile", f"10.1.2.3:{connection}", 1.0)
        recorder.closed(connection, 1.0)
    assert len(captured(recorder)) == 5


def test_to_forget_is_to_begin_anew_with_connections_as_they_are() -> None:
    recorder = r.recorder()
    r.talk(recorder)
    recorder.forget()
    assert list(recorder.pdus()) == []
    recorder.octets(1, True, r.UNBIND, 1e9 + 2)
    assert [pdu.number for pdu in recorder.pdus()] == [1]
    ((from_peer, from_carrier, _),) = captured(recorder).values()
    assert (from_peer, from_carrier) == (r.UNBIND, b"")


def test_what_was_never_opened_is_not_recorded() -> None:
    recorder = r.recorder()
    recorder.octets(9, True, r.BIND, 1.0)
    recorder.closed(9, 1.0)
    assert recorder.counters.octets == 0


# ---------------------------------------------------------------------- written as it happens


def test_a_file_takes_the_same_frames_as_they_happen() -> None:
    recorder = r.recorder()
    file = io.BytesIO()
    recorder.file = PcapFile(file, 1 << 20)
    r.talk(recorder)
    recorder.closed(1, 1e9 + 1)
    assert file.getvalue() == b"".join(recorder.capture())


def test_a_file_that_is_full_ends_with_a_whole_frame_and_the_rest_is_counted() -> None:
    recorder = r.recorder()
    file = io.BytesIO()
    recorder.file = PcapFile(file, 700)
    r.talk(recorder)
    assert len(file.getvalue()) <= 700
    ((from_peer, _, _),) = conversations(file.getvalue()).values()
    assert (r.BIND_MASKED + r.SUBMIT).startswith(from_peer)
    assert recorder.counters.capture_file_dropped_octets > 0


# ---------------------------------------------------------------------- a foreign reader

FIELDS = ("smpp.command_id", "smpp.sequence_number", "smpp.system_id", "smpp.password", "smpp.message_id")


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark (Debian's package tshark)")
@pytest.mark.parametrize("peer", ["10.1.2.3:50000", "[2001:db8::7]:50000"])
def test_tshark_decodes_a_capture_as_smpp_and_finds_nothing_malformed(tmp_path: Path, peer: str) -> None:
    recorder = r.recorder()
    r.talk(recorder, 1, peer)
    many = tuple(SmeAddress(1, 1, b"86139%08d" % number) for number in range(254))
    large = encode(
        SubmitMulti(sequence_number=3, dest_addresses=many, tlvs=((0x0424, b"x" * 60_000),)), strict=False
    )
    recorder.octets(1, True, large[:5_000], 1e9 + 2)
    recorder.octets(1, True, large[5_000:] + r.UNBIND[:7], 1e9 + 3)
    recorder.octets(1, True, r.UNBIND[7:], 1e9 + 4)
    recorder.closed(1, 1e9 + 5)
    file = tmp_path / "capture.pcap"
    file.write_bytes(b"".join(recorder.capture()))

    def tshark(*arguments: str) -> str:
        done = subprocess.run(
            ["tshark", "-r", str(file), "-d", f"tcp.port=={r.PORT},smpp", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    checks = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    wrong = "_ws.malformed or tcp.analysis.flags or tcp.checksum.status == 0 or ip.checksum.status == 0"
    assert tshark(*checks, "-Y", wrong) == ""
    frames = json.loads(tshark("-T", "json", "--no-duplicate-keys", "-Y", "smpp"))
    text = json.dumps(frames)
    assert "secret" not in text
    for fact in ('"smpp.system_id": "bank"', '"smpp.message_id": "4711"', '"smpp.password": "******"'):
        assert fact in text
    ids = tshark("-Y", "smpp", "-T", "fields", "-e", "smpp.command_id").replace(",", "\n").split()
    assert [int(number, 16) for number in ids] == [9, 0x80000009, 4, 0x80000004, 5, 0x21, 6]
