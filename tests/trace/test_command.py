import json
from pathlib import Path

import pytest
import trio

from smpp_router.cli import main
from smpp_router.message.lifecycle import CAUSE_SHIFT, COPIED, COPY, FINAL, PATH, SENT, TAKEN, Cause
from smpp_router.store.seam import PATH_TAKEN, Batch
from tests.store.histories import at_of, id_of, message_of, open_history
from tests.trace.lives import (
    FAILED,
    REFUSED_ONCE,
    WAITING,
    conversation,
    screened_conversation,
    store_of,
)


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "router.toml"
    file.write_text('[[listeners]]\nhost = "127.0.0.1"\n[store]\npath = "store"\n')
    return str(file)


@pytest.fixture
def ids(tmp_path: Path) -> list[str]:
    """The message_ids of tests/trace/lives.py, in a store."""
    talk, issued = conversation()
    store_of(talk, tmp_path / "store")
    return [message_id.decode() for message_id in issued]


def test_a_message_is_shown_with_what_became_of_it(
    config: str, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", ids[REFUSED_ONCE], "--config", config, "--width", "120"]) == 0
    said = capsys.readouterr().out
    assert f"message {ids[REFUSED_ONCE]}   DELIVERED after 2.7 s; settled" in said
    assert "106900 to 8613900000001   account bank, class default" in said
    assert "1 events that should not have happened" in said
    assert "\x1b" not in said
    assert main(["trace", ids[WAITING], "--config", config]) == 0
    assert "taken: a carrier answered ESME_ROK for it" in capsys.readouterr().out


def test_programs_get_json(config: str, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", ids[FAILED], "--config", config, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["message_state"], told["state"]) == ("UNDELIVERABLE", "settled")
    assert told["message"]["destination_addr"] == "8613900000001"
    assert [event["event"] for event in told["events"]][:3] == ["received", "planned", "sent"]
    assert [event["at"] for event in told["events"]] == sorted(event["at"] for event in told["events"])


def test_messages_are_listed_by_what_they_are(
    config: str, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(*arguments: str) -> list[str]:
        assert main(["trace", *arguments, "--config", config]) == 0
        return [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]

    newest = list(reversed(ids))
    assert listed("--number", "+8613900000001") == newest
    assert listed("--account", "bank") == newest
    assert listed("--account", "bank", "--limit", "1") == newest[:1]
    assert listed("--account", "bank", "--state", "undeliverable") == [ids[FAILED]]
    assert listed("--sender", "106900", "--since", "2027-01-15T08:00:09") == newest[:2]


def test_nothing_found_and_nothing_asked_have_a_status_each(
    config: str, ids: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", "7", "--config", config]) == 4
    assert main(["trace", "--number", "4917", "--config", config]) == 4
    assert main(["trace", "x", "--config", config]) == 2
    assert main(["trace", "--number", "x", "--config", config]) == 2
    assert "'x' is no number" in capsys.readouterr().err
    assert main(["trace", "--config", config]) == 2
    assert main(["trace", ids[0], "--number", "86", "--config", config]) == 2
    assert main(["trace", "7", "--config", str(tmp_path / "none.toml")]) == 1
    (tmp_path / "store" / "history" / "manifest").write_text("{}")
    assert main(["trace", "7", "--config", config]) == 3
    assert "not a manifest" in capsys.readouterr().err


def test_a_message_with_several_paths_has_a_ledger_of_them(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parent, copies = id_of(1), [id_of(2), id_of(3)]
    names = (b"north", b"south")
    made = Batch([message_of(n) for n in (1, 2, 3)])
    made.facts = [
        (COPY, copy, at_of(3), path, parent.to_bytes(8, "big") + name)
        for path, (copy, name) in enumerate(zip(copies, names, strict=True), 1)
    ]
    made.notes = [
        (COPIED, [parent], at_of(3), path, copy.to_bytes(8, "big") + name)
        for path, (copy, name) in enumerate(zip(copies, names, strict=True), 1)
    ] + [(SENT, [copy], at_of(10), 1, name) for copy, name in zip(copies, names, strict=True)]
    taken = [(TAKEN, copy, at_of(50), 0, name + b"\x005") for copy, name in zip(copies, names, strict=True)]
    delivered = [
        (FINAL, copies[0], at_of(1_500), 2 | Cause.RECEIPT << CAUSE_SHIFT, b""),
        (PATH, parent, at_of(1_500), 1 | PATH_TAKEN | 2 << 8, copies[0].to_bytes(8, "big") + b"north"),
        (FINAL, parent, at_of(1_500), 2 | Cause.PATHS << CAUSE_SHIFT, b""),
    ]

    async def write() -> None:
        store = open_history(tmp_path / "store")
        for batch in (made, Batch([], taken), Batch([], delivered)):
            await store.commit(batch)
        await store.aclose()

    trio.run(write)
    assert main(["trace", str(parent), "--config", config, "--width", "150"]) == 0
    said = capsys.readouterr().out
    assert f"path 1  north            DELIVERED, 1.5 s after it was sent   copy {copies[0]}" in said
    assert f"path 2  south            not ended   copy {copies[1]}" in said
    assert "path 2: attempt 1, link 1" in said
    assert "what its paths came to" in said


def test_a_refused_message_is_found_with_its_verdict(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_of(screened_conversation(), tmp_path / "store")

    def listed(*arguments: str) -> list[list[str]]:
        assert main(["trace", *arguments, "--config", config]) == 0
        return [line.split() for line in capsys.readouterr().out.splitlines()[1:]]

    refused = listed("--account", "bank", "--refused")
    assert [line[4:] for line in refused] == [
        ["4917212345678", "refused:", "ESME_RINVDSTADR"],
        ["8613900000002", "refused:", "0x00000411", "(signature)"],
    ]
    assert [line[5:] for line in listed("--account", "bank")] == [
        ["refused:", "ESME_RINVDSTADR"],
        ["refused:", "0x00000411", "(signature)"],
        ["sent"],
    ]
    assert [line[0] for line in listed("--number", "+8613900000002")] == [refused[1][0]]
    assert main(["trace", refused[1][0], "--config", config, "--width", "150"]) == 0
    said = capsys.readouterr().out
    assert "REFUSED with 0x00000411 (signature); turned away: was refused when it was submitted" in said
    assert "106900 to 8613900000002   account bank, class default" in said
    assert "SIGNATURE_MISSING" in said
    assert "valid until" not in said
    assert main(["trace", refused[1][0], "--config", config, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["command_status"], told["state"]) == ("0x00000411", "turned away")
    (verdict,) = [event["verdict"] for event in told["events"] if "verdict" in event]
    assert (verdict["action"], verdict["decisive"]) == ("refuse", "SIGNATURE_MISSING")


def test_the_verdict_of_a_message_that_went_is_shown(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store_of(screened_conversation(), tmp_path / "store")
    assert main(["trace", "--number", "8613900000001", "--config", config, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    screened = next(event for event in told["events"] if event["event"] == "screened")
    assert screened["verdict"]["action"] == "accept"
    version = screened["verdict"]["configuration_version"]
    assert version
    assert screened["text"] == f"allowed: accept; configuration {version}"
