# What every message of a traffic class must carry: a filing number, the mark of an agency. Looked for before
# a message is taken, so that one without is refused with the class's command_status and goes nowhere.
#
# Of a long message that comes in parts only the first part is looked at: no part has to wait for another one
# here. What must be read as a whole is compliance's.
"""Checking that messages carry the marks that their class requires."""

import re
from collections import Counter

import attrs

from smpp_router.config import ClassConfig, MarkConfig
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.multipart import part_of, text_of
from smpp_router.wire.pdu import SubmitSm


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

    def refusal(self, pdu: SubmitSm, default_alphabet: str) -> int:
        """The command_status that refuses a message because a mark is missing; ESME_ROK if none is."""
        part = part_of(pdu)
        if part is not None and part.seqnum > 1:
            return c.ESME_ROK
        text = text_of(pdu, default_alphabet)
        for mark, pattern in self.marks:
            found = (
                text if mark.tlv is None else (tlv.find(pdu.tlvs, mark.tlv) or b"").decode(errors="replace")
            )
            if pattern.search(found) is None:
                self.missing[mark.name] += 1
                return self.status
        return c.ESME_ROK
