"""[api] as files have it."""

from pathlib import Path

from tests.config_files import SECRET, loaded, problems

MAIN = '[[listeners]]\nhost = "127.0.0.1"\n[store]\npath = "store"\n'


def test_a_good_section_is_read(tmp_path: Path) -> None:
    text = (
        f'{MAIN}[api]\nport = 0\ntokens = [{{ name = "ops", secrets = ["{SECRET}"], access = "change" }}]\n'
    )
    api = loaded(tmp_path, text).api
    assert api is not None
    assert (api.port, api.tokens[0].access) == (0, "change")


def test_without_the_section_there_is_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, MAIN).api is None


def test_bad_secrets_and_repeated_names_are_told_at_once_and_not_shown(tmp_path: Path) -> None:
    token = '{ name = "ops", secrets = ["in the clear"] }'
    found = problems(tmp_path, f"{MAIN}[api]\ntokens = [{token}, {token}]\n")
    assert found == [
        "router.toml: api.tokens[0].secrets[0]: must be a scrypt string as `smpp-router secret` prints it",
        "router.toml: api.tokens[1].name: ops is api.tokens[0] already",
        "router.toml: api.tokens[1].secrets[0]: must be a scrypt string as `smpp-router secret` prints it",
    ]
