# All handsets there are: any number has one, from the moment that somebody sends to it.
#
#   get() --known?--> as it is
#         --no------> habits: its own table, else the first group that it is in, else none
#
# Rule 1: `handsets_max` are remembered, fewer if they hold a lot. The one unused longest is forgotten with
#         its inbox; what it does is computed from its number, so it comes back the same.
# Rule 2: a handset that was given an order is not forgotten: ORDERED_MAX of them at most.
"""The population of handsets."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

from simulators.handsets.config import Habits, HandsetConfig, HandsetGroup
from simulators.handsets.counters import HandsetCounters
from simulators.handsets.handset import Handset, make_handset
from simulators.handsets.lots import lot

ROOM_MAX: Final = 2_000_000
"""Short messages in all inboxes and histories together, half a gigabyte; above it handsets are forgotten."""
ORDERED_MAX: Final = 10_000
"""Handsets that were given orders."""
_PLAIN: Final = Habits()


class PopulationConfig(Protocol):
    """The part of a network's configuration that is about handsets."""

    @property
    def handsets(self) -> Sequence[HandsetConfig]:
        """Handsets that are described one by one."""
        ...

    @property
    def handset_groups(self) -> Sequence[HandsetGroup]:
        """Groups of numbers and what their handsets do."""
        ...

    @property
    def handsets_max(self) -> int:
        """Handsets that are remembered."""
        ...

    @property
    def inbox_max(self) -> int:
        """Texts that an inbox without a memory of its own keeps."""
        ...


class Population:
    """Handsets by number. The same seed and number give the same handset."""

    def __init__(self, config: PopulationConfig, seed: int, started_at: float) -> None:
        self.counters = HandsetCounters()
        self.may_be_away = False
        """Whether any handset may be off or out of coverage."""
        self._started_at = started_at
        self._seed = seed
        self._known: OrderedDict[bytes, Handset] = OrderedDict()
        self._ordered: dict[bytes, Handset] = {}
        self._tables: tuple[object, ...] = ()
        self.configure(config)

    def __len__(self) -> int:
        return len(self._known) + len(self._ordered)

    def configure(self, config: PopulationConfig) -> None:
        """Go by other tables from now on; inboxes and orders stay."""
        self._handsets_max = config.handsets_max
        tables = (config.handsets, config.handset_groups, config.inbox_max)
        if tables == self._tables:
            # Thousands of handsets are not made anew because a delay has changed.
            return
        self._tables = tables
        self._own: dict[bytes, Habits] = {handset.number.encode(): handset for handset in config.handsets}
        self._groups = [
            (group.prefix.encode(), group.share, f"group {index}", group)
            for index, group in enumerate(config.handset_groups)
        ]
        self._inbox_max = config.inbox_max
        habits = (*config.handsets, *config.handset_groups)
        self.may_be_away = bool(self._ordered) or not all(one.is_always_there for one in habits)
        for known in (self._known, self._ordered):
            for number, handset in list(known.items()):
                known[number] = self._made_again(handset)

    def habits_of(self, number: bytes) -> Habits:
        """Return what a number's handset does."""
        own = self._own.get(number)
        if own is not None:
            return own
        for prefix, share, concern, group in self._groups:
            if number.startswith(prefix) and (share >= 1.0 or lot(self._seed, concern, number) < share):
                return group
        return _PLAIN

    def get(self, number: bytes) -> Handset:
        """Return a number's handset."""
        known = self._known
        handset = known.get(number)
        if handset is not None:
            known.move_to_end(number)
            return handset
        if self._ordered:
            handset = self._ordered.get(number)
            if handset is not None:
                return handset
        handset = known[number] = self._make(number)
        while len(known) > self._handsets_max or (self.counters.room_kept > ROOM_MAX and len(known) > 1):
            _, forgotten = known.popitem(last=False)
            forgotten.inbox.forget()
            self.counters.handsets_forgotten += 1
        return handset

    def get_to_order(self, number: bytes) -> Handset:
        """Return a number's handset, not to be forgotten from now on. Raises ValueError for one too many."""
        handset = self._ordered.get(number)
        if handset is None:
            if len(self._ordered) >= ORDERED_MAX:
                raise ValueError(f"no more than {ORDERED_MAX} handsets can be given orders")
            handset = self._ordered[number] = self.get(number)
            del self._known[number]
            self.may_be_away = True
        return handset

    def _made_again(self, handset: Handset) -> Handset:
        made = self._make(handset.number)
        made.inbox = handset.inbox
        made.inbox.configure(made.habits, self._inbox_max)
        made.order(handset.ordered)
        return made

    def _make(self, number: bytes) -> Handset:
        habits = self.habits_of(number)
        return make_handset(number, habits, self._inbox_max, self.counters, self._seed, self._started_at)
