# How a session comes to its end. Three ways lead there, and may cross each other. On each of them every
# request that came before is answered first.
#
#   the peer unbinds          unbind_resp, and closed. An MC is waited for, LAST_ANSWERS_S at most: what it
#                             took and did not answer would go out a second time
#   we unbind                 closed behind the peer's unbind_resp
#   the peer's stream ends    closed. It may have said all, and still read
"""The end of a session, as far as it has come (SMPP 3.4 section 4.2)."""

from typing import Final

from smpp_router.wire.pdu import Pdu

LAST_ANSWERS_S: Final = 5.0
"""Seconds in which an MC that unbinds may still answer what it was sent: several times what answers take.
One that answers nothing more has its unbind_resp so much later, or after response_s if that is less."""


class Ending:
    """What is known of the end. Times are unix seconds.

    `is_begun`: nothing new is sent any more. `awaits_answers`: the peer, which unbinds, may still answer what
    it was sent. Both are asked at every read, so they are plain values.
    """

    __slots__ = ("_answers_until", "_reason", "_unbind", "awaits_answers", "is_begun")

    def __init__(self) -> None:
        self.is_begun = False
        self.awaits_answers = False
        self._unbind: Pdu | None = None
        self._answers_until = 0.0
        self._reason = ""

    @property
    def owes_unbind_resp(self) -> bool:
        """Whether the peer's unbind waits for its answer."""
        return self._unbind is not None

    def peer_unbinds(self, unbind: Pdu, answers_until: float | None = None) -> None:
        """The peer wants to unbind; what it still answers until that time, if any, is waited for."""
        self.is_begun = True
        self._unbind = unbind
        if answers_until is not None:
            self.awaits_answers = True
            self._answers_until = answers_until

    def stream_ended(self, reason: str) -> None:
        """The peer sends no more, and answers nothing more."""
        self.is_begun = True
        self._reason = reason
        self.awaits_answers = False

    def has_waited(self, now: float) -> bool:
        """Tell, once, that the time for the peer's last answers is over."""
        if not self.awaits_answers or now < self._answers_until:
            return False
        self.awaits_answers = False
        return True

    def settle(self, is_unbound: bool) -> tuple[Pdu | None, str]:
        """Nothing is owed any more: return the unbind that is to be answered now, if any, and why to close.

        `is_unbound`: the peer has answered our unbind.
        """
        unbind, self._unbind = self._unbind, None
        if unbind is not None:
            return unbind, "unbound by peer"
        return None, "unbound" if is_unbound else self._reason
