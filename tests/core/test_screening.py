"""Screening on the way of a message, as conversations."""

from typing import Any

import attrs

from smpp_router.compliance.policy import OPTED_OUT, QUIET_HOURS, SIGNATURE_REFUSED
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.symbols import Action
from smpp_router.compliance.verdict_record import Kept, from_octets
from smpp_router.config import AccountConfig
from smpp_router.config_compliance import ComplianceConfig, RegistrationConfig, ScreenedClassConfig
from smpp_router.core.restart import take_up
from smpp_router.message.lifecycle import EVENTS, HELD, SCREENED, TURNED_AWAY
from smpp_router.store.history_events import turned_away_of
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import ReplaceSm
from tests.core.talk import START, Talk, configuration

COMPLIANCE = ComplianceConfig(
    registrations=(
        RegistrationConfig(account="bank", kind="bank"),
        RegistrationConfig(account="shop", kind="shop"),
    ),
    classes=(
        ScreenedClassConfig(name="default", kind="notification"),
        ScreenedClassConfig(name="once", kind="marketing", actions={"UNSUBSCRIBE_MISSING": "hold"}),
    ),
    parts_wait_s=10.0,
    held_max=20,
)
NOON = START - START % 86_400 + 4 * 3_600.0


def talk_of(config: ComplianceConfig = COMPLIANCE) -> Talk:
    talk = Talk(screener=Screener(config, None, lambda: 0.0))
    talk.now = NOON
    return talk


def ucs2(text: str) -> dict[str, Any]:
    return {"data_coding": 8, "short_message": text.encode("utf-16-be")}


def part(seqnum: int, total: int, text: str, reference: int = 7) -> dict[str, Any]:
    header = bytes([5, 0, 3, reference, total, seqnum])
    return {"esm_class": 0x40, "data_coding": 8, "short_message": header + text.encode("utf-16-be")}


def test_a_text_that_breaks_a_rule_is_refused_and_one_that_keeps_all_goes() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**ucs2("您的账单已生成"))
    esme.submit(**ucs2("【示例银行】您的账单已生成"))
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK, SIGNATURE_REFUSED]
    assert len(link.submits) == 1


def test_what_is_found_in_messages_that_go_is_counted_for_each() -> None:
    actions: dict[str, Action] = {"SIGNATURE_MISSING": "accept"}
    talk = talk_of(attrs.evolve(COMPLIANCE, actions=actions))
    bank, link = talk.esme("bank"), talk.link("mobile")
    for code in ("100001", "100002", "100003"):
        bank.submit(**ucs2(f"您的验证码是{code}，请勿告诉他人"))
    bank.submit(**ucs2("您的账单已生成"))
    talk.settle()
    screening = talk.exchange.screening
    assert screening is not None
    assert screening.counters.by_symbol["SIGNATURE_MISSING"] == 4
    assert len(link.submits) == 4


def test_the_parts_of_a_long_message_go_when_it_is_whole_and_not_before() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**part(2, 2, "已生成，请留意"))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK] * 2
    assert len(link.submits) == 2


def test_the_verdict_of_the_whole_is_that_of_all_parts() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    for seqnum, text in enumerate(("您的账单", "已生成，", "请留意"), 1):
        esme.submit(**part(seqnum, 3, text))
        talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK, SIGNATURE_REFUSED]
    assert link.submits == []
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED] * 2
    assert len(talk.exchange.flight) == 0


def test_a_long_message_of_which_nothing_more_comes_is_screened_as_it_is() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    esme.submit(**part(1, 2, "没有签名的半条", reference=8))
    talk.wait(5.0)
    assert link.submits == []
    talk.wait(10.0)
    assert len(link.submits) == 1
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]


def test_parts_of_an_account_that_is_gone_end_as_rejected_when_nothing_more_comes_of_them() -> None:
    accounts = tuple(attrs.evolve(one, receipts_age_s=2.0) for one in configuration().accounts)
    talk = Talk(configuration(accounts=accounts), Screener(COMPLIANCE, None, lambda: 0.0))
    talk.now = NOON
    esme, link = talk.esme("bank"), talk.link("mobile")
    for _ in range(2):
        esme.submit(**part(1, 2, "【示例银行】您的账单"))
    talk.settle()
    talk.reload(accounts=tuple(one for one in accounts if one.system_id != "bank"))
    talk.wait(1.0)
    esme.cut()
    talk.wait(5.0)
    assert "bank" not in talk.exchange.accounts
    assert len(talk.exchange.flight) == 2
    talk.wait(10.0)
    screening = talk.exchange.screening
    assert screening is not None
    assert (len(talk.exchange.flight), len(screening.holding), screening.counters.rejected) == (0, 0, 2)
    assert talk.exchange.ending.ended[c.REJECTED] == 2
    assert link.submits == []


def test_a_part_that_comes_again_goes_the_way_of_the_first() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    for _ in range(2):
        esme.submit(**part(1, 2, "【示例银行】您的账单"))
    esme.submit(**part(2, 2, "已生成"))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK] * 3
    assert len(link.submits) == 3
    assert talk.exchange.retries.held == {}


def test_a_reference_used_anew_begins_another_message() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**part(1, 2, "没有签名"))
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    esme.submit(**part(2, 2, "已生成"))
    talk.settle()
    assert len(link.submits) == 2
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]


def mo_config() -> Talk:
    config = configuration()
    accounts: tuple[AccountConfig, ...] = tuple(
        account if account.system_id != "shop" else _with_mo(account) for account in config.accounts
    )
    talk = Talk(configuration(accounts=accounts), Screener(COMPLIANCE, None, lambda: 0.0))
    talk.now = NOON
    return talk


def _with_mo(account: AccountConfig) -> AccountConfig:
    return attrs.evolve(account, mo_addresses=("10690",))


OFFER = "【示例商城】全场五折，拒收请回复R"


def test_a_reply_refuses_what_comes_and_what_waits_and_outlives_a_restart() -> None:
    talk = mo_config()
    esme, link = talk.esme("shop"), talk.link("mobile", window=1)
    esme.submit(**ucs2(OFFER))
    esme.submit(**ucs2(OFFER))
    talk.settle()
    assert len(link.submits) == 1
    link.deliver(b"10690", b"td")
    talk.settle()
    esme.submit(**ucs2(OFFER))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK, OPTED_OUT]
    talk.wait(1.0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]
    consents = [consent for batch in talk.journal for consent in batch.consents]
    assert [(one.account, one.number, one.is_refusal) for one in consents] == [
        ("shop", "8613900000001", True)
    ]
    after = mo_config()
    take_up(after.exchange, Recovered(consents=consents), after.now)
    again = after.esme("shop")
    after.link("mobile")
    again.submit(**ucs2(OFFER))
    again.submit(destination=b"8613900000002", **ucs2(OFFER))
    after.settle()
    assert sorted(again.statuses) == [c.ESME_ROK, OPTED_OUT]


AT_NIGHT = b"000000120000000R"
"""In twelve hours: 04:00 UTC is noon in Shanghai."""


def test_marketing_is_not_scheduled_for_the_night() -> None:
    talk = mo_config()
    esme = talk.esme("shop")
    esme.submit(schedule_delivery_time=AT_NIGHT, **ucs2(OFFER))
    esme.submit(schedule_delivery_time=b"000000020000000R", **ucs2(OFFER))
    for seqnum, text in enumerate(("【示例商城】全场五折，", "拒收请回复R"), 1):
        esme.submit(schedule_delivery_time=AT_NIGHT, **part(seqnum, 2, text))
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK, c.ESME_ROK, QUIET_HOURS, QUIET_HOURS]
    for schedule, status in ((AT_NIGHT, QUIET_HOURS), (b"000000030000000R", c.ESME_ROK)):
        pdu = ReplaceSm(
            message_id=esme.message_ids[0],
            source_addr=b"106900",
            schedule_delivery_time=schedule,
            short_message=OFFER.encode("utf-16-be"),
        )
        esme.send(pdu)
        talk.settle()
        assert esme.statuses[-1] == status


def test_a_replacement_is_screened_and_none_replaces_what_a_carrier_has() -> None:
    talk = talk_of()
    esme = talk.esme("bank")
    esme.submit(**ucs2("【示例银行】您的账单已生成"))
    talk.settle()

    def replaced(text: str) -> int:
        pdu = ReplaceSm(
            message_id=esme.message_ids[0],
            source_addr=b"106900",
            short_message=text.encode("utf-16-be"),
            registered_delivery=1,
        )
        esme.send(pdu)
        talk.settle()
        return esme.statuses[-1]

    assert replaced("没有签名") == SIGNATURE_REFUSED
    assert replaced("【示例银行】您的账单已更新") == c.ESME_ROK
    link = talk.link("mobile")
    talk.settle()
    link.accept(b"77")
    talk.settle()
    assert replaced("【示例银行】您的账单又更新") == c.ESME_RREPLACEFAIL


# ---------------------------------------------------------------------- what is told afterwards


def kinds(talk: Talk, message_id: int) -> list[str]:
    talk.wait(2.0)
    steps = talk.lives()[message_id]
    assert not any(step.is_illegal for step in steps)
    return [EVENTS[step.event[0]] for step in steps]


def verdict_of(talk: Talk, message_id: int, kind: int) -> Kept:
    event = next(step.event for step in talk.lives()[message_id] if step.event[0] == kind)
    return from_octets(event[3])


def test_the_verdict_of_a_message_that_goes_stands_in_its_life() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**ucs2("【示例银行】您的账单已生成"))
    talk.settle()
    link.accept(b"1")
    talk.settle()
    message_id = int(esme.message_ids[0])
    assert kinds(talk, message_id) == ["received", "screened", "planned", "sent", "taken"]
    assert verdict_of(talk, message_id, SCREENED).action == "accept"


def test_the_verdict_of_a_message_that_is_refused_is_told_with_who_and_whom() -> None:
    talk = talk_of()
    esme = talk.esme("bank")
    esme.submit(**ucs2("您的账单已生成"))
    talk.wait(2.0)
    ((message_id, steps),) = talk.lives().items()
    kind, _, status, detail = steps[0].event
    assert (kind, status, len(steps)) == (TURNED_AWAY, SIGNATURE_REFUSED, 1)
    source, destination, verdict = turned_away_of(detail)
    assert source.startswith(b"bank\0default\0")
    assert destination.endswith(b"8613900000001")
    kept = from_octets(verdict)
    assert (kept.action, kept.decisive) == ("refuse", "SIGNATURE_MISSING")
    assert message_id not in talk.exchange.flight.messages


def test_the_life_of_a_held_message_tells_why_it_is_held_and_of_no_way_yet() -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.wait(60.0)
    screening = talk.exchange.screening
    assert screening is not None
    (message_id,) = screening.holding.reviews
    assert kinds(talk, message_id) == ["received", "held"]
    kept = verdict_of(talk, message_id, HELD)
    assert (kept.action, kept.decisive) == ("hold", "UNSUBSCRIBE_MISSING")


def test_all_parts_of_a_long_message_tell_of_the_verdict_of_the_whole() -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    talk.settle()
    esme.submit(**part(2, 2, "已生成"))
    talk.settle()
    assert len(link.submits) == 2
    for message_id in map(int, esme.message_ids):
        assert kinds(talk, message_id) == ["received", "screened", "planned", "sent"]


def test_parts_whose_whole_is_refused_tell_why() -> None:
    talk = talk_of()
    esme = talk.esme("bank")
    for seqnum, text in enumerate(("您的账单", "已生成"), 1):
        esme.submit(**part(seqnum, 2, text))
        talk.settle()
    first = int(esme.message_ids[0])
    assert kinds(talk, first)[:3] == ["received", "screened", "final"]
    assert verdict_of(talk, first, SCREENED).decisive == "SIGNATURE_MISSING"
    (last,) = [one for one, steps in talk.lives().items() if steps[0].event[0] == TURNED_AWAY]
    assert last != first


def test_a_new_text_has_a_verdict_of_its_own() -> None:
    talk = talk_of()
    esme = talk.esme("bank")
    esme.submit(source_addr=b"106900", **ucs2("【示例银行】您的账单已生成"))
    talk.settle()
    (text,) = esme.message_ids
    esme.send(
        ReplaceSm(
            message_id=text,
            source_addr=b"106900",
            registered_delivery=1,
            short_message="【示例银行】您的还款已到账".encode("utf-16-be"),
        )
    )
    talk.settle()
    assert kinds(talk, int(text)).count("screened") == 2


def test_a_verdict_names_its_configuration_and_a_reload_changes_what_is_named() -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    first = Screener(COMPLIANCE, None, lambda: 0.0)
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.settle()
    second = Screener(attrs.evolve(COMPLIANCE, illicit_hold_share=0.7), None, lambda: 0.0)
    talk.reload(second)
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.settle()
    screening = talk.exchange.screening
    assert screening is not None
    held = list(screening.holding.reviews.values())
    named = [verdict.configuration_version for verdict in held]
    assert named == [first.configuration_version, second.configuration_version]
    kept = [verdict_of(talk, message_id, HELD) for message_id in screening.holding.reviews]
    assert [one.configuration_version for one in kept] == named
