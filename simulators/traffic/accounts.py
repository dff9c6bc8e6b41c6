"""As whom a load is offered."""

import os
from collections.abc import Mapping
from typing import Final, Literal

import attrs

from smpp_router.config_checks import above, at_least, between, entries, if_given, octets

ACCOUNTS_MAX: Final = 1_000
BINDS_MAX: Final = 10_000

BindKind = Literal["transceiver", "transmitter", "split"]


@attrs.frozen(kw_only=True)
class LoadAccount:
    """One account and its connections. host and port are the command line's where they are not given."""

    system_id: str = attrs.field(validator=octets(1, 15))
    password: str = attrs.field(default="", repr=False, validator=octets(0, 64, secret=True))
    password_env: str = ""
    """The variable of the environment that holds the password, for files that others may read."""
    share: float = attrs.field(default=1.0, validator=above(0))
    """Of the rate, beside the other accounts' shares. Without a rate windows alone decide."""
    binds: int = attrs.field(default=1, validator=between(1, BINDS_MAX))
    """Connections that send."""
    bind: BindKind = "transceiver"
    """split: `binds` transmitters, and `receivers` receivers for what comes back."""
    receivers: int = attrs.field(default=1, validator=between(1, BINDS_MAX))
    window: int | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """Unanswered submit_sm of each connection; None: as the command line says."""
    host: str = ""
    port: int = attrs.field(default=0, validator=between(0, 65_535))

    def __attrs_post_init__(self) -> None:
        """Raise ValueError for two passwords."""
        if self.password and self.password_env:
            raise ValueError("password_env: there is a password already")

    def secret(self, environment: Mapping[str, str] | None = None) -> str:
        """Return the password. Raises ValueError if the environment lacks it."""
        if not self.password_env:
            return self.password
        value = (os.environ if environment is None else environment).get(self.password_env)
        if value is None:
            raise ValueError(f"password_env: the environment has no {self.password_env}")
        return value

    @property
    def commands(self) -> list[str]:
        """The kinds of its binds, those that send first."""
        if self.bind == "split":
            return ["transmitter"] * self.binds + ["receiver"] * self.receivers
        return [self.bind] * self.binds


@attrs.frozen(kw_only=True)
class AccountsConfig:
    """A file of accounts."""

    accounts: tuple[LoadAccount, ...] = attrs.field(validator=entries(1, ACCOUNTS_MAX))
