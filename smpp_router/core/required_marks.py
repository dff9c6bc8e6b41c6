# What every message of a traffic class must carry: a filing number, the mark of an agency. Looked for before
# a message is taken, so that one without is refused with the class's command_status and goes nowhere.
#
#   in one piece               its text, or the optional parameter that the mark stands in
#   in parts, with screening   the joined text of all parts, or an optional parameter of any of them: where
#                              parts are held until the message is whole, it is judged as a whole
#   in parts, without          the first part must carry every mark: no part has to wait for another one
#   a text put in its place    the new text, with the old one's optional parameters
"""Checking that messages carry the marks that their class requires."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.compliance.policy import Answer
from smpp_router.compliance.symbols import Symbol
from smpp_router.compliance.verdict import Verdict
from smpp_router.compliance.verdict_record import OF_CLASS
from smpp_router.config import ClassConfig, MarkConfig
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import part_of, text_of
from smpp_router.wire.pdu import SubmitSm, Tlvs

SYMBOL: Final = "MARK_MISSING"
"""As screening calls it."""


@attrs.define(eq=False)
class RequiredMarks:
    """The marks of one class, ready to be looked for. `missing` counts refusals by the mark's name."""

    status: int
    marks: tuple[tuple[MarkConfig, re.Pattern[str]], ...]
    missing: Counter[str] = attrs.Factory(Counter[str])

    @classmethod
    def of(cls, class_: ClassConfig) -> "RequiredMarks | None":
        """The marks of a class, None if it requires none."""
        if not class_.required_marks:
            return None
        marks = tuple((mark, re.compile(mark.pattern)) for mark in class_.required_marks)
        return cls(c.STATUS_CODES[class_.missing_mark_status], marks)

    def refusal(self, pdu: SubmitSm, default_alphabet: str, *, are_parts_joined: bool = False) -> int:
        """The command_status that refuses a message because a mark is missing; ESME_ROK if none is.

        `are_parts_joined`: somebody asks `of_whole()` when all parts have come.
        """
        part = part_of(pdu)
        if part is not None and part.total > 1 and (are_parts_joined or part.seqnum > 1):
            return c.ESME_ROK
        return self._status(self._missed(text_of(pdu, default_alphabet), pdu.tlvs))

    def of_whole(self, text: str, parts: Sequence[SubmitSm]) -> Verdict | None:
        """The verdict on a long message without one of the marks; None: it has them all."""
        missed = self._missed(text, tuple(pair for pdu in parts for pair in pdu.tlvs))
        if missed is None:
            return None
        symbol = Symbol(
            SYMBOL, 0.0, f"its class requires a mark that it has not: {missed.name}", source=OF_CLASS
        )
        return Verdict("refuse", (symbol,), symbol, answer=Answer(command_status=self.status))

    def of_replacement(self, pdu: SubmitSm) -> int:
        """The command_status that refuses a message with its new text; ESME_ROK: it has all marks."""
        return self._status(self._missed(text_of(pdu), pdu.tlvs))

    def _status(self, missed: MarkConfig | None) -> int:
        return c.ESME_ROK if missed is None else self.status

    def _missed(self, text: str, tlvs: Tlvs) -> MarkConfig | None:
        """Return the first mark that is missing, and count it."""
        for mark, pattern in self.marks:
            places = [text]
            if mark.tlv is not None:
                places = [value.decode(errors="replace") for tag, value in tlvs if tag == mark.tlv]
            # Also of a parameter that is not there: a pattern that fits nothing at all is always met.
            if not any(pattern.search(place) for place in places or [""]):
                self.missing[mark.name] += 1
                return mark
        return None
