# What a store should hold, kept in plain dicts: conformance.py compares stores with it.
"""The model of the store's conformance suite."""

import attrs

from smpp_router.message.message import Copy, Message, Orphan, PathEnd, Pending


@attrs.define(eq=False)
class Life:
    """What the model knows of one message."""

    message_id: int
    account: str
    body: bytes
    reported_id: int = 0
    traffic_class: str = ""
    addresses: bytes = b""
    registered_delivery: int = 0
    expires_at: float = 0.0
    not_before: float = 0.0
    is_sent_once: bool = False
    is_mobile_originated: bool = False
    attempts: int = 0
    is_recorded: bool = False
    carrier: str | None = None
    carrier_message_id: bytes = b""
    is_doubtful: bool = False
    final_at: float | None = None
    code: int = 0
    owed: bytes = b""
    owed_at: float = 0.0
    is_settled: bool = False
    handle: int = 0
    copy: Copy | None = None
    path_ends: list[PathEnd] = attrs.Factory(list[PathEnd])


@attrs.define(eq=False)
class Model:
    """All lives, and the receipts that are parked."""

    lives: dict[int, Life] = attrs.Factory(dict[int, Life])
    orphans: dict[tuple[str, bytes], Orphan] = attrs.Factory(dict[tuple[str, bytes], Orphan])

    def queued(self) -> list[Life]:
        return [
            life
            for life in self.in_order()
            if not life.is_mobile_originated and life.carrier is None and life.final_at is None
        ]

    def awaiting(self) -> list[Life]:
        return [life for life in self.in_order() if life.carrier is not None and life.final_at is None]

    def owed(self) -> list[Life]:
        return [life for life in self.in_order() if life.owed and not life.is_settled]

    def in_order(self) -> list[Life]:
        return [self.lives[message_id] for message_id in sorted(self.lives)]


def as_queued(message: Message) -> tuple[object, ...]:
    return (
        message.message_id,
        message.reported_id,
        message.account,
        message.traffic_class,
        message.body,
        message.addresses,
        message.registered_delivery,
        message.expires_at,
        message.not_before,
        message.is_sent_once,
        message.is_recorded,
        message.attempts,
    )


def expected_queued(life: Life) -> tuple[object, ...]:
    return (
        life.message_id,
        life.reported_id,
        life.account,
        life.traffic_class,
        None,
        life.addresses,
        life.registered_delivery,
        life.expires_at,
        life.not_before,
        life.is_sent_once,
        life.is_recorded,
        life.attempts,
    )


def expected_pending(life: Life) -> Pending:
    assert life.carrier is not None
    return Pending(
        life.message_id,
        life.reported_id,
        life.account,
        life.carrier,
        life.carrier_message_id,
        life.addresses,
        life.registered_delivery,
        life.expires_at,
        is_doubtful=life.is_doubtful,
    )
