# What screening says about messages is noted with them: one note for all messages of a read that have the
# same verdict. Most have: a template has one verdict, and so has each text that was read before. So a verdict
# is made octets once, and costs a message that has it a look into a dictionary.
"""Notes of verdicts, and of what was turned away."""

from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.compliance.symbols import Action
from smpp_router.compliance.verdict import Verdict
from smpp_router.compliance.verdict_record import kept_share, to_octets
from smpp_router.message.lifecycle import HELD, SCREENED, TURNED_AWAY, VERDICTS
from smpp_router.message.message import Message
from smpp_router.store.seam import Note
from smpp_router.wire.pdu import SubmitSm

KNOWN_MAX: Final = 4_096
"""Verdicts that are known as octets, some 200 each."""

TURNED_AWAY_PER_S: Final = 200
"""Refusals of one account that are noted within a second. One that submits nothing but what is refused would
fill the disk with it; the alarm account_refused tells of it then."""

TurnedAway = tuple[SubmitSm, int, int, bytes]
"""A submit_sm, its message_id, its command_status and the verdict as it is kept."""

_CODES: Final[dict[Action, int]] = {
    "accept": VERDICTS.index("allowed"),
    "tag": VERDICTS.index("allowed and marked"),
    "hold": VERDICTS.index("held"),
    "refuse": VERDICTS.index("refused"),
    "throttle": VERDICTS.index("refused for now"),
}


@attrs.define(eq=False)
class VerdictNotes:
    """Makes notes of verdicts."""

    dropped: int = 0
    """Refusals that were not noted, being too many."""
    _known: dict[tuple[object, ...], bytes] = attrs.Factory(dict[tuple[object, ...], bytes])
    _second: int = 0
    _noted: dict[str, int] = attrs.Factory(dict[str, int])

    def octets(self, verdict: Verdict) -> bytes:
        """A verdict as it is kept."""
        rest = (verdict.symbols, verdict.decisive, verdict.categories) if verdict.symbols else None
        versions = verdict.lexicon_version, verdict.model_version, verdict.configuration_version
        key = verdict.action, kept_share(verdict), versions, rest
        octets = self._known.get(key)
        if octets is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            octets = self._known[key] = to_octets(verdict)
        return octets

    def screened(self, pairs: Sequence[tuple[Message, Verdict]], now: float) -> list[Note]:
        """Tell the verdicts of messages that were taken."""
        by_verdict: dict[tuple[int, bytes], list[int]] = {}
        # Messages of one template share the object itself, which `pairs` keeps alive.
        by_object: dict[int, list[int]] = {}
        for message, verdict in pairs:
            ids = by_object.get(id(verdict))
            if ids is None:
                key = _CODES[verdict.action], self.octets(verdict)
                ids = by_object[id(verdict)] = by_verdict.setdefault(key, [])
            ids.append(message.message_id)
        held = _CODES["hold"]
        return [
            (HELD if code == held else SCREENED, ids, now, code, detail)
            for (code, detail), ids in by_verdict.items()
        ]

    def turned_away(
        self, account: str, traffic_class: str, refused: Sequence[TurnedAway], now: float
    ) -> list[Note]:
        """Tell of submit_sm of an account that were refused."""
        second = int(now)
        if second != self._second:
            self._second = second
            self._noted.clear()
        noted = self._noted.get(account, 0)
        room = max(0, TURNED_AWAY_PER_S - noted)
        self._noted[account] = noted + min(room, len(refused))
        self.dropped += max(0, len(refused) - room)
        return [
            (TURNED_AWAY, [message_id], now, status, _told(account, traffic_class, pdu) + verdict)
            for pdu, message_id, status, verdict in refused[:room]
        ]


def _told(account: str, traffic_class: str, pdu: SubmitSm) -> bytes:
    return b"%b\0%b\0%b\0%c%c%b\0%c%c%b\0" % (
        account.encode(),
        traffic_class.encode(),
        pdu.service_type,
        pdu.source_addr_ton,
        pdu.source_addr_npi,
        pdu.source_addr,
        pdu.dest_addr_ton,
        pdu.dest_addr_npi,
        pdu.destination_addr,
    )
