"""What a recipient has said about being written to."""

from typing import Literal

import attrs

HeardBy = Literal["mo", "api", "cli", "file"]


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
    who: str = ""
    """Of an MO: empty. Else the operator whose token it came by, or the user of the command line."""
    reason: str = ""
    """Of an MO: the word that was replied. Else what the operator, or the file, says."""


def consent_key(account: str, number: str) -> str:
    """What the words of a number towards an account are found by.

    A string, of which there may be a million: the collector of garbage walks over tuples, and not over these.
    """
    return f"{number}\0{account}"
