"""What happens on sessions reaches the measuring of carriers, each thing once and as what it is."""

import pytest

from smpp_router.config_health import HealthConfig
from smpp_router.core.measuring import made_health
from smpp_router.message.message import Pending
from smpp_router.message.tally import Cohort, Tally
from smpp_router.wire import constants as c
from tests.core.talk import Esme, Link, Talk, account, carrier, configuration


def talked(**changes: object) -> tuple[Talk, Esme, Link]:
    talk = Talk(configuration(**changes))
    return talk, talk.esme("bank"), talk.link("mobile")


# Where the number belongs that an Esme sends to if it is told no other.
REGION = "CN/xinjiang"


def tally_of(
    talk: Talk, carrier: str = "mobile", traffic_class: str = "default", region: str = REGION
) -> Tally:
    return talk.exchange.health.tally(carrier, region, traffic_class)


def cohort_of(talk: Talk) -> Cohort:
    (pending,) = talk.exchange.flight.messages.values()
    assert isinstance(pending, Pending)
    assert pending.cohort is not None
    return pending.cohort


def test_a_message_counts_from_submit_sm_to_its_receipt() -> None:
    talk, esme, link = talked()
    esme.submit()
    talk.settle()
    tally = tally_of(talk)
    assert (tally.sent, tally.accepted) == (1, 0)
    talk.now += 0.4
    link.accept(b"1")
    talk.settle()
    assert tally.accepted == 1
    assert tally.latency_sum_s == pytest.approx(0.4)
    cohort = cohort_of(talk)
    assert (cohort.taken, cohort.open) == (1, 1)
    link.receipt(b"1")
    talk.settle()
    assert (cohort.delivered, cohort.open) == (1, 0)


@pytest.mark.parametrize(
    ("state", "error", "counted"),
    [
        (c.DELIVERED, b"000", "delivered"),
        (c.UNDELIVERABLE, b"001", "failed"),
        (c.EXPIRED, b"027", "failed"),
        (c.REJECTED, b"000", "intercepted"),
        (c.UNDELIVERABLE, b"069", "intercepted"),
    ],
)
def test_receipts_count_as_what_they_say(state: int, error: bytes, counted: str) -> None:
    talk, esme, link = talked(health=HealthConfig(filter_error_codes=(69,)))
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    cohort = cohort_of(talk)
    link.receipt(b"1", state, error)
    talk.settle()
    counts = {name: getattr(cohort, name) for name in ("delivered", "failed", "intercepted", "withdrawn")}
    assert counts == {name: int(name == counted) for name in counts}


def test_a_receipt_that_says_unknown_counts_when_it_is_believed() -> None:
    talk, esme, link = talked()
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    cohort = cohort_of(talk)
    link.receipt(b"1", c.UNKNOWN)
    talk.settle()
    assert cohort.open == 1
    talk.wait(100.0)
    assert (cohort.done + cohort.failed, cohort.withdrawn, cohort.open) == (1, 0, 0)


def test_a_receipt_before_its_response_counts_too() -> None:
    talk, esme, link = talked()
    esme.submit()
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    link.accept(b"1")
    talk.settle()
    cohort = tally_of(talk).cohort
    assert (cohort.taken, cohort.delivered) == (1, 1)


def test_a_message_whose_validity_ends_is_withdrawn() -> None:
    talk, esme, link = talked(accounts=(account("bank", validity_s=5.0),))
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    cohort = cohort_of(talk)
    talk.wait(400.0)
    assert len(talk.exchange.flight) == 0
    assert (cohort.withdrawn, cohort.open) == (1, 0)


@pytest.mark.parametrize(
    ("status", "counted"),
    [
        (c.ESME_RTHROTTLED, "throttled"),
        (c.ESME_RSYSERR, "errors"),
        (c.ESME_RINVDSTADR, "undeliverable"),
        (c.ESME_RINVMSGLEN, "faults"),
    ],
)
def test_refusals_count_as_what_they_are(status: int, counted: str) -> None:
    talk, esme, link = talked()
    esme.submit()
    talk.settle()
    link.refuse(status)
    talk.hand_over()
    assert getattr(tally_of(talk), counted) == 1


def test_an_answer_after_the_validity_counts_as_an_answer() -> None:
    talk, esme, link = talked(accounts=(account("bank", validity_s=5.0),))
    esme.submit()
    talk.settle()
    talk.wait(8.0)
    assert len(talk.exchange.flight) == 0
    link.accept(b"1")
    talk.settle()
    tally = tally_of(talk)
    assert (tally.accepted, tally.cohort.taken) == (1, 0), "no receipt is waited for"


def test_time_outs_count_and_requests_that_a_lost_session_took_along_do_not() -> None:
    talk, esme, link = talked()
    esme.submit()
    talk.settle()
    tally = tally_of(talk)
    link.cut()
    assert tally.silent == 0
    talk.exchange.carrier_unanswered(link.carrier, [], talk.now)
    link = talk.link("mobile")
    esme.submit()
    talk.settle()
    contexts = list(link.far.window.outstanding())
    talk.exchange.carrier_unanswered(link.carrier, contexts, talk.now)
    assert tally.silent == len(contexts) > 0


def test_a_silent_carrier_is_found_out_long_before_its_requests_time_out() -> None:
    talk, esme, link = talked()
    talk.link("unicom")
    for _ in range(8):
        esme.submit()
    talk.settle()
    talk.wait(10.0)
    assert len(link.submits) == 8
    assert link.carrier.counters.unanswered == 0
    assert talk.exchange.health.share("mobile", "", "default") == 0.0
    assert "nobody answers" in talk.exchange.health.explain("mobile", "zz", "")
    assert talk.exchange.health.share("unicom", "", "default") == 1.0


def test_a_carrier_without_a_session_has_no_score_and_gets_it_back() -> None:
    talk, _, link = talked()
    talk.wait(2.0)
    health = talk.exchange.health
    assert (health.score("mobile", "", ""), health.score("unicom", "", "")) == (100.0, 0.0)
    link.cut()
    talk.wait(2.0)
    assert health.score("mobile", "", "") == 0.0
    talk.link("mobile")
    talk.wait(2.0)
    assert health.score("mobile", "", "") > 90.0


def test_a_receiver_alone_makes_no_carrier_sound() -> None:
    talk = Talk()
    talk.link("mobile", c.BIND_RECEIVER)
    talk.wait(2.0)
    assert talk.exchange.health.score("mobile", "", "") == 0.0


@pytest.mark.parametrize(("text", "complaints"), [(b"I will COMPLAIN about you", 1), (b"thank you", 0)])
def test_complaints_are_heard(text: bytes, complaints: int) -> None:
    talk, _, link = talked()
    link.deliver(b"10690001", text)
    talk.hand_over()
    assert tally_of(talk).complaints == complaints


def test_nobody_listens_for_complaints_without_words() -> None:
    talk, _, link = talked(health=HealthConfig(complaint_words=()))
    link.deliver(b"10690001", b"I will complain")
    talk.hand_over()
    assert tally_of(talk, region="").complaints == 0


def test_the_highest_priority_probes_last() -> None:
    assert made_health(configuration(), 0.0)._risky == {"urgent"}
    chosen = configuration(health=HealthConfig(risky_classes=("once",)))
    assert made_health(chosen, 0.0)._risky == {"once"}


def test_of_two_sessions_the_dead_one_is_passed_over_and_the_carrier_stays_well() -> None:
    talk = Talk(configuration(carriers=(carrier("mobile"), carrier("unicom"))))
    esme = talk.esme("bank")
    alive, dead = talk.link("mobile", window=50), talk.link("mobile", window=50)
    number = 0
    for _ in range(80):
        for _ in range(4):
            esme.submit(b"8619900000001")
        talk.settle()
        while alive.submits:
            number += 1
            alive.accept(b"%d" % number)
            talk.settle()
            link_receipt(alive, number)
        talk.wait(0.25)
    measured = talk.exchange.carriers["mobile"].measured(dead.far)
    assert measured is not None
    assert measured.is_restrained
    assert talk.exchange.health.score("mobile", "", "") > 90.0
    assert talk.exchange.health.share("mobile", "", "") == 1.0
    before = len(dead.submits)
    for _ in range(20):
        esme.submit(b"8619900000001")
    talk.settle()
    assert len(dead.submits) - before <= 2, "probes at the most"
    text = "\n".join(talk.exchange.health.details("mobile"))
    assert text.count("session  ") == 2


def link_receipt(link: Link, number: int) -> None:
    link.receipt(b"%d" % number)
    link.talk.settle()


def test_another_configuration_holds_for_what_comes_from_now_on() -> None:
    talk, _, link = talked()
    changed = configuration(health=HealthConfig(complaint_words=("thank",), risky_classes=("once",)))
    talk.exchange.measuring.configure(changed)
    link.deliver(b"10690001", b"I complain")
    link.deliver(b"10690001", b"no, thank you")
    talk.hand_over()
    assert tally_of(talk).complaints == 1
    assert talk.exchange.health._risky == {"once"}
