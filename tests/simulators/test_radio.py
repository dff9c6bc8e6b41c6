"""Values at the border to the network show no numbers and no texts."""

from simulators.radio import MobileOriginated, ShortMessage
from tests.simulators.customers import START


def test_numbers_and_texts_are_not_shown() -> None:
    sent = ShortMessage(
        "carrier", 1, (1, 1, b"106900"), (1, 1, b"86139"), b"", 0, 0, 0, 0, b"hello", START, START, START
    )
    shown = repr(sent) + repr(MobileOriginated(START, b"86139", b"106900", b"hello", 0, 0))
    assert not any(secret in shown for secret in ("86139", "106900", "hello"))
