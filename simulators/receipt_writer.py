"""The receipts of one simulated carrier, in its dialect."""

import attrs

from simulators.deliveries import Delivery
from simulators.dialect import ReceiptFacts, preceding_octets, receipt_octets
from simulators.message_ids import MessageIds
from simulators.messages import Held
from simulators.outcomes import SILENT
from simulators.profile import CarrierProfile
from smpp_router.wire import constants as c
from smpp_router.wire.receipt_body import FINAL_RECEIPT, receipt_body, without_tlvs
from smpp_router.wire.times import receipt_date

_RECEIPT_BITS = 0x03


class ReceiptWriter:
    """Writes receipts as a profile says."""

    def __init__(self, profile: CarrierProfile, ids: MessageIds) -> None:
        dialect = profile.dialect
        self._has_tlvs = profile.receipt_tlvs
        # Only plain receipts have nothing but the optional parameters behind their text.
        self._dialect = dialect if profile.receipt_tlvs else attrs.evolve(dialect, receipt_tlvs_included=())
        self._is_plain = dialect.is_plain
        self._command_id = c.DATA_SM if dialect.receipt_pdu == "data_sm" else c.DELIVER_SM
        self._ids = ids

    def receipt(self, held: Held, message_state: int, now: float, esm_class: int = FINAL_RECEIPT) -> Delivery:
        """Return what tells an ESME of a message's state. Its text must not have been forgotten yet."""
        if self._is_plain and not (held.error_code and message_state == c.DELIVERED):
            body = receipt_body(
                self._ids.in_receipt(held.message_id),
                held.addresses,
                receipt_date(held.taken_at),
                receipt_date(now),
                message_state,
                0 if message_state == c.ENROUTE else held.error_code,
                esm_class,
            )
            return Delivery(body if self._has_tlvs else without_tlvs(body))
        facts = self._facts(held, message_state, now)
        facts.esm_class = esm_class
        return Delivery(receipt_octets(self._dialect, facts), command_id=self._command_id)

    def preceding(self, held: Held, now: float) -> Delivery | None:
        """Return what this vendor says of a message just before its final receipt, None for nothing."""
        if not self._dialect.preceding_stat:
            return None
        body = preceding_octets(self._dialect, self._facts(held, held.outcome, now))
        return Delivery(body, command_id=self._command_id)

    def _facts(self, held: Held, message_state: int, now: float) -> ReceiptFacts:
        return ReceiptFacts(
            self._ids.in_receipt(held.message_id),
            held.addresses,
            held.taken_at,
            now,
            message_state,
            0 if message_state == c.ENROUTE else held.error_code,
            FINAL_RECEIPT,
            held.short_message,
            held.data_coding,
        )


def receipt_copies(held: Held) -> int:
    """Return how often a message's receipt comes.

    registered_delivery is heeded (SMPP 3.4 section 5.2.17): 1 always, 2 on failure, and as SMPP 5.0 has it 3
    on success.
    """
    if held.outcome == SILENT:
        return 0
    asked = held.registered_delivery & _RECEIPT_BITS
    fate = held.fate
    if asked == 0:
        return 1 if fate is not None and fate.is_unasked else 0
    if asked != 1 and (asked == 3) != (held.outcome == c.DELIVERED):
        return 0
    return 1 if fate is None else fate.copies
