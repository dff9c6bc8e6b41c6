"""The judge of replies: they arrive, where they belong, and as often as they were sent."""

import attrs

from simulators.world.addresses import source_addr
from simulators.world.handed import Handed
from simulators.world.replies import KEEP_S, Replies
from simulators.world.verdict import Troubles, Violations
from simulators.world.wires import Wire
from smpp_router.wire import constants as c

READER = b"8613900000001"
TO_BANK, TO_SHOP, TO_NOBODY = source_addr(0, 7), source_addr(1, 8), source_addr(2, 9)


@attrs.define
class Case:
    """A world with the customers bank and shop; a carrier sends the bank a reply at 1."""

    violations: Violations = attrs.Factory(lambda: Violations(0.0))
    troubles: Troubles = attrs.Factory(Troubles)
    replies: Replies = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.replies = Replies(["bank", "shop"], self.violations, self.troubles)
        self.send()

    def send(self, is_taken: bool = True) -> None:
        reply = self.replies.sent(READER, TO_BANK, 1.0)
        assert reply is not None
        if is_taken:
            self.replies.taken(reply, 1.0)

    def hand(self, at: float, status: int = c.ESME_ROK, customer: str = "bank", to: bytes = TO_BANK) -> None:
        handed = Handed(0, at, Wire(1, customer, lambda: at, lambda *_: None))
        reply = self.replies.handed(READER, to, customer, handed)
        if reply is not None:
            self.replies.answered(reply, handed, status, at)

    @property
    def broken(self) -> list[str]:
        return [violation.invariant for violation in self.violations.found]


def test_a_reply_that_arrives_once_breaks_nothing_and_is_forgotten() -> None:
    case = Case()
    assert case.replies.open == 1
    case.hand(2.0)
    assert case.replies.open == 0
    case.replies.forget(3.0 + KEEP_S)
    case.replies.finish(9_999.0)
    assert case.broken == []
    case.hand(9_999.0)
    assert case.broken == ["no ghosts"]


def test_a_reply_that_the_router_took_and_lost_is_found_and_never_forgotten() -> None:
    case = Case()
    case.replies.forget(2.0 + KEEP_S)
    case.replies.finish(9_999.0)
    assert case.broken == ["one reply"]


def test_one_that_the_router_never_took_may_be_lost() -> None:
    case = Case()
    case.replies = Replies(["bank"], case.violations, case.troubles)
    case.send(is_taken=False)
    case.replies.finish(9_999.0)
    assert case.broken == []


def test_a_reply_that_was_answered_is_not_handed_over_again() -> None:
    case = Case()
    case.hand(2.0)
    case.hand(30.0)
    assert case.broken == ["one reply"]


def test_it_may_come_again_if_it_was_refused_or_sent_again_or_the_router_forgot() -> None:
    refused = Case()
    refused.hand(2.0, c.ESME_RX_T_APPN)
    refused.hand(30.0)
    assert refused.broken == []
    twice = Case()
    twice.send()
    twice.hand(2.0)
    twice.hand(30.0)
    assert twice.broken == []
    died = Case()
    died.hand(2.0)
    died.troubles.died(2.5)
    died.hand(30.0)
    assert died.broken == []


def test_a_reply_for_another_customer_is_found() -> None:
    case = Case()
    case.hand(2.0, customer="shop")
    assert case.broken == ["replies go home"]


def test_a_reply_that_nobody_wrote_is_found() -> None:
    case = Case()
    case.hand(2.0, to=TO_SHOP)
    assert case.broken == ["no ghosts"]


def test_what_goes_to_no_customer_is_nobodys() -> None:
    assert Case().replies.sent(READER, TO_NOBODY, 1.0) is None
