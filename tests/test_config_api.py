"""The section [api] opens a port for who has a token, and for nobody else."""

import pytest

from smpp_router.config_api import ApiConfig, ApiTokenConfig
from tests.config_files import SECRET


def test_without_a_token_there_is_no_api() -> None:
    with pytest.raises(ValueError, match="tokens: must have 1 to 16 entries"):
        ApiConfig(tokens=())


def test_a_token_may_look_only_unless_it_says_otherwise_and_loopback_is_the_default() -> None:
    config = ApiConfig(tokens=(ApiTokenConfig(name="ops", secrets=(SECRET,)),))
    assert (config.host, config.tokens[0].access) == ("127.0.0.1", "read")


def test_secrets_are_not_shown() -> None:
    assert SECRET not in repr(ApiTokenConfig(name="ops", secrets=(SECRET,)))
