# Who may bind. What costs nothing is checked first; the password, which costs a tenth of a second of scrypt,
# is left to the caller, who has a thread for it.
"""Deciding on binds (SMPP 3.4 section 4.1)."""

from collections.abc import Mapping

import attrs

from smpp_router.core.accounts import Account
from smpp_router.core.allow_list import AllowList
from smpp_router.core.credentials import CredentialCache
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind

_BIND_TYPES = {
    c.BIND_TRANSMITTER: "transmitter",
    c.BIND_RECEIVER: "receiver",
    c.BIND_TRANSCEIVER: "transceiver",
}


@attrs.frozen
class Candidate:
    """A bind that may stand if its password is right; `is_known`: it was right before."""

    account: Account
    is_known: bool


class Admission:
    """Checks binds against the accounts."""

    def __init__(self, accounts: Mapping[str, Account], cache_key: bytes) -> None:
        self._accounts = accounts
        self._cache = CredentialCache(cache_key)
        self._allow: dict[str, AllowList] = {}
        self.configure()

    def configure(self) -> None:
        """Go by what the accounts say now."""
        allow: dict[str, AllowList] = {}
        for system_id, account in self._accounts.items():
            known = self._allow.get(system_id)
            networks = account.config.allow_from
            allow[system_id] = known if known is not None and known.cidrs == networks else AllowList(networks)
        self._allow = allow

    def check(self, bind: Bind, peer_ip: str) -> Candidate | int:
        """Return who wants to bind, or the command_status that refuses it whatever the password."""
        account = self._accounts.get(bind.system_id.decode("latin-1"))
        if account is None or account.is_leaving:
            return c.ESME_RINVSYSID
        config = account.config
        if not self._allow[config.system_id].permits(peer_ip):
            return c.ESME_RBINDFAIL
        if config.system_type is not None and bind.system_type != config.system_type.encode():
            return c.ESME_RINVSYSTYP
        if _BIND_TYPES[bind.command_id] not in config.bind_types:
            return c.ESME_RBINDFAIL
        return Candidate(account, self._cache.knows(bind.system_id, bind.password, config.secrets))

    def remember(self, candidate: Candidate, bind: Bind) -> None:
        """The password was right: the next bind with it needs no scrypt."""
        self._cache.remember(bind.system_id, bind.password, candidate.account.config.secrets)

    def make_room(self, account: Account, now: float) -> bool:
        """Tell whether one more session may stand, having unbound the oldest if that is the policy."""
        # A session on its way out does not count: a peer that vanished may take write_stall_s to be gone.
        sessions: list[Session] = [
            s for s in account.sessions if s.timers.unbind_at is None and s.close_reason is None
        ]
        if len(sessions) < account.config.binds_max:
            return True
        if account.config.takeover == "refuse":
            return False
        sessions[0].unbind(now)
        return True
