"""Carriers that are lost and come back: nothing is lost, and what waited goes in order and at a pace."""

from itertools import pairwise
from typing import Any

import pytest

from smpp_router.config import ClassConfig
from smpp_router.core.carriers import IN_A_ROW
from smpp_router.routing.slow_start import FIRST_PER_S
from smpp_router.wire import constants as c
from tests.core.talk import Esme, Link, Talk, account, carrier, configuration

CLASSES = (("codes", 9), ("ministry", 7), ("parcels", 5), ("shop", 1))


def outage(*names: str, **changes: object) -> tuple[Talk, dict[str, Esme]]:
    """A talk whose carriers have been up, and are down; a customer of each class."""
    config = configuration(
        classes=tuple(ClassConfig(name=name, priority=priority) for name, priority in CLASSES),
        accounts=tuple(account(name, traffic_class=name) for name, _ in CLASSES),
        carriers=tuple(carrier(name, **changes) for name in names or ("mobile", "unicom")),
    )
    talk = Talk(config)
    for name in config.carriers:
        talk.link(name.name, window=5_000).cut()
    esmes = {name: talk.esme(name) for name, _ in CLASSES}
    talk.wait(5)
    return talk, esmes


def back(talk: Talk, name: str) -> Link:
    link = talk.link(name, window=5_000)
    talk.settle()
    return link


def drained(talk: Talk, link: Link, seconds: int) -> list[list[bytes]]:
    """The texts that a carrier gets in each second; it answers and delivers all of them at once."""
    texts: list[list[bytes]] = []
    number = 0
    for _ in range(seconds):
        texts.append([])
        for _ in range(4):
            while link.submits:
                number += 1
                texts[-1].append(link.accept(b"%d" % number).short_message)
                link.receipt(b"%d" % number)
            talk.wait(0.25)
    return texts


def test_what_gathered_while_all_carriers_were_down_goes_out_slowly_first_and_in_order() -> None:
    talk, esmes = outage()
    for number in range(600):
        esmes["parcels"].submit(short_message=b"%04d" % number)
    talk.wait(60)
    texts = drained(talk, back(talk, "mobile"), 12)
    sent = [text for second in texts for text in second]
    assert sent == [b"%04d" % number for number in range(600)]
    assert len(texts[0]) <= 2 * FIRST_PER_S
    counts = [len(second) for second in texts if second]
    assert all(after <= 2.6 * before + 2 for before, after in pairwise(counts))
    assert len(esmes["parcels"].receipts) == 600


def test_a_link_that_flaps_is_no_return() -> None:
    talk, esmes = outage()
    link = back(talk, "mobile")
    talk.wait(15)
    link.cut()
    talk.wait(1)
    for number in range(600):
        esmes["parcels"].submit(short_message=b"%04d" % number)
    talk.settle()
    assert len(back(talk, "mobile").submits) == 600


def test_a_carrier_that_is_bound_for_the_first_time_is_not_held_back() -> None:
    talk = Talk(configuration())
    talk.wait(60)
    esme = talk.esme("bank")
    for _ in range(300):
        esme.submit()
    talk.settle()
    assert len(back(talk, "mobile").submits) == 300


def test_the_contracts_rate_holds_in_a_drain() -> None:
    talk, esmes = outage(rate_per_s=40.0)
    for number in range(600):
        esmes["parcels"].submit(short_message=b"%04d" % number)
    talk.wait(10)
    texts = drained(talk, back(talk, "mobile"), 10)
    assert max(map(len, texts)) <= 44


def test_what_expired_meanwhile_is_not_sent_and_is_told() -> None:
    talk, esmes = outage()
    for _ in range(50):
        esmes["codes"].submit(validity_period=b"000000000030000R", short_message=b"code")
        esmes["parcels"].submit(short_message=b"parcel")
    talk.wait(60)
    assert [receipt.message_state for receipt in esmes["codes"].receipts] == [c.EXPIRED] * 50
    texts = drained(talk, back(talk, "mobile"), 8)
    assert {text for second in texts for text in second} == {b"parcel"}


def test_codes_and_the_government_go_first_and_nothing_starves() -> None:
    talk, esmes = outage()
    for name in ("shop", "parcels", "ministry", "codes"):
        for _ in range(200):
            esmes[name].submit(short_message=name.encode())
    talk.wait(30)
    sent = [text for second in drained(talk, back(talk, "mobile"), 12) for text in second]
    assert len(sent) == 800
    first = sent[:200]
    assert first.count(b"codes") >= 200 * IN_A_ROW / (IN_A_ROW + 1) - 1
    # One in so many of the others has its turn meanwhile, and every class is among them.
    assert set(first) == {b"codes", b"ministry", b"parcels", b"shop"}
    last_code = max(at for at, text in enumerate(sent) if text == b"codes")
    assert sent[last_code + 1 : last_code + 100].count(b"ministry") >= 90


def test_the_first_carrier_that_comes_back_takes_what_waited_for_the_other() -> None:
    talk, esmes = outage()
    for _ in range(20):
        esmes["parcels"].submit(b"8613900000001")
    talk.wait(10)
    link = back(talk, "unicom")
    talk.wait(6)
    assert len(link.submits) == 20


@pytest.mark.parametrize("delivery", ["at_least_once", "at_most_once"])
def test_what_a_lost_carrier_had_in_its_window_ends_as_its_class_says(delivery: Any) -> None:
    config = configuration(
        classes=(ClassConfig(name="default", delivery=delivery),),
        accounts=(account("bank"),),
    )
    talk = Talk(config)
    mobile, unicom, esme = talk.link("mobile", window=50), talk.link("unicom", window=50), talk.esme("bank")
    for _ in range(50):
        esme.submit()
    talk.settle()
    assert len(mobile.submits) == 50
    mobile.cut()
    talk.settle()
    if delivery == "at_least_once":
        assert len(unicom.submits) == 50
    else:
        assert [receipt.message_state for receipt in esme.receipts] == [c.UNKNOWN] * 50
