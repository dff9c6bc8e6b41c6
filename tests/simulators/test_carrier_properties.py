"""What holds whatever customers do and whenever: each message ends once, each receipt arrives once."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smpp_router.session.states import State
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt
from tests.simulators.customers import Customer, World, message

FAILURES_MAX = 5
"""Below deliver_attempts_max: no receipt may be dropped."""

delays = st.sampled_from([0.0, 0.003, 0.05, 1.0])
shapes = st.sampled_from(["uniform", "lognormal"])


class CarrierMachine(RuleBasedStateMachine):
    """Customers bind, submit, cancel, refuse deliveries and vanish; time passes."""

    @initialize(
        response_s=delays,
        response_jitter_s=delays,
        receipt_s=delays,
        receipt_jitter_s=delays,
        shape=shapes,
        ids=st.sampled_from(["decimal", "hex", "padded", "uuid"]),
        has_errors=st.booleans(),
        deliver_window=st.sampled_from([1, 3, 1000]),
        window_max=st.sampled_from([2, 1000]),
        seed=st.integers(0, 9),
    )
    def start(self, shape: str, ids: str, has_errors: bool, **settings: object) -> None:
        self.world = World(
            **settings,
            response_shape=shape,
            receipt_shape=shape,
            message_ids=ids,
            outcomes={"DELIVRD": 3, "UNDELIV": 1},
            errors={"ESME_RSYSERR": 0.2} if has_errors else {},
            deliver_attempts_max=FAILURES_MAX + 2,
        )
        self.customers: list[Customer] = []
        self.failures = 0
        self.submitted = 0
        self.bind(State.BOUND_TRX)

    @rule(state=st.sampled_from([State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX]))
    def bind(self, state: State) -> None:
        self.customers.append(self.world.bind(state=state))

    @rule(asked=st.sampled_from([0, 1, 2, 3, 0x11]), count=st.integers(1, 5), turn=st.integers(0, 9))
    def submit(self, asked: int, count: int, turn: int) -> None:
        able = [customer for customer in self.world.customers if customer.session.can_submit]
        if able:
            self.submitted += count
            customer = able[turn % len(able)]
            self.world.say(customer, *(message(registered_delivery=asked) for _ in range(count)))

    @rule(seconds=st.sampled_from([0.004, 0.06, 1.5, 7.0]))
    def wait(self, seconds: float) -> None:
        self.world.wait(seconds, max(0.005, seconds / 20))

    @rule(turn=st.integers(0, 99))
    def cancel(self, turn: int) -> None:
        able = [customer for customer in self.world.customers if customer.message_ids]
        if able:
            customer = able[turn % len(able)]
            message_id = customer.message_ids[turn % len(customer.message_ids)]
            self.world.say(customer, CancelSm(message_id=message_id, source_addr=b"106900"))

    @rule(turn=st.integers(0, 9))
    def refuse_one_delivery(self, turn: int) -> None:
        if self.world.customers and self.failures < FAILURES_MAX:
            customer = self.world.customers[turn % len(self.world.customers)]
            self.failures += 1
            customer.answer_with = c.ESME_RX_T_APPN
            before = len(customer.deliveries)
            self.world.wait(0.05, 0.05)
            # What was refused is not taken; the machine counts what was.
            del customer.deliveries[before:]
            customer.answer_with = c.ESME_ROK

    @rule(turn=st.integers(0, 9))
    def vanish(self, turn: int) -> None:
        if self.world.customers:
            customer = self.world.customers[turn % len(self.world.customers)]
            # A response that is due dies with the session: then nobody knows the message's id.
            self.world.lose(customer)

    @invariant()
    def counts_agree(self) -> None:
        if not hasattr(self, "world"):
            return
        seen = self.world.carrier.statistics()
        assert seen["submits"] == self.submitted
        assert seen["submits"] == seen["messages"] + seen["refused"] + seen["throttled"]
        assert seen["distinct_ids"] == seen["messages"]

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        last = world.bind()
        self.customers.append(last)
        world.wait(200.0, 0.5)
        assert world.carrier.is_idle
        assert len(world.carrier.messages) == 0
        received = Counter[bytes]()
        for customer in self.customers:
            for delivery in customer.deliveries:
                receipt = parse_receipt(delivery)
                if receipt is not None and receipt.is_final:
                    received[receipt.message_id] += 1
        seen = world.carrier.statistics()
        assert seen["deliveries_dropped"] == seen["deliveries_waiting"] == 0
        assert sum(received.values()) == seen["receipts"]
        assert set(received.values()) <= {1}
        for asked, message_id in self.taken():
            if asked in (0, 1):
                assert received[message_id] == asked

    def taken(self) -> Iterator[tuple[int, bytes]]:
        """What was asked of receipts, and the id, of each message whose submit_sm_resp arrived."""
        for customer in self.customers:
            for resp in customer.responses:
                if isinstance(resp, SubmitSmResp) and resp.command_status == c.ESME_ROK:
                    assert isinstance(resp.request, SubmitSm)
                    yield resp.request.registered_delivery & 0x03, resp.message_id


CarrierMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestCarrier = CarrierMachine.TestCase
