# A cancel_sm without a message_id takes back all that waits between two addresses, of one service_type if it
# names one.
#
# Rule 1: nothing is kept of a service_type beside the body that begins with it. What waits with its body on
#         disk is noted in a Sieve, and net/ reads its bodies a piece at a time: learn(), then sifted().
# Rule 2: what is in memory is taken back at once; the ESME is answered once, when all is known.
# Rule 3: what was submitted, and what went, after the cancel_sm is none of its business.
"""cancel_sm between two addresses (SMPP 3.4 section 4.9)."""

from typing import Final

import attrs

from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.flight import Flight
from smpp_router.core.path_operations import PathOperations
from smpp_router.core.retries import Retries
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import Message
from smpp_router.session.replies import response
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm

UNREAD_MAX: Final = 100_000
"""Messages on disk whose service_type waits to be learnt: far more than anybody has under way to one
number, and far fewer than may be on disk. A cancel_sm that would have more wait is answered
ESME_RCANCELFAIL, and takes nothing back."""

PIECE: Final = 1_000
"""Bodies that are read at once, and so in memory together."""


@attrs.define(eq=False)
class Sieve:
    """A cancel_sm that has to know the service_type of messages on disk.

    `unread` are the messages of which it is not known yet, `found` the message_ids of those that have it.
    `has_ended`: others were in memory, had it, and have been taken back.
    """

    session: Session
    request: CancelSm
    unread: list[Message]
    has_ended: bool
    found: list[int] = attrs.Factory(list[int])

    def learn(self, message: Message, body: bytes) -> None:
        """Look at a message's submit_sm body."""
        if _has_type(body, self.request.service_type):
            self.found.append(message.message_id)


@attrs.define(eq=False)
class AddressCancels:
    """Carries out cancel_sm between two addresses."""

    flight: Flight
    ending: Ending
    retries: Retries
    paths: PathOperations
    sieves: list[Sieve] = attrs.Factory(list[Sieve])
    """Those that wait for bodies from the store."""

    def cancel(self, session: Session, account: Account, pdu: CancelSm, now: float, commit: Commit) -> None:
        """End what waits between the addresses of a cancel_sm, as far as it is in memory.

        Answered with the commit, unless there is something to be read first.
        """
        found = self._waiting(account, pdu)
        unread: list[Message] = []
        if pdu.service_type:
            unread = [message for message in found if message.body is None]
            found = [message for message in found if _has_type(message.body or b"", pdu.service_type)]
        if unread and len(unread) + sum(len(sieve.unread) for sieve in self.sieves) > UNREAD_MAX:
            session.answer([response(pdu, c.ESME_RCANCELFAIL)], 1)
            return
        for message in found:
            self.ending.end(message, c.DELETED, 0, now, commit, Cause.CANCEL)
        if unread:
            self.sieves.append(Sieve(session, pdu, unread, bool(found)))
        else:
            _answer(session, pdu, bool(found), commit)

    def take_unread(self, sieve: Sieve) -> list[Message]:
        """Take the next messages whose bodies are to be read; those that are in memory by now are learnt."""
        piece = sieve.unread[-PIECE:]
        del sieve.unread[-PIECE:]
        wanted: list[Message] = []
        for message in piece:
            entry = self.flight.messages.get(message.message_id)
            # What a carrier has taken meanwhile may be on disk no more; what was replaced is another.
            if isinstance(entry, Message) and entry.body is None:
                wanted.append(entry)
            elif isinstance(entry, Message):
                sieve.learn(entry, entry.body or b"")
        return wanted

    def sifted(self, sieve: Sieve, now: float, commit: Commit) -> None:
        """End what was found and still waits, and answer the cancel_sm with the commit."""
        has_ended = sieve.has_ended
        for message_id in sieve.found:
            entry = self.flight.messages.get(message_id)
            if not isinstance(entry, Message) or entry.is_ended or entry.is_on_link:
                continue
            bundle = self.ending.bundles.get(message_id)
            if bundle is None or (not bundle.is_over and self.paths.is_waiting(bundle)):
                self.ending.end(entry, c.DELETED, 0, now, commit, Cause.CANCEL)
                has_ended = True
        _answer(sieve.session, sieve.request, has_ended, commit)

    def _waiting(self, account: Account, pdu: CancelSm) -> list[Message]:
        def matches(message: Message) -> bool:
            source, destination = address_pair(message.addresses)
            return (
                message.account == account.system_id
                and source == pdu.source_addr
                and destination == pdu.destination_addr
            )

        bundles = dict.fromkeys(self.ending.bundles.values())
        parents = [one.parent for one in bundles if not one.is_over and self.paths.is_waiting(one)]
        alone = (one for one in self.retries.waiting() if one.message_id not in self.ending.bundles)
        return [message for message in (*alone, *parents) if not message.is_ended and matches(message)]


def address_pair(addresses: bytes) -> tuple[bytes, bytes]:
    """Return source_addr and destination_addr of a message's `addresses`."""
    split = addresses.index(0, 2)
    return addresses[2:split], addresses[split + 3 : -1]


def _has_type(body: bytes, service_type: bytes) -> bool:
    return body.startswith(service_type + b"\x00")


def _answer(session: Session, pdu: CancelSm, has_ended: bool, commit: Commit) -> None:
    status = c.ESME_ROK if has_ended else c.ESME_RCANCELFAIL
    commit.answers.append((session, [response(pdu, status)], 1))
