"""Tables for people."""

import pytest

from simulators.control.ctl_view import clock_time, show_messages, show_pdus, show_state


def test_a_carrier_that_is_down_is_shown_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_state({"name": "mobile", "is_up": False, "profile": {"response_s": 0.5}})
    shown = capsys.readouterr().out
    assert "down" in shown
    assert "response_s" in shown


def test_nothing_is_cut_off_in_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    show_state({"name": "mobile", "host": "127.0.0.1", "port": 3001, "is_up": True})
    shown = capsys.readouterr().out
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    assert max(map(len, shown.splitlines())) <= 40


def test_in_a_pipe_each_message_has_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    message = {
        "at": 0.0,
        "system_id": "a",
        "source": "106900",
        "destinations": ["8613900000001"],
        "command_status": "ESME_ROK",
        "message_id": "1000000000",
        "text": "hello " * 100,
    }
    show_messages({"arrivals": [message] * 3})
    shown = [line for line in capsys.readouterr().out.splitlines() if "8613900000001" in line]
    assert len(shown) == 3
    assert all(("hello " * 100).strip() in line for line in shown)


def test_what_a_text_says_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    message = {
        "at": 0.0,
        "system_id": "a",
        "source": "b",
        "destinations": ["c"],
        "command_status": "ESME_ROK",
        "message_id": "7",
        "text": "[red]x[/blue]",
    }
    show_messages({"arrivals": [message]})
    assert "[red]" in capsys.readouterr().out


def test_a_pdu_takes_one_line_and_its_octets_another(capsys: pytest.CaptureFixture[str]) -> None:
    pdu = {
        "at": 1.0005,
        "carrier": "mobile",
        "peer": "10.1.2.3:5",
        "is_from_peer": False,
        "command": "enquire_link",
        "sequence_number": 3,
        "command_status": "ESME_ROK",
        "fields": {},
        "hex": "00" * 200,
    }
    show_pdus({"pdus": [pdu]}, True)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["00:00:01.000 mobile 10.1.2.3:5 <- enquire_link 3 ESME_ROK", "    " + "00" * 200]
    show_pdus({"pdus": [pdu]}, False)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_times_are_to_the_millisecond() -> None:
    assert clock_time(86_399.5) == "23:59:59.500"
