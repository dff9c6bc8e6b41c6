# What subscribers send to services all day long, without anybody's order.
#
# Rule 1: messages fall due by the clock, at the highest rate of the day, and those that an hour has fewer of
#         are left out: so that a rate that changes is right from its first moment.
# Rule 2: who is late, because the process was, makes up for BATCH_MAX at most.
# Rule 3: what an account does not take waits up to waiting_max; beyond that messages are dropped and counted.
"""Mobile-originated traffic of simulated carriers."""

import math
import random
from collections.abc import Iterator
from typing import Any, Final, Literal

import attrs

from simulators.distributions import HOURS, factors
from smpp_router.config_checks import at_least, between, each, entries, octets
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import DeliverSm

TON_INTERNATIONAL, TON_ALPHANUMERIC, NPI_ISDN = 1, 5, 1
RATE_MAX_PER_S: Final = 100_000.0
"""More than a process can write; a rate beyond it is a slip of a key."""
TEXTS_MAX: Final = 10_000
TEXT_CHARACTERS_MAX: Final = 10_000
"""More than 64 parts; handsets refuse to write that much."""
NUMBER_DIGITS: Final = 13
"""Of a subscriber's number, as 8613900000001."""
BATCH_MAX: Final = 1_000
"""Messages of one tick, at 5 ms a rate of 200,000 a second."""

_number = octets(1, 20)


def _texts(_: object, attribute: "attrs.Attribute[Any]", texts: tuple[str, ...]) -> None:
    entries(1, TEXTS_MAX)(None, attribute, texts)
    if any(len(text) > TEXT_CHARACTERS_MAX for text in texts):
        raise ValueError(f"{attribute.name}: must have at most {TEXT_CHARACTERS_MAX} characters each")


def _numbers(_: object, attribute: "attrs.Attribute[Any]", numbers: tuple[str, ...]) -> None:
    entries(1, TEXTS_MAX)(None, attribute, numbers)
    each(_number)(None, attribute, numbers)


@attrs.frozen(kw_only=True)
class MoTraffic:
    """Messages from subscribers, drawn evenly from lists."""

    is_on: bool = True
    """Whether there are any; false: a pause."""
    rate_per_s: float = attrs.field(default=0.0, validator=between(0, RATE_MAX_PER_S))
    """Messages a second, on average; 0: none."""
    arrival: Literal["fixed", "poisson"] = "poisson"
    """Evenly spaced, or by chance."""
    by_hour: tuple[float, ...] = attrs.field(default=(), validator=factors)
    """Factors of the rate for the hours from 0 to 23; empty: every hour is like any other."""
    by_hour_offset_min: int = attrs.field(default=0, validator=between(-720, 840))
    """Minutes by which the clock that tells the hour is ahead of UTC."""
    texts: tuple[str, ...] = attrs.field(default=("hello", "TD", "您好"), validator=_texts)
    """What they write; what is long goes out in parts."""
    long_share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Share of messages whose text is repeated until it has long_characters."""
    long_characters: int = attrs.field(default=400, validator=between(1, TEXT_CHARACTERS_MAX))
    sources: tuple[str, ...] = attrs.field(default=("86139",), validator=_numbers)
    """The beginnings of their numbers; digits up to 13 are drawn."""
    destinations: tuple[str, ...] = attrs.field(default=("10690",), validator=_numbers)
    """The services' numbers that they write to."""
    system_id: str = attrs.field(default="", validator=octets(0, 15))
    """The account that gets them; empty: the one of mo_routes, or the only one there is."""
    waiting_max: int = attrs.field(default=1_000, validator=at_least(1))
    """Deliveries that may wait for an account; with more, messages to it are dropped and counted."""


@attrs.define(eq=False)
class FromSubscriber:
    """One message, as its parts."""

    destination: bytes
    parts: list[DeliverSm]


class Subscribers:
    """Those who write to services. The same seed and the same moments give the same messages."""

    def __init__(self, rng: random.Random) -> None:
        self.next_at = math.inf
        """When due() gives something next; -math.inf before it was asked."""
        self._rng = rng
        self._config = MoTraffic()
        self._credit = 0.0
        self._reference = 0

    def configure(self, config: MoTraffic) -> None:
        """Write otherwise, from the next moment that due() is asked."""
        if config != self._config:
            self._config = config
            self.next_at = -math.inf if config.is_on and config.rate_per_s > 0.0 else math.inf

    def due(self, now: float, alphabet: str) -> Iterator[FromSubscriber]:
        """Give what has been written up to `now`; `alphabet` is what data_coding 0 means."""
        if self.next_at > now:
            return
        config = self._config
        most = max(config.by_hour, default=1.0)
        if most <= 0.0:
            self.next_at = math.inf
            return
        if self.next_at == -math.inf:
            self.next_at = now + self._gap_s(most)
        for _ in range(BATCH_MAX):
            if self.next_at > now:
                return
            if self._is_written(self.next_at, most):
                yield self.write(alphabet)
            self.next_at += self._gap_s(most)
        self.next_at = max(self.next_at, now)

    def _gap_s(self, most: float) -> float:
        rate = self._config.rate_per_s * most
        return self._rng.expovariate(rate) if self._config.arrival == "poisson" else 1.0 / rate

    def _is_written(self, at: float, most: float) -> bool:
        config = self._config
        if not config.by_hour:
            return True
        hour = int((at + config.by_hour_offset_min * 60) // 3600) % HOURS
        share = config.by_hour[hour] / most
        if config.arrival == "poisson":
            return self._rng.random() < share
        self._credit += share
        if self._credit < 1.0 - 1e-9:
            return False
        self._credit -= 1.0
        return True

    def write(self, alphabet: str) -> FromSubscriber:
        """Return one more message."""
        config, rng = self._config, self._rng
        text = rng.choice(config.texts)
        if text and rng.random() < config.long_share:
            text = (text + " ") * (config.long_characters // (len(text) + 1) + 1)
            text = text[: config.long_characters]
        source = rng.choice(config.sources)
        if source.isdigit():
            source += "".join(rng.choices("0123456789", k=max(0, NUMBER_DIGITS - len(source))))
        destination = rng.choice(config.destinations).encode()
        self._reference = self._reference % 255 + 1
        return FromSubscriber(
            destination, parts_of(source.encode(), destination, text, self._reference, alphabet)
        )


def parts_of(
    source: bytes,
    destination: bytes,
    text: str,
    reference: int,
    alphabet: str,
    *,
    data_coding: int | None = None,
    esm_class: int = 0,
) -> list[DeliverSm]:
    """Return the deliver_sm of one text. Raises ValueError for one that can't be sent."""
    return [
        from_handset(source, destination, esm_class | part.esm_class, part.data_coding, part.short_message)
        for part in split_text(text, data_coding, "udh8", reference, default_alphabet=alphabet)
    ]


def from_handset(
    source: bytes, destination: bytes, esm_class: int, data_coding: int, short_message: bytes
) -> DeliverSm:
    """Return one deliver_sm as it comes from a subscriber."""
    return DeliverSm(
        source_addr_ton=TON_INTERNATIONAL if source.isdigit() else TON_ALPHANUMERIC,
        source_addr_npi=NPI_ISDN if source.isdigit() else 0,
        source_addr=source,
        dest_addr_npi=NPI_ISDN,
        destination_addr=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=short_message,
    )
