"""Parked receipts are found by every key that they may mean, and are bounded."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smpp_router.core.orphans import Orphans
from smpp_router.message.message import Orphan

CARRIERS = st.sampled_from(["mobile", "unicom"])
IDS = st.sampled_from([b"1", b"2", b"10", b"a"])
KEYS = st.lists(st.sampled_from([b"k1", b"k2", b"k3"]), unique=True, min_size=1, max_size=3)
START = 1_700_000_000.0


def orphan(
    number: bytes = b"1", received_at: float = START, carrier: str = "mobile", state: int = 2
) -> Orphan:
    return Orphan(carrier, number, state, 0, received_at)


class OrphansMachine(RuleBasedStateMachine):
    """Against a list of what is parked, the oldest first."""

    @initialize(orphans_max=st.integers(0, 5))
    def begin(self, orphans_max: int) -> None:
        self.orphans = Orphans(orphans_max, 60.0)
        self.orphans_max = orphans_max
        self.now = START
        self.count = 0
        self.dropped = 0
        self.model: list[tuple[Orphan, list[bytes]]] = []
        # Who was the last to be parked under a key keeps it, as long as it is parked.
        self.latest: dict[tuple[str, bytes], Orphan] = {}

    @rule(carrier=CARRIERS, number=IDS, keys=KEYS)
    def park(self, carrier: str, number: bytes, keys: list[bytes]) -> None:
        self.count += 1
        parked = Orphan(carrier, number, 2, self.count, self.now)
        dropped = self.orphans.park(parked, keys)
        self.latest.update(((carrier, key), parked) for key in keys)
        self.model = [x for x in self.model if (x[0].carrier, x[0].carrier_message_id) != (carrier, number)]
        self.model.append((parked, keys))
        excess = max(0, len(self.model) - self.orphans_max)
        assert dropped == [x for x, _ in self.model[:excess]]
        self.model = self.model[excess:]
        self.dropped += excess

    @rule(carrier=CARRIERS, key=st.sampled_from([b"k1", b"k2", b"k3", b"k4"]))
    def find(self, carrier: str, key: bytes) -> None:
        latest = self.latest.get((carrier, key))
        is_parked = any(parked is latest for parked, _ in self.model)
        assert self.orphans.find(carrier, key) is (latest if is_parked else None)

    @rule(carrier=CARRIERS, number=IDS)
    def remove(self, carrier: str, number: bytes) -> None:
        self.orphans.remove(Orphan(carrier, number, 0, 0, 0.0))
        self.model = [x for x in self.model if (x[0].carrier, x[0].carrier_message_id) != (carrier, number)]

    @rule(seconds=st.sampled_from([0.0, 1.0, 30.0, 59.9, 60.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        old = [parked for parked, _ in self.model if parked.received_at + 60.0 <= self.now]
        assert self.orphans.tick(self.now) == old
        self.model = [x for x in self.model if x[0] not in old]
        self.dropped += len(old)

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "orphans"):
            assert len(self.orphans) == len(self.model) <= self.orphans_max
            assert self.orphans.dropped == self.dropped
            parked = {id(x) for x, _ in self.model}
            assert all(id(x) in parked for x in self.orphans._by_key.values())


TestOrphans = OrphansMachine.TestCase


@given(keys=KEYS)
def test_interop_22_a_receipt_is_found_by_each_id_that_it_may_mean(keys: list[bytes]) -> None:
    orphans = Orphans(10, 60.0)
    early = orphan()
    orphans.park(early, keys)
    assert {orphans.find("mobile", key) for key in keys} == {early}
    assert {orphans.find("unicom", key) for key in keys} == {None}
    orphans.remove(early)
    assert {orphans.find("mobile", key) for key in keys} == {None}


def test_interop_24_a_later_receipt_for_the_same_id_counts() -> None:
    orphans = Orphans(10, 60.0)
    orphans.park(orphan(state=7), [b"1"])
    later = orphan(state=2, received_at=START + 1.0)
    assert orphans.park(later, [b"1"]) == []
    assert orphans.find("mobile", b"1") is later
    assert len(orphans) == 1


def test_a_receipt_stays_found_when_another_that_shares_a_key_leaves() -> None:
    """While it is not known whether a carrier counts in hex, 10 may be 10 and 16."""
    orphans = Orphans(10, 60.0)
    orphans.park(orphan(b"10"), [b"10", b"16"])
    other = orphan(b"16", START + 1.0)
    orphans.park(other, [b"16", b"22"])
    orphans.remove(orphan(b"10"))
    assert orphans.find("mobile", b"16") is other


def test_without_room_a_receipt_is_dropped_at_once() -> None:
    orphans = Orphans(0, 60.0)
    assert orphans.park(orphan(), [b"1"]) == [orphan()]
    assert orphans.find("mobile", b"1") is None
