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


def test_a_burst_for_an_idle_carrier_that_has_throttled_does_not_pass_it_over() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile", window=10)
    other = talk.link("unicom", window=50)
    carrier = talk.exchange.carriers["mobile"]
    carrier.pacer.succeeded(100, talk.now)
    carrier.pacer.throttled(talk.now)
    talk.wait(10.0)
    for _ in range(30):
        esme.submit()
        talk.settle()
    assert link.submits
    assert carrier.queued > 20
    assert other.submits == []
    # It answers none of them, so its window is full: what comes now goes by the other one.
    talk.wait(3.0)
    for _ in range(30):
        esme.submit()
        talk.settle()
    assert carrier.queued == 20
    assert len(other.submits) == 30


def test_the_answers_of_a_carrier_are_not_missed_while_it_was_down() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    carrier = talk.exchange.carriers["mobile"]
    carrier.pacer.succeeded(100, talk.now)
    carrier.pacer.throttled(talk.now)
    for _ in range(30):
        esme.submit()
    talk.wait(5.0)
    talk.link("mobile", window=1)
    assert carrier.queued > 20
    assert not carrier.is_behind(0, talk.now)


def test_what_comes_back_in_two_goes_stands_in_its_order() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    for _ in range(5):
        esme.submit()
    talk.settle()
    carrier = talk.exchange.carriers["mobile"]
    first, second, third, fourth, fifth = carrier.take_waiting(5)
    carrier.put_back([fifth], 0)
    carrier.put_back([fourth, second], 0)
    carrier.put_back([third, first], 0)
    assert list(carrier.waiting()) == [first, second, third, fourth, fifth]
