# SMPP 3.4 section 5.1.4 lets sequence_numbers run from 1 to 0x7FFFFFFF. Real peers begin at 0, or count with
# all 32 bits. The session keeps to the rule; a carrier that does not has this window instead of its own.
"""Windows that number requests as the specification does not."""

from typing import Final

from smpp_router.session.window import Window

NUMBER_MAX: Final = 0xFFFFFFFF


class UnrulyWindow(Window):
    """A window that counts from any number up to 0xFFFFFFFF, and from 0 again."""

    __slots__ = ()

    def open(self, context: object) -> int:
        """Register a request and return its sequence_number. The caller has checked `room`."""
        number = self._next
        while number in self._entries:
            number = number + 1 & NUMBER_MAX
        self._entries[number] = context
        self._next = number + 1 & NUMBER_MAX
        return number

    def _before(self, mark: int) -> list[object]:
        old: list[int] = []
        for number in self._entries:
            if (mark - number - 1) & NUMBER_MAX > NUMBER_MAX // 2:
                break
            old.append(number)
        return [self._entries.pop(number) for number in old]
