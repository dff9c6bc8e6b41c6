from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from smpp_router.message.lifecycle import CONTRADICTED, SIGNAL, State
from smpp_router.wire import constants as c
from tests.core.talk import Esme, Link, Talk

REFUSALS = [c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, c.ESME_RSYSERR, c.ESME_RINVDSTADR, c.ESME_RINVMSGLEN]
FINAL_STATES = [c.DELIVERED, c.UNDELIVERABLE, c.EXPIRED, c.REJECTED, c.UNKNOWN, c.ENROUTE]


class EveryMessageEndsOnce(RuleBasedStateMachine):
    """Whatever carriers, links, sessions and the store do, each accepted message gets one final receipt."""

    @initialize()
    def start(self) -> None:
        self.talk = Talk()
        self.issued = 0
        self.taken: list[tuple[str, bytes]] = []
        self.esme_ids: list[bytes] = []
        self.receipts: Counter[bytes] = Counter()
        self.esme: Esme | None = self.talk.esme("bank")
        self.links: dict[str, Link] = {name: self.talk.link(name, window=3) for name in ("mobile", "unicom")}

    def collect(self) -> None:
        if self.esme is not None:
            self.esme_ids += self.esme.message_ids
            for receipt in self.esme.receipts:
                if receipt.message_state != c.ENROUTE:
                    self.receipts[receipt.message_id] += 1
            self.esme.answers.clear()
            self.esme.inbox.clear()

    @precondition(lambda self: self.esme is not None)
    @rule(count=st.integers(1, 5), prefix=st.sampled_from([b"86139", b"86130", b"86199"]))
    def submit(self, count: int, prefix: bytes) -> None:
        assert self.esme is not None
        for _ in range(count):
            self.esme.submit(prefix + b"00000001")
        self.talk.settle()
        self.collect()

    @precondition(lambda self: any(link.submits for link in self.links.values()))
    @rule(data=st.data(), is_early=st.booleans())
    def carrier_accepts(self, data: st.DataObject, is_early: bool) -> None:
        link = data.draw(st.sampled_from([link for link in self.links.values() if link.submits]))
        self.issued += 1
        message_id = b"%d" % self.issued
        if is_early:
            link.receipt(message_id)
        link.accept(message_id, data.draw(st.integers(0, len(link.submits) - 1)))
        self.taken.append((link.carrier.name, message_id))
        self.talk.settle()
        self.collect()

    @precondition(lambda self: any(link.submits for link in self.links.values()))
    @rule(data=st.data(), status=st.sampled_from(REFUSALS))
    def carrier_refuses(self, data: st.DataObject, status: int) -> None:
        link = data.draw(st.sampled_from([link for link in self.links.values() if link.submits]))
        link.refuse(status, data.draw(st.integers(0, len(link.submits) - 1)))
        self.talk.settle()
        self.collect()

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), state=st.sampled_from(FINAL_STATES))
    def carrier_sends_a_receipt(self, data: st.DataObject, state: int) -> None:
        name, message_id = data.draw(st.sampled_from(self.taken))
        if name in self.links:
            self.links[name].receipt(message_id, state, b"000" if state == c.DELIVERED else b"001")
            self.talk.settle()
            self.collect()

    @precondition(lambda self: self.links)
    @rule(data=st.data())
    def a_link_is_lost(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.links)))
        self.links.pop(name).cut()
        self.talk.settle()
        self.collect()

    @rule(name=st.sampled_from(["mobile", "unicom"]))
    def a_link_is_bound(self, name: str) -> None:
        if name not in self.links:
            self.links[name] = self.talk.link(name, window=3)
            self.talk.settle()
            self.collect()

    @rule(status=st.sampled_from([c.ESME_ROK, c.ESME_RX_T_APPN]))
    def the_esme_comes_and_goes(self, status: int) -> None:
        if self.esme is None:
            self.esme = self.talk.esme("bank")
            self.esme.deliver_status = status
        else:
            # What the ESME has refused or answered is settled; a cut loses what is under way only.
            self.talk.settle()
            if self.esme.deliver_status == c.ESME_ROK:
                self.collect()
            self.esme_ids += self.esme.message_ids
            self.esme.cut()
            self.esme = None
        self.talk.settle()
        if self.esme is not None and self.esme.deliver_status == c.ESME_ROK:
            self.collect()
        elif self.esme is not None:
            self.esme.inbox.clear()
            self.esme.deliver_status = c.ESME_ROK

    @rule(seconds=st.sampled_from([0.5, 5.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.talk.wait(seconds)
        self.collect()

    @rule(is_full=st.booleans())
    def the_store_fills_or_empties(self, is_full: bool) -> None:
        self.talk.store_is_full = is_full

    def teardown(self) -> None:
        if not hasattr(self, "talk"):
            return
        if self.esme is None:
            self.esme = self.talk.esme("bank")
        self.talk.settle()
        self.collect()
        self.talk.wait(4 * 86_400.0)
        self.collect()
        accepted = {message_id for message_id in self.esme_ids if message_id}
        assert set(self.receipts) == accepted, "each accepted message has its receipt, and no other has one"
        assert set(self.receipts.values()) <= {1}, "one each"
        assert len(self.talk.exchange.flight) == 0
        for steps in self.talk.lives().values():
            illegal = [step.event for step in steps if step.is_illegal]
            assert {event[0] for event in illegal} <= {CONTRADICTED, SIGNAL}, "only late receipts are illegal"
            assert steps[-1].state in (State.SETTLED, State.ENDED)
        for carrier in self.talk.exchange.carriers.values():
            assert self.talk.exchange.flight.taken[carrier.name] == {}


TestEveryMessageEndsOnce = EveryMessageEndsOnce.TestCase
TestEveryMessageEndsOnce.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
