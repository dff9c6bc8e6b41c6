import io

import pytest
from rich.console import Console

from simulators.grade.dissect import MASK
from simulators.grade.grader import Grader
from simulators.grade.report import report_of
from simulators.grade.terminal import show
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind
from tests.simulators.grade.bad_clients import BAD
from tests.simulators.grade.wires import Wire


def shown(grader: Grader, width: int = 110) -> str:
    console = Console(width=width, record=True, quiet=False, file=io.StringIO())
    show(report_of(grader), console)
    console.file.close()
    return console.export_text()


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_every_finding_is_told_at_any_width(width: int) -> None:
    wire = Wire().bound()
    wire.submit()
    wire.submit()
    for name in ("esm-class", "address-content", "ucs2-not-needed", "utf8-as-default"):
        BAD[name](wire)
    wire.end()
    text = shown(wire.grader, width)
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    assert "Reserved bits in esm_class" in words
    assert "SMPP 3.4 section 5.2.12" in words
    assert "bad manners" in words
    assert "esm_class 4 (0x04)" in words
    assert "not seen: nothing is known of these" in words


def test_a_clean_run_and_one_without_a_client_are_told_apart() -> None:
    assert "nothing was seen: no client has bound" in shown(Grader())
    wire = Wire().bound()
    wire.end()
    assert "= 100" in shown(wire.grader)


def test_what_a_client_calls_itself_is_no_markup_and_moves_no_cursor() -> None:
    wire = Wire().bound(system_id=b"[red]\x1b[2J\r")
    wire.submit(esm_class=4)
    wire.end()
    text = shown(wire.grader)
    assert "[red]" in text
    assert "\x1b" not in text


def test_a_password_is_masked() -> None:
    wire = Wire().connect()
    wire.send(
        encode(Bind(sequence_number=1, command_id=c.BIND_RECEIVER, password=b"123456789"), strict=False)
    )
    wire.close()
    text = shown(wire.grader)
    assert "123456789" not in text
    assert MASK in text
