# The text of a receipt as some vendor writes it: a pattern of TOML with names in braces.
#
#   id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit} done date:{done} stat:{stat} err:{err} text:{text}
#
# A template is cut into literals and names once, when its profile is read; what is left for each receipt is
# to join them. {{ and }} stand for braces. There are no other names, no formats and no attributes: a config
# file must not reach anything else.
"""Templates of receipts' texts."""

from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Final

import attrs

FIELDS: Final = ("id", "sub", "dlvrd", "submit", "done", "stat", "err", "text")
"""What a template may name."""
APPENDIX_B: Final = (
    "id:{id} sub:{sub} dlvrd:{dlvrd} submit date:{submit} done date:{done} stat:{stat} err:{err} text:{text}"
)
"""As SMPP 3.4 Appendix B has it."""
TEMPLATE_MAX: Final = 200
"""Characters of a template: several times Appendix B's."""
_KEPT_MAX: Final = 256
"""Templates that stay cut: more than one process has carriers."""


@attrs.frozen
class ReceiptTemplate:
    """A template, cut: literals and names take turns; the first and the last are literals."""

    literals: tuple[bytes, ...]
    names: tuple[str, ...]

    def render(self, values: Mapping[str, bytes]) -> bytes:
        """Return the text with `values` for its names."""
        pieces = [self.literals[0]]
        for name, literal in zip(self.names, self.literals[1:], strict=True):
            pieces.append(values[name])
            pieces.append(literal)
        return b"".join(pieces)


@lru_cache(maxsize=_KEPT_MAX)
def receipt_template(text: str) -> ReceiptTemplate:
    """Cut a template. Raises ValueError, which says what is wrong with it."""
    if len(text) > TEMPLATE_MAX:
        raise ValueError(f"a template has at most {TEMPLATE_MAX} characters, not {len(text)}")
    if not text.isascii():
        raise ValueError("a template is of ASCII characters")
    literals = [b""]
    names: list[str] = []
    for literal, name, form, conversion in _parsed(text):
        literals[-1] += literal.encode()
        if name is None:
            continue
        if name not in FIELDS or form or conversion:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            raise ValueError(f"a template knows {known} only")
        names.append(name)
        literals.append(b"")
    return ReceiptTemplate(tuple(literals), tuple(names))


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(text))
    except ValueError:
        raise ValueError("a template has a brace that is not closed, or not doubled") from None
