# What any store must do, as one hypothesis state machine against a model of plain dicts. A test of a store
# subclasses StoreMachine and says how its store is opened, and what a crash leaves of it.
#
# Each life is drawn step by step as a router would have it: accepted, perhaps sending, taken, final, settled;
# every step of a batch is applied to the model only when the store says that the batch is durable.
"""A reusable conformance suite for stores: a state machine and the model that it checks against."""

import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import trio
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smpp_router.message.message import Copy, Delivery, Finished, Message, Orphan, PathEnd
from smpp_router.store.seam import (
    ADOPTED,
    COPY,
    FINAL,
    ORPHANED,
    OWED,
    PATH,
    PATH_TAKEN,
    REPLACED,
    RETIMED,
    SENDING,
    SETTLED,
    TAKEN,
    TIMES,
    Batch,
    Fact,
    Recovered,
    Store,
)
from tests.store.model import Life, Model, as_queued, expected_pending, expected_queued

T = TypeVar("T")

ACCOUNTS = ("alpha", "beta", "Überlänge")
CLASSES = ("otp", "bulk")
CARRIERS = ("north", "süd")
PROFILE = settings(
    max_examples=40 if os.environ.get("HYPOTHESIS_PROFILE", "steady") == "steady" else 1_000,
    stateful_step_count=40,
    derandomize=os.environ.get("HYPOTHESIS_PROFILE", "steady") == "steady",
    deadline=None,
)

bodies = st.binary(min_size=1, max_size=40) | st.integers(1_000, 3_000).map(bytes)
seeds = st.integers(0, 1 << 30)


Step = Callable[[], None]


def run(function: Callable[[], Awaitable[T]]) -> T:
    async def main() -> T:
        return await function()

    return trio.run(main)


class StoreMachine(RuleBasedStateMachine):
    """Drives a store. Subclasses give open_store(), and may add rules that crash or keep house."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.now = 1_790_000_000.0
        self.last_id = 1_790_000_000_000 << 21
        self.batch = Batch()
        self.steps: list[Step] = []
        self.staged: dict[int, Life] = {}
        self.store = self.open_store()
        self.check(self.store.load())

    def open_store(self) -> Store:
        raise NotImplementedError("a subclass opens the store that it tests")

    def teardown(self) -> None:
        self.run(self.store.aclose)

    def run(self, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        return run(lambda: function(*arguments))

    # ------------------------------------------------------------------ staging

    def _next_id(self) -> int:
        self.last_id += 1 + self.last_id % 5
        return self.last_id

    def _tick(self) -> float:
        self.now += 0.25
        return self.now

    def stage(self, fact: Fact, step: Step) -> None:
        self.batch.facts.append(fact)
        self.steps.append(step)

    @rule(count=st.integers(1, 12), seed=seeds, body=bodies)
    def accept(self, count: int, seed: int, body: bytes) -> None:
        for number in range(seed, seed + count):
            message_id = self._next_id()
            life = Life(
                message_id,
                ACCOUNTS[number % 3],
                body + b"%d" % number,
                reported_id=message_id - number % 2,
                traffic_class=CLASSES[number % 2],
                addresses=b"\x01\x01%d\x00\x01\x01%d\x00" % (number, message_id),
                registered_delivery=number % 32,
                expires_at=self.now + number % 1_000,
                not_before=0.0 if number % 5 else self.now + 60.0,
                is_sent_once=number % 3 == 0,
            )
            message = Message(
                message_id,
                life.reported_id,
                life.account,
                life.traffic_class,
                life.body,
                life.addresses,
                life.registered_delivery,
                life.expires_at,
                life.not_before,
                is_sent_once=life.is_sent_once,
            )
            self.batch.accepted.append(message)
            self.steps.append(lambda life=life, message=message: self._accepted(life, message))
            self.staged[message_id] = life

    def _accepted(self, life: Life, message: Message) -> None:
        life.handle = message.handle
        self.model.lives[life.message_id] = life

    def _pick(self, lives: list[Life], seed: int, share: int) -> list[Life]:
        """Some lives that no fact of this batch is about yet."""
        free = [life for life in lives if life.message_id not in self.staged]
        picked = [life for at, life in enumerate(free) if (at + seed) % 7 < share]
        self.staged |= {life.message_id: life for life in picked}
        return picked

    @rule(seed=seeds, share=st.integers(1, 7))
    def send(self, seed: int, share: int) -> None:
        for life in self._pick(self.model.queued(), seed, share):

            def step(life: Life = life) -> None:
                life.is_recorded, life.attempts = True, life.attempts + 1

            detail = CARRIERS[seed % 2].encode()
            self.stage((SENDING, life.message_id, self._tick(), life.attempts + 1, detail), step)

    @rule(seed=seeds, share=st.integers(1, 7), body=bodies)
    def replace(self, seed: int, share: int, body: bytes) -> None:
        for life in self._pick(self.model.queued(), seed, share):

            def step(life: Life = life) -> None:
                # The message in memory has its new body; where that is on disk only load() tells.
                life.body, life.registered_delivery, life.handle = body, seed % 256, 0

            self.stage((REPLACED, life.message_id, self._tick(), seed % 256, body), step)

    @rule(seed=seeds, share=st.integers(1, 7))
    def ask_otherwise(self, seed: int, share: int) -> None:
        """A carrier has replaced what it has: other receipts are wanted, and the body is nobody's concern."""
        for life in self._pick(self.model.awaiting(), seed, share):

            def step(life: Life = life) -> None:
                life.registered_delivery = seed % 256

            self.stage((REPLACED, life.message_id, self._tick(), seed % 256, b""), step)

    @rule(seed=seeds, share=st.integers(1, 7))
    def retime(self, seed: int, share: int) -> None:
        for life in self._pick(self.model.queued(), seed, share):
            expires_at, not_before = self.now + seed % 5_000, 0.0 if seed % 3 else self.now + seed % 1_000

            def step(
                life: Life = life, expires_at: float = expires_at, not_before: float = not_before
            ) -> None:
                life.expires_at, life.not_before = expires_at, not_before

            detail = TIMES.pack(expires_at, not_before)
            self.stage((RETIMED, life.message_id, self._tick(), 0, detail), step)

    @rule(seed=seeds, share=st.integers(1, 7))
    def take(self, seed: int, share: int) -> None:
        for life in self._pick(self.model.queued(), seed, share):
            carrier, its_id = CARRIERS[seed % 2], b"%x" % (seed + life.message_id)

            is_doubtful = (seed + life.message_id) % 3 == 0

            def step(
                life: Life = life,
                carrier: str = carrier,
                its_id: bytes = its_id,
                is_doubtful: bool = is_doubtful,
            ) -> None:
                life.carrier, life.carrier_message_id = carrier, its_id
                life.is_doubtful = is_doubtful

            detail = carrier.encode() + b"\x00" + its_id
            self.stage((TAKEN, life.message_id, self._tick(), int(is_doubtful), detail), step)

    @rule(seed=seeds, share=st.integers(1, 7), receipt=st.just(b"") | st.binary(min_size=1, max_size=200))
    def finish(self, seed: int, share: int, receipt: bytes) -> None:
        # Mostly messages that were taken, but a validity may end, and a cancel_sm come, before.
        lives = self.model.awaiting() if seed % 4 else self.model.queued()
        for life in self._pick(lives, seed, share):
            code, at = 1 + seed % 8 | (seed % 0xFFFF) << 8, self._tick()

            def step(life: Life = life, code: int = code, at: float = at) -> None:
                life.final_at, life.code = at, code
                life.owed, life.owed_at, life.is_settled = receipt, at, not receipt

            self.stage((FINAL, life.message_id, at, code, receipt), step)

    @rule(seed=seeds)
    def copy(self, seed: int) -> None:
        """A message, and at once a copy of one that was there before or of itself."""
        queued = [life for life in self.model.queued() if life.message_id not in self.staged]
        self.accept(1, seed, b"copy")
        message = self.batch.accepted[-1]
        life = self.staged[message.message_id]
        parent = queued[seed % len(queued)].message_id if queued else message.message_id
        copy = Copy(life.message_id, parent, seed % 7, CARRIERS[seed % 2], seed % 256, self._tick())

        def step() -> None:
            life.copy = copy

        detail = parent.to_bytes(8, "big") + copy.carrier.encode()
        code = copy.path | copy.protocol_id << 8
        self.stage((COPY, life.message_id, copy.made_at, code, detail), step)

    @rule(seed=seeds, share=st.integers(1, 7))
    def end_path(self, seed: int, share: int) -> None:
        for life in self._pick(self.model.queued(), seed, share):
            carrier, at = CARRIERS[seed % 2], self._tick()
            copy_id = 1_000 + len(life.path_ends)
            end = PathEnd(life.message_id, seed % 7, copy_id, carrier, seed % 3 == 0, 2, seed % 65_536, at)

            def step(life: Life = life, end: PathEnd = end) -> None:
                life.path_ends.append(end)

            code = end.path | (PATH_TAKEN if end.is_taken else 0) | 2 << 8 | end.error_code << 16
            self.stage((PATH, life.message_id, at, code, copy_id.to_bytes(8, "big") + carrier.encode()), step)

    @rule(seed=seeds, share=st.integers(1, 7))
    def settle(self, seed: int, share: int) -> None:
        for life in self._pick(self.model.owed(), seed, share):

            def step(life: Life = life) -> None:
                life.is_settled = True

            self.stage((SETTLED, life.message_id, self._tick(), 0, b""), step)

    @rule(count=st.integers(1, 4), seed=seeds)
    def whole_lives(self, count: int, seed: int) -> None:
        """All that can happen to a message, within one commit."""
        before = len(self.steps)
        self.accept(count, seed, b"body")
        accepted = self.batch.accepted[-count:]
        for message, step in zip(accepted, self.steps[before:], strict=True):
            its_id = b"%x" % message.message_id
            taken = (TAKEN, message.message_id, self._tick(), 0, b"north\x00" + its_id)
            at = self._tick()
            final = (FINAL, message.message_id, at, 2, b"" if seed % 2 else b"receipt")
            self.batch.facts += [taken, final]
            life = self.staged[message.message_id]

            def ended(life: Life = life, at: float = at, its_id: bytes = its_id) -> None:
                life.carrier, life.carrier_message_id = "north", its_id
                life.final_at, life.code = at, 2
                life.owed, life.owed_at, life.is_settled = b"" if seed % 2 else b"receipt", at, bool(seed % 2)

            self.steps.append(ended)
            assert step in self.steps

    @rule(count=st.integers(10, 40), seed=seeds, stages=st.integers(1, 4))
    def pass_through(self, count: int, seed: int, stages: int) -> None:
        """A busy while: many messages come, and all but a few of what is there gets further."""
        self.accept(count, seed, b"body")
        self.commit()
        for step in (self.take, self.finish_with_receipts, self.settle)[: stages - 1]:
            step(seed, 6)
            if self.batch:
                self.commit()

    def finish_with_receipts(self, seed: int, share: int) -> None:
        self.finish(seed | 1, share, b"receipt")

    @rule(body=st.binary(min_size=1, max_size=80), seed=seeds)
    def owe(self, body: bytes, seed: int) -> None:
        message_id, at, account = self._next_id(), self._tick(), ACCOUNTS[seed % 3]
        life = Life(message_id, account, b"", is_mobile_originated=True, owed=body, owed_at=at)
        self.staged[message_id] = life

        def step() -> None:
            self.model.lives[message_id] = life

        self.stage((OWED, message_id, at, 0, account.encode() + b"\x00" + body), step)

    @rule(number=st.integers(0, 5), seed=seeds, is_known=st.booleans())
    def park(self, number: int, seed: int, is_known: bool) -> None:
        carrier, its_id, at = CARRIERS[seed % 2], b"orphan-%d" % number, self._tick()
        detail = carrier.encode() + b"\x00" + its_id

        def adopted() -> None:
            self.model.orphans.pop((carrier, its_id), None)

        def parked() -> None:
            self.model.orphans[carrier, its_id] = Orphan(carrier, its_id, 5, seed % 999, at)

        if is_known:
            self.stage((ADOPTED, 0, at, 0, detail), adopted)
        else:
            self.stage((ORPHANED, 0, at, 5 | (seed % 999) << 8, detail), parked)

    # ------------------------------------------------------------------ the store

    def take_batch(self) -> tuple[Batch, list[Step]]:
        staged = self.batch, self.steps
        self.batch, self.steps, self.staged = Batch(), [], {}
        return staged

    @precondition(lambda self: self.batch)
    @rule()
    def commit(self) -> None:
        batch, steps = self.take_batch()
        self.run(self.store.commit, batch)
        for step in steps:
            step()

    @rule()
    def restart(self) -> None:
        self.take_batch()
        self.run(self.store.aclose)
        self.store = self.open_store()
        self.check(self.store.load())

    @rule(seed=seeds)
    def read_bodies(self, seed: int) -> None:
        lives = [life for life in self.model.queued() if life.handle]
        lives = lives[seed % 3 :: 3][::-1]
        found = self.run(self.store.bodies, [life.handle for life in lives])
        assert found == [life.body for life in lives]

    def finished_of(self, life: Life) -> Finished:
        assert life.final_at is not None
        state, error = life.code & 0xFF, life.code >> 8
        return Finished(
            life.message_id, life.reported_id, life.account, life.addresses, state, error, life.final_at
        )

    def must_be_found(self, life: Life) -> bool:  # noqa: ARG002 - for subclasses
        """Whether a message that has ended is within retention. Once it is not, it may be found or not."""
        return True

    @rule()
    def look_up(self) -> None:
        lives = self.model.in_order()
        found = self.run(self.store.finished, [life.message_id for life in lives] + [1, 1 << 62])
        assert found[-2:] == [None, None]
        for life, finished in zip(lives, found, strict=False):
            if life.final_at is None:
                assert finished is None
            elif finished is not None or self.must_be_found(life):
                assert finished == self.finished_of(life)

    @invariant()
    def live_is_counted(self) -> None:
        live = self.store.statistics().get("live")
        owed = {life.message_id for life in self.model.owed()}
        in_flight = {life.message_id for life in self.model.queued() + self.model.awaiting()}
        assert live is None or live == len(owed | in_flight)

    def check(self, recovered: Recovered) -> None:
        """Compare what a load gave with the model, and take up the handles."""
        model = self.model
        queued, awaiting = model.queued(), model.awaiting()
        assert list(map(as_queued, recovered.queued)) == list(map(expected_queued, queued))
        assert recovered.awaiting == list(map(expected_pending, awaiting))
        assert recovered.owed == [
            Delivery(life.message_id, life.account, life.owed, life.owed_at) for life in model.owed()
        ]
        assert recovered.orphans == sorted(model.orphans.values(), key=lambda orphan: orphan.received_at)
        in_flight = sorted(queued + awaiting, key=lambda life: life.message_id)
        owed = {life.message_id for life in model.owed()}
        assert [copy for copy in recovered.copies if copy.message_id not in owed] == [
            life.copy for life in in_flight if life.copy is not None
        ]
        assert recovered.path_ends == [end for life in queued for end in life.path_ends]
        assert recovered.message_id_last == max(model.lives, default=0)
        for life, message in zip(queued, recovered.queued, strict=True):
            life.handle = message.handle
        found = self.run(self.store.bodies, [life.handle for life in queued])
        assert found == [life.body for life in queued]
