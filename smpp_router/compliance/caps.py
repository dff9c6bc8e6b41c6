# How often a number has heard from an account lately. Kept in memory: after a restart counting begins anew,
# so a cap is a courtesy, and no proof.
#
# A number's times are kept as long as the longest cap looks back; numbers are forgotten, the one unused
# longest first, above NUMBERS_MAX.
"""Frequency caps of recipients."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from smpp_router.config_compliance import CapConfig

NUMBERS_MAX: Final = 200_000
"""At about 300 bytes each: 60 MB, the recipients of a day's campaigns."""


class Caps:
    """Counts messages per account, kind and number."""

    def __init__(self, numbers_max: int = NUMBERS_MAX) -> None:
        self._numbers_max = numbers_max
        self._sent: OrderedDict[tuple[str, str, str], list[float]] = OrderedDict()
        self.forgotten = 0

    def exceeded(
        self, caps: Sequence[CapConfig], account: str, kind: str, number: str, now: float
    ) -> CapConfig | None:
        """Return the cap that one more message would break."""
        sent = self._sent.get((account, kind, number))
        if sent is None:
            return None
        for cap in caps:
            if sum(at > now - cap.period_s for at in sent) >= cap.count:
                return cap
        return None

    def count(self, caps: Sequence[CapConfig], account: str, kind: str, number: str, now: float) -> None:
        """A message goes to a number."""
        key = (account, kind, number)
        oldest = now - max(cap.period_s for cap in caps)
        most = max(cap.count for cap in caps)
        sent = [at for at in self._sent.get(key, ()) if at > oldest]
        sent.append(now)
        self._sent[key] = sent[-most:]
        self._sent.move_to_end(key)
        if len(self._sent) > self._numbers_max:
            self._sent.popitem(last=False)
            self.forgotten += 1
