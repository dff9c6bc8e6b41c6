"""Accounts and sessions of a load, and what is about to go out over each."""

import random

from simulators.histogram import Histogram
from simulators.load_result import LoadOptions
from simulators.traffic.accounts import LoadAccount
from simulators.traffic.mix import Made
from simulators.traffic.pace import Pace
from smpp_router.net.connection import Connection


class DueUnreceipted(float):
    """When a message was due that wants no receipt."""

    __slots__ = ()


class LoadSource:
    """As whom messages are sent."""

    def __init__(self, options: LoadAccount, key: bytes, pace: Pace | None) -> None:
        self.options = options
        self.key = key
        """Stands before its message ids: two MCs may issue the same."""
        self.pace = pace
        self.senders: list[LoadBind] = []
        self.held: Made | None = None
        """The next message, which found no room."""
        self.sent = 0
        self._turn = 0

    def put_in_turn(self, able: "list[LoadBind]", made: Made, due_at: float) -> bool:
        """Have a message go out over one of the sessions that can; tell whether one had room."""
        for offset in range(len(able)):
            if able[(self._turn + offset) % len(able)].put(made, due_at):
                self._turn = (self._turn + offset + 1) % len(able)
                return True
        return False


class LoadBind:
    """One session of the load."""

    __slots__ = ("account", "bodies", "connection", "due", "histogram", "paused_until", "room", "session")

    def __init__(self, connection: Connection, account: LoadSource) -> None:
        self.connection = connection
        self.session = connection.session
        self.account = account
        self.histogram = Histogram()
        self.paused_until = 0.0
        self.room = 0
        """In its window, less what is in `bodies` and goes out next, with when each was `due`."""
        self.bodies: list[bytes] = []
        self.due: list[float] = []

    def put(self, made: Made, due_at: float) -> bool:
        """Have a message go out next, if there is room for all of it; tell whether there was."""
        parts = len(made.bodies)
        if parts > self.room:
            return False
        self.room -= parts
        self.bodies.extend(made.bodies)
        due = due_at if made.wants_receipt else DueUnreceipted(due_at)
        self.due.extend([due] * parts)
        return True


def sources_of(options: LoadOptions) -> list[LoadSource]:
    """Return the accounts of a load, each with its share of the rate."""
    given = options.all_accounts()
    shares = sum(account.share for account in given)
    rates = options.rates
    accounts: list[LoadSource] = []
    for index, account in enumerate(given):
        pace: Pace | None = None
        if rates is not None:
            rng = random.Random(f"{options.seed} arrivals {index}")
            pace = Pace(rates.scaled(account.share / shares), options.arrival, rng)
        accounts.append(LoadSource(account, b"" if len(given) == 1 else b"%d " % index, pace))
    return accounts
