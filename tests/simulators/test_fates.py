"""Who has a say in what becomes of a message, and who has the last word."""

import random
from typing import Any

from simulators.anomalies import Anomalies
from simulators.behaviour import Behaviour
from simulators.fates import Fates, is_fateful
from simulators.interception import Interception, Interceptor
from simulators.rules import Rule
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import SubmitSm
from tests.simulators.customers import START, message, profile


def fates(**settings: Any) -> Fates:
    made = profile(**settings)
    filters = made.interception and Interceptor(made.interception, random.Random(2))
    return Fates(made, Behaviour(made, random.Random(1)), random.Random, filters)


def test_a_carrier_that_leaves_it_to_chance_has_no_fates() -> None:
    assert not is_fateful(profile(outcomes={"UNDELIV": 1.0}, errors={"ESME_RSYSERR": 0.5}))
    for settings in (
        {"rules": (Rule(),)},
        {"magic_numbers": True},
        {"directives": True},
        {"anomalies": Anomalies(late=0.1)},
        {"interception": Interception()},
    ):
        assert is_fateful(profile(**settings))


def test_without_a_wish_chance_decides() -> None:
    fate = fates(
        magic_numbers=True, outcomes={"UNDELIV": 1}, error_codes={"UNDELIV": (9,)}, response_s=1.0
    ).of(message(), START)
    assert (fate.status, fate.outcome, fate.error_code, fate.response_s) == (0, c.UNDELIVERABLE, 9, 1.0)


def test_rule_then_number_then_text_then_interception() -> None:
    settings: dict[str, Any] = {
        "rules": (Rule(outcome="EXPIRED", receipt_s=7.0),),
        "magic_numbers": True,
        "directives": True,
        "interception": Interception(words=("prize",), action="report", error_code=8),
    }

    def decided(pdu: SubmitSm) -> tuple[int, int, float]:
        fate = fates(**settings).of(pdu, START)
        return fate.outcome, fate.error_code, fate.receipt_s

    assert decided(message()) == (c.EXPIRED, 1, 7.0)
    assert decided(message(b"8613900091527")) == (c.UNDELIVERABLE, 27, 7.0)
    assert decided(message(b"8613900091527", short_message=b"#stat=DELIVRD")) == (c.DELIVERED, 0, 7.0)
    assert decided(message(short_message=b"a prize #stat=DELIVRD")) == (c.REJECTED, 8, 7.0)


def test_a_chosen_failure_has_the_error_codes_of_its_profile() -> None:
    one = fates(rules=(Rule(outcome="UNDELIV"),), error_codes={"UNDELIV": (13,)}).of(message(), START)
    assert one.error_code == 13


def test_mishaps_do_not_change_what_chance_draws() -> None:
    plain, unlucky = (
        fates(outcomes={"DELIVRD": 1, "UNDELIV": 1}, anomalies=anomalies, magic_numbers=True)
        for anomalies in (Anomalies(), Anomalies(duplicated=0.5, withheld=0.5))
    )
    drawn = [[one.of(message(), START).outcome for _ in range(100)] for one in (plain, unlucky)]
    assert drawn[0] == drawn[1]
