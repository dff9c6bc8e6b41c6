# cancel_sm and replace_sm on a message that has several paths act on all of them.
#
#   cancel_sm    copies that wait are taken back, carriers are asked for theirs, and nothing new is sent.
#                ESME_ROK and DELETED when all are gone; ESME_RCANCELFAIL when one is not, which then decides
#   replace_sm   copies that wait get the new text, carriers are asked to replace theirs, and copies to come
#                have it. ESME_ROK when all have done so, and then other receipts come if it asks for such;
#                ESME_RREPLACEFAIL when one has not
#
# Rule 1: a copy on a link, unanswered, makes both fail, as it does without paths; nothing is done then.
# Rule 2: the ESME has one answer, when the last carrier has answered.
"""Operations of an ESME on messages that have several paths (SMPP 3.4 sections 4.8 to 4.10)."""

from collections.abc import Callable, Iterable

import attrs

from smpp_router.core.bundles import Bundle
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.flight import Flight
from smpp_router.core.intake import RECEIPT_ON_FINAL
from smpp_router.core.recalls import ask, cancel_of
from smpp_router.core.replacing import of_carrier
from smpp_router.core.validity import of_replacement
from smpp_router.message.message import Message, Pending
from smpp_router.session.replies import response
from smpp_router.session.session import Session
from smpp_router.store.seam import REPLACED
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.pdu import CancelSm, ReplaceSm, SubmitSm


@attrs.define(eq=False)
class PathsRelay:
    """An operation that some carriers have been asked to carry out; `waiting` have not answered yet."""

    session: Session
    request: CancelSm | ReplaceSm
    bundle: Bundle
    waiting: int = 0
    failed: int = 0


@attrs.define(eq=False)
class PathRelay:
    """The part of it that one carrier was asked for, in its session's window."""

    whole: PathsRelay
    copy_id: int


Replace = Callable[[Message, ReplaceSm, SubmitSm, float, Commit], int]
"""Gives a message that waits another text, or tells by a command_status why not."""


@attrs.define(eq=False)
class PathOperations:
    """Carries out operations on all paths of a message."""

    flight: Flight
    ending: Ending
    carriers: dict[str, Carrier]

    def _copies(self, bundle: Bundle) -> list[Message | Pending]:
        entries = (self.flight.messages.get(path.copy_id) for path in bundle.paths)
        return [entry for entry in entries if entry is not None]

    def is_waiting(self, bundle: Bundle) -> bool:
        """Whether nothing of a message has been sent yet."""
        copies = self._copies(bundle)
        return not any(isinstance(entry, Pending) or entry.is_on_link for entry in copies)

    # ------------------------------------------------------------------ cancel_sm

    def cancel(self, session: Session, bundle: Bundle, pdu: CancelSm, now: float, commit: Commit) -> None:
        """Take a message back on all its paths."""
        copies = self._copies(bundle)
        if any(isinstance(entry, Message) and entry.is_on_link for entry in copies):
            session.answer([response(pdu, c.ESME_RCANCELFAIL)], 1)
            return
        whole = PathsRelay(session, pdu, bundle)
        taken = [entry for entry in copies if isinstance(entry, Pending)]
        if not self._ask(whole, taken, [cancel_of(entry) for entry in taken], now):
            session.answer([response(pdu, c.ESME_RCANCELFAIL)], 1)
            return
        bundle.is_unwanted = True
        for entry in copies:
            if isinstance(entry, Message):
                self.ending.end(entry, c.DELETED, 0, now, commit)
        self.ending.touched.append(bundle)
        if not whole.waiting:
            commit.answers.append((session, [response(pdu, c.ESME_ROK)], 1))

    # ------------------------------------------------------------------ replace_sm

    def replace(
        self,
        session: Session,
        bundle: Bundle,
        pdu: ReplaceSm,
        text: SubmitSm,
        means: tuple[Replace, float, Commit],
    ) -> None:
        """Give a message another text on all its paths, or on none if that can't be.

        `means` are what does it with one that waits, now, and the commit of now.
        """
        replace, now, commit = means
        copies = self._copies(bundle)
        taken = [entry for entry in copies if isinstance(entry, Pending)]
        asked = self._replacements(bundle, pdu, text, taken)
        if asked is None or any(
            isinstance(entry, Message) and (entry.is_on_link or entry.body is None) for entry in copies
        ):
            session.answer([response(pdu, c.ESME_RREPLACEFAIL)], 1)
            return
        # Which receipts come is the parent's concern, and carriers may still refuse.
        of_parent = attrs.evolve(pdu, registered_delivery=bundle.parent.registered_delivery) if taken else pdu
        status = replace(bundle.parent, of_parent, text, now, commit)
        whole = PathsRelay(session, pdu, bundle)
        if status == c.ESME_ROK:
            for entry in copies:
                if isinstance(entry, Message):
                    replace(entry, pdu, text, now, commit)
            is_asked = self._ask(whole, taken, asked, now)
            assert is_asked, "there was a link to each, and nothing has been sent since"
        if not whole.waiting:
            commit.answers.append((session, [response(pdu, status)], 1))

    def _replacements(
        self, bundle: Bundle, pdu: ReplaceSm, text: SubmitSm, taken: list[Pending]
    ) -> list[ReplaceSm] | None:
        """What each carrier is to be asked that has a copy; None: one of them can't be."""
        old = decode(c.SUBMIT_SM, 0, 0, bundle.parent.body or b"")
        assert isinstance(old, SubmitSm), "there is a text for its place"
        asked: list[ReplaceSm] = []
        for entry in taken:
            octets = of_carrier(old, text, self.carriers[entry.carrier].config.default_alphabet)
            if octets is None or self._link(entry) is None:
                return None
            asked.append(attrs.evolve(replace_of(pdu, entry), short_message=octets))
        return asked

    # ------------------------------------------------------------------ carriers' part

    def _ask(
        self, whole: PathsRelay, taken: list[Pending], requests: Iterable[CancelSm | ReplaceSm], now: float
    ) -> bool:
        """Ask every carrier that has a copy; tell whether each could be asked, else none is."""
        links = [self._link(entry) for entry in taken]
        if None in links:
            return False
        for link, entry, request in zip(links, taken, requests, strict=True):
            assert link is not None, "looked for above"
            if isinstance(request, ReplaceSm):
                style = self.carriers[entry.carrier].config.validity_style
                request.validity_period = of_replacement(request, entry, now, style)
            ask(link, request, PathRelay(whole, entry.message_id), now)
            whole.waiting += 1
        return True

    def _link(self, entry: Pending) -> Session | None:
        sessions = self.carriers[entry.carrier].sessions
        return next((link for link in sessions if link.can_submit and link.window.room > 0), None)

    def answered(self, part: PathRelay, status: int | None, now: float, commit: Commit) -> bool:
        """A carrier has answered, or will not (None); tell whether its copy is cancelled now."""
        whole = part.whole
        whole.waiting -= 1
        whole.failed += status != c.ESME_ROK
        if not whole.waiting:
            failure = c.ESME_RCANCELFAIL if isinstance(whole.request, CancelSm) else c.ESME_RREPLACEFAIL
            answer = response(whole.request, failure if whole.failed else c.ESME_ROK)
            commit.answers.append((whole.session, [answer], 1))
            if isinstance(whole.request, ReplaceSm) and not whole.failed:
                _ask_otherwise(whole.bundle, whole.request.registered_delivery, now, commit)
        return status == c.ESME_ROK and isinstance(whole.request, CancelSm)


def _ask_otherwise(bundle: Bundle, registered_delivery: int, now: float, commit: Commit) -> None:
    """Have a message's account get the receipts that it asks for now (SMPP 3.4 section 4.10.1)."""
    parent = bundle.parent
    if bundle.is_over or parent.registered_delivery == registered_delivery:
        return
    assert parent.body is not None, "a text that has been replaced stays in memory"
    parent.registered_delivery = registered_delivery
    commit.batch.facts.append((REPLACED, parent.message_id, now, registered_delivery, parent.body))


def replace_of(pdu: ReplaceSm, entry: Pending) -> ReplaceSm:
    """The replace_sm for what a carrier has taken; its receipt is asked for, whatever the ESME wants."""
    addresses = entry.addresses
    return attrs.evolve(
        pdu,
        message_id=entry.carrier_message_id,
        source_addr_ton=addresses[0],
        source_addr_npi=addresses[1],
        source_addr=addresses[2 : addresses.index(0, 2)],
        registered_delivery=pdu.registered_delivery & ~0x03 | RECEIPT_ON_FINAL,
    )
