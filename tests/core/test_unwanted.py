"""What may leave while somebody has just refused something."""

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.screened_texts import numbers_of
from smpp_router.core.unwanted import Unwanted
from smpp_router.message.message import Message

NUMBERS = st.text("0123456789", min_size=3, max_size=20)
WRITTEN = st.one_of(NUMBERS, st.text("0123456789+ -", min_size=3, max_size=20))


def message_to(number: str) -> Message:
    return Message(1, 1, "shop", "offers", b"", b"\x01\x01106900\0\x01\x01" + number.encode() + b"\0", 0, 0.0)


@given(st.lists(NUMBERS, max_size=5), st.lists(WRITTEN, max_size=20), st.data())
def test_whoever_is_to_be_found_is_found_and_nobody_else_is_stopped(
    refusing: list[str], to: list[str], data: st.DataObject
) -> None:
    some = st.lists(st.sampled_from(refusing), max_size=3) if refusing else st.just([])
    messages = [message_to(number) for number in [*to, *data.draw(some)]]

    def is_refused(message: Message) -> bool:
        return numbers_of(message.addresses)[1] in refusing

    unwanted = Unwanted(is_refused)
    for number in refusing:
        unwanted.add(number)
    assert unwanted.without(messages) == [message for message in messages if not is_refused(message)]
    assert unwanted.stopped == [message for message in messages if is_refused(message)]


def test_nobody_is_asked_about_in_earnest_whose_number_ends_otherwise() -> None:
    asked: list[Message] = []

    def is_refused(message: Message) -> bool:
        asked.append(message)
        return True

    unwanted = Unwanted(is_refused)
    unwanted.add("8613900000001")
    messages = [message_to(f"861390000{end:04d}") for end in range(2, 200)]
    assert unwanted.without(messages) == messages
    assert asked == []
    assert unwanted.without([message_to("8613900000001")]) == []
