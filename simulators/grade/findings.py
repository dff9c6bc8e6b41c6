# A client that does one thing wrong does it a million times. So a finding counts them all and keeps the first
# few and the last few as evidence.
"""What was found, and of what it was found."""

from collections import deque
from typing import Final

import attrs

from simulators.grade.conversation import KEPT_OCTETS_MAX
from simulators.grade.dissect import Shown, dissect
from simulators.grade.rule import Rule

FIRST_KEPT: Final = 3
LAST_KEPT: Final = 2
"""Examples of a finding: how it began, and whether it goes on alike."""


@attrs.frozen(kw_only=True)
class Example:
    """One time that a rule was broken."""

    at: float
    connection: int
    peer: str
    system_id: str
    detail: str
    raw: bytes = attrs.field(repr=False)
    masked_from: int | None = None
    """The octet from which on a password may stand there."""

    @property
    def fields(self) -> list[Shown]:
        """The PDU field by field, passwords masked."""
        return dissect(self.raw, self.masked_from) if self.raw else []


@attrs.define(eq=False)
class Finding:
    """A rule that was broken, how often, and when."""

    rule: Rule
    count: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    first: list[Example] = attrs.Factory(list[Example])
    last: deque[Example] = attrs.Factory(lambda: deque[Example](maxlen=LAST_KEPT))

    def add(self, example: Example) -> None:
        """Count one more."""
        if not self.count:
            self.first_at = example.at
        self.count += 1
        self.last_at = max(self.last_at, example.at)
        if len(example.raw) > KEPT_OCTETS_MAX:
            example = attrs.evolve(example, raw=example.raw[:KEPT_OCTETS_MAX])
        if len(self.first) < FIRST_KEPT:
            self.first.append(example)
        else:
            self.last.append(example)

    @property
    def examples(self) -> list[Example]:
        """The first and the last ones."""
        return [*self.first, *self.last]
