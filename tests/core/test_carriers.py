from tests.core.talk import Talk


def test_a_window_is_never_overrun_and_is_refilled_as_answers_come() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile", window=3)
    for _ in range(7):
        esme.submit()
    talk.settle()
    assert len(link.submits) == 3
    link.accept(b"1", index=2)
    talk.settle()
    assert len(link.submits) == 3
    for number in range(2, 8):
        link.accept(b"%d" % number)
        talk.settle()
    assert link.submits == []


def test_urgent_classes_overtake_in_a_carriers_queue() -> None:
    talk = Talk()
    bank, ministry = talk.esme("bank"), talk.esme("ministry")
    for _ in range(3):
        bank.submit(short_message=b"slow")
    ministry.submit(short_message=b"fast")
    talk.settle()
    link = talk.link("mobile", window=1)
    talk.settle()
    assert link.submits[0].short_message == b"fast"


def test_a_carrier_says_that_something_waits_with_it() -> None:
    """Of many carriers only those are looked at."""
    talk = Talk()
    bank, link = talk.esme("bank"), talk.link("mobile", window=1)
    assert list(talk.exchange.waiting) == []
    for _ in range(2):
        bank.submit()
    talk.settle()
    assert list(talk.exchange.waiting) == ["mobile"]
    link.accept(b"1")
    talk.settle()
    assert len(link.submits) == 1
    assert list(talk.exchange.waiting) == []
