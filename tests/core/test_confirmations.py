"""Confirmations of opt-outs, as conversations."""

import attrs
import pytest

from smpp_router.compliance.screener import Screener
from smpp_router.config import AccountConfig
from smpp_router.config_confirmations import ConfirmationConfig
from smpp_router.core.confirmations import DAILY_MAX, HELP_DAILY_MAX
from smpp_router.core.restart import take_up
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import DeliverSm
from tests.core.talk import Link, Talk, configuration
from tests.core.test_screening import COMPLIANCE, NOON

GONE = ConfirmationConfig(on="refusal", text="【示例商城】您已退订，不再收到营销信息。")
BACK = ConfirmationConfig(on="consent", text="You are back.", sender="10699")


def talk_of(*confirmations: ConfirmationConfig, **of_account: object) -> Talk:
    def changed(account: AccountConfig) -> AccountConfig:
        if account.system_id != "shop":
            return attrs.evolve(account, mo_addresses=())
        return attrs.evolve(account, mo_addresses=("10690",), **of_account)

    accounts = tuple(map(changed, configuration().accounts))
    compliance = attrs.evolve(COMPLIANCE, confirmations=confirmations)
    talk = Talk(configuration(accounts=accounts), Screener(compliance, None, lambda: 0.0))
    talk.now = NOON
    return talk


def told(link: Link) -> list[tuple[bytes, bytes, str]]:
    found = [(pdu.source_addr, pdu.destination_addr, text_of(pdu)) for pdu in link.submits]
    for number, _ in enumerate(found):
        link.accept(b"%d" % number)
    return found


def test_a_refusal_is_confirmed_from_the_number_that_was_replied_to() -> None:
    talk = talk_of(GONE)
    esme, link = talk.esme("shop"), talk.link("mobile")
    link.deliver(b"106900004", b"TD")
    talk.wait(1.0)
    assert told(link) == [(b"106900004", b"8613900000001", GONE.text)]
    talk.wait(1.0)
    link.receipt(b"0")
    talk.wait(5.0)
    assert esme.receipts == [], "its ESME has not submitted it"
    assert len(talk.exchange.flight) == 0
    (steps,) = [steps for steps in talk.lives().values() if len(steps) > 3]
    assert [step for step in steps if step.is_illegal] == []


def test_it_stands_in_the_commit_of_the_word_that_it_confirms() -> None:
    talk = talk_of(GONE)
    link = talk.link("mobile")
    link.deliver(b"106900004", b"TD")
    talk.settle()
    (batch,) = [batch for batch in talk.journal if batch.consents]
    assert len(batch.accepted) == 1


def test_only_a_change_is_confirmed() -> None:
    talk = talk_of(GONE, BACK)
    link = talk.link("mobile")
    for text, expected in (
        (b"START", []),
        (b"TD", [GONE.text]),
        (b"TD", []),
        (b"hello", []),
        (b"START", [BACK.text]),
        (b"START", []),
    ):
        link.deliver(b"106900004", text)
        talk.wait(1.0)
        assert [said for _, _, said in told(link)] == expected


def test_who_changes_mind_all_day_hears_of_it_a_few_times() -> None:
    talk = talk_of(GONE, BACK)
    link = talk.link("mobile")
    heard = 0
    for _ in range(DAILY_MAX):
        for text in (b"TD", b"START"):
            link.deliver(b"106900004", text)
            talk.wait(60.0)
            heard += len(told(link))
    assert heard == DAILY_MAX
    assert talk.exchange.inbound.confirmations.counters.too_many == DAILY_MAX
    talk.wait(86_400.0)
    link.deliver(b"106900004", b"TD")
    talk.wait(1.0)
    assert len(told(link)) == 1, "the next day it is told again"


def test_without_a_text_for_it_nothing_is_sent() -> None:
    others = (attrs.evolve(GONE, account="bank"), attrs.evolve(GONE, traffic_class="default"), BACK)
    for confirmations in ((), others):
        talk = talk_of(*confirmations)
        link = talk.link("mobile")
        link.deliver(b"106900004", b"TD")
        talk.settle()
        assert link.submits == []


def test_the_first_text_that_fits_is_sent_from_its_own_sender() -> None:
    own = attrs.evolve(GONE, account="shop", text="bye", sender="SHOP")
    talk = talk_of(attrs.evolve(GONE, traffic_class="urgent"), own, GONE)
    link = talk.link("mobile")
    link.deliver(b"106900004", b"TD")
    talk.settle()
    assert (link.submits[0].source_addr_ton, link.submits[0].source_addr_npi) == (5, 0)
    assert told(link) == [(b"SHOP", b"8613900000001", "bye")]


def test_the_refusal_that_it_confirms_does_not_stop_it_nor_does_a_later_one() -> None:
    talk = talk_of(GONE)
    link = talk.link("mobile")
    link.near.window.size = link.far.window.size = 0
    link.deliver(b"106900004", b"TD")
    talk.wait(1.0)
    link.deliver(b"106900004", b"TD")
    talk.wait(1.0)
    link.far.window.size = 10
    talk.wait(1.0)
    assert [said for _, _, said in told(link)] == [GONE.text]


def test_one_that_waits_at_a_crash_goes_out_after_it_and_owes_nobody_a_receipt() -> None:
    before = talk_of(GONE)
    before.link("mobile", c.BIND_RECEIVER).deliver(b"106900004", b"TD")
    before.settle()
    (message,) = [message for batch in before.journal for message in batch.accepted]
    consents = [consent for batch in before.journal for consent in batch.consents]
    message.decision = None
    after = talk_of(GONE)
    take_up(
        after.exchange,
        Recovered(queued=[message], consents=consents, message_id_last=message.message_id),
        after.now,
    )
    esme, link = after.esme("shop"), after.link("mobile")
    after.settle()
    link.deliver(b"106900004", b"TD")
    after.wait(1.0)
    assert [said for _, _, said in told(link)] == [GONE.text]
    after.settle()
    link.receipt(b"0", c.UNDELIVERABLE)
    after.wait(1.0)
    assert esme.receipts == []


def test_one_that_finds_no_way_is_counted() -> None:
    talk = talk_of(GONE)
    link = talk.link("mobile")
    talk.exchange.close()
    link.deliver(b"106900004", b"TD")
    talk.settle()
    assert talk.exchange.inbound.confirmations.counters.unsent == 1
    assert talk.exchange.screening is not None
    assert talk.exchange.screening.screener.optouts.count == 1


def test_one_that_the_store_has_no_room_for_is_counted_and_the_word_holds() -> None:
    talk = talk_of(GONE)
    esme, link = talk.esme("bank"), talk.link("mobile")
    talk.store_is_full = True
    link.deliver(b"106900004", b"TD")
    esme.submit()
    talk.settle()
    talk.store_is_full = False
    talk.wait(1.0)
    assert link.submits == []
    counters = talk.exchange.inbound.confirmations.counters
    assert (counters.sent, counters.unsent) == (0, 1)
    assert [consent.reason for batch in talk.journal for consent in batch.consents] == ["TD"]


@pytest.mark.parametrize("alphabet", ["gsm", "latin1", "ascii"])
def test_a_text_of_gsms_alphabet_is_what_the_carrier_gets(alphabet: str) -> None:
    talk = talk_of(attrs.evolve(GONE, text="Bye @ $5"), default_alphabet=alphabet)
    link = talk.link("mobile")
    link.deliver(b"106900004", b"TD")
    talk.settle()
    assert [said for _, _, said in told(link)] == ["Bye @ $5"]


# ---------------------------------------------------------------------- HELP

WHO = ConfirmationConfig(on="help", text="Example Retail. Help: example.com/help. Reply STOP to cancel.")


def answers(talk: Talk, link: Link, text: bytes) -> list[str]:
    link.deliver(b"106900004", text)
    talk.wait(1.0)
    return [said for _, _, said in told(link)]


def test_help_is_answered_from_the_number_that_was_asked_and_goes_to_the_account_too() -> None:
    talk = talk_of(WHO)
    esme, link = talk.esme("shop"), talk.link("mobile")
    link.deliver(b"106900004", b" help! ")
    talk.wait(1.0)
    assert told(link) == [(b"106900004", b"8613900000001", WHO.text)]
    assert [pdu.short_message for pdu in esme.inbox] == [b" help! "]
    assert not [batch for batch in talk.journal if batch.consents], "it is no word about consent"
    assert esme.receipts == []


def test_help_is_answered_each_time_and_whatever_was_refused() -> None:
    talk = talk_of(WHO, GONE)
    link = talk.link("mobile")
    for text, expected in ((b"HELP", WHO), (b"info", WHO), (b"TD", GONE), (b"HELP", WHO)):
        assert answers(talk, link, text) == [expected.text]
    assert answers(talk, link, b"HELP ME") == []
    assert answers(talk, link, b"TD") == []


def test_a_machine_that_says_help_to_everything_is_answered_no_further() -> None:
    talk = talk_of(WHO, GONE)
    link = talk.link("mobile")
    heard = sum(len(answers(talk, link, b"HELP")) for _ in range(HELP_DAILY_MAX + 5))
    assert heard == HELP_DAILY_MAX
    assert talk.exchange.inbound.confirmations.counters.too_many == 5
    assert answers(talk, link, b"TD") == [GONE.text], "a refusal is still confirmed"
    talk.wait(86_400.0)
    assert answers(talk, link, b"HELP") == [WHO.text]


def test_a_router_is_told_which_words_ask_for_help_and_who_answers() -> None:
    talk = talk_of(WHO)
    link = talk.link("mobile")
    config = attrs.evolve(COMPLIANCE, help_words=("AIUTO",), confirmations=(WHO,))
    talk.reload(Screener(config, None, lambda: 0.0))
    assert answers(talk, link, b"HELP") == []
    assert answers(talk, link, b"aiuto") == [WHO.text]
    talk.reload(Screener(attrs.evolve(config, confirmations=(GONE,)), None, lambda: 0.0))
    assert answers(talk, link, b"aiuto") == []


def test_a_text_may_be_for_accounts_of_one_regime() -> None:
    american = attrs.evolve(WHO, regime="us_10dlc")
    talk = talk_of(american, GONE)
    link = talk.link("mobile")
    assert answers(talk, link, b"HELP") == []
    registrations = tuple(attrs.evolve(one, regime="us_10dlc") for one in COMPLIANCE.registrations)
    config = attrs.evolve(COMPLIANCE, registrations=registrations, confirmations=(american, GONE))
    talk.reload(Screener(config, None, lambda: 0.0))
    assert answers(talk, link, b"HELP") == [WHO.text]


def test_help_from_what_is_no_number_is_not_answered() -> None:
    talk = talk_of(WHO)
    link = talk.link("mobile")
    pdu = DeliverSm(source_addr=b"SHOP", destination_addr=b"106900004", short_message=b"HELP")
    link.near.request(pdu, pdu, talk.now)
    talk.wait(1.0)
    assert link.submits == []
