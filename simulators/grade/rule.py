# A rule is one function. It is told of one thing that happened and says one of three:
#
#   None        this has nothing to do with me: the rule was not put to the test
#   GOOD        put to the test, and kept
#   some words  broken, and how
#
# Rule 1: the first line of its docstring is what a report says of a client that breaks it.
# Rule 2: a rule that was never put to the test is reported as not seen, so no finding is no praise.
# Rule 3: rules look before the conversation takes note of what happened. What they write themselves is
#         what keeps them from saying the same thing twice.
"""What a rule of conduct is."""

from collections.abc import Callable
from enum import Enum
from typing import Final, Literal, TypeAlias

import attrs

from simulators.grade.conversation import Seen

Severity = Literal["violation", "manners", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("violation", "manners", "note")
"""The worst first: against the specification, against good manners, worth knowing."""

Verdict: TypeAlias = str | None
GOOD: Final = ""

Check: TypeAlias = Callable[[Seen], Verdict]


class On(Enum):
    """What a rule is told of."""

    UNREADABLE = "octets of the client that are no PDU"
    PDU = "any PDU of the client"
    REQUEST = "a request of the client"
    RESPONSE = "a response of the client"
    BIND = "a bind"
    MESSAGE = "a submit_sm, data_sm or submit_multi"
    ANSWERED = "the carrier's response to a request of the client"
    UNANSWERED = "a request of the carrier that the client left without a response"
    TIME = "time going by"
    CLOSED = "the end of a connection"


@attrs.frozen(kw_only=True)
class Rule:
    """One rule. `section` says where it is written, `advice` what to do about it."""

    id: str
    group: str
    severity: Severity
    section: str
    title: str
    advice: str
    on: On
    check: Check = attrs.field(repr=False)


@attrs.define(eq=False)
class Group:
    """The rules of one subject, in the order in which they are written down."""

    name: str
    rules: list[Rule] = attrs.Factory(list[Rule])

    def rule(
        self, name: str, severity: Severity, section: str, on: On, advice: str
    ) -> Callable[[Check], Check]:
        """Make a rule of a function; its docstring is the title."""

        def add(check: Check) -> Check:
            title = (check.__doc__ or "").strip().split("\n")[0].removesuffix(".")
            assert title, "a rule without a title tells nobody anything"
            self.rules.append(
                Rule(
                    id=name,
                    group=self.name,
                    severity=severity,
                    section=section,
                    title=title,
                    advice=advice,
                    on=on,
                    check=check,
                )
            )
            return check

        return add
