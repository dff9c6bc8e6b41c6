"""What of screening raises alarms, seen from outside: messages go in, alarms stand and are cleared."""

import datetime
from collections.abc import Sequence
from typing import Any, cast

from smpp_router.compliance.case import Case
from smpp_router.compliance.fraud import STANDS_S
from smpp_router.compliance.keywords import NOTHING_FOUND
from smpp_router.compliance.rulebook import FENCE_AFTER, FENCE_S, Check, Rule
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextFindings
from smpp_router.config_alarms import AlarmsConfig
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.core.statistics import statistics
from smpp_router.wire import constants as c
from tests.core.talk import Talk, account, configuration

FREE = ComplianceConfig(regime="none", registration_required=False)
FAST = AlarmsConfig(raise_s=2.0, clear_s=3.0)


def talk_of(*rules: Rule, config: ComplianceConfig = FREE) -> Talk:
    screener = Screener(config, None, lambda: 0.0, rules)
    return Talk(configuration(alarms=FAST), screener=screener)


KINDS = ("rule_fenced", "numbers_in_a_row", "shared_text", "mix_changed")


def standing(talk: Talk) -> set[tuple[str, str]]:
    active = talk.exchange.alarm_watch.alarms.active()
    return {(alarm.kind, alarm.subject) for alarm in active if alarm.kind in KINDS}


def test_a_rule_that_is_fenced_is_told_of_until_it_is_back() -> None:
    is_broken = True

    def check(_: Case) -> list[Any]:
        return [1 / 0] if is_broken else []

    talk = talk_of(Rule("own", check, "open"))
    esme, _ = talk.esme("bank"), talk.link("mobile")
    talk.link("unicom")
    for _ in range(FENCE_AFTER - 1):
        esme.submit()
    talk.wait(2.0)
    assert standing(talk) == set()
    esme.submit()
    talk.wait(2.0)
    assert standing(talk) == {("rule_fenced", "own")}
    assert esme.statuses == [c.ESME_ROK] * FENCE_AFTER, "it fails open"
    counts = statistics(talk.exchange)["screening"]["rules"]["own"]
    assert (counts["failed"], counts["fenced"], counts["is_out"]) == (FENCE_AFTER, 1, True)
    assert counts["last_error"].startswith("ZeroDivisionError in check, line ")
    is_broken = False
    talk.wait(FENCE_S + 1.0)
    assert standing(talk) == {("rule_fenced", "own")}, "nobody has asked it yet"
    esme.submit()
    talk.wait(5.0)
    assert standing(talk) == set()


def test_what_a_closed_rule_could_not_be_asked_about_is_held() -> None:
    talk = talk_of(Rule("own", cast("Check", lambda _: 7), "closed"))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    screening = talk.exchange.screening
    assert screening is not None
    assert len(screening.holding.reviews) == 1


class Words:
    """Texts are about what their last word says, and as illicit as the word before it."""

    versions = ("lexicon", "model")

    def screen(self, texts: Sequence[str], classes: Sequence[str], day: datetime.date) -> list[TextFindings]:
        assert len(classes) == len(texts)
        assert day > datetime.date(2020, 1, 1)
        return [self._read(text) for text in texts]

    def _read(self, text: str) -> TextFindings:
        *_, share, category = text.split()
        return TextFindings(float(share), float(share), (category,), [0.9], NOTHING_FOUND, ())


def talk_of_words() -> Talk:
    return Talk(configuration(alarms=FAST), screener=Screener(FREE, Words(), lambda: 0.0))


def test_a_burst_to_numbers_in_a_row_is_told_of_and_weighs_with_the_words() -> None:
    talk = talk_of_words()
    esme, other, link = talk.esme("bank"), talk.esme("shop"), talk.link("mobile", window=1_000)
    for number in range(60):
        text = b"dear customer number %d 0.7 loan" % number if number % 2 else b"all is well 0.1 notice"
        esme.submit(b"86139%08d" % number, short_message=text)
        other.submit(b"86139%08d" % (number * 7919 % 10**8), short_message=text)
    talk.wait(2.0)
    assert standing(talk) == {("numbers_in_a_row", "bank")}
    held = talk.exchange.retries.held.values()
    assert {message.account for message in held} == {"bank"}, "0.7 alone is let through"
    screening = talk.exchange.screening
    assert screening is not None
    assert {verdict.reason for verdict in screening.holding.reviews.values()} == {
        "the wording and the traffic together are those of illicit messages"
    }
    assert len(link.submits) == 120 - len(held)
    assert statistics(talk.exchange)["screening"]["signals"] == {"SEQUENTIAL": 37}
    talk.wait(STANDS_S + 10.0)
    assert standing(talk) == set()


def test_one_text_from_many_accounts_is_told_of() -> None:
    names = [f"shop{number}" for number in range(5)]
    accounts = tuple(account(name) for name in names)
    talk = Talk(configuration(alarms=FAST, accounts=accounts), screener=Screener(FREE, None, lambda: 0.0))
    for at, name in enumerate(names):
        text = f"This is {at} great offer of ours that you will like a lot, come and see it today".encode()
        talk.esme(name).submit(b"86139%08d" % (at * 7919), short_message=text)
    talk.wait(2.0)
    assert standing(talk) == {("shared_text", "shop3"), ("shared_text", "shop4")}


def test_an_account_that_changes_what_it_sends_is_told_of() -> None:
    talk = talk_of_words()
    esme = talk.esme("bank")
    for number in range(250):
        subject = b"delivery" if number < 200 else b"stocks"
        esme.submit(b"86139%08d" % (number * 7919 % 10**8), short_message=b"0.1 %b" % subject)
    talk.wait(2.0)
    assert standing(talk) == {("mix_changed", "bank")}
