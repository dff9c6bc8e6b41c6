"""Whatever carriers, links, the store and crashes do: one final receipt for each message, and a true one."""

import os
from collections import defaultdict

import attrs
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from smpp_router.message.message import Message
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, HeaderOnly
from tests.core.ministry import NAMES, Ministry

REFUSALS = [c.ESME_RTHROTTLED, c.ESME_RSYSERR, c.ESME_RINVDSTADR, c.ESME_RINVMSGLEN]
STATES = [c.DELIVERED, c.UNDELIVERABLE, c.EXPIRED, c.REJECTED, c.UNKNOWN, c.ENROUTE]
FAILED = {c.UNDELIVERABLE, c.EXPIRED, c.REJECTED, c.DELETED}
VALIDITY_S = 120


@attrs.define(eq=False)
class Copy:
    """One submit_sm as its carrier sees it."""

    carrier: str
    message_id: bytes = b""
    said: set[int] = attrs.Factory(set[int])
    is_silent: bool = False
    is_recalled: bool = False

    @property
    def may_arrive(self) -> bool:
        """Whether a handset may show it, for all that the router was told."""
        if self.is_silent or c.DELIVERED in self.said:
            return True
        return bool(self.message_id) and not self.is_recalled and not self.said & FAILED


class OneTrueReceipt(RuleBasedStateMachine):
    """Three carriers carry the messages of a ministry."""

    @initialize(
        mode=st.sampled_from(["hedged", "parallel", "failover"]),
        delivery=st.sampled_from(["at_least_once", "at_most_once"]),
        count=st.sampled_from([2, 3]),
        once=st.booleans(),
    )
    def start(self, mode: str, delivery: str, count: int, once: bool) -> None:
        if mode != "failover":
            delivery = "at_least_once"
        self.mode, self.count = mode, count
        self.talk = Ministry(mode, delivery, count=count, once=once, dead_s=20.0)
        self.issued = 0
        self.is_broken = False
        self.copies: defaultdict[bytes, list[Copy]] = defaultdict(list)
        self.texts: dict[bytes, bytes] = {}
        self.told: dict[bytes, list[int]] = defaultdict(list)
        self.forgotten: set[bytes] = set()
        self.pairs: list[tuple[Copy, bytes]] = []

    # ------------------------------------------------------------------ what is seen

    def collect(self) -> None:
        esme = self.talk.ministry
        for pdu, answer in zip(self.asked, esme.message_ids, strict=False):
            self.texts[answer] = pdu
        self.asked = self.asked[len(esme.message_ids) :]
        for receipt in esme.receipts:
            if receipt.message_state != c.ENROUTE:
                self.told[self.texts[receipt.message_id]].append(receipt.message_state)
                self.judge(self.texts[receipt.message_id], receipt.message_state)
        esme.answers.clear()
        esme.inbox.clear()

    asked: list[bytes] = []  # noqa: RUF012 - replaced, never changed

    def judge(self, text: bytes, state: int) -> None:
        copies = self.copies[text]
        # As long as something is wrong, what follows would only hide it.
        self.is_broken = True
        assert len(self.told[text]) == 1
        if state == c.DELIVERED:
            assert any(c.DELIVERED in copy.said for copy in copies)
        elif text not in self.forgotten:
            on_links = [
                submit
                for link in self.talk.carrier_links.values()
                for submit in link.submits
                if submit.short_message == text
            ]
            if state in FAILED:
                assert not on_links
                assert not any(copy.may_arrive for copy in copies)
            assert not any(c.DELIVERED in copy.said for copy in copies)
        assert len({copy.carrier for copy in copies}) <= self.count
        self.is_broken = False

    def links(self) -> list[str]:
        return [name for name, link in self.talk.carrier_links.items() if link in self.talk.links]

    def busy(self) -> list[str]:
        return [name for name in self.links() if self.talk.carrier_links[name].submits]

    # ------------------------------------------------------------------ what happens

    @rule(count=st.integers(1, 3), intermediate=st.booleans())
    def submit(self, count: int, intermediate: bool) -> None:
        for _ in range(count):
            self.issued += 1
            text = b"message %d." % self.issued
            self.asked = [*self.asked, text]
            self.talk.ministry.submit(
                short_message=text,
                validity_period=b"000000000200000R",
                registered_delivery=0x11 if intermediate else 1,
            )
        self.talk.settle()
        self.collect()

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), early=st.sampled_from([None, c.DELIVERED, c.UNDELIVERABLE]))
    def accept(self, data: st.DataObject, early: int | None) -> None:
        name = data.draw(st.sampled_from(self.busy()))
        link = self.talk.carrier_links[name]
        index = data.draw(st.integers(0, len(link.submits) - 1))
        self.issued += 1
        copy = Copy(name, b"%d" % self.issued)
        self.copies[link.submits[index].short_message].append(copy)
        if early is not None:
            copy.said.add(early)
            link.receipt(copy.message_id, early)
        link.accept(copy.message_id, index)
        self.pairs.append((copy, copy.message_id))
        self.talk.settle()
        self.collect()

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), status=st.sampled_from(REFUSALS))
    def refuse(self, data: st.DataObject, status: int) -> None:
        name = data.draw(st.sampled_from(self.busy()))
        link = self.talk.carrier_links[name]
        link.refuse(status, data.draw(st.integers(0, len(link.submits) - 1)))
        self.talk.settle()
        self.collect()

    @precondition(lambda self: self.pairs)
    @rule(data=st.data(), state=st.sampled_from(STATES))
    def report(self, data: st.DataObject, state: int) -> None:
        copy, message_id = data.draw(st.sampled_from(self.pairs))
        if copy.carrier not in self.links():
            return
        # A carrier does not take back what it has said, but it may say it again.
        if not copy.said & (FAILED | {c.DELIVERED}):
            copy.said.add(state)
        else:
            state = next(iter(copy.said & (FAILED | {c.DELIVERED})))
        self.talk.receipt(copy.carrier, state, message_id)
        self.collect()

    @rule(status=st.sampled_from([c.ESME_ROK, c.ESME_RCANCELFAIL]))
    def answer_recalls(self, status: int) -> None:
        for name in self.links():
            link = self.talk.carrier_links[name]
            for pdu in link.others:
                assert isinstance(pdu, CancelSm)
                if status == c.ESME_ROK:
                    self.recalled(name, pdu.message_id)
                link.near.respond(
                    HeaderOnly(
                        command_id=c.CANCEL_SM_RESP,
                        sequence_number=pdu.sequence_number,
                        command_status=status,
                    )
                )
            link.others.clear()
        self.talk.settle()
        self.collect()

    def recalled(self, name: str, message_id: bytes) -> None:
        for copies in self.copies.values():
            for copy in copies:
                if (copy.carrier, copy.message_id) == (name, message_id):
                    copy.is_recalled = True

    @precondition(lambda self: self.links())
    @rule(data=st.data())
    def cut(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.links()))
        self.go_silent(name)
        self.talk.carrier_links[name].cut()
        self.talk.settle()
        self.collect()

    def go_silent(self, name: str) -> None:
        link = self.talk.carrier_links[name]
        for submit in link.submits:
            self.copies[submit.short_message].append(Copy(name, is_silent=True))
        link.submits.clear()

    @rule()
    def connect(self) -> None:
        for name in NAMES:
            if name not in self.links():
                self.talk.carrier_links[name] = self.talk.link(name)
        self.talk.settle()
        self.collect()

    @rule(seconds=st.sampled_from([1, 5, 15, 60]))
    def wait(self, seconds: int) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: int) -> None:
        """What was on a link for 30 seconds has had no answer, and one that comes later is not heard."""
        self.talk.wait(seconds)
        for name in self.links():
            link = self.talk.carrier_links[name]
            waited_for = [one.body for one in link.far.window.outstanding() if isinstance(one, Message)]
            # Of several submit_sm of one message, all but the last are too old.
            for submit in reversed(list(link.submits)):
                body = next((body for body in waited_for if submit.short_message in (body or b"")), None)
                if body is not None:
                    waited_for.remove(body)
                else:
                    link.submits.remove(submit)
                    self.copies[submit.short_message].append(Copy(name, is_silent=True))
        self.collect()

    @rule()
    def crash(self) -> None:
        for link in self.talk.carrier_links.values():
            # What was on a link is forgotten with the router, as it is without paths.
            self.forgotten |= {submit.short_message for submit in link.submits}
        for name in self.links():
            self.go_silent(name)
        self.talk = self.talk.crash()
        self.collect()

    @rule(seconds=st.sampled_from([1, 5]))
    def full_store(self, seconds: int) -> None:
        self.talk.store_is_full = True
        self.pass_time(seconds)
        self.talk.store_is_full = False

    def teardown(self) -> None:
        if not hasattr(self, "talk") or self.is_broken:
            return
        self.connect()
        self.wait(60)
        for _ in range(3):
            self.wait(60)
        self.pass_time(400)
        assert self.talk.in_flight() == []
        assert not self.talk.exchange.ending.bundles
        assert set(self.texts.values()) == self.told.keys()
        for text in self.texts.values():
            assert len(self.told[text]) == 1, text


TestOneTrueReceipt = OneTrueReceipt.TestCase
TestOneTrueReceipt.settings = settings(
    max_examples=20 if os.environ.get("HYPOTHESIS_PROFILE", "steady") == "steady" else 1_000,
    stateful_step_count=30,
    deadline=None,
    # Shrinking a conversation with a router takes minutes, and a short one is rarely easier to read.
    phases=[Phase.explicit, Phase.generate],
)
