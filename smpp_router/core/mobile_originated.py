# What subscribers write to our numbers: the longest of mo_addresses that a number begins with says which
# account it is for, and it is owed to that account from the commit on that has it.
"""Mobile-originated messages on their way to an account."""

from collections.abc import Mapping
from contextlib import suppress

from smpp_router.core.accounts import Account
from smpp_router.core.alphabets import ROUTER_ALPHABET, translated
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.confirmations import Confirmations
from smpp_router.core.intake import Intake
from smpp_router.core.measuring import Measuring
from smpp_router.message.message import Delivery
from smpp_router.store.seam import OWED
from smpp_router.wire import constants as c
from smpp_router.wire.addresses import number_digits
from smpp_router.wire.codec import encode_body
from smpp_router.wire.kindred import deliver_sm_of
from smpp_router.wire.limits import overlong
from smpp_router.wire.pdu import DataSm, DeliverSm


class MobileOriginated:
    """Takes deliver_sm and data_sm that are no receipts to their accounts."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        intake: Intake,
        measuring: Measuring,
    ) -> None:
        self.confirmations = Confirmations(intake)
        self.overlong = 0
        """Messages that were refused since a field was too long for a deliver_sm."""
        self._intake = intake
        self._measuring = measuring
        self._accounts: list[tuple[bytes, Account]] = []
        self.configure(accounts)

    def configure(self, accounts: Mapping[str, Account]) -> None:
        """Go by what the accounts say now."""
        self._accounts = sorted(
            (
                (address.encode(), account)
                for account in accounts.values()
                if not account.is_leaving
                for address in account.config.mo_addresses
            ),
            key=lambda pair: -len(pair[0]),
        )

    def take(self, carrier: Carrier, pdu: DeliverSm | DataSm, now: float, commit: Commit) -> int:
        """Stage a message for its account; return the status that refuses it, ESME_ROK if nothing does.

        What is refused for a field that is too long may have staged a word about consent: its answer is for
        the commit, too.
        """
        # It would go to the ESME as it came, whose parser may not bear it.
        status = overlong(pdu)
        self.overlong += status != c.ESME_ROK
        destination = pdu.destination_addr
        if not destination.isdigit() or destination.startswith(b"0"):
            with suppress(ValueError):
                destination = number_digits(pdu.dest_addr_ton, pdu.dest_addr_npi, destination)
        account = next((a for prefix, a in self._accounts if destination.startswith(prefix)), None)
        if account is None:
            return status or c.ESME_RX_P_APPN
        # In the router's own alphabet from here on, whatever the carrier's is: so replies are understood.
        is_changed = translated(pdu, carrier.config.default_alphabet, ROUTER_ALPHABET)
        if status:
            # The subscriber, who can't help what the carrier writes around a word, has said it all the same.
            self._hear(account, pdu, now, commit)
            return status
        self._measuring.heard(carrier, pdu, account.config.traffic_class)
        self._hear(account, pdu, now, commit)
        if isinstance(pdu, DataSm):
            pdu = deliver_sm_of(pdu)
        is_changed |= translated(pdu, ROUTER_ALPHABET, account.config.default_alphabet)
        body = pdu.body if pdu.body is not None and not is_changed else encode_body(pdu, strict=False)
        delivery = Delivery(self._intake.issuer.issue(now), account.system_id, body, now)
        detail = account.system_id.encode() + b"\x00" + body
        commit.batch.facts.append((OWED, delivery.message_id, now, 0, detail))
        commit.deliveries.append(delivery)
        return c.ESME_ROK

    def _hear(self, account: Account, pdu: DeliverSm | DataSm, now: float, commit: Commit) -> None:
        """Go by what a subscriber says about consent, and stage what answers it."""
        if self._intake.screening is None:
            return
        changed = self._intake.screening.heard(account, pdu, now, commit)
        if changed is not None:
            self.confirmations.confirm(account, pdu, changed, now, commit)
        else:
            self.confirmations.help(account, pdu, now, commit)
