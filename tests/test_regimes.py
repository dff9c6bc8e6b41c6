"""The examples of other markets, whole: submit_sm into a running router, with the files of config/regimes."""

from pathlib import Path
from typing import Any

import attrs

from smpp_router.compliance.policy import (
    CLASS_REFUSED,
    LINK_REFUSED,
    OPTED_OUT,
    QUIET_HOURS,
    REGISTRATION_REFUSED,
    TEMPLATE_REFUSED,
    UNSUBSCRIBE_REFUSED,
)
from smpp_router.compliance.rules.dlt import chain_hash
from smpp_router.compliance.screener import Screener
from smpp_router.config import RouterConfig
from smpp_router.config_file import load_config
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DeliverSm, SubmitSm
from tests.router_fixtures import World, on_memory, secret, until

REGIMES = Path(__file__).parents[1] / "config/regimes"
ENTITY = "1101234567890123456"
CHAIN = chain_hash((ENTITY, "1302000000000000001", "1302000000000000002"))
SHIPPED = "Dear Anu, your order 77 has been shipped: {} - Example Retail"
GOOD = SHIPPED.format("https://example-retail.in/o/77")
SHOES = "Hi Anu, 20% off on all shoes till Sunday. - Example Retail"
SALE = "Example Shop: all shoes half price today. "


def config_of(regime: str, folder: Path) -> RouterConfig:
    """The example with another file included, and nothing else changed."""
    text = (REGIMES / "router.toml").read_text("utf-8")
    text = text.replace("india-dlt.toml", str(REGIMES / f"{regime}.toml"), 1)
    file = folder / "router.toml"
    file.write_text(text, "utf-8")
    return load_config(file)


def running(regime: str, folder: Path) -> Any:
    config = config_of(regime, folder)
    assert config.compliance is not None
    return on_memory(
        folder / "store",
        accounts=tuple(attrs.evolve(one, secrets=(secret(),)) for one in config.accounts),
        classes=config.classes,
        screener=Screener(config.compliance, None, lambda: 0.0),
    )


async def status(world: World, account: str, to: str, source: str, text: str, *tlvs: tuple[int, str]) -> int:
    pdu = SubmitSm(
        source_addr=source.encode(),
        destination_addr=to.encode(),
        short_message=text.encode("ascii"),
        tlvs=tuple((tag, value.encode()) for tag, value in tlvs),
    )
    async with world.esme(account) as esme:
        return (await esme.request(pdu)).command_status


def dlt(template: str, entity: str = ENTITY, chain: str = "") -> list[tuple[int, str]]:
    tags = ((0x1400, entity), (0x1401, template), (0x1402, chain))
    return [(tag, value) for tag, value in tags if value]


CODE = "1107160000000000002"
ORDER = "1107160000000000001"
OFFER = "1107160000000000003"
INDIA = [
    ("codes", "EXRTLS", "Your OTP is 482910. - Example Retail", dlt(CODE), c.ESME_ROK),
    ("codes", "EXRTLS", "Your OTP is 482910. - Example Retail", [], REGISTRATION_REFUSED),
    ("codes", "EXRTLS", "Your OTP is 482910. - Example Retail", dlt(CODE, "11"), REGISTRATION_REFUSED),
    ("codes", "EXRTLS", "Your OTP is 482910. - Example Retail", dlt(""), TEMPLATE_REFUSED),
    ("codes", "EXRTLS", "Your OTP is 482910. - Example Retail", dlt(ORDER), TEMPLATE_REFUSED),
    ("codes", "EXRTLS", "Your code is 482910. - Example Retail", dlt(CODE), TEMPLATE_REFUSED),
    ("codes", "OTHERS", "Your OTP is 482910. - Example Retail", dlt(CODE), REGISTRATION_REFUSED),
    ("notices", "EXRTLS", GOOD, dlt(ORDER, chain=CHAIN), c.ESME_ROK),
    ("notices", "EXRTLS", GOOD, dlt(ORDER, chain=CHAIN.upper()), c.ESME_ROK),
    ("notices", "EXRTLS", GOOD, dlt(ORDER), REGISTRATION_REFUSED),
    ("notices", "EXRTLS", GOOD, dlt(ORDER, chain="0" * 64), REGISTRATION_REFUSED),
    ("notices", "EXRTLS", SHIPPED.format("https://bit.ly/3abc"), dlt(ORDER, chain=CHAIN), LINK_REFUSED),
    ("notices", "EXRTLS", SHIPPED.format("x" * 31), dlt(ORDER, chain=CHAIN), TEMPLATE_REFUSED),
    ("offers", "612345", SHOES, dlt(OFFER), c.ESME_ROK),
    ("offers", "EXRTLS", SHOES, dlt(OFFER), REGISTRATION_REFUSED),
]


async def test_india_asks_for_entity_template_header_and_chain(tmp_path: Path, autojump_clock: Any) -> None:
    async with running("india-dlt", tmp_path) as world:
        found = [
            await status(world, who, "919000000001", src, text, *tlvs) for who, src, text, tlvs, _ in INDIA
        ]
        assert found == [expected for *_, expected in INDIA]
        good = found.count(c.ESME_ROK)
        await until(lambda: world.carrier().counters.messages == good)


def test_a_chain_is_hashed_from_its_numbers_with_commas() -> None:
    hashed = "c0c951afca257c5b87c3da535c09112080483f35b7e6faf35e2428b3b526b694"
    assert chain_hash(("1101172974420810001", "1101172974420830004")) == hashed


GUAM, NEW_YORK, TOLL_FREE = "16715550100", "12025550199", "18005550100"
"""The world begins at 08:00 UTC: 18:00 on Guam, 03:00 in New York."""
UNITED_STATES = [
    ("offers", "12025550100", GUAM, SALE + "Reply STOP to opt out", c.ESME_ROK),
    ("offers", "12025550100", GUAM, SALE + "Reply END to opt out", c.ESME_ROK),
    ("offers", "12025550100", GUAM, SALE, UNSUBSCRIBE_REFUSED),
    ("offers", "12025550100", NEW_YORK, SALE + "Reply STOP to opt out", QUIET_HOURS),
    ("offers", "12025550100", TOLL_FREE, SALE + "Reply STOP to opt out", QUIET_HOURS),
    ("offers", "12025550111", GUAM, SALE + "Reply STOP to opt out", REGISTRATION_REFUSED),
    ("offers", "12025550100", GUAM, SALE + "https://bit.ly/3a Reply STOP to opt out", LINK_REFUSED),
    ("codes", "12025550103", NEW_YORK, "Example: your code is 482910", c.ESME_ROK),
    ("notices", "12025550101", NEW_YORK, "Example: your ticket was answered", c.ESME_ROK),
    ("notices", "12025550101", NEW_YORK, "Flash sale: 50% off everything, shop now", CLASS_REFUSED),
]


async def test_the_united_states_ask_for_campaigns_stop_and_the_recipients_day(
    tmp_path: Path, autojump_clock: Any
) -> None:
    async with running("us-10dlc", tmp_path) as world:
        found = [await status(world, who, to, src, text) for who, src, to, text, _ in UNITED_STATES]
        assert found == [expected for *_, expected in UNITED_STATES]


async def test_the_united_states_have_help_and_stop_answered_by_the_number_that_was_asked(
    tmp_path: Path, autojump_clock: Any
) -> None:
    async with running("us-10dlc", tmp_path) as world:
        await world.carriers_up()
        exchange, mobile = world.running.exchange, world.carrier()
        configured = exchange.screening.screener.config.confirmations
        for count, (number, word, text) in enumerate(
            [
                (b"12025550100", b"Help", configured[0].text),
                (b"12025550101", b"HELP", configured[1].text),
                (b"12025550100", b"STOP", configured[2].text),
                (b"12025550100", b"INFO", configured[0].text),
                (b"12025550100", b"START", configured[3].text),
            ],
            start=1,
        ):
            said = DeliverSm(source_addr=GUAM.encode(), destination_addr=number, short_message=word)
            world.carriers.inject("mobile", "router", said)
            await until(lambda count=count: mobile.counters.messages == count)
            assert len(text) <= 160
        assert exchange.inbound.confirmations.counters.sent == 5


UNITED_KINGDOM = [
    ("offers", "EXAMPLE", SALE + "To opt out text STOP to 60777", c.ESME_ROK),
    ("offers", "EXAMPLE", SALE, UNSUBSCRIBE_REFUSED),
    ("offers", "OTHER", SALE + "To opt out text STOP to 60777", REGISTRATION_REFUSED),
    ("offers", "EXAMPLE", SALE + "https://example.com To opt out text STOP to 60777", LINK_REFUSED),
    ("notices", "EXAMPLE", "Your parcel arrives today", c.ESME_ROK),
    ("codes", "EXAMPLE", "Your security code is 482910", c.ESME_ROK),
]


async def test_the_united_kingdom_asks_for_stop_and_hears_it(tmp_path: Path, autojump_clock: Any) -> None:
    number = "447700900123"
    async with running("uk-stop", tmp_path) as world:
        found = [await status(world, who, number, src, text) for who, src, text, _ in UNITED_KINGDOM]
        assert found == [expected for *_, expected in UNITED_KINGDOM]
        screening = world.running.exchange.screening
        assert screening is not None
        consent = screening.screener.optouts.heard("offers", number, " stop ", world.running.clock.now())
        assert consent is not None
        screening.consent(consent, world.running.exchange.commit)
        who, src, text, _ = UNITED_KINGDOM[0]
        assert await status(world, who, number, src, text) == OPTED_OUT
        assert await status(world, "codes", number, src, "Your security code is 482910") == c.ESME_ROK


def test_every_file_is_good_and_told_of() -> None:
    page = (REGIMES.parents[1] / "docs/regimes.md").read_text("utf-8")
    files = sorted(path.stem for path in REGIMES.glob("*.toml") if path.stem != "router")
    assert files == ["india-dlt", "uk-stop", "us-10dlc"]
    assert all(f"config/regimes/{name}.toml" in page for name in files)
