# Who is who in a world's addresses. A message's number is in its source address, so that it is known wherever
# it passes; what a subscriber writes back to that address is known by it too.
#
#   1069 02 000000017   source_addr of message 17, from customer number 2
#
# All parts of a long message have the source address of the first, as handsets need it to join them; their
# source_addr_ton says which part it is: message 17 + source_addr_ton.
"""Source addresses of a world's messages."""

from typing import Final

PREFIX: Final = b"1069"
CUSTOMERS_MAX: Final = 100
"""Two digits say whose a message is."""
_CUSTOMER_DIGITS: Final = 2
_NUMBER_AT: Final = len(PREFIX) + _CUSTOMER_DIGITS


def customer_prefix(customer: int) -> bytes:
    """Return what all source addresses of a customer begin with."""
    return PREFIX + b"%0*d" % (_CUSTOMER_DIGITS, customer)


def source_addr(customer: int, number: int) -> bytes:
    """Return the source address of a message in one piece, or of all parts of one that begins at `number`."""
    return customer_prefix(customer) + b"%09d" % number


def number_in(address: bytes, ton: int = 0) -> int | None:
    """Return the number of the message that has this source address, None if it is of no message."""
    digits = address[_NUMBER_AT:]
    return int(digits) + ton if address.startswith(PREFIX) and digits.isdigit() else None
