# What subscribers write back, from their carriers to the customer whose message they answer.
#
#   handset --> carrier --sent--> router --handed--> customer
#                       <-taken--        <-answered-
#
# Rule 1: a reply is known by who wrote it and to which message. The same one may be sent several times: by a
#         carrier that had no answer, or because a text that was shown twice was answered twice.
# Rule 2: once the router has answered ESME_ROK for it, it has to arrive.
# Rule 3: a customer may not be handed it more often than carriers sent it, unless the router can't know that
#         the customer has it.
"""Judging what becomes of mobile-originated messages."""

from collections import Counter, deque
from typing import Final

import attrs

from simulators.world.addresses import CUSTOMERS_MAX, customer_prefix
from simulators.world.handed import Handed
from simulators.world.verdict import Troubles, Violations
from smpp_router.wire import constants as c

KEEP_S: Final = 900.0
"""What has arrived is remembered for so long; afterwards it may not come any more."""

Key = tuple[bytes, bytes]
"""Who wrote it, and to which address."""


@attrs.define(eq=False)
class Reply:
    """One text that a subscriber wrote back."""

    source: bytes
    destination: bytes
    customer: str
    sent: int = 0
    """deliver_sm that carriers sent for it, heard or not."""
    taken: int = 0
    """Of those, how many the router answered with ESME_ROK."""
    handed: list[Handed] = attrs.Factory(list[Handed])
    touched_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether its customer is owed it."""
        return self.taken > 0 and not any(one.status == c.ESME_ROK for one in self.handed)


class Replies:
    """All replies of a world. `customers` are in the order in which the scenario has them."""

    def __init__(self, customers: list[str], violations: Violations, troubles: Troubles) -> None:
        assert len(customers) <= CUSTOMERS_MAX, "the scenario file was checked"
        self.counts: Counter[str] = Counter()
        self._owners = {customer_prefix(index): name for index, name in enumerate(customers)}
        self._violations = violations
        self._troubles = troubles
        self._replies: dict[Key, Reply] = {}
        self._line: deque[tuple[float, Reply]] = deque()

    @property
    def open(self) -> int:
        """Replies that the router has taken and that have not arrived."""
        return sum(reply.is_open for reply in self._replies.values())

    def sent(self, source: bytes, destination: bytes, now: float) -> Reply | None:
        """A carrier sends the router a text for an address; None if that is nobody's."""
        owner = next((name for prefix, name in self._owners.items() if destination.startswith(prefix)), None)
        if owner is None:
            return None
        reply = self._replies.get((source, destination))
        if reply is None:
            reply = self._replies[source, destination] = Reply(source, destination, owner)
            self.counts["replies"] += 1
        reply.sent += 1
        self._touch(reply, now)
        return reply

    def taken(self, reply: Reply, now: float) -> None:
        """The router says that it has it."""
        reply.taken += 1
        self._touch(reply, now)

    def handed(self, source: bytes, destination: bytes, customer: str, handed: Handed) -> Reply | None:
        """A customer is handed a text that is no receipt; None if nobody wrote it."""
        now, add = handed.at, self._violations.add
        self.counts["replies_handed"] += 1
        reply = self._replies.get((source, destination))
        if reply is None:
            add(now, "no ghosts", f"{customer} is handed a reply that nobody wrote, or that is long over")
            return None
        if customer != reply.customer:
            add(now, "replies go home", f"a reply to {reply.customer} was handed to {customer}")
        received = hasty = 0
        for before in reply.handed:
            if not handed.may_have_waited(before):
                received += before.is_received(now, self._troubles)
                hasty += before.is_hasty(handed)
        if received + hasty >= reply.sent:
            text = f"a reply to {customer}, sent {reply.sent} times, is handed over once more"
            add(now, "one reply", text)
        reply.handed.append(handed)
        self._touch(reply, now)
        return reply

    def answered(self, reply: Reply, handed: Handed, status: int, now: float) -> None:
        """The customer answers."""
        handed.answered_at, handed.status = now, status
        self._touch(reply, now)

    def _touch(self, reply: Reply, now: float) -> None:
        reply.touched_at = now
        self._line.append((now + KEEP_S, reply))

    def forget(self, now: float) -> None:
        """Forget what has been over for long enough."""
        line = self._line
        while line and line[0][0] <= now:
            reply = line.popleft()[1]
            if reply.is_open:
                line.append((now + KEEP_S, reply))
            elif reply.touched_at + KEEP_S <= now:
                self._replies.pop((reply.source, reply.destination), None)

    def finish(self, now: float) -> None:
        """The world ends: nobody may be owed anything."""
        for reply in self._replies.values():
            if reply.is_open:
                text = f"a reply that the router took for {reply.customer} never arrived"
                self._violations.add(now, "one reply", text)
