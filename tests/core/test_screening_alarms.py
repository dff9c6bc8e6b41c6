"""What of screening raises alarms, seen from outside: messages go in, alarms stand and are cleared."""

from smpp_router.compliance.case import Case
from smpp_router.compliance.rulebook import FENCE_AFTER, FENCE_S, Rule
from smpp_router.compliance.screener import Screener
from smpp_router.config_alarms import AlarmsConfig
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.core.statistics import statistics
from smpp_router.wire import constants as c
from tests.core.talk import Talk, configuration

FREE = ComplianceConfig(regime="none", registration_required=False)
FAST = AlarmsConfig(raise_s=2.0, clear_s=3.0)


def talk_of(*rules: Rule, config: ComplianceConfig = FREE) -> Talk:
    screener = Screener(config, None, lambda: 0.0, rules)
    return Talk(configuration(alarms=FAST), screener=screener)


KINDS = ("rule_fenced",)


def standing(talk: Talk) -> set[tuple[str, str]]:
    active = talk.exchange.alarm_watch.alarms.active()
    return {(alarm.kind, alarm.subject) for alarm in active if alarm.kind in KINDS}


def test_a_rule_that_is_fenced_is_told_of_until_it_is_back() -> None:
    is_broken = True

    def check(_: Case) -> list[object]:
        return 1 / 0 if is_broken else []  # type: ignore[return-value]

    talk = talk_of(Rule("own", check, "open"))  # type: ignore[arg-type]
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
    talk = talk_of(Rule("own", lambda _: 7, "closed"))  # type: ignore[arg-type, return-value]
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    screening = talk.exchange.screening
    assert screening is not None
    assert len(screening.reviews) == 1
