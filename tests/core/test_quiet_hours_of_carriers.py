"""Hours that one carrier has for marketing, beside those that hold for all."""

from typing import Any

import attrs

from smpp_router.config import ClassConfig, PathsConfig
from smpp_router.config_compliance import ComplianceConfig, HoursConfig
from smpp_router.core.quiet_hours import LOOK_AGAIN_S
from smpp_router.message.lifecycle import PUT_OFF
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import ReplaceSm
from tests.core.talk import Talk, configuration
from tests.core.test_quiet_hours import (
    COMPLIANCE,
    EVENING,
    HOUR,
    MORNING,
    NOTICE,
    own_carrier,
    taken,
    talk_of,
    until,
)
from tests.core.test_screening import OFFER, part, ucs2

EARLY = HoursConfig(since="09:00", until="20:00")


def talk_of_early(*names: str, compliance: ComplianceConfig = COMPLIANCE, **changes: Any) -> Talk:
    """An exchange a second before eight in the evening, when carriers of these names close to marketing."""
    hours = {name: EARLY if name in names else None for name in ("mobile", "unicom")}
    carriers = tuple(own_carrier(name, marketing_hours=one) for name, one in hours.items())
    return talk_of(compliance, EVENING - HOUR - 1.0, carriers=carriers, **changes)


def test_a_carrier_has_hours_of_its_own_for_marketing_beside_those_of_the_class() -> None:
    talk = talk_of_early("mobile", "unicom")
    shop, bank, link = talk.esme("shop"), talk.esme("bank"), talk.link("mobile")
    shop.submit(**ucs2(OFFER))
    assert taken(talk, link) == [OFFER]
    until(talk, EVENING - HOUR)
    shop.submit(**ucs2(OFFER))
    bank.submit(**ucs2(NOTICE))
    assert taken(talk, link) == [NOTICE]
    assert shop.statuses == [c.ESME_ROK] * 2, "it is no fault of the account"
    until(talk, MORNING + HOUR - 1.0)
    assert link.submits == []
    until(talk, MORNING + HOUR + 1.0)
    assert taken(talk, link) == [OFFER]


def test_another_carrier_of_the_plan_that_is_open_gets_it() -> None:
    talk = talk_of_early("mobile")
    shop, mobile, unicom = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    until(talk, EVENING - HOUR)
    shop.submit(**ucs2(OFFER))
    for seqnum, text in enumerate(("【示例商城】全场五折，", "拒收请回复R"), 1):
        shop.submit(**part(seqnum, 2, text))
    talk.wait(0.25)
    assert taken(talk, unicom) == [OFFER, "【示例商城】全场五折，", "拒收请回复R"]
    assert mobile.submits == []


def test_parts_stay_with_the_carrier_that_was_open_to_them_when_one_of_them_is_tried_again() -> None:
    routes = configuration().routes
    prefixes = (attrs.evolve(routes.prefixes[0], carriers=("mobile", "unicom", "telecom")),)
    talk = talk_of(
        COMPLIANCE,
        EVENING - HOUR - 1.0,
        carriers=(
            own_carrier("mobile", marketing_hours=EARLY),
            own_carrier("unicom"),
            own_carrier("telecom"),
        ),
        routes=attrs.evolve(routes, prefixes=prefixes),
    )
    bank, shop = talk.esme("bank"), talk.esme("shop")
    mobile, unicom, telecom = talk.link("mobile", window=1), talk.link("unicom"), talk.link("telecom")
    bank.submit(**ucs2(NOTICE))
    for seqnum, text in enumerate(("【示例商城】全场五折，", "拒收请回复R"), 1):
        shop.submit(**part(seqnum, 2, text))
    until(talk, EVENING - HOUR)
    unicom.cut()
    mobile.accept(b"1")
    talk.wait(0.25)
    telecom.accept(b"1")
    unicom = talk.link("unicom")
    telecom.refuse(c.ESME_RSYSERR)
    talk.wait(5.0)
    assert taken(talk, telecom) == ["拒收请回复R"]
    assert unicom.submits == []


def test_while_the_carrier_that_is_open_is_down_it_is_waited_for() -> None:
    talk = talk_of_early("mobile")
    shop, mobile = talk.esme("shop"), talk.link("mobile")
    until(talk, EVENING - HOUR)
    shop.submit(**ucs2(OFFER))
    talk.wait(10 * LOOK_AGAIN_S)
    assert mobile.submits == []
    told = [note for batch in talk.journal for note in batch.notes if note[0] == PUT_OFF]
    assert len(told) == 1, "a night of it would fill the history"
    unicom = talk.link("unicom")
    talk.wait(90.0)
    assert taken(talk, unicom) == [OFFER]


def test_a_copy_for_one_path_waits_for_its_carrier() -> None:
    classes = (
        ClassConfig(name="default"),
        ClassConfig(name="offers", paths=PathsConfig(mode="parallel", count=2)),
        ClassConfig(name="members"),
    )
    talk = talk_of_early("mobile", classes=classes)
    shop, mobile, unicom = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    until(talk, EVENING - HOUR)
    shop.submit(**ucs2(OFFER))
    talk.wait(0.25)
    assert taken(talk, unicom) == [OFFER]
    assert mobile.submits == []
    until(talk, MORNING + HOUR + 1.0)
    assert taken(talk, mobile) == [OFFER]


def test_a_new_text_of_a_members_message_is_read_anew() -> None:
    talk = talk_of_early("mobile", "unicom")
    club, mobile = talk.esme("club"), talk.link("mobile")
    until(talk, EVENING - HOUR)
    club.submit(**ucs2("【示例商城】您的积分已到账"))
    talk.settle()
    for _ in range(2):
        mobile.refuse(c.ESME_RSYSERR)
        talk.settle()
    assert mobile.submits == [], "it pauses, and mobile would have had it"
    offer = "【示例商城】会员专享，全场五折，拒收请回复R"
    club.send(ReplaceSm(message_id=club.message_ids[0], short_message=ucs2(offer)["short_message"]))
    talk.wait(10.0)
    assert club.statuses == [c.ESME_ROK, c.ESME_ROK]
    assert mobile.submits == []
    until(talk, MORNING + HOUR + 1.0)
    assert taken(talk, mobile) == [offer]


def test_a_carriers_hours_hold_even_where_the_router_lets_marketing_go_at_night() -> None:
    talk = talk_of_early(
        "mobile", "unicom", compliance=attrs.evolve(COMPLIANCE, actions={"QUIET_HOURS": "tag"})
    )
    shop, link = talk.esme("shop"), talk.link("mobile")
    until(talk, EVENING - HOUR)
    shop.submit(**ucs2(OFFER))
    assert taken(talk, link) == []
    until(talk, MORNING + HOUR + 1.0)
    assert taken(talk, link) == [OFFER]


def test_hours_that_a_reload_gives_a_carrier_hold_at_once() -> None:
    talk = talk_of_early()
    shop, link = talk.esme("shop"), talk.link("mobile")
    until(talk, EVENING - HOUR)
    talk.reload(carriers=tuple(own_carrier(name, marketing_hours=EARLY) for name in ("mobile", "unicom")))
    shop.submit(**ucs2(OFFER))
    assert taken(talk, link) == []
