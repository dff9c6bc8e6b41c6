import pytest

from smpp_router.core.statistics import statistics
from smpp_router.store.seam import OWED
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import DataSm, DeliverSm
from smpp_router.wire.text import encode_text
from tests.core.talk import Talk, account, carrier, configuration
from tests.core.test_confirmations import GONE, talk_of, told


def talk_with(*addresses: tuple[str, tuple[str, ...]]) -> Talk:
    accounts = tuple(account(name, mo_addresses=numbers) for name, numbers in addresses)
    return Talk(configuration(accounts=accounts))


@pytest.mark.parametrize(
    ("number", "owner"),
    [
        (b"10690001", "bank"),
        (b"106900015", "shop"),
        (b"1069000154", "shop"),
        (b"+10690001", "bank"),
        (b"0010690001", "bank"),
        (b"10690-0015", "shop"),
        (b"10690002", None),
        (b"", None),
    ],
)
def test_the_longest_beginning_of_a_number_says_whose_it_is(number: bytes, owner: str | None) -> None:
    talk = talk_with(("bank", ("10690001",)), ("shop", ("106900015",)))
    exchange = talk.exchange
    pdu = DeliverSm(source_addr=b"8613900000001", destination_addr=number, short_message=b"hello")
    status = exchange.inbound.take(exchange.carriers["mobile"], pdu, talk.now, exchange.commit)
    assert status == (c.ESME_ROK if owner else c.ESME_RX_P_APPN)
    assert [delivery.account for delivery in exchange.commit.deliveries] == ([owner] if owner else [])
    assert [fact[0] for fact in exchange.commit.batch.facts] == ([OWED] if owner else [])


def test_interop_18_a_subscribers_text_arrives_in_the_accounts_alphabet() -> None:
    accounts = (account("bank", mo_addresses=("10690001",), default_alphabet="latin1"),)
    carriers = (carrier("mobile", default_alphabet="gsm_packed"),)
    talk = Talk(configuration(accounts=accounts, carriers=carriers))
    esme, link = talk.esme("bank"), talk.link("mobile")
    link.deliver(b"10690001", encode_text("café", 0, "gsm_packed"))
    talk.settle()
    assert [delivered.short_message for delivered in esme.inbox] == [b"caf\xe9"]


def test_a_data_sm_arrives_as_the_deliver_sm_that_it_could_have_been() -> None:
    talk = talk_with(("bank", ("10690001",)))
    exchange = talk.exchange
    tlvs = ((0x0424, b"hello"),)
    pdu = DataSm(source_addr=b"8613900000001", destination_addr=b"10690001", tlvs=tlvs)
    assert exchange.inbound.take(exchange.carriers["mobile"], pdu, talk.now, exchange.commit) == c.ESME_ROK
    esme = talk.esme("bank")
    talk.settle()
    (delivered,) = esme.inbox
    assert (delivered.source_addr, delivered.tlvs) == (b"8613900000001", tlvs)


@pytest.mark.parametrize("kind", [DeliverSm, DataSm])
@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("source_addr", b"8" * 21, c.ESME_RINVSRCADR),
        ("destination_addr", b"10690001" + b"0" * 13, c.ESME_RINVDSTADR),
        ("service_type", b"CMTCMT", c.ESME_RINVSERTYP),
    ],
)
def test_what_a_deliver_sm_may_not_have_is_refused_and_counted_and_goes_to_nobody(
    kind: type[DeliverSm] | type[DataSm], field: str, value: bytes, status: int
) -> None:
    talk = talk_with(("bank", ("10690001",)))
    esme, link = talk.esme("bank"), talk.link("mobile")
    pdu = kind(source_addr=b"8613900000001", destination_addr=b"10690001")
    setattr(pdu, field, value)
    pdu.sequence_number = link.near.window.open(pdu)
    link.near.write(encode(pdu, strict=False))
    talk.settle()
    assert [resp.command_status for resp in link.answers] == [status]
    assert (esme.inbox, talk.kinds(OWED)) == ([], [])
    counted = statistics(talk.exchange)
    assert (counted["overlong_mo"], counted["unrouted_mo"]) == (1, 0)


@pytest.mark.parametrize("kind", [DeliverSm, DataSm])
@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("source_addr", b"+86 (139) 000-000 - 01", c.ESME_RINVSRCADR),
        ("destination_addr", b"106900004" + b"0" * 12, c.ESME_RINVDSTADR),
        ("service_type", b"CMTCMT", c.ESME_RINVSERTYP),
    ],
)
def test_a_word_of_refusal_counts_even_in_what_a_deliver_sm_may_not_have(
    kind: type[DeliverSm] | type[DataSm], field: str, value: bytes, status: int
) -> None:
    talk = talk_of()
    esme, link = talk.esme("shop"), talk.link("mobile")
    tlvs = ((c.TAG_MESSAGE_PAYLOAD, b"TD"),)
    pdu = kind(source_addr=b"8613900000001", destination_addr=b"106900004", tlvs=tlvs)
    setattr(pdu, field, value)
    pdu.sequence_number = link.near.window.open(pdu)
    link.near.write(encode(pdu, strict=False))
    while talk.hand_over():
        pass
    assert link.answers == [], "it is answered when the word is durable"
    talk.settle()
    assert [resp.command_status for resp in link.answers] == [status]
    assert (esme.inbox, talk.kinds(OWED)) == ([], [])
    number = pdu.source_addr.translate(None, b"+ ()-").decode()
    said = [consent for batch in talk.journal for consent in batch.consents]
    assert [(one.number, one.is_refusal) for one in said] == [(number, True)]
    assert statistics(talk.exchange)["overlong_mo"] == 1


def test_a_refusal_in_a_message_whose_service_type_is_too_long_is_confirmed() -> None:
    talk = talk_of(GONE)
    link = talk.link("mobile")
    pdu = DeliverSm(
        source_addr=b"8613900000001",
        destination_addr=b"106900004",
        service_type=b"CMTCMT",
        short_message=b"TD",
    )
    pdu.sequence_number = link.near.window.open(pdu)
    link.near.write(encode(pdu, strict=False))
    talk.wait(1.0)
    assert told(link) == [(b"106900004", b"8613900000001", GONE.text)]


def test_who_has_no_usable_number_refuses_nothing() -> None:
    talk = talk_of(GONE)
    link = talk.link("mobile")
    pdu = DeliverSm(source_addr=b"8" * 21, destination_addr=b"106900004", short_message=b"TD")
    pdu.sequence_number = link.near.window.open(pdu)
    link.near.write(encode(pdu, strict=False))
    talk.settle()
    assert [resp.command_status for resp in link.answers] == [c.ESME_RINVSRCADR]
    assert [batch.consents for batch in talk.journal if batch.consents] == []
    assert link.submits == []


def test_addresses_as_long_as_they_may_be_arrive() -> None:
    talk = talk_with(("bank", ("10690001",)))
    esme, link = talk.esme("bank"), talk.link("mobile")
    link.near.request(
        DeliverSm(source_addr=b"8" * 20, destination_addr=b"10690001" + b"0" * 12), "one", talk.now
    )
    talk.settle()
    assert [len(delivered.source_addr) for delivered in esme.inbox] == [20]
