"""What a screener asks of whatever reads the words of texts."""

import datetime
from collections.abc import Sequence
from typing import Protocol

from smpp_router.compliance.symbols import Action, Symbol


class TextFindings(Protocol):
    """What the words of a text say about it."""

    @property
    def illicit(self) -> float:
        """The probability that the text is illicit whoever sends it."""
        ...

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """The probability of each category."""
        ...

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest category with its probability."""
        ...

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Terms and classes that were found."""
        ...

    @property
    def actions(self) -> frozenset[Action]:
        """What the terms ask for."""
        ...


class TextLayers(Protocol):
    """Keywords and model: compliance/textscreen.py."""

    def screen(
        self, texts: Sequence[str], classes: Sequence[str], day: datetime.date
    ) -> Sequence[TextFindings]:
        """Read a batch of texts."""
        ...

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of lexicon and model."""
        ...
