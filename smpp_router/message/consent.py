"""What a recipient has said about being written to."""

from typing import Literal

import attrs

HeardBy = Literal["mo", "api", "file"]


@attrs.frozen
class Consent:
    """One word of a recipient: a refusal, or consent again. `at` is unix seconds."""

    at: float
    account: str
    number: str = attrs.field(repr=False)
    """Digits in international form."""
    is_refusal: bool
    source_addr: str = ""
    """The account's source address that it is about; empty: all of them."""
    kind: str = "marketing"
    """The kind of traffic; empty: everything."""
    by: HeardBy = "mo"
