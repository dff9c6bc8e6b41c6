"""Lives to be judged, without a world around them."""

import attrs

from simulators.world.handed import Handed
from simulators.world.lives import Copy, Life, Lives
from simulators.world.verdict import Troubles, Violations
from simulators.world.wires import Wire
from smpp_router.wire import constants as c


@attrs.define
class Case:
    """A message that was accepted at 1 and sent to a carrier, which took it, at 2; it is 3 now."""

    violations: Violations = attrs.Factory(lambda: Violations(0.0))
    troubles: Troubles = attrs.Factory(Troubles)
    lives: Lives = attrs.field(init=False)
    life: Life = attrs.field(init=False)
    to_carrier: Wire = attrs.field(init=False)
    to_customer: Wire = attrs.field(init=False)
    now: float = 3.0

    def __attrs_post_init__(self) -> None:
        self.lives = Lives(self.violations, self.troubles)
        self.to_carrier, self.to_customer = self.wire("mobile"), self.wire("bank")
        self.life = Life(1, "bank", False, 1.0)
        self.lives.offered(self.life)
        self.lives.answered(self.life, 0, b"id", 1.0)
        self.sent(2.0, status=0)

    def wire(self, name: str) -> Wire:
        return Wire(1, name, lambda: self.now, lambda *_: None)

    def sent(self, at: float, status: int | None = None) -> Copy:
        copy = Copy("mobile", self.to_carrier, at, at + 10)
        self.lives.copied(self.life, copy)
        if status is not None:
            copy.status, copy.answered_at = status, at
        return copy

    def told(self, state: int, at: float = 3.0) -> None:
        self.lives.reported(self.life, state, "mobile", self.to_carrier, at)

    def receipt(self, state: int = c.DELIVERED, at: float = 6.0, status: int | None = 0) -> Handed:
        handed = Handed(state, at, self.to_customer)
        self.lives.receipt(self.life, handed, "bank", b"id")
        if status is not None:
            self.lives.receipt_answered(self.life, handed, status, at)
        return handed

    @property
    def broken(self) -> list[str]:
        return [violation.invariant for violation in self.violations.found]
