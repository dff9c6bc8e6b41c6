"""The traffic of a simulated world: who sends what to whom, drawn from the seed."""

import random
from collections.abc import Sequence
from typing import Final

from simulators.world.addresses import source_addr
from simulators.world.customer import CustomerSide, Parcel
from simulators.world.lives import Life
from simulators.world.scenario import Scenario
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body
from smpp_router.wire.multipart import UDHI
from smpp_router.wire.pdu import SubmitSm

PARTS_MAX: Final = 4
CHINESE_DIGITS: Final = 13
"""Digits of a Chinese mobile number, 86 included."""
OTHER_DIGITS: Final = 8
"""Digits behind a prefix of another country."""


class Traffic:
    """Offers messages by a Poisson process."""

    def __init__(self, scenario: Scenario, customers: Sequence[CustomerSide], seed: int) -> None:
        self._scenario = scenario
        self._customers = customers
        self._weights = [customer.config.weight for customer in customers]
        self._rng = random.Random(f"{seed} traffic")
        self._number = 0
        self._next_s = self._rng.expovariate(scenario.messages_per_s)

    @property
    def messages(self) -> int:
        """How many submit_sm were made."""
        return self._number

    def until(self, elapsed_s: float) -> None:
        """Offer what is due within the first `elapsed_s` seconds."""
        while self._next_s <= elapsed_s:
            self._next_s += self._rng.expovariate(self._scenario.messages_per_s)
            customer = self._rng.choices(self._customers, self._weights)[0]
            customer.offer(self._parcel(customer, self._rng))

    def burst(self, customer: CustomerSide, count: int, dice: int) -> None:
        """Offer many at once."""
        rng = random.Random(dice)
        for _ in range(count):
            customer.offer(self._parcel(customer, rng))

    def _parcel(self, customer: CustomerSide, rng: random.Random) -> Parcel:
        config = customer.config
        destination = self._destination(rng.choice(config.prefixes), rng)
        is_long = rng.random() < config.long_share
        parts = rng.randint(2, PARTS_MAX) if is_long else 1
        reference = rng.randrange(256)
        source = source_addr(self._customers.index(customer), self._number + 1)
        lives: list[Life] = []
        bodies: list[bytes] = []
        for part in range(parts):
            self._number += 1
            life = Life(self._number, config.system_id, config.delivery == "at_most_once", 0.0, part=part)
            life.paths = config.paths
            life.destination = destination
            life.shown_max = self._shown_max(customer)
            lives.append(life)
            header = bytes([5, 0, 3, reference, parts, part + 1]) if is_long else b""
            pdu = SubmitSm(
                source_addr_ton=part,
                source_addr_npi=c.NPI_ISDN,
                source_addr=source,
                dest_addr_ton=c.TON_INTL,
                dest_addr_npi=c.NPI_ISDN,
                destination_addr=destination,
                esm_class=UDHI if is_long else 0,
                registered_delivery=1,
                short_message=header + b"message %d" % self._number,
            )
            bodies.append(encode_body(pdu))
        if is_long:
            for life in lives:
                life.group = lives
        return Parcel(lives, bodies)

    def _destination(self, prefix: str, rng: random.Random) -> bytes:
        """Draw a number; Chinese ones have 13 digits however long the prefix is."""
        digits = max(1, CHINESE_DIGITS - len(prefix)) if prefix.startswith("86") else OTHER_DIGITS
        return f"{prefix}{rng.randrange(min(self._scenario.numbers, 10**digits)):0{digits}d}".encode()

    def _shown_max(self, customer: CustomerSide) -> int:
        return 0 if self._scenario.network is None else customer.config.shown_at_most
