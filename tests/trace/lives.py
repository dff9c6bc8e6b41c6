# Messages that have lived in a router's core, in a store that `smpp-router trace` can look into.
"""A store with some lives in it."""

from pathlib import Path

import trio

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
