"""What waits into the night waits till morning: hours hold at the moment a message leaves."""

from typing import Any

import attrs
import pytest

from smpp_router.compliance.screener import Screener
from smpp_router.config import CarrierConfig, ClassConfig, LinkConfig, PathsConfig
from smpp_router.config_compliance import (
    ComplianceConfig,
    HoursConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)
from smpp_router.core import quiet_hours
from smpp_router.core.carriers import STOPPED_MAX
from smpp_router.core.restart import take_up
from smpp_router.message.lifecycle import PUT_OFF
from smpp_router.message.message import Message
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import CancelSm
from tests.core.talk import START, Link, Talk, account, carrier, configuration
from tests.core.test_screening import OFFER, part, ucs2

HOUR = 3_600.0
MIDNIGHT = START - START % 86_400 + 16 * HOUR
"""In Shanghai, on the day after START."""
EVENING, MORNING = MIDNIGHT - 3 * HOUR, MIDNIGHT + 8 * HOUR
NOTICE = "【示例银行】您的账单已生成"
COMPLIANCE = ComplianceConfig(
    registrations=(
        RegistrationConfig(account="bank", kind="bank"),
        RegistrationConfig(account="shop", kind="shop"),
        RegistrationConfig(account="club", kind="shop"),
    ),
    classes=(
        ScreenedClassConfig(name="default", kind="notification"),
        ScreenedClassConfig(name="offers", kind="marketing"),
        ScreenedClassConfig(name="members", kind="member"),
    ),
)


def own_carrier(name: str, **changes: Any) -> CarrierConfig:
    """A carrier that shares no link with another, so that both can be paths of one message."""
    link = LinkConfig(host=f"{name}.example", port=2775, system_id="router", password="secret")
    return carrier(name, links=(link,), **changes)


def talk_of(compliance: ComplianceConfig = COMPLIANCE, at: float = EVENING - 1.0, **changes: Any) -> Talk:
    """An exchange a second before nine in the evening; `changes` are sections of the configuration."""
    sections: dict[str, Any] = {
        "classes": (ClassConfig(name="default"), ClassConfig(name="offers"), ClassConfig(name="members")),
        "accounts": (
            account("bank", validity_s=86_400.0),
            account("shop", traffic_class="offers", validity_s=86_400.0),
            account("club", traffic_class="members", validity_s=86_400.0),
        ),
        "carriers": (own_carrier("mobile"), own_carrier("unicom")),
        **changes,
    }
    talk = Talk(configuration(**sections), Screener(compliance, None, lambda: 0.0))
    talk.now = at
    return talk


def taken(talk: Talk, link: Link) -> list[str]:
    """Let a carrier take what has come, and return its texts."""
    talk.settle()
    texts: list[str] = []
    while link.submits:
        texts.append(text_of(link.accept(b"%d" % len(talk.exchange.flight.taken[link.carrier.name]))))
        talk.settle()
    return texts


def until(talk: Talk, at: float) -> None:
    talk.wait(at - talk.now)


def test_what_a_carrier_that_is_down_kept_into_the_night_waits_till_morning_and_notices_do_not() -> None:
    talk = talk_of()
    shop, bank = talk.esme("shop"), talk.esme("bank")
    shop.submit(**ucs2(OFFER))
    bank.submit(**ucs2(NOTICE))
    until(talk, EVENING + 1.0)
    assert shop.statuses == bank.statuses == [c.ESME_ROK]
    link = talk.link("mobile")
    assert taken(talk, link) == [NOTICE]
    until(talk, MORNING - 0.001)
    assert link.submits == []
    until(talk, MORNING + 1.0)
    assert taken(talk, link) == [OFFER]


def test_the_hour_counts_to_the_second() -> None:
    talk = talk_of(at=EVENING - 0.001)
    shop, link = talk.esme("shop"), talk.link("mobile", window=1)
    for number in (1, 2):
        shop.submit(destination=b"861390000000%d" % number, **ucs2(OFFER))
    talk.settle()
    assert len(link.submits) == 1
    talk.now = EVENING
    link.accept(b"1")
    talk.settle()
    assert link.submits == [], "its turn comes as the hour strikes"


def test_what_is_no_longer_valid_by_morning_expires() -> None:
    talk = talk_of()
    shop = talk.esme("shop")
    shop.submit(validity_period=b"000000020000000R", **ucs2(OFFER))
    until(talk, EVENING)
    link = talk.link("mobile")
    until(talk, EVENING + 2 * HOUR + 60.0)
    assert [receipt.message_state for receipt in shop.receipts] == [c.EXPIRED]
    until(talk, MORNING + 1.0)
    assert link.submits == []


def test_a_throttled_message_does_not_come_again_at_night() -> None:
    talk = talk_of(at=EVENING - 0.25)
    shop, link = talk.esme("shop"), talk.link("mobile")
    shop.submit(**ucs2(OFFER))
    talk.settle()
    talk.now = EVENING
    link.refuse(c.ESME_RTHROTTLED)
    until(talk, EVENING + HOUR)
    assert link.submits == []
    until(talk, MORNING + 1.0)
    assert taken(talk, link) == [OFFER]


def test_a_refused_message_is_not_tried_elsewhere_at_night_and_has_all_its_attempts_left_by_day() -> None:
    talk = talk_of(at=EVENING - 0.25)
    shop, mobile, unicom = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    shop.submit(**ucs2(OFFER))
    talk.settle()
    talk.now = EVENING
    mobile.refuse(c.ESME_RSYSERR)
    until(talk, MORNING - 1.0)
    assert unicom.submits == []
    (message,) = talk.exchange.flight.messages.values()
    assert isinstance(message, Message)
    assert message.attempts == 1
    until(talk, MORNING + 1.0)
    assert message.attempts == 2
    assert taken(talk, unicom) == [OFFER]


def test_what_waits_for_the_morning_can_be_taken_back() -> None:
    talk = talk_of()
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING)
    link = talk.link("mobile")
    talk.settle()
    shop.send(CancelSm(message_id=shop.message_ids[0], source_addr=b"106900"))
    talk.settle()
    assert shop.statuses == [c.ESME_ROK, c.ESME_ROK]
    until(talk, MORNING + 1.0)
    assert link.submits == []


@pytest.mark.parametrize("delivery", ["at_least_once", "at_most_once"])
def test_a_restart_in_the_night_lets_nothing_out(delivery: Any) -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="offers", delivery=delivery),
        ClassConfig(name="members"),
    )
    before = talk_of(classes=classes)
    shop = before.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(before, EVENING)
    before.link("mobile")
    before.wait(60.0)
    (message,) = [message for batch in before.journal for message in batch.accepted]
    recorded = [fact for batch in before.journal for fact in batch.facts]
    assert recorded == [], "it was not about to leave"
    stored = attrs.evolve(message, decision=None, not_before=0.0, plan=())
    after = talk_of(at=EVENING + HOUR, classes=classes)
    take_up(after.exchange, Recovered(queued=[stored], message_id_last=stored.message_id), after.now)
    link = after.link("mobile")
    until(after, MORNING - 1.0)
    assert link.submits == []
    until(after, MORNING + 1.0)
    assert taken(after, link) == [OFFER]


def test_what_a_person_lets_go_at_night_leaves_in_the_morning() -> None:
    talk = talk_of(attrs.evolve(COMPLIANCE, actions={"UNSUBSCRIBE_MISSING": "hold"}))
    shop, link = talk.esme("shop"), talk.link("mobile")
    shop.submit(**ucs2("【示例商城】全场五折"))
    until(talk, EVENING + HOUR)
    screening = talk.exchange.screening
    assert screening is not None
    (message_id,) = screening.holding.reviews
    assert screening.holding.decide(message_id, accept=True, now=talk.now, commit=talk.exchange.commit)
    until(talk, MORNING - 1.0)
    assert link.submits == []
    until(talk, MORNING + 1.0)
    assert len(link.submits) == 1


def test_of_members_messages_only_those_that_advertise_wait() -> None:
    talk = talk_of()
    club = talk.esme("club")
    news, offer = "【示例商城】您的积分已到账", "【示例商城】会员专享，全场五折，拒收请回复R"
    club.submit(**ucs2(news))
    club.submit(**ucs2(offer))
    # Of the second one only the whole advertises.
    club.submit(**part(1, 2, "【示例商城】会员专享全场五", reference=8))
    club.submit(**part(2, 2, "折，拒收请回复R", reference=8))
    club.submit(**part(1, 2, "【示例商城】您的积分", reference=9))
    club.submit(**part(2, 2, "已到账，请留意", reference=9))
    until(talk, EVENING)
    assert club.statuses == [c.ESME_ROK] * 6
    link = talk.link("mobile")
    assert taken(talk, link) == [news, "【示例商城】您的积分", "已到账，请留意"]
    until(talk, MORNING + 1.0)
    assert taken(talk, link) == [offer, "【示例商城】会员专享全场五", "折，拒收请回复R"]


def test_after_a_restart_parts_of_members_messages_wait_since_the_whole_is_not_known() -> None:
    before = talk_of()
    club = before.esme("club")
    for seqnum, text in enumerate(("【示例商城】您的积分", "已到账，请留意"), 1):
        club.submit(**part(seqnum, 2, text))
    club.submit(**ucs2("【示例商城】您的积分已到账"))
    before.settle()
    stored = [
        attrs.evolve(message, decision=None, plan=(), part_key=None, advertises=None, not_before=0.0)
        for batch in before.journal
        for message in batch.accepted
    ]
    after = talk_of(at=EVENING + HOUR)
    take_up(after.exchange, Recovered(queued=stored, message_id_last=stored[-1].message_id), after.now)
    link = after.link("mobile")
    assert len(taken(after, link)) == 1
    until(after, MORNING + 1.0)
    assert len(taken(after, link)) == 2


def test_hours_of_a_class_hold_for_whatever_it_carries() -> None:
    hours = HoursConfig(since="06:00", until="24:00")
    classes = (
        ScreenedClassConfig(name="default", kind="notification", hours=hours),
        *COMPLIANCE.classes[1:],
    )
    talk = talk_of(attrs.evolve(COMPLIANCE, classes=classes), at=MIDNIGHT - 1.0)
    bank = talk.esme("bank")
    bank.submit(**ucs2(NOTICE))
    until(talk, MIDNIGHT)
    link = talk.link("mobile")
    until(talk, MIDNIGHT + 6 * HOUR - 0.5)
    assert link.submits == []
    until(talk, MIDNIGHT + 6 * HOUR + 1.0)
    assert taken(talk, link) == [NOTICE]


def test_where_configuration_lets_marketing_go_at_night_it_goes() -> None:
    talk = talk_of(attrs.evolve(COMPLIANCE, actions={"QUIET_HOURS": "tag"}))
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING + HOUR)
    link = talk.link("mobile")
    assert taken(talk, link) == [OFFER]


def test_the_recipients_clock_counts_where_hours_say_so() -> None:
    hours = HoursConfig(zone="America/New_York", by_recipient=True)
    compliance = attrs.evolve(COMPLIANCE, marketing_hours=hours, regime="none", signatures_required=False)
    routes = configuration().routes
    prefixes = (attrs.evolve(routes.prefixes[0], prefix="1"),)
    # Half past six in the evening in Los Angeles, half past nine in New York.
    talk = talk_of(
        compliance, at=MIDNIGHT + 10.5 * HOUR - 1.0, routes=attrs.evolve(routes, prefixes=prefixes)
    )
    shop = talk.esme("shop")
    shop.submit(destination=b"12135550100", **ucs2(OFFER))
    talk.settle()
    talk.wait(1.0)
    assert shop.statuses == [c.ESME_ROK]
    until(talk, MIDNIGHT + 13 * HOUR)
    link = talk.link("mobile")
    until(talk, MIDNIGHT + 24 * HOUR - 1.0)
    assert link.submits == [], "eight in the morning in Los Angeles is midnight in Shanghai, in winter"
    until(talk, MIDNIGHT + 24 * HOUR + 1.0)
    assert taken(talk, link) == [OFFER]


def test_a_message_with_several_paths_goes_once_in_the_morning() -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="offers", paths=PathsConfig(mode="hedged", count=2)),
        ClassConfig(name="members"),
    )
    talk = talk_of(classes=classes)
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING)
    links = [talk.link("mobile"), talk.link("unicom")]
    until(talk, MORNING - 1.0)
    assert [link.submits for link in links] == [[], []]
    until(talk, MORNING + 0.5)
    assert sorted(len(link.submits) for link in links) == [0, 1]


def test_parts_of_a_members_message_that_advertises_nothing_leave_at_night_by_several_paths_too() -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="offers"),
        ClassConfig(name="members", paths=PathsConfig(mode="hedged", count=2)),
    )
    talk = talk_of(classes=classes)
    club = talk.esme("club")
    texts = ["【示例商城】您的积分", "已到账，请留意"]
    for seqnum, text in enumerate(texts, 1):
        club.submit(**part(seqnum, 2, text))
    until(talk, EVENING)
    assert taken(talk, talk.link("mobile")) == texts


def test_who_refuses_in_the_night_gets_nothing_in_the_morning() -> None:
    accounts = (account("shop", traffic_class="offers", validity_s=86_400.0, mo_addresses=("10690",)),)
    talk = talk_of(accounts=accounts)
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING)
    link = talk.link("mobile")
    talk.wait(60.0)
    link.deliver(b"10690", b"td")
    until(talk, MORNING + 1.0)
    assert link.submits == []
    assert [receipt.message_state for receipt in shop.receipts] == [c.REJECTED]


def test_other_hours_that_a_reload_brings_hold_at_once() -> None:
    talk = talk_of()
    shop = talk.esme("shop")
    shop.submit(**ucs2(OFFER))
    until(talk, EVENING)
    longer = attrs.evolve(COMPLIANCE, marketing_hours=HoursConfig(until="22:00"))
    talk.reload(Screener(longer, None, lambda: 0.0), compliance=longer)
    link = talk.link("mobile")
    assert taken(talk, link) == [OFFER]


def test_a_queue_full_of_marketing_does_not_hold_up_the_notices_behind_it() -> None:
    talk = talk_of(
        carriers=(carrier("mobile"),),
        routes=attrs.evolve(
            configuration().routes,
            prefixes=(attrs.evolve(configuration().routes.prefixes[0], carriers=("mobile",)),),
        ),
    )
    shop, bank = talk.esme("shop"), talk.esme("bank")
    for number in range(300):
        shop.submit(destination=b"86139000%05d" % number, **ucs2(OFFER))
    talk.settle()
    bank.submit(**ucs2(NOTICE))
    until(talk, EVENING)
    link = talk.link("mobile", window=1)
    assert taken(talk, link) == [NOTICE]


def test_a_turn_looks_at_so_much_of_a_full_queue_and_a_later_one_goes_on() -> None:
    talk = talk_of(carriers=(own_carrier("mobile"), own_carrier("unicom")))
    shop, bank = talk.esme("shop"), talk.esme("bank")
    for number in range(2 * STOPPED_MAX + 500):
        shop.submit(destination=b"86139000%05d" % number, **ucs2(OFFER))
    talk.settle()
    bank.submit(**ucs2(NOTICE))
    until(talk, EVENING)
    hours = talk.exchange.quiet_hours
    assert hours is not None
    link = talk.link("mobile", window=1)
    assert STOPPED_MAX <= hours.put_off_count <= STOPPED_MAX + 1
    talk.wait(1.0)
    assert taken(talk, link) == [NOTICE]


def test_of_many_that_wait_for_the_morning_the_last_have_their_bodies_read_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quiet_hours, "BODIES_IN_MEMORY_MAX", 2)
    talk = talk_of()
    shop = talk.esme("shop")
    for number in range(5):
        shop.submit(destination=b"86139000%05d" % number, **ucs2(OFFER))
    until(talk, EVENING)
    link = talk.link("mobile")
    talk.settle()
    waiting = [one for one in talk.exchange.flight.messages.values() if isinstance(one, Message)]
    assert [one.body is None for one in waiting] == [False, False, True, True, True]
    until(talk, MORNING + 1.0)
    assert len(taken(talk, link)) == 2
    wanted = talk.exchange.to_read_back()
    assert len(wanted) == 3
    assert waiting[0].body is not None
    talk.exchange.read_back(wanted, [waiting[0].body] * 3, talk.now)
    assert len(taken(talk, link)) == 3


def test_its_life_tells_that_it_waits_for_its_hours_and_for_how_long() -> None:
    talk = talk_of()
    shop = talk.esme("shop")
    for number in (1, 2):
        shop.submit(destination=b"861390000000%d" % number, **ucs2(OFFER))
    until(talk, EVENING)
    link = talk.link("mobile")
    until(talk, MORNING + 1.0)
    taken(talk, link)
    lives = talk.lives().values()
    for steps in lives:
        assert not any(one.is_illegal for one in steps)
        (put_off,) = [one.event for one in steps if one.event[0] == PUT_OFF]
        assert put_off[2:] == (11 * 3_600, b"mobile")
    assert len([note for batch in talk.journal for note in batch.notes if note[0] == PUT_OFF]) == 1


def test_what_was_tried_and_waits_then_has_a_life_without_contradictions() -> None:
    for status in (c.ESME_RTHROTTLED, c.ESME_RSYSERR, None):
        talk = talk_of(at=EVENING - 0.25)
        shop, link = talk.esme("shop"), talk.link("mobile")
        shop.submit(**ucs2(OFFER))
        talk.settle()
        talk.now = EVENING
        if status is None:
            link.cut()
            talk.link("mobile")
        else:
            link.refuse(status)
        until(talk, EVENING + 60.0)
        (steps,) = talk.lives().values()
        assert PUT_OFF in [one.event[0] for one in steps]
        assert not any(one.is_illegal for one in steps)
