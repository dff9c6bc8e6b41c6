# How a message ends: one place, whatever ended it - a receipt, a refusal, its validity, a cancel_sm.
#
# Ending is a FINAL fact that carries the receipt which the ESME is owed, so that the fact and the debt become
# durable together; the receipt is handed to the account when they are. Exactly one FINAL a message: it is
# made only here, and only for an entry that flight still has.
#
# A copy of a message that has several paths (bundles.py) ends here too, and owes nobody a receipt: its end is
# one line more in its parent's ledger, and its bundle is put in `touched` for paths.py to look at.
#
# Nobody is told that a message failed which some handset may show: where a carrier never answered for it,
# what another one says of its own copy is not the whole truth, and the message ends UNKNOWN.
"""The end of a message and the receipt that its ESME is owed."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from smpp_router.core.bundles import Bundle, end_stage
from smpp_router.core.commit import Commit
from smpp_router.core.flight import Flight
from smpp_router.core.message_ids import MessageIdIssuer, issued_at
from smpp_router.message.lifecycle import CAUSE_SHIFT, ERROR_MASK, ERROR_SHIFT, RECEIPT_OWED, Cause
from smpp_router.message.message import Delivery, Message, Pending
from smpp_router.store.seam import FINAL, PATH, PATH_TAKEN
from smpp_router.wire import constants as c
from smpp_router.wire.receipt_body import INTERMEDIATE, delivered_body, receipt_body
from smpp_router.wire.times import receipt_date

ON_FINAL: Final = 0x01
ON_FAILURE: Final = 0x02
ON_SUCCESS: Final = 0x03
"""registered_delivery bits 0-1; 3 is reserved in 3.4 and means success only in 5.0 (section 4.7.21)."""
WANTED_ON_SUCCESS: Final = ON_FINAL & ON_SUCCESS
"""The bit that says that a receipt is wanted when all went well."""
INTERMEDIATE_WANTED: Final = 0x10
"""registered_delivery bit 4 (SMPP 3.4 section 5.2.17)."""
FAILED: Final = frozenset({c.EXPIRED, c.DELETED, c.UNDELIVERABLE, c.REJECTED})


def wants_receipt(registered_delivery: int, message_state: int) -> bool:
    """Tell whether the ESME asked for a receipt on this outcome (SMPP 3.4 section 5.2.17)."""
    asked = registered_delivery & 0x03
    if asked == ON_FINAL:
        return True
    return asked == (ON_SUCCESS if message_state == c.DELIVERED else ON_FAILURE)


@attrs.define(eq=False)
class Ending:
    """Ends messages."""

    flight: Flight
    issuer: MessageIdIssuer
    ended: Counter[int] = attrs.Factory(Counter[int])
    bundles: dict[int, Bundle] = attrs.Factory(dict[int, Bundle])
    """By the message_ids of the message and of its copies, each until it ends."""
    touched: list[Bundle] = attrs.Factory(list[Bundle])

    def end(
        self,
        entry: Message | Pending,
        message_state: int,
        error_code: int,
        now: float,
        commit: Commit,
        cause: Cause = Cause.RECEIPT,
    ) -> None:
        """Stage the end of a message that flight has; a failure of one that is doubtful is UNKNOWN."""
        # A carrier's command_status may be any 32 bits.
        error_code = min(error_code, ERROR_MASK)
        if entry.is_doubtful and message_state in FAILED:
            message_state, error_code = c.UNKNOWN, 0
        self.flight.end(entry)
        if type(entry) is Message:
            entry.is_ended = True
        if self.bundles and entry.message_id in self.bundles:
            bundle = self.bundles.pop(entry.message_id)
            self.touched.append(bundle)
            if entry is not bundle.parent:
                code = message_state | error_code << ERROR_SHIFT | cause << CAUSE_SHIFT
                self._end_copy(bundle, entry, code, now, commit)
                return
            bundle.is_over = True
            cause = Cause.PATHS
        self.ended[message_state] += 1
        message_id = entry.message_id
        code = message_state | error_code << ERROR_SHIFT | cause << CAUSE_SHIFT
        body = b""
        if wants_receipt(entry.registered_delivery, message_state):
            body = self._receipt(entry, message_state, error_code, now)
            commit.deliveries.append(Delivery(message_id, entry.account, body, now))
            code |= RECEIPT_OWED
        commit.batch.facts.append((FINAL, message_id, now, code, body))

    def delivered(self, entries: Sequence[Pending], now: float, commit: Commit) -> None:
        """Stage the end of messages that have been delivered, as end() does for one; nearly all end so."""
        if self.bundles:
            for entry in entries:
                self.end(entry, c.DELIVERED, 0, now, commit)
            return
        self.flight.end_all(entries)
        self.ended[c.DELIVERED] += len(entries)
        code = c.DELIVERED | Cause.RECEIPT << CAUSE_SHIFT
        text = self.issuer.text
        done_date = receipt_date(now)
        facts, deliveries = commit.batch.facts, commit.deliveries
        for entry in entries:
            message_id = entry.message_id
            if not entry.registered_delivery & WANTED_ON_SUCCESS:
                facts.append((FINAL, message_id, now, code, b""))
                continue
            submit_date = receipt_date(issued_at(message_id))
            body = delivered_body(text(entry.reported_id), entry.addresses, submit_date, done_date)
            deliveries.append(Delivery(message_id, entry.account, body, now))
            facts.append((FINAL, message_id, now, code | RECEIPT_OWED, body))

    def _end_copy(
        self, bundle: Bundle, entry: Message | Pending, code: int, now: float, commit: Commit
    ) -> None:
        """Stage the end of a copy; `code` is that of FINAL."""
        copy_id = entry.message_id
        message_state, error_code = code & 0xFF, code >> ERROR_SHIFT & ERROR_MASK
        path = bundle.path_of(copy_id)
        path.stage = end_stage(entry, message_state)
        path.message_state, path.error_code, path.ended_at = message_state, error_code, now
        facts = commit.batch.facts
        if not bundle.is_over:
            line = path.number | message_state << 8 | error_code << 16
            if isinstance(entry, Pending):
                line |= PATH_TAKEN
            detail = copy_id.to_bytes(8, "big") + path.carrier.encode()
            facts.append((PATH, bundle.parent.message_id, now, line, detail))
        facts.append((FINAL, copy_id, now, code, b""))

    def intermediate(
        self, entry: Pending, message_state: int, error_code: int, now: float, commit: Commit
    ) -> None:
        """Pass on that a message is under way, if the ESME asked; not stored: nothing hangs on it."""
        told: Message | Pending = entry
        if self.bundles and entry.message_id in self.bundles:
            bundle = self.bundles[entry.message_id]
            if bundle.is_over or message_state in bundle.told:
                # Another path has said so already, or more than that.
                return
            bundle.told.add(message_state)
            told = bundle.parent
        if told.registered_delivery & INTERMEDIATE_WANTED:
            body = self._receipt(told, message_state, error_code, now, INTERMEDIATE)
            commit.deliveries.append(Delivery(0, told.account, body, now))

    def _receipt(
        self, entry: Message | Pending, message_state: int, error_code: int, now: float, *esm_class: int
    ) -> bytes:
        return receipt_body(
            self.issuer.text(entry.reported_id),
            entry.addresses,
            receipt_date(issued_at(entry.message_id)),
            receipt_date(now),
            message_state,
            error_code,
            *esm_class,
        )


def final_date(final_at: float) -> bytes:
    """Write a time as query_sm_resp has it: absolute, UTC, with tenths (SMPP 3.4 section 7.1.1)."""
    at = datetime.fromtimestamp(final_at, UTC)
    return at.strftime("%y%m%d%H%M%S").encode() + b"%d00+" % (at.microsecond // 100_000)
