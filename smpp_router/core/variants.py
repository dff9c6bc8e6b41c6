# The other two ways to submit. Both become submit_sm bodies here, so that everything behind knows one kind:
#
#   submit_multi   one message a destination; all report the first one's message_id (SMPP 3.4 section 4.5.2)
#   data_sm        a submit_sm whose text is in message_payload, as it is in the data_sm
"""submit_multi and data_sm (SMPP 3.4 sections 4.5 and 4.7)."""

import attrs

from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.intake import Intake
from smpp_router.core.refusals import refused
from smpp_router.message.message import Message
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.kindred import submit_sm_of
from smpp_router.wire.pdu import (
    DataSm,
    DataSmResp,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    UnsuccessSme,
)


@attrs.define(eq=False)
class Variants:
    """Admits submit_multi and data_sm through the intake."""

    intake: Intake

    def data(self, session: Session, account: Account, pdu: DataSm, now: float, commit: Commit) -> None:
        """Admit or refuse a data_sm."""
        if not account.bucket.take(1, now):
            account.counters.throttled += 1
            self._refuse(session, c.DATA_SM_RESP, c.ESME_RTHROTTLED, pdu.sequence_number)
            return
        submit = submit_sm_of(pdu, pdu)
        message_id = self.intake.issuer.issue(now)
        (message,) = self.intake.admit_all(account, [(submit, message_id)], now, commit)
        if not isinstance(message, Message):
            account.counters.refused += 1
            session.answer([refused(session, c.DATA_SM_RESP, pdu.sequence_number, message)], 1)
            return
        resp = DataSmResp(sequence_number=pdu.sequence_number, message_id=self.intake.issuer.text(message_id))
        commit.batch.notes += self.intake.tracker.planned([message], now)
        self.intake.stage(session, account, commit, [message], [encode(resp)], 1)

    def multi(self, session: Session, account: Account, pdu: SubmitMulti, now: float, commit: Commit) -> None:
        """Admit a submit_multi for each destination that can be taken; tell which can't."""
        addresses = pdu.dest_addresses
        if not addresses:
            self._refuse(session, c.SUBMIT_MULTI_RESP, c.ESME_RINVNUMDESTS, pdu.sequence_number)
            return
        if not account.bucket.take(len(addresses), now):
            account.counters.throttled += len(addresses)
            self._refuse(session, c.SUBMIT_MULTI_RESP, c.ESME_RTHROTTLED, pdu.sequence_number)
            return
        submits = [submit_sm_of(pdu, address) for address in addresses if isinstance(address, SmeAddress)]
        ids = self.intake.issuer.issue_batch(len(submits), now)
        pairs = list(zip(submits, ids, strict=False))
        outcomes = iter(self.intake.admit_all(account, pairs, now, commit))
        messages: list[Message] = []
        failures: list[UnsuccessSme] = []
        for address in addresses:
            if isinstance(address, DistributionList):
                # No lists are kept here: who is on one is the ESME's knowledge, and so is their consent.
                failures.append(UnsuccessSme(0, 0, address.dl_name, c.ESME_RINVDLNAME))
                continue
            outcome = next(outcomes)
            if isinstance(outcome, Message):
                outcome.reported_id = messages[0].message_id if messages else outcome.message_id
                messages.append(outcome)
            else:
                failures.append(
                    UnsuccessSme(
                        address.dest_addr_ton,
                        address.dest_addr_npi,
                        address.destination_addr,
                        outcome.command_status,
                    )
                )
        account.counters.refused += len(failures)
        reported = self.intake.issuer.text(messages[0].message_id) if messages else b""
        resp = SubmitMultiResp(
            sequence_number=pdu.sequence_number,
            command_status=c.ESME_ROK if messages else c.ESME_RSUBMITFAIL,
            message_id=reported,
            unsuccess_sme=tuple(failures),
        )
        # An address that was refused for its length is told as it came.
        encoded = encode(resp, strict=False)
        if messages:
            commit.batch.notes += self.intake.tracker.planned(messages, now)
            self.intake.stage(session, account, commit, messages, [encoded], 1)
        else:
            session.answer([encoded], 1)

    def _refuse(self, session: Session, command_id: int, status: int, sequence_number: int) -> None:
        session.answer([header_only(command_id, status, sequence_number)], 1)
