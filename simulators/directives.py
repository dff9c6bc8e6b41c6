# For quick tests by hand: a number or a text that says what shall become of its message.
#
# Magic numbers: the last five digits of the destination.
#   90sss   submit_sm_resp says status sss, decimal: 90008 ESME_RSYSERR, 90088 ESME_RTHROTTLED
#   91mee   the message ends in message_state m with error code ee: 91527 UNDELIV 27, 91200 DELIVRD
#   92ttt   submit_sm_resp comes after ttt tenths of a second
#   93sss   the receipt comes sss seconds after the response
#   94000   no receipt      94002  two receipts      94003  the receipt comes before the response
#   94009   no response
#
# Directives: words in the text, which go out with it. Each is a #, a key, = and a value, without spaces:
#   status   ESME_RSYSERR, 0x0401 ...    err     27                   delay           seconds
#   stat     UNDELIV and so on           answer  none                 receipt_delay   seconds
#   receipt  once, none, twice or early
# What means nothing is text like any other.
"""Magic numbers and directives in texts."""

import re
from typing import Final, cast

from simulators.distributions import DELAY_MAX_S
from simulators.outcomes import OUTCOMES, message_state, status_of
from simulators.rules import ReceiptHow, Wish
from smpp_router.wire.receipt import STATES

MAGIC_DIGITS: Final = 5
_RECEIPTS: Final[dict[bytes, ReceiptHow]] = {b"000": "none", b"001": "once", b"002": "twice", b"003": "early"}
_FINAL_STATES: Final = {STATES[name.encode()] for name in OUTCOMES if name.encode() in STATES}
_DIRECTIVE: Final = re.compile(r"#(status|stat|err|delay|receipt_delay|receipt|answer)=([A-Za-z0-9_.]{1,32})")
_NUMBER: Final = re.compile(r"\d{1,7}(\.\d{1,3})?")


def magic_wish(destination: bytes) -> Wish | None:
    """Return what the last digits of a destination say, if anything."""
    digits = destination[-MAGIC_DIGITS:]
    if len(digits) < MAGIC_DIGITS or not digits.isdigit():
        return None
    kind, rest = digits[:2], digits[2:]
    number = int(rest)
    if kind == b"90" and number:
        return Wish(status=number)
    if kind == b"91" and number // 100 in _FINAL_STATES:
        return Wish(outcome=number // 100, error_code=number % 100)
    if kind == b"92":
        return Wish(response_s=number / 10.0)
    if kind == b"93":
        return Wish(receipt_s=float(number))
    if kind == b"94" and rest in _RECEIPTS:
        return Wish(receipt=_RECEIPTS[rest])
    return Wish(is_answered=False) if digits == b"94009" else None


def directive_wish(text: str) -> Wish | None:
    """Return what the directives in a text say, if there are any; of two alike the last one counts."""
    if "#" not in text:
        return None
    wish = Wish()
    # Who writes ASCII under data_coding 0 says \u00a7 where it means _ (3GPP TS 23.038 section 6.2.1).
    found = [_heed(wish, key, value) for key, value in _DIRECTIVE.findall(text.replace("\u00a7", "_"))]
    return wish if any(found) else None


def _heed(wish: Wish, key: str, value: str) -> bool:
    """Put a directive into a wish; tell whether it means anything."""
    if key == "status" and status_of(value):
        wish.status = status_of(value)
    elif key == "stat" and value in OUTCOMES:
        wish.outcome = message_state(value)
    elif key == "receipt" and value in ("once", "none", "twice", "early"):
        wish.receipt = cast(ReceiptHow, value)
    elif key == "answer" and value == "none":
        wish.is_answered = False
    elif key in ("err", "delay", "receipt_delay") and _NUMBER.fullmatch(value):
        return _heed_number(wish, key, float(value))
    else:
        return False
    return True


def _heed_number(wish: Wish, key: str, number: float) -> bool:
    if key == "err":
        wish.error_code = min(int(number), 65_535)
    elif key == "delay":
        wish.response_s = min(number, DELAY_MAX_S)
    else:
        wish.receipt_s = min(number, DELAY_MAX_S)
    return True
