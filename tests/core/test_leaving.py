from typing import Any

import attrs
import pytest

from smpp_router.config import ClassConfig, PathsConfig, RouterConfig, RoutesConfig
from smpp_router.config_routes import RouteConfig
from smpp_router.core import leaving
from smpp_router.store.seam import SETTLED
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm
from tests.core.talk import Esme, Link, Talk, account, carrier, configuration

ONLY_UNICOM = RoutesConfig(default=("unicom",))


def without_mobile(talk: Talk) -> None:
    talk.reload(carriers=(carrier("unicom"),), routes=ONLY_UNICOM)


def states(esme: Esme) -> list[int]:
    return [receipt.message_state for receipt in esme.receipts]


# ---------------------------------------------------------------------- carriers


def test_what_waits_for_a_carrier_that_leaves_goes_by_another_in_its_order() -> None:
    talk = Talk()
    esme, old, new = talk.esme("bank"), talk.link("mobile", window=1), talk.link("unicom")
    for number in range(5):
        esme.submit(short_message=b"%d" % number)
    talk.settle()
    without_mobile(talk)
    talk.wait(1.0)
    assert [submit.short_message for submit in new.submits] == [b"1", b"2", b"3", b"4"]
    assert [submit.short_message for submit in old.submits] == [b"0"]
    assert not talk.exchange.carriers["mobile"].queued


def test_what_a_leaving_carrier_has_taken_gets_its_receipt_and_then_it_is_gone() -> None:
    talk = Talk()
    esme, old = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    esme.submit()
    talk.settle()
    old.accept(b"1")
    talk.settle()
    without_mobile(talk)
    talk.wait(20.0)
    assert old.far.is_bound
    old.accept(b"2")  # Of what stood on the link when the reload came.
    old.receipt(b"1")
    talk.wait(60.0)
    assert old.far.is_bound
    old.receipt(b"2")
    talk.wait(1.0)
    assert states(esme) == [c.DELIVERED, c.DELIVERED]
    assert not old.near.is_bound
    old.cut()
    talk.wait(1.0)
    assert "mobile" not in talk.exchange.carriers
    assert "mobile" not in talk.exchange.flight.taken
    assert talk.exchange.health.carrier("mobile") is None
    assert talk.exchange.leaving.carriers == {}


def test_what_is_awaited_for_longer_than_drain_s_ends_unknown() -> None:
    talk = Talk(attrs.evolve(configuration(), drain_s=30.0))
    esme, old = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    old.accept(b"1")
    talk.settle()
    without_mobile(talk)
    talk.wait(29.0)
    assert states(esme) == []
    talk.wait(2.0)
    assert states(esme) == [c.UNKNOWN]
    assert not old.near.is_bound


def test_what_a_leaving_carrier_refuses_or_does_not_answer_goes_by_another() -> None:
    talk = Talk()
    esme, old, new = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    for _ in range(3):
        esme.submit()
    talk.settle()
    without_mobile(talk)
    old.refuse(c.ESME_RSYSERR)
    old.refuse(c.ESME_RTHROTTLED)
    talk.wait(1.0)
    assert len(new.submits) == 2
    old.cut()
    talk.wait(1.0)
    assert len(new.submits) == 3
    assert "mobile" not in talk.exchange.carriers


def test_attempts_at_a_carrier_that_has_left_are_not_held_against_a_message() -> None:
    talk = Talk(
        configuration(
            carriers=(carrier("mobile", retries_max=5), carrier("unicom", retries_max=0)),
            routes=RoutesConfig(default=("mobile",)),
        )
    )
    esme, old = talk.esme("bank"), talk.link("mobile")
    new = talk.link("unicom")
    esme.submit()
    talk.settle()
    for _ in range(3):
        old.refuse(c.ESME_RSYSERR)
        talk.wait(10.0)
    talk.reload(carriers=(carrier("unicom", retries_max=0),), routes=ONLY_UNICOM)
    old.refuse(c.ESME_RSYSERR)
    talk.wait(1.0)
    assert len(new.submits) == 1


def test_what_has_no_way_any_more_ends_undeliverable() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    talk.reload(
        carriers=(carrier("unicom"),),
        routes=RoutesConfig(prefixes=(RouteConfig(prefix="44", carriers=("unicom",)),)),
    )
    talk.wait(1.0)
    assert states(esme) == [c.UNDELIVERABLE]
    (steps,) = talk.lives().values()
    assert steps


def test_messages_that_were_being_committed_during_the_reload_are_planned_again() -> None:
    talk = Talk()
    esme, new = talk.esme("bank"), talk.link("unicom")
    talk.link("mobile")
    esme.submit()
    talk.hand_over()
    commit = talk.begin_commit()
    assert commit is not None
    without_mobile(talk)
    for message in commit.batch.accepted:
        message.handle = 1
    talk.exchange.committed(commit, talk.now)
    talk.wait(1.0)
    assert len(new.submits) == 1


def test_what_may_go_out_once_only_is_not_lost_between_its_record_and_its_link() -> None:
    talk = Talk()
    esme, old, new = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    old.accept(b"1")
    esme.submit()
    talk.hand_over()
    talk.commit()
    commit = talk.begin_commit()
    assert commit is not None
    assert commit.sendings
    without_mobile(talk)
    talk.exchange.committed(commit, talk.now)
    talk.wait(1.0)
    assert not old.submits
    assert len(new.submits) == 1


def test_a_long_queue_is_moved_a_part_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "MOVES_MAX", 2)
    talk = Talk()
    esme = talk.esme("bank")
    for _ in range(5):
        esme.submit()
    talk.settle()
    without_mobile(talk)
    queued: list[int] = []
    for _ in range(3):
        talk.exchange.tick(talk.now)
        queued.append(talk.exchange.carriers["mobile"].queued)
    assert queued == [3, 1, 0]
    assert talk.exchange.carriers["unicom"].queued == 5


def test_a_long_list_of_what_is_awaited_is_ended_a_part_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "ENDS_MAX", 2)
    talk = Talk(attrs.evolve(configuration(), drain_s=0.0))
    esme, old = talk.esme("bank"), talk.link("mobile")
    for number in range(5):
        esme.submit()
        talk.settle()
        old.accept(b"%d" % number)
    talk.settle()
    without_mobile(talk)
    left: list[int] = []
    for _ in range(3):
        talk.exchange.tick(talk.now)
        left.append(len(talk.exchange.flight.taken["mobile"]))
    assert left == [3, 1, 0]
    talk.settle()
    assert states(esme) == [c.UNKNOWN] * 5


def used_again() -> tuple[Talk, Esme]:
    """A carrier has given two messages one id, and then a receipt for it, and is gone."""
    talk = Talk()
    esme, old = talk.esme("bank"), talk.link("mobile")
    for _ in range(2):
        esme.submit()
        talk.settle()
        old.accept(b"1")
        talk.settle()
    without_mobile(talk)
    old.receipt(b"1")
    talk.wait(1.0)
    assert states(esme) == [c.DELIVERED]
    old.cut()
    talk.exchange.tick(talk.now)
    return talk, esme


def test_what_a_carrier_used_the_id_of_again_ends_with_it() -> None:
    talk, esme = used_again()
    talk.wait(1.0)
    assert states(esme) == [c.DELIVERED, c.UNKNOWN]
    assert "mobile" not in talk.exchange.carriers
    talk.wait(8 * 86_400.0)
    assert len(esme.receipts) == 2
    assert len(talk.exchange.flight) == 0


def test_of_what_had_its_id_used_again_so_many_end_at_a_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "ENDS_MAX", 1)
    talk, esme = used_again()
    assert "mobile" in talk.exchange.carriers
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.wait(1.0)
    assert "mobile" not in talk.exchange.carriers
    assert states(esme) == [c.DELIVERED, c.UNKNOWN]


def test_what_stands_on_a_session_that_is_being_replaced_is_answered_before_its_carrier_goes() -> None:
    talk = Talk()
    esme, old = talk.esme("shop"), talk.link("mobile")
    esme.submit()
    talk.settle()
    old.carrier.rest(old.far, talk.now)
    without_mobile(talk)
    talk.wait(5.0)
    assert old.near.is_bound
    old.accept(b"1")
    old.receipt(b"1")
    talk.wait(1.0)
    assert states(esme) == [c.DELIVERED]
    assert not old.near.is_bound


def test_a_carrier_that_is_put_back_while_it_leaves_stays() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    before = talk.exchange.config
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    without_mobile(talk)
    talk.wait(5.0)
    talk.reload(carriers=before.carriers, routes=before.routes)
    talk.wait(700.0)
    esme.submit()
    talk.settle()
    assert len(link.submits) == 1
    link.receipt(b"1")
    talk.settle()
    assert states(esme) == [c.DELIVERED]


def test_alarms_and_new_messages_pass_over_who_is_leaving() -> None:
    talk = Talk()
    esme, old = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    old.accept(b"1")
    without_mobile(talk)
    new = talk.link("unicom")
    esme.submit()
    talk.wait(1.0)
    assert len(new.submits) == 1
    old.cut()
    talk.wait(120.0)
    standing = [(alarm.kind, alarm.subject) for alarm in talk.exchange.alarm_watch.alarms.active()]
    assert ("carrier_down", "mobile") not in standing


@pytest.mark.parametrize("is_by_the_new", [True, False])
def test_receipts_find_their_messages_when_a_carrier_has_been_renamed(*, is_by_the_new: bool) -> None:
    talk = Talk()
    esme, old = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    old.accept(b"1")
    talk.settle()
    talk.reload(
        carriers=(carrier("renamed"), carrier("unicom")), routes=RoutesConfig(default=("renamed", "unicom"))
    )
    new = talk.link("renamed")
    esme.submit()
    talk.settle()
    new.accept(b"2")
    talk.settle()
    # To the carrier both are one ESME: it sends its receipts by whichever bind it likes.
    one = new if is_by_the_new else old
    one.receipt(b"1")
    one.receipt(b"2")
    talk.wait(1.0)
    assert states(esme) == [c.DELIVERED, c.DELIVERED]
    old.cut()
    talk.wait(1.0)
    assert talk.exchange.settle.namesakes == {}
    talk.wait(60.0)
    assert states(esme) == [c.DELIVERED, c.DELIVERED]


# ---------------------------------------------------------------------- accounts


def test_an_account_is_forgotten_when_its_receipts_would_be() -> None:
    talk = Talk(
        configuration(accounts=(account("bank", receipts_age_s=100.0), account("shop", traffic_class="once")))
    )
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.reload(accounts=(account("shop", traffic_class="once"),))
    talk.wait(1.0)
    esme.cut()
    link.receipt(b"1")
    talk.wait(90.0)
    assert talk.exchange.accounts["bank"].waiting == 1
    talk.wait(20.0)
    assert "bank" not in talk.exchange.accounts
    assert talk.exchange.leaving.accounts == {}
    # What was owed is settled in the store, too.
    assert len(talk.kinds(SETTLED)) == 1


def test_an_account_is_unbound_after_its_answers() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.hand_over()
    commit = talk.begin_commit()
    assert commit is not None
    talk.reload(accounts=())
    talk.exchange.tick(talk.now)
    talk.hand_over()
    assert esme.near.is_bound
    talk.exchange.committed(commit, talk.now)
    talk.wait(1.0)
    assert esme.statuses == [c.ESME_ROK]
    assert not esme.near.is_bound


def test_so_many_accounts_are_kept_and_the_first_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "ACCOUNTS_MAX", 2)
    names = ("a", "b", "c", "d")
    talk = Talk(configuration(accounts=tuple(map(account, names))))
    for count in (1, 2, 3):
        talk.reload(accounts=tuple(map(account, names[count:])))
        talk.wait(1.0)
    assert sorted(talk.exchange.accounts) == ["b", "c", "d"]


# ---------------------------------------------------------------------- several carriers for one message


def three_paths(**changes: Any) -> RouterConfig:
    names = ("a", "b", "c", "d", "e", "f")
    carriers = tuple(
        carrier(name, links=(attrs.evolve(carrier(name).links[0], port=port),))
        for port, name in enumerate(names, 4000)
    )
    return configuration(
        classes=(ClassConfig(name="default", paths=PathsConfig(**changes)),),
        accounts=(account("bank"),),
        carriers=carriers,
        routes=RoutesConfig(default=("a", "b", "c")),
    )


@pytest.mark.parametrize("mode", ["hedged", "parallel", "failover"])
def test_paths_whose_carriers_leave_are_given_others(mode: str) -> None:
    config = three_paths(mode=mode)
    talk = Talk(config)
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    links: dict[str, Link] = {}
    talk.reload(
        carriers=config.carriers[3:],
        routes=RoutesConfig(default=("d", "e", "f")),
    )
    for name in ("d", "e", "f"):
        links[name] = talk.link(name)
    talk.wait(5.0)
    got = {name for name, link in links.items() if link.submits}
    assert got == ({"d", "e", "f"} if mode == "parallel" else {"d"})
    for name in sorted(got):
        links[name].accept(name.encode())
        links[name].receipt(name.encode())
    talk.wait(5.0)
    assert states(esme) == [c.DELIVERED]
    talk.wait(700.0)
    assert states(esme) == [c.DELIVERED]
    assert len(talk.exchange.flight) == 0
    assert set(talk.exchange.carriers) == {"d", "e", "f"}


def test_a_path_that_a_leaving_carrier_has_taken_still_counts() -> None:
    config = three_paths(mode="hedged", confirm_min_s=30.0, confirm_max_s=30.0)
    talk = Talk(config)
    esme, first = talk.esme("bank"), talk.link("a")
    esme.submit()
    talk.settle()
    first.accept(b"1")
    talk.settle()
    talk.reload(carriers=config.carriers[1:], routes=RoutesConfig(default=("b", "c", "d")))
    talk.wait(10.0)
    first.receipt(b"1")
    talk.wait(5.0)
    assert states(esme) == [c.DELIVERED]
