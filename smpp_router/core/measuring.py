# Where what happens to messages meets Health: most of it is counted on the spot, into a message's Tally and a
# pending one's Cohort (carriers.py, settle.py). Here is the rest: what counts by session or by the second.
#
#   overdue      once a second the windows of all sessions are looked at, the oldest requests first, so that a
#                carrier which has fallen silent is noticed long before its requests time out
#   sessions     what is answered counts for its session too, by the read; a session that does badly while
#                another one of the same carrier does well is passed over, and not held against the carrier
#   complaints   messages of subscribers that contain one of the words which the configuration lists
"""Measuring carriers: what is not counted where it happens."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from smpp_router.config import RouterConfig
from smpp_router.core.carriers import Carrier
from smpp_router.message.message import Message
from smpp_router.routing.health import Health
from smpp_router.routing.numberplan import number_plan
from smpp_router.session.session import Session
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import DataSm, DeliverSm, Pdu


def made_health(config: RouterConfig, now: float) -> Health:
    """Make the measuring of a configuration's carriers."""
    names = [carrier.name for carrier in config.carriers]
    priorities = {class_.name: class_.priority for class_ in config.classes}
    return Health(config.health, names, now, priorities)


@attrs.define(eq=False)
class Measuring:
    """Tells Health what it cannot see."""

    health: Health
    carriers: Mapping[str, Carrier]
    complaint_words: tuple[str, ...]

    def configure(self, config: RouterConfig) -> None:
        """Go by another configuration from now on; what is known stays."""
        self.complaint_words = config.health.complaint_words
        self.health.configure(config.health, {class_.name: class_.priority for class_ in config.classes})

    def answered(self, carrier: Carrier, session: Session, responses: Sequence[Pdu], now: float) -> None:
        """One read has brought these answers to submit_sm."""
        measured = carrier.measured(session)
        first = responses[0].request
        if measured is not None and isinstance(first, Message) and first.tally is not None:
            measured.answered([pdu.command_status for pdu in responses], now - first.sent_at)

    def timed_out(self, contexts: Iterable[object]) -> None:
        """Requests were not answered in time. Those that their session took with it prove nothing."""
        for context in contexts:
            if isinstance(context, Message) and context.tally is not None:
                context.tally.silent += 1

    def heard(self, carrier: Carrier, pdu: DeliverSm | DataSm, traffic_class: str) -> None:
        """A subscriber has written to one of our numbers, whose messages are of that class.

        The text is in the router's alphabet.
        """
        if self.complaint_words:
            text = text_of(pdu).casefold()
            if any(word.casefold() in text for word in self.complaint_words):
                region = number_plan().facts(pdu.source_addr).region
                self.health.tally(carrier.name, region, traffic_class).complaints += 1

    def tick(self, now: float) -> None:
        """Look at everything, once a second."""
        if self.health.is_due(now):
            for carrier in self.carriers.values():
                self._count_overdue(carrier, now)
        self.health.tick(now)

    def _count_overdue(self, carrier: Carrier, now: float) -> None:
        sent_before = now - self.health.late_s(carrier.name, carrier.config.response_timeout_s)
        whole = self.health.carrier(carrier.name)
        for session in carrier.sessions:
            measured = carrier.measured(session)
            tells = whole is None or whole.links.tells_of_carrier(measured)
            for context in session.window.outstanding():
                if not isinstance(context, Message):
                    continue
                if context.sent_at > sent_before:
                    break
                if measured is not None:
                    measured.tally.overdue += 1
                if not tells:
                    # Given up with its session: what becomes of it says nothing of the carrier any more.
                    context.tally = None
                elif context.tally is not None:
                    context.tally.overdue += 1
