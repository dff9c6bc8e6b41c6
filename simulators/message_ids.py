"""The message ids of a simulated carrier, and how its receipts spell them."""

import random
import uuid
from typing import Final

from simulators.profile import IdStyle, ReceiptIdStyle

FIRST: Final = 1_000_000_000
"""Where ids begin, at every carrier: two carriers issue the same ones, as real ones do."""


class MessageIds:
    """Issues ids in one style."""

    __slots__ = ("_receipt_style", "_rng", "_style", "issued")

    def __init__(self, style: IdStyle, receipt_style: ReceiptIdStyle, rng: random.Random) -> None:
        self._style = style
        self._receipt_style = receipt_style
        self._rng = rng
        self.issued = 0

    def configure(self, style: IdStyle, receipt_style: ReceiptIdStyle) -> None:
        """Spell ids in another way from now on."""
        self._style = style
        self._receipt_style = receipt_style

    def issue(self) -> bytes:
        """Return an id that was never issued before."""
        number = FIRST + self.issued
        self.issued += 1
        style = self._style
        if style == "decimal":
            return b"%d" % number
        if style == "hex":
            return b"%X" % number
        if style == "padded":
            return b"%020d" % number
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4)).encode()

    def in_receipt(self, message_id: bytes) -> bytes:
        """Return an issued id as receipts spell it."""
        style = self._receipt_style
        if style == "same" or self._style == "uuid":
            return message_id
        try:
            number = int(message_id, 16 if self._style == "hex" else 10)
        except ValueError:
            # Issued before another style was configured.
            return message_id
        return b"%d" % number if style == "decimal" else b"%X" % number
