"""Numbers and texts that say what shall become of a message."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.directives import directive_wish, magic_wish
from simulators.rules import Wish
from smpp_router.wire import constants as c
from tests.simulators.customers import World, message


def said(wish: Wish | None) -> dict[str, object]:
    """What a wish says."""
    return (
        {}
        if wish is None
        else {key: value for key, value in attrs.asdict(wish).items() if value not in (None, "")}
    )


@pytest.mark.parametrize(
    ("digits", "wish"),
    [
        (b"90008", {"status": c.ESME_RSYSERR}),
        (b"90088", {"status": c.ESME_RTHROTTLED}),
        (b"90000", {}),
        (b"91527", {"outcome": c.UNDELIVERABLE, "error_code": 27}),
        (b"91200", {"outcome": c.DELIVERED, "error_code": 0}),
        (b"91100", {}),
        (b"92050", {"response_s": 5.0}),
        (b"93060", {"receipt_s": 60.0}),
        (b"94000", {"receipt": "none"}),
        (b"94001", {"receipt": "once"}),
        (b"94002", {"receipt": "twice"}),
        (b"94003", {"receipt": "early"}),
        (b"94009", {"is_answered": False}),
        (b"94008", {}),
        (b"12345", {}),
        (b"0008", {}),
        (b"9000a", {}),
    ],
)
def test_the_last_digits_of_a_number_say_it(digits: bytes, wish: dict[str, object]) -> None:
    assert said(magic_wish(b"86139000" + digits if len(digits) == 5 else digits)) == wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("hello", {}),
        ("#1 in town", {}),
        ("try #status=ESME_RSYSERR please", {"status": c.ESME_RSYSERR}),
        ("#stat=UNDELIV #err=27", {"outcome": c.UNDELIVERABLE, "error_code": 27}),
        ("#delay=5#receipt_delay=0.5", {"response_s": 5.0, "receipt_s": 0.5}),
        ("#receipt=twice", {"receipt": "twice"}),
        ("#answer=none", {"is_answered": False}),
        ("#err=1 #err=2", {"error_code": 2}),
        ("#status=0x0401 hello", {"status": 0x401}),
        ("#status=ESME_ROK #stat=NO #delay=soon #receipt=thrice #answer=yes #colour=red", {}),
        ("#err=9999999", {"error_code": 65_535}),
    ],
)
def test_directives_in_a_text_are_heeded_and_all_else_is_text(text: str, wish: dict[str, object]) -> None:
    assert said(directive_wish(text)) == wish


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    directive_wish("#stat=" + text)
    magic_wish(text.encode()[-20:])


def test_both_are_off_unless_switched_on() -> None:
    world = World()
    customer = world.bind()
    world.say(customer, message(b"8613900090008"), message(short_message=b"#status=ESME_RSYSERR"))
    assert set(customer.statuses) == {"ESME_ROK"}


def test_a_directive_wins_over_a_number() -> None:
    world = World(magic_numbers=True, directives=True)
    customer = world.bind()
    world.say(
        customer,
        message(b"8613900090008"),
        message(b"8613900090008", short_message=b"#status=ESME_RSUBMITFAIL"),
        message(b"8613900091527", short_message=b"#err=9"),
    )
    assert customer.statuses == ["ESME_RSYSERR", "ESME_RSUBMITFAIL", "ESME_ROK"]
    assert [(receipt.stat, receipt.error) for receipt in customer.receipts] == [(b"UNDELIV", b"009")]


def test_a_receipt_may_be_wanted_before_its_response() -> None:
    world = World(directives=True)
    customer = world.bind()
    assert world.say(customer, message(short_message=b"#receipt=early")) == []
    world.wait(0.06)
    assert (len(customer.receipts), customer.responses) == (1, [])
    world.wait(0.06)
    assert customer.message_ids == [customer.receipts[0].message_id]


@pytest.mark.parametrize(("text", "count"), [(b"#receipt=none", 0), (b"#receipt=twice", 2)])
def test_so_many_receipts_come_as_are_wanted(text: bytes, count: int) -> None:
    world = World(directives=True)
    customer = world.bind()
    world.say(customer, message(short_message=text))
    world.wait(1.1)
    assert len(customer.receipts) == count
    assert len({receipt.message_id for receipt in customer.receipts}) == min(count, 1)
