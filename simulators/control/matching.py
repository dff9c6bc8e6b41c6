# Questions about what has arrived: which messages match, and whether so many have come.
#
# The carrier keeps its arrivals in a bounded deque (profile key keep_arrivals); this looks at them and keeps
# none. A wait looks at each arrival once, however long it lasts: it remembers the last one that it has seen.
"""Finding messages among a carrier's arrivals."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from fnmatch import translate
from typing import Any

import attrs

from simulators.arrivals import Arrival
from simulators.control.decoded import fields_of
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import part_of, text_of
from smpp_router.wire.pdu import DataSm, Pdu, SmeAddress, SubmitMulti, SubmitSm


@attrs.frozen(kw_only=True)
class Wanted:
    """Which arrivals match: every one that obeys all that is given. `*` in an address stands for anything."""

    destination: str = ""
    source: str = ""
    text: str = ""
    """What the text contains."""
    system_id: str = ""
    status: str = ""
    """What it was answered with, such as ESME_ROK."""
    since: float | None = None
    """Unix time that it came at or after."""

    def matches(self, arrival: Arrival, default_alphabet: str = "gsm") -> bool:
        """Whether an arrival is one of those."""
        if self.since is not None and arrival.at < self.since:
            return False
        if self.system_id and arrival.system_id != self.system_id:
            return False
        if self.status and c.status_name(arrival.status) != self.status:
            return False
        if self.source and not _like(self.source, _source(arrival.pdu)):
            return False
        if self.destination and not any(
            _like(self.destination, address) for address in _destinations(arrival.pdu)
        ):
            return False
        return not self.text or self.text in text_in(arrival.pdu, default_alphabet)


def _like(pattern: str, address: str) -> bool:
    return re.match(translate(pattern), address) is not None if "*" in pattern else pattern == address


def _source(pdu: Pdu) -> str:
    source: bytes = getattr(pdu, "source_addr", b"")
    return source.decode("latin-1")


def _destinations(pdu: Pdu) -> Sequence[str]:
    if isinstance(pdu, SubmitMulti):
        addresses = [entry for entry in pdu.dest_addresses if isinstance(entry, SmeAddress)]
        return [entry.destination_addr.decode("latin-1") for entry in addresses]
    destination: bytes = getattr(pdu, "destination_addr", b"")
    return [destination.decode("latin-1")]


def text_in(pdu: Pdu, default_alphabet: str = "gsm") -> str:
    """Return what a message, or a part of one, says."""
    if isinstance(pdu, SubmitMulti):
        pdu = SubmitSm(
            esm_class=pdu.esm_class,
            data_coding=pdu.data_coding,
            short_message=pdu.short_message,
            tlvs=pdu.tlvs,
        )
    return text_of(pdu, default_alphabet) if isinstance(pdu, (SubmitSm, DataSm)) else ""


def shown(arrival: Arrival, default_alphabet: str = "gsm") -> dict[str, Any]:
    """Say everything about an arrival in values that JSON has."""
    pdu = arrival.pdu
    fields = fields_of(pdu)
    part = part_of(pdu) if isinstance(pdu, (SubmitSm, DataSm)) else None
    return {
        "at": round(arrival.at, 6),
        "system_id": arrival.system_id,
        "source": _source(pdu),
        "destinations": list(_destinations(pdu)),
        "text": text_in(pdu, default_alphabet),
        "part": None if part is None else part._asdict(),
        "message_id": arrival.message_id.decode("ascii", "backslashreplace"),
        "command_status": c.status_name(arrival.status),
        "command": c.command_name(pdu.command_id),
        "fields": fields,
    }


class Watch:
    """A wait for `count` arrivals that match, those that came before it included."""

    def __init__(
        self, arrivals: Callable[[], deque[Arrival]], wanted: Wanted, count: int, default_alphabet: str
    ) -> None:
        # Asked for at every look: a carrier whose keep_arrivals changes has another deque.
        self.found: list[Arrival] = []
        self._arrivals = arrivals
        self._wanted = wanted
        self._count = count
        self._default_alphabet = default_alphabet
        self._last: Arrival | None = None

    @property
    def is_met(self) -> bool:
        """Whether there are enough."""
        return len(self.found) >= self._count

    def look(self) -> bool:
        """Look at what has come since the last look; return whether there are enough."""
        news: list[Arrival] = []
        for arrival in reversed(self._arrivals()):
            if arrival is self._last:
                break
            news.append(arrival)
        if news:
            self._last = news[0]
        for arrival in reversed(news):
            if self.is_met:
                break
            if self._wanted.matches(arrival, self._default_alphabet):
                self.found.append(arrival)
        return self.is_met
