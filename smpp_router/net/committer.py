# The committer makes staged work durable, one commit at a time; whatever is staged meanwhile shares the next.
# That is the whole of group commit: under load commits grow, at rest they are small and quick.
#
# Beside it the librarian does what else must wait for the store: bodies left on disk, queries about the
# past, housekeeping. It never holds up a commit for longer than the store itself does.
"""Carrying work between the exchange and the store."""

from collections.abc import Callable
from typing import Final

import trio

from smpp_router.core.exchange import Exchange
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.store.seam import Store, StoreFullError

FULL_PAUSE_S: Final = 0.5
"""After a full store refused a commit: facts are tried again that often, and space has a chance to appear."""

BACKLOG_MAX: Final = 20_000
"""Staged messages above which readers of ESMEs wait for a commit: about 10 MB, and a second of full load."""

COMMIT_APART_S: Final = 0.002
"""Least time between the starts of two commits, unless much is staged. A message alone is committed at
once; a stream of them shares commits, which cost the same for one message as for fifty."""

MUCH: Final = 256
"""Staged facts and messages above which a commit does not wait."""

MAINTAIN_S: Final = 1.0
"""Between two pieces of the store's housekeeping, each of which is small."""


class Committer:
    """Owns the store while the router runs."""

    def __init__(self, exchange: Exchange, store: Store, outlets: Outlets, clock: Clock) -> None:
        self._exchange = exchange
        self._store = store
        self._outlets = outlets
        self._clock = clock
        self._wake = trio.Event()
        self._round = trio.Event()
        self.commits = 0
        self.full = 0

    def wake(self) -> None:
        """Have what is staged committed; cheap if a commit is under way."""
        self._wake.set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is staged and nothing is being written."""
        return not self._exchange.commit and self._exchange.committing is None

    async def backlog_below_limit(self) -> None:
        """Wait while more is staged than should be: a reader's brake."""
        while self._exchange.backlog >= BACKLOG_MAX:
            await self._round.wait()

    async def until_durable(self, is_staged: Callable[[], bool]) -> None:
        """Have commits made until something that somebody has staged stands in none that is to come."""
        self.wake()
        while is_staged():
            await self._round.wait()

    async def until_all_durable(self) -> None:
        """Have commits made until all that is staged by now is durable, or has found no room."""
        exchange = self._exchange
        last = exchange.commit or exchange.committing
        if last is not None:
            await self.until_durable(lambda: exchange.commit is last or exchange.committing is last)

    async def run(self) -> None:
        """Commit until cancelled. Raises StoreFailedError: the router can't go on without its store."""
        while True:
            commit = self._exchange.open_commit()
            if commit is None:
                await self._wake.wait()
                self._wake = trio.Event()
                continue
            started_at = self._clock.now()
            try:
                if commit.batch or commit.batch.notes:
                    await self._store.commit(commit.batch)
            except StoreFullError:
                self.full += 1
                self._exchange.refused(commit)
                self._outlets.flush()
                await trio.sleep(FULL_PAUSE_S)
            else:
                self.commits += 1
                self._exchange.committed(commit, self._clock.now())
                self._outlets.flush()
            self._round.set()
            self._round = trio.Event()
            await self._keep_apart(started_at)

    async def _keep_apart(self, started_at: float) -> None:
        batch = self._exchange.commit.batch
        wait_s = started_at + COMMIT_APART_S - self._clock.now()
        if wait_s > 0 and len(batch.accepted) + len(batch.facts) < MUCH:
            await trio.sleep(wait_s)

    async def run_librarian(self, period_s: float) -> None:
        """Serve what waits for the store, every `period_s` seconds, until cancelled."""
        maintained_at = self._clock.now()
        while True:
            await trio.sleep(period_s)
            await self._read_back()
            await self._look_up()
            await self._sift()
            now = self._clock.now()
            if now >= maintained_at + MAINTAIN_S:
                maintained_at = now
                await self._store.maintain(now)

    async def _read_back(self) -> None:
        exchange = self._exchange
        while messages := exchange.to_read_back():
            bodies = await self._store.bodies([message.handle for message in messages])
            exchange.read_back(messages, bodies, self._clock.now())
            self._outlets.flush()
            if exchange.commit:
                self.wake()

    async def _look_up(self) -> None:
        lookups = self._exchange.take_lookups()
        if lookups:
            found = await self._store.finished([lookup.message_id for lookup in lookups])
            self._exchange.looked_up(lookups, found)
            self._outlets.flush()

    async def _sift(self) -> None:
        """Carry out cancel_sm that ask for a service_type which is on disk."""
        exchange = self._exchange
        between = exchange.operations.between
        sieves, between.sieves = between.sieves, []
        for sieve in sieves:
            while sieve.unread:
                wanted = between.take_unread(sieve)
                bodies = await self._store.bodies([message.handle for message in wanted])
                for message, body in zip(wanted, bodies, strict=True):
                    sieve.learn(message, body)
            between.sifted(sieve, self._clock.now(), exchange.commit)
        if exchange.commit:
            self.wake()
