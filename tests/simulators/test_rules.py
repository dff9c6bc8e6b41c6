"""Rules for some messages."""

import random
from typing import Any

import pytest

from simulators.rules import Rule, RuleBook, Wish
from smpp_router.wire import constants as c
from tests.simulators.customers import World, message


def book(*rules: Rule) -> RuleBook:
    return RuleBook(rules, "gsm", random.Random(1))


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"destination": "86139"}, True),
        ({"destination": "86138"}, False),
        ({"source": "1069"}, True),
        ({"source": "BANK"}, False),
        ({"text": "LOAN"}, True),
        ({"text": "prize"}, False),
        ({"destination": "86139", "source": "1069", "text": "loan"}, True),
        ({"destination": "86139", "source": "1069", "text": "prize"}, False),
        ({"share": 0.0}, False),
    ],
)
def test_a_rule_fits_if_all_that_it_says_fits(rule: dict[str, Any], fits: bool) -> None:
    wish = book(Rule(status="ESME_RSYSERR", **rule)).wish(message(short_message=b"A cheap loan"))
    assert (wish is not None) is fits


def test_a_rule_may_refuse_with_a_status_that_only_a_vendor_knows() -> None:
    world = World(rules=(Rule(status="0x0401"),))
    customer = world.bind()
    world.say(customer, message())
    (resp,) = customer.responses
    assert resp.command_status == 0x401


def test_the_first_rule_that_fits_counts() -> None:
    rules = book(Rule(destination="86139", outcome="UNDELIV"), Rule(outcome="EXPIRED"))
    wishes = [rules.wish(message(number)) for number in (b"8613900000001", b"8613800000001")]
    assert [wish and wish.outcome for wish in wishes] == [c.UNDELIVERABLE, c.EXPIRED]


def test_a_share_of_what_fits_goes_by_the_rule_and_the_rest_by_the_next() -> None:
    rules = book(Rule(share=0.25, status="ESME_RSYSERR"), Rule(status="ESME_RINVDSTADR"))
    wishes = [rules.wish(message()) for _ in range(1000)]
    statuses = [wish.status for wish in wishes if wish is not None]
    assert len(statuses) == 1000
    assert 200 < statuses.count(c.ESME_RSYSERR) < 300


def test_a_closer_wish_wins_where_it_says_something() -> None:
    wish = Wish(status=8, receipt="none").over(Wish(status=9, error_code=27, receipt="twice"))
    assert (wish.status, wish.error_code, wish.receipt, wish.response_s) == (8, 27, "none", None)


def test_a_carrier_goes_by_its_rules() -> None:
    world = World(
        rules=(
            Rule(destination="86138", status="ESME_RINVDSTADR"),
            Rule(destination="86137", outcome="UNDELIV", error_code=27, receipt_s=5.0),
            Rule(destination="86136", is_answered=False),
        )
    )
    customer = world.bind()
    numbers = (b"8613800000001", b"8613700000001", b"8613600000001", b"8613900000001")
    world.say(customer, *map(message, numbers))
    assert customer.statuses == ["ESME_RINVDSTADR", "ESME_ROK", "ESME_ROK"]
    assert [receipt.stat for receipt in customer.receipts] == [b"DELIVRD", b"DELIVRD"]
    world.wait(5.1)
    last = customer.receipts[-1]
    assert (last.stat, last.error) == (b"UNDELIV", b"027")
    assert world.carrier.counters.responses_withheld == 1
    assert customer.carrier_session.unanswered == 0
