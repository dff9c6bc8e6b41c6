"""What a simulated carrier makes of each message, drawn from its profile."""

import random
from itertools import accumulate
from typing import Final

from simulators.profile import NO_RECEIPT, CarrierProfile, Shape
from smpp_router.wire import constants as c
from smpp_router.wire.receipt import STATES

SILENT: Final = 0
"""The outcome that no receipt tells; it is no message_state."""
UNKNOWN_SUBSCRIBER: Final = 1
"""The error code of a failure whose profile names none (GSM's)."""
TAIL_MAX: Final = 100.0
"""A lognormal delay's longest, as a multiple of its median: simulated time should come to an end."""


class Behaviour:
    """Delays, refusals and outcomes. The same profile and the same questions give the same answers."""

    def __init__(self, profile: CarrierProfile, rng: random.Random) -> None:
        self._profile = profile
        self._rng = rng
        stats = list(profile.outcomes)
        self._outcomes = [
            (SILENT if stat == NO_RECEIPT else STATES[stat.encode()], self._codes_of(stat)) for stat in stats
        ]
        self._weights = list(accumulate(profile.outcomes.values()))
        self._only_outcome = self._single_outcome()
        names = list(profile.errors)
        self._errors: list[int] = [getattr(c, name) for name in names]
        self._error_bounds = list(accumulate(profile.errors.values()))

    def _codes_of(self, stat: str) -> tuple[int, ...]:
        if stat in ("DELIVRD", NO_RECEIPT):
            return (0,)
        return self._profile.error_codes.get(stat, (UNKNOWN_SUBSCRIBER,))

    def _single_outcome(self) -> tuple[int, int] | None:
        if len(self._outcomes) > 1 or len(self._outcomes[0][1]) > 1:
            return None
        state, codes = self._outcomes[0]
        return state, codes[0]

    def refusal(self) -> int:
        """Return the command_status that a submit_sm is refused with, mostly ESME_ROK: it is not."""
        if self._errors:
            chance = self._rng.random()
            for bound, status in zip(self._error_bounds, self._errors, strict=True):
                if chance < bound:
                    return status
        return c.ESME_ROK

    def outcome(self) -> tuple[int, int]:
        """Return the final message_state, or SILENT, and the error code of a message."""
        if self._only_outcome is not None:
            return self._only_outcome
        ((state, codes),) = self._rng.choices(self._outcomes, cum_weights=self._weights)
        return state, codes[0] if len(codes) == 1 else self._rng.choice(codes)

    def response_delay_s(self) -> float:
        """Return the seconds from a request to its response."""
        profile = self._profile
        return profile.response_s + self._jitter_s(profile.response_jitter_s, profile.response_shape)

    def receipt_delay_s(self) -> float:
        """Return the seconds from a response to the message's end."""
        profile = self._profile
        return profile.receipt_s + self._jitter_s(profile.receipt_jitter_s, profile.receipt_shape)

    def _jitter_s(self, jitter_s: float, shape: Shape) -> float:
        if not jitter_s:
            return 0.0
        if shape == "uniform":
            return self._rng.random() * jitter_s
        return min(jitter_s * self._rng.lognormvariate(0.0, 1.0), jitter_s * TAIL_MAX)
