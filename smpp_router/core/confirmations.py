# A recipient who replies TD may be told that it was understood, and one who replies HELP who it is that
# writes: one message, from the number that was replied to, by the ordinary way of the account's messages.
#
# Rule 1: once a change: who refuses what is refused already hears nothing, so that two machines which answer
#         each other end. And not more often than DAILY_MAX a day, for those that change their mind each time.
#         A request for help changes nothing: it is answered HELP_DAILY_MAX times a day, be it by a person or
#         a machine, and before as after a refusal. No text of ours is such a word (config_compliance_fit.py).
# Rule 2: it stands in the same commit as the word that it confirms; so does the decision to send it. The
#         carrier's message is answered after that commit, and comes again if a crash was before it.
# Rule 3: nobody screens it and no opt-out stops it: it is the answer to a question. The account's ESME did
#         not submit it, and gets no receipt: its reported_id is UNREPORTED.
"""Confirmations of opt-outs and renewed consent, and answers to HELP, that came by MO."""

from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.config_confirmations import ConfirmationConfig, On
from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.intake import Intake
from smpp_router.core.screened_texts import writer_of
from smpp_router.message.consent import Consent
from smpp_router.message.lifecycle import SCREENED, VERDICTS
from smpp_router.message.message import UNREPORTED, Message
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm
from smpp_router.wire.text import choose_data_coding, encode_text

DAILY_MAX: Final = 4
"""Confirmations to one number of one account within a day: two changes of mind, and two more."""
HELP_DAILY_MAX: Final = 10
"""Answers to HELP to one number of one account within a day: more than people ask, and cheap for a loop."""
NUMBERS_MAX: Final = 100_000
"""Numbers that are counted for, at some 200 bytes each. The oldest is forgotten."""
_DAY_S: Final = 86_400.0
_ALLOWED: Final = VERDICTS.index("allowed")
_WHY: Final = b"answers what the recipient has replied"


@attrs.define(eq=False)
class ConfirmationCounters:
    """Counts since the start. `unsent`: there was no way, or no room. `too_many`: above a day's most."""

    sent: int = 0
    unsent: int = 0
    too_many: int = 0


class Confirmations:
    """Answers what recipients reply."""

    def __init__(self, intake: Intake) -> None:
        self.counters = ConfirmationCounters()
        self._intake = intake
        self._daily: dict[tuple[str, str, bool], tuple[float, int]] = {}

    def confirm(
        self, account: Account, pdu: DeliverSm | DataSm, consent: Consent, now: float, commit: Commit
    ) -> None:
        """Stage a confirmation of a word that has changed something, if one is configured for it."""
        on: On = "refusal" if consent.is_refusal else "consent"
        self._answer(account, pdu, (on, consent.number), now, commit)

    def help(self, account: Account, pdu: DeliverSm | DataSm, now: float, commit: Commit) -> None:
        """Stage an answer to a reply that asks for help, if it does and one is configured."""
        screening = self._intake.screening
        if screening is None or not any(one.on == "help" for one in screening.screener.config.confirmations):
            return
        if not screening.screener.optouts.asks_for_help(text_of(pdu)):
            return
        number = writer_of(pdu, screening.screener.config.country_code)
        if number is None:
            return
        self._answer(account, pdu, ("help", number), now, commit)

    def _answer(
        self, account: Account, pdu: DeliverSm | DataSm, to: tuple[On, str], now: float, commit: Commit
    ) -> None:
        """Stage an answer to what a number said, if one is configured for it."""
        on, number = to
        screener = None if self._intake.screening is None else self._intake.screening.screener
        if screener is None or not screener.config.confirmations:
            return
        regime = screener.cases.regime(account.system_id)
        config = chosen(screener.config.confirmations, account, on, regime)
        if config is None:
            return
        if not self._may(account.system_id, number, now, is_help=on == "help"):
            self.counters.too_many += 1
            return
        submit = _submit(config, account, pdu)
        message = self._intake.admit(account, submit, self._intake.issuer.issue(now), now)
        if not isinstance(message, Message):
            self.counters.unsent += 1
            return
        self.counters.sent += 1
        message.reported_id = UNREPORTED
        self._intake.flight.accept(message)
        commit.batch.accepted.append(message)
        commit.releases.append(message)
        commit.batch.notes.append((SCREENED, [message.message_id], now, _ALLOWED, _WHY))
        commit.batch.notes += self._intake.tracker.planned([message], now)

    def refused(self, message: Message) -> None:
        """The store had no room for a message; if it is a confirmation, it is not sent."""
        if message.reported_id == UNREPORTED:
            self.counters.sent -= 1
            self.counters.unsent += 1

    def _may(self, account: str, number: str, now: float, *, is_help: bool) -> bool:
        # Apart: who has asked for help all day still hears that a refusal was understood.
        key = account, number, is_help
        daily_max = HELP_DAILY_MAX if is_help else DAILY_MAX
        since, count = self._daily.pop(key, (now, 0))
        if since + _DAY_S <= now:
            since, count = now, 0
        while len(self._daily) >= NUMBERS_MAX:
            del self._daily[next(iter(self._daily))]
        self._daily[key] = since, min(count + 1, daily_max)
        return count < daily_max


def chosen(
    configured: Sequence[ConfirmationConfig], account: Account, on: On, regime: str
) -> ConfirmationConfig | None:
    """Return the first text that is meant for a word to an account of a regime."""
    return next(
        (
            one
            for one in configured
            if one.on == on
            and one.regime in (None, regime)
            and one.account in ("", account.system_id)
            and one.traffic_class in ("", account.config.traffic_class)
        ),
        None,
    )


def _submit(config: ConfirmationConfig, account: Account, pdu: DeliverSm | DataSm) -> SubmitSm:
    """Make the message, back along the way of the reply."""
    # As the account would have written it: admission translates it for carriers.
    alphabet = account.config.default_alphabet
    coding = choose_data_coding(config.text, alphabet)
    source = (pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr)
    if config.sender:
        is_number = config.sender.isdigit()
        source = (0 if is_number else 5, 1 if is_number else 0, config.sender.encode())
    return SubmitSm(
        source_addr_ton=source[0],
        source_addr_npi=source[1],
        source_addr=source[2],
        dest_addr_ton=pdu.source_addr_ton,
        dest_addr_npi=pdu.source_addr_npi,
        destination_addr=pdu.source_addr,
        data_coding=coding,
        short_message=encode_text(config.text, coding, alphabet),
    )
