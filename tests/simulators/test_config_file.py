"""Files of carriers: good ones, and every mistake by its place."""

from pathlib import Path

import pytest

from simulators.config_file import SimulatorConfigError, load_simulators
from smpp_router.config_file import load_config

CONFIG = Path(__file__).parents[2] / "config"


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "carriers.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SimulatorConfigError) as caught:
        load_simulators(file)
    assert str(caught.value) == "\n".join(caught.value.lines)
    assert all(line.startswith(f"{file}: ") for line in caught.value.lines)
    return [line.removeprefix(f"{file}: ") for line in caught.value.lines]


def test_the_example_fits_the_carriers_of_the_router() -> None:
    simulated = {
        carrier.name: carrier for carrier in load_simulators(CONFIG / "simulated-carriers.toml").carriers
    }
    router = load_config(CONFIG / "router.toml")
    assert {carrier.name for carrier in router.carriers} == simulated.keys()
    for carrier in router.carriers:
        profile = simulated[carrier.name]
        accounts = {account.system_id: account for account in profile.accounts}
        for link in carrier.links:
            assert (link.host, link.port) == (profile.host, profile.port)
            assert link.password == accounts[link.system_id].password
            assert link.binds <= accounts[link.system_id].binds_max


@pytest.mark.parametrize("file", sorted((CONFIG / "simulators").glob("*.toml")), ids=lambda file: file.stem)
def test_every_example_is_good(file: Path) -> None:
    ports = [port.port for one in load_simulators(file).carriers for port in one.all_listeners]
    assert len(set(ports)) == len(ports) > 0


def test_the_timeline_of_a_file_is_for_all_its_carriers_or_those_it_names(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    entries = '[[timeline]]\nname = "all"\ndown = true\n[[timeline]]\ncarriers = ["b"]\ndown = true\n'
    own = '[[carriers.timeline]]\nname = "own"\ndown = true\n'
    file.write_text(entries + A + own + A.replace('"a"', '"b"').replace("1", "2"))
    a, b = load_simulators(file).carriers
    assert [entry.name for entry in a.timeline] == ["all", "own"]
    assert [entry.name for entry in b.timeline] == ["all", ""]


def test_a_timeline_that_can_not_be_is_told_by_its_place(tmp_path: Path) -> None:
    text = (
        "[[timeline]]\ncarriers = ['z']\nset = { colour = 1 }\n[[timeline]]\nset = { errors = 3 }\n"
        + A
        + "[[carriers.timeline]]\ncarriers = ['a']\npacks = ['nothing']\n"
    )
    assert problems(tmp_path, text) == [
        "timeline[0].carriers: no carrier z; there are a",
        "timeline[1].set.errors: must be a table, got a whole number (a)",
        "carriers[0].timeline[0].carriers: belongs to the [[timeline]] of a file",
        'carriers[0].timeline[0].packs: there is no pack "nothing"',
    ]
    assert problems(tmp_path, A + "[[carriers.timeline]]\nfor_s = 1") == [
        "carriers[0].timeline[0]: nothing happens: it has none of down, disconnect, packs, set and brown_out"
    ]


def test_a_file_says_what_differs_from_the_usual(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text(
        '[[carriers]]\nname = "a"\nport = 0\nresponse_s = 1\nerror_codes = { UNDELIV = [1, 27] }\n'
    )
    (carrier,) = load_simulators(file).carriers
    assert (carrier.response_s, carrier.error_codes) == (1.0, {"UNDELIV": (1, 27)})
    assert carrier.message_ids == "decimal"


A = '[[carriers]]\nname = "a"\nport = 1\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["carriers: is missing"]),
        ("carriers = []", ["carriers: there is none"]),
        ("carriers = 3", ["carriers: must be a list, got a whole number"]),
        ("[carriers]\nname = 1", ["carriers: must be a list, got a table"]),
        ("[[carriers]]\nport = 1", ["carriers[0].name: is missing"]),
        (A + "port_ = 2", ["carriers[0]: port_: unknown key; did you mean port?"]),
        (A + "colour = 2", ["carriers[0]: colour: unknown key"]),
        (A + 'response_s = "1"', ["carriers[0].response_s: must be a number, got a text"]),
        (A + "response_s = true", ["carriers[0].response_s: must be a number, got true or false"]),
        (A + "response_s = nan", ["carriers[0].response_s: must be a finite number, got nan"]),
        (A + "response_s = 2024-01-01", ["carriers[0].response_s: must be a number, got a date or time"]),
        (A + 'receipt_ids = "oct"', ["carriers[0].receipt_ids: must be same or decimal or hex, got oct"]),
        (A + "outcomes = 3", ["carriers[0].outcomes: must be a table, got a whole number"]),
        (A + "outcomes = { NO = 1 }", None),
        (A + "throughput_per_s = 0", ["carriers[0].throughput_per_s: must be above 0, got 0.0"]),
        (A + 'accounts = [{ system_id = "x", pasword = "y" }]', None),
        (A + A.replace("1", "2"), ['carriers[1].name: "a" is carriers[0] already']),
        (A + A.replace('"a"', '"b"'), ["carriers[1].port: 127.0.0.1:1 is carriers[0] already"]),
        ("= 1", None),
    ],
)
def test_a_mistake_is_named_by_its_place(tmp_path: Path, text: str, expected: list[str] | None) -> None:
    found = problems(tmp_path, text)
    assert found
    if expected is not None:
        assert found == expected


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = '[[carriers]]\nname = "a"\nseed = "x"\n[[carriers]]\nname = 3\nport = "x"\n'
    assert problems(tmp_path, text) == [
        "carriers[0].port: is missing",
        "carriers[0].seed: must be a whole number, got a text",
        "carriers[1].name: must be a text, got a whole number",
        "carriers[1].port: must be a whole number, got a text",
    ]


def test_a_wrong_value_does_not_hide_another_one_of_the_same_table(tmp_path: Path) -> None:
    text = (
        A + "response_s = -1\nwindow_max = 0\nfaults = { reset_share = 2, refuse_binds = 'NO', colour = 1 }\n"
        "rules = [{ share = 3, outcome = 'FINE' }]\ndialect = { receipt_date_digits = 11 }"
    )
    assert [line.partition(" must")[0].partition(" is none")[0] for line in problems(tmp_path, text)] == [
        "carriers[0].window_max:",
        "carriers[0].response_s:",
        "carriers[0].rules[0].share:",
        "carriers[0].rules[0].outcome: FINE",
        "carriers[0].dialect.receipt_date_digits:",
        "carriers[0].faults.refuse_binds:",
        "carriers[0].faults.reset_share:",
        "carriers[0].faults: colour: unknown key",
    ]


def test_paths_start_from_the_folder_of_the_file_and_bad_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no certificate")
    tls = "tls = { certificate = 'note.txt', key = 'none.key' }"
    text = A + f"listeners = [{{ port = 1 }}, {{ port = 2, {tls} }}, {{ port = 2 }}]"
    assert problems(tmp_path, text) == [
        "carriers[0].listeners[0].port: 127.0.0.1:1 is carriers[0] already",
        f"carriers[0].listeners[1].tls.certificate: {tmp_path}/note.txt: holds no PEM certificate",
        "carriers[0].listeners[2].port: 127.0.0.1:2 is carriers[0].listeners[1] already",
    ]


def test_any_port_may_be_free_more_than_once(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text('[[carriers]]\nname = "a"\nport = 0\n[[carriers]]\nname = "b"\nport = 0\n')
    assert len(load_simulators(file).carriers) == 2


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text(A, "utf-8-sig")
    assert len(load_simulators(file).carriers) == 1


def test_no_password_is_shown(tmp_path: Path) -> None:
    text = A + 'accounts = [{ system_id = "x", password = "' + "secret" * 20 + '" }, { password = "secret" }]'
    found = problems(tmp_path, text)
    assert len(found) == 2
    assert "secret" not in "".join(found)


def test_a_file_that_is_not_there_or_not_text_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SimulatorConfigError, match="No such file"):
        load_simulators(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SimulatorConfigError, match=r"bytes\.toml: .*decode"):
        load_simulators(tmp_path / "bytes.toml")


EVERYTHING = """
[[carriers]]
name = "a"
port = 0
queue_capacity = 1000
throttle_status = "silence"
magic_numbers = true
directives = true
accounts = [
    { system_id = "tx", bind_types = ["transmitter"], receipts_to = "rx" },
    { system_id = "rx", bind_types = ["receiver"] },
]
distribution_lists = { friends = ["8613900000001"] }
mo_routes = { "10690" = "rx" }
rules = [{ destination = "86138", status = "ESME_RINVDSTADR" }, { share = 0.1, outcome = "NONE" }]

[carriers.response_delay]
kind = "empirical"
quantiles_s = [0.01, 0.02, 0.05, 1]

[carriers.receipt_delay]
kind = "spikes"
s = 1
spike_share = 0.01
spike_s = 30

[carriers.anomalies]
duplicated = 0.01
early = 0.01

[carriers.interception]
words = ["prize"]
action = "pretend"

[carriers.dialect]
receipt_date_digits = 12
"""


def test_every_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "carriers.toml"
    file.write_text(EVERYTHING)
    (carrier,) = load_simulators(file).carriers
    assert carrier.rules[1].outcome == "NONE"
    assert carrier.delay_of_response().quantiles_s == (0.01, 0.02, 0.05, 1.0)
    assert carrier.delay_of_receipt().spike_s == 30.0
    assert carrier.anomalies.early == 0.01
    assert carrier.interception is not None
    assert carrier.interception.senders == ("106",)
    assert carrier.dialect.receipt_date_digits == 12
    assert carrier.accounts[0].receipts_to == "rx"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules = [{ destinaton = '1' }]", "carriers[0].rules[0]: destinaton: unknown key; did you mean"),
        ("rules = [{ outcome = 'FINE' }]", "carriers[0].rules[0].outcome: FINE is none of"),
        (
            "response_delay = { kind = 'slow' }",
            "carriers[0].response_delay.kind: must be fixed or uniform or",
        ),
        ("anomalies = { late = 2 }", "carriers[0].anomalies.late: must be from 0 to 1, got 2.0"),
        ("interception = { patterns = ['('] }", "carriers[0].interception.patterns: ( is no regular"),
        ("accounts = [{ system_id = 'a', bind_types = ['any'] }]", "carriers[0].accounts[0].bind_types"),
        ("packs = ['id-uid']", 'carriers[0]: packs: there is no pack "id-uid"'),
        ("accounts = [{ system_id = 'a', receipts_to = 'b' }]", "carriers[0]: accounts: receipts_to b is no"),
    ],
)
def test_a_mistake_in_a_table_is_named_by_its_place(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = problems(tmp_path, A + text)
    assert found.startswith(problem)


def test_a_pack_that_there_is_not_hides_no_other_mistake(tmp_path: Path) -> None:
    found = problems(tmp_path, A + "packs = ['id-uid']\nseed = 'x'\n[control]\nprt = 1\n")
    assert [problem.split(": ")[:2] for problem in found] == [
        ["carriers[0]", "packs"],
        ["carriers[0].seed", "must be a whole number, got a text"],
        ["control", "prt"],
    ]
