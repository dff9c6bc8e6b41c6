"""What a simulated carrier makes of each message, drawn from its profile."""

import random
from itertools import accumulate
from typing import Final

from simulators.distributions import draw_s
from simulators.outcomes import NO_RECEIPT, SILENT, message_state, status_of
from simulators.profile import CarrierProfile
from smpp_router.wire import constants as c

UNKNOWN_SUBSCRIBER: Final = 1
"""The error code of a failure whose profile names none (GSM's)."""


class Behaviour:
    """Delays, refusals and outcomes. The same profile and the same questions give the same answers."""

    def __init__(self, profile: CarrierProfile, rng: random.Random) -> None:
        self._profile = profile
        self._rng = rng
        stats = list(profile.outcomes)
        self._outcomes = [(message_state(stat), self._codes_of(stat)) for stat in stats]
        self._weights = list(accumulate(profile.outcomes.values()))
        self._only_outcome = self._single_outcome()
        names = list(profile.errors)
        self._errors: list[int] = [status_of(name) for name in names]
        self._error_bounds = list(accumulate(profile.errors.values()))
        self._response = profile.delay_of_response()
        self._receipt = profile.delay_of_receipt()
        # Delays that never differ are asked for once: most carriers in tests have no others.
        self._response_s = self._response.fixed_s
        self._receipt_s = self._receipt.fixed_s

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

    def error_code_of(self, outcome: int) -> int:
        """Return an error code of an outcome that was chosen and not drawn."""
        if outcome in (c.DELIVERED, SILENT):
            return 0
        for stat, codes in self._profile.error_codes.items():
            if message_state(stat) == outcome:
                return codes[0] if len(codes) == 1 else self._rng.choice(codes)
        return UNKNOWN_SUBSCRIBER

    def response_delay_s(self, now: float) -> float:
        """Return the seconds from a request, which comes at `now`, to its response."""
        fixed_s = self._response_s
        return draw_s(self._response, self._rng, now) if fixed_s is None else fixed_s

    def receipt_delay_s(self, now: float) -> float:
        """Return the seconds from a response to the message's end."""
        fixed_s = self._receipt_s
        return draw_s(self._receipt, self._rng, now) if fixed_s is None else fixed_s
