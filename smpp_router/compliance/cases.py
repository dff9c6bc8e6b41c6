# From a subject to a case: who the account is, what its class means, which regime holds. Compiled once from
# the configuration, asked for every message.
"""Making cases."""

from smpp_router.compliance.case import Case, CaseKind, Subject
from smpp_router.compliance.facts.facts import Facts, needed
from smpp_router.compliance.number_zones import zones_of
from smpp_router.compliance.senders import Sender
from smpp_router.compliance.settings import Settings
from smpp_router.config_compliance import ComplianceConfig, HoursConfig, Regime

_KINDS: dict[str, CaseKind] = {
    "verification": "verification",
    "notification": "notification",
    "logistics": "logistics",
    "member": "member",
    "member_service": "member",
    "member-service": "member",
    "member service": "member",
    "marketing": "marketing",
    "government": "government",
}
"""Classes that mean what they are called, where the configuration says nothing else."""


class Cases:
    """Knows senders and classes."""

    def __init__(self, config: ComplianceConfig) -> None:
        self.config = config
        self.settings = Settings.of(config)
        self._senders = {one.account: Sender(one, config.code_digits_max) for one in config.registrations}
        self._regimes: dict[str, Regime] = {
            one.account: one.regime for one in config.registrations if one.regime is not None
        }
        self.kind_of_others: CaseKind | None = None
        """Of classes of which neither their name nor the configuration tells the kind."""
        self._kinds: dict[str, CaseKind] = {**_KINDS, **{one.name: one.kind for one in config.classes}}
        needed()
        self._hours = {one.name: one.hours for one in config.classes}
        regimes = {config.regime, *(one.regime for one in config.registrations)}
        hours = (config.marketing_hours, *(one for one in self._hours.values() if one is not None))
        if "us_10dlc" in regimes or any(one.by_recipient for one in hours):
            # The first question reads tables for a tenth of a second: now, and not within a message.
            zones_of("12025550100")

    def case(self, subject: Subject) -> Case:
        """Make the case of a subject."""
        sender = self.sender(subject.account)
        kind = self.kind(subject.traffic_class)
        regime = self.regime(subject.account)
        return Case(subject, Facts(subject.text), sender, kind, regime, self.settings)

    def sender(self, account: str) -> Sender | None:
        """Return an account's registration."""
        return self._senders.get(account)

    def regime(self, account: str) -> Regime:
        """Return the regime that holds for an account."""
        return self._regimes.get(account, self.config.regime)

    def kind(self, traffic_class: str) -> CaseKind | None:
        """Return the kind of traffic that a class carries."""
        kind = self._kinds.get(traffic_class)
        return self.kind_of_others if kind is None else kind

    def hours(self, traffic_class: str) -> HoursConfig | None:
        """Return the hours that the configuration gives a class."""
        return self._hours.get(traffic_class)
