"""A network whose every step takes no time, unless a test says otherwise, and messages for it."""

import math
from typing import Any

import attrs

from simulators.distributions import Delay
from simulators.handsets.handset import Handset
from simulators.handsets.inbox import Text
from simulators.radio import MobileOriginated, ShortMessage, Signal
from simulators.signalling.config import NetworkConfig
from simulators.signalling.network import Network
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import split_text

START = 1_700_000_000.0
NUMBER = b"8613900000001"
AT_ONCE = Delay()


def network_config(**settings: Any) -> NetworkConfig:
    steps = ("sri_sm", "mt_forward_sm", "paging", "interworking", "alert_sc")
    given: dict[str, Any] = {**dict.fromkeys(steps, AT_ONCE), **settings}
    return NetworkConfig(**given)


def short_message(octets: bytes = b"hello", to: bytes = NUMBER, **fields: Any) -> ShortMessage:
    given: dict[str, Any] = {
        "carrier": "mobile",
        "token": object(),
        "source": (0, 1, b"106900"),
        "destination": (1, 1, to),
        "service_type": b"",
        "esm_class": 0,
        "protocol_id": 0,
        "priority": 0,
        "data_coding": 0,
        "octets": octets,
        "submitted_at": START,
        "starts_at": START,
        "expires_at": math.inf,
    }
    return ShortMessage(**{**given, **fields})


def parts_of(text: str, reference: int = 1, method: Any = "udh8", **fields: Any) -> list[ShortMessage]:
    return [
        short_message(part.short_message, esm_class=part.esm_class, data_coding=part.data_coding, **fields)
        for part in split_text(text, method=method, reference=reference)
    ]


@attrs.define(eq=False)
class Air:
    """A network, the time, and what came of it."""

    config: NetworkConfig = attrs.field(factory=network_config)
    seed: int = 1
    now: float = START
    events: list[Signal | MobileOriginated] = attrs.Factory(list[Signal | MobileOriginated])
    shown: list[tuple[bytes, str, int]] = attrs.Factory(list[tuple[bytes, str, int]])
    network: Network = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.network = Network(self.config, self.seed, self.now)
        self.network.on_shown = self._shown

    def _shown(self, handset: Handset, text: Text) -> None:
        self.shown.append((handset.number, text.text, len(text.tokens)))

    def submit(self, *messages: ShortMessage) -> None:
        for message in messages:
            message.submitted_at = self.now
            message.starts_at = max(message.starts_at, self.now)
            self.network.submit(message, self.now)
        self.wait(0.0)

    def wait(self, seconds: float, carriers: tuple[str, ...] = ("mobile", "unicom")) -> None:
        self.now += seconds
        self.network.tick(self.now)
        for carrier in carriers:
            self.events += self.network.take(carrier)

    def of(self, message: ShortMessage) -> list[Signal]:
        return [event for event in self.events if isinstance(event, Signal) and event.token is message.token]

    def end(self, message: ShortMessage) -> tuple[int, str, int] | None:
        """Final message_state, cause and error code of a message, None while it is under way."""
        ends = [signal for signal in self.of(message) if signal.message_state]
        assert len(ends) <= 1
        return (ends[0].message_state, ends[0].cause, ends[0].error_code) if ends else None

    def is_delivered(self, message: ShortMessage) -> bool:
        return self.end(message) == (c.DELIVERED, "", 0)

    @property
    def sent(self) -> list[MobileOriginated]:
        return [event for event in self.events if isinstance(event, MobileOriginated)]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Kind and cause of everything that was recorded, in order."""
        return [(event.kind, event.cause) for event in self.network.record.events()][::-1]
