# Messages that have lived in a router's core, in a store that `smpp-router trace` can look into.
"""A store with some lives in it."""

from pathlib import Path

import trio

from smpp_router.compliance.screener import Screener
from smpp_router.config_compliance import ComplianceConfig, RegistrationConfig, ScreenedClassConfig
from smpp_router.wire import constants as c
from tests.core.talk import Talk
from tests.store.histories import open_history

REFUSED_ONCE, FAILED, WAITING = range(3)


def conversation() -> tuple[Talk, list[bytes]]:
    """One message refused and delivered elsewhere and contradicted, one that failed, one in flight."""
    talk = Talk()
    links = [talk.link("mobile"), talk.link("unicom")]
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    talk.now += 0.2
    links[0].refuse(c.ESME_RSYSERR)
    talk.settle()
    links[1].accept(b"77")
    talk.settle()
    talk.now += 1.0
    links[1].receipt(b"77", c.ENROUTE)
    talk.settle()
    talk.now += 1.5
    links[1].receipt(b"77")
    talk.settle()
    talk.now += 5.0
    links[1].receipt(b"77", c.UNDELIVERABLE, b"034")
    talk.wait(3.0)
    for number in (78, 79):
        esme.submit()
        talk.settle()
        link = next(link for link in links if link.submits)
        link.accept(b"%d" % number)
        talk.settle()
        if number == 78:
            link.receipt(b"78", c.UNDELIVERABLE, b"027")
        talk.wait(2.0)
    return talk, esme.message_ids


def store_of(talk: Talk, path: Path) -> None:
    """Make what was durable in a conversation a store."""

    async def write() -> None:
        store = open_history(path)
        for batch in talk.journal:
            await store.commit(batch)
        await store.aclose()

    trio.run(write)


def screened_conversation() -> Talk:
    """A message that passes screening, one that it refuses, one to no number that there is."""
    config = ComplianceConfig(
        registrations=(RegistrationConfig(account="bank", kind="bank"),),
        classes=(ScreenedClassConfig(name="default", kind="notification"),),
    )
    talk = Talk(screener=Screener(config, None, lambda: 0.0))
    talk.now -= talk.now % 86_400 - 4 * 3_600.0
    talk.link("mobile")
    esme = talk.esme("bank")
    for destination, text in (
        (b"8613900000001", "【示例银行】您的账单已生成"),
        (b"8613900000002", "您的账单已生成"),
        (b"4917212345678", "【示例银行】您的账单已生成"),
    ):
        esme.submit(destination=destination, data_coding=8, short_message=text.encode("utf-16-be"))
        talk.wait(2.0)
    return talk
