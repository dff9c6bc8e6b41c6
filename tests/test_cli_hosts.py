"""Where a configuration says to listen, and whether this machine could."""

import json
from pathlib import Path

import pytest

from smpp_router.cli import EXIT_BAD_CONFIG, EXIT_OK, main
from smpp_router.cli_hosts import host_problem

OF_NOBODY = "192.0.2.1"
"""For documentation (RFC 5737): no machine has it."""


def checked(path: Path, *hosts: str, more: str = "") -> Path:
    listeners = "".join(f'[[listeners]]\nhost = "{host}"\nport = 0\n' for host in hosts)
    file = path / "router.toml"
    file.write_text(f'{listeners}{more}[store]\npath = "store"\n')
    return file


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost"])
def test_a_host_of_this_machine_is_fine(host: str) -> None:
    assert host_problem(host) is None


def test_an_address_of_another_machine_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = checked(tmp_path, "127.0.0.1", OF_NOBODY)
    assert main(["check", "--json", str(file)]) == EXIT_OK
    warnings = json.loads(capsys.readouterr().out)["summary"]["warnings"]
    told = f'{file}: listeners[1].host: "{OF_NOBODY}" is no address of this machine'
    assert [line for line in warnings if "host" in line] == [told]
    assert main(["check", str(file)]) == EXIT_OK
    assert f"warning      {told}" in capsys.readouterr().out


def test_a_name_that_nobody_has_is_told_in_the_file_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "listeners.toml").write_text('[[listeners]]\nhost = "esme.invalid"\n')
    file = checked(tmp_path, more='include = { listeners = "listeners.toml" }\n')
    assert main(["check", "--json", str(file)]) == EXIT_OK
    warnings = json.loads(capsys.readouterr().out)["summary"]["warnings"]
    (told,) = [line for line in warnings if "host" in line]
    where = f'{tmp_path}/listeners.toml: listeners[0].host: "esme.invalid" is not to be found from here: '
    assert told.startswith(where)


def test_where_the_api_listens_is_looked_at_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "scrypt$2$1$1$00$" + "00" * 32
    token = f'{{ name = "one", secrets = ["{secret}"] }}'
    api = f'[api]\nhost = "{OF_NOBODY}"\nport = 0\ntokens = [{token}]\n'
    assert main(["check", str(checked(tmp_path, "::", more=api))]) == EXIT_OK
    assert f'api.host: "{OF_NOBODY}" is no address of this machine' in capsys.readouterr().out


@pytest.mark.parametrize(
    "host", ["300.1.2.3", "[::1]", "127.0.0.1:2775", "no name", "-a.example", "a..b", ""]
)
def test_what_is_a_host_nowhere_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    file = checked(tmp_path, host)
    assert main(["check", str(file)]) == EXIT_BAD_CONFIG
    assert capsys.readouterr().err.splitlines() == [
        f'{file}: listeners[0].host: must be an address such as "127.0.0.1" or "::1", or the name of a host,'
        f' got "{host}"'
    ]
