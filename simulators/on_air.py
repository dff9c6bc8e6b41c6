# A carrier's messages in the radio network: out, back as signals, and what subscribers send.
#
#   submit_sm --> send() --> network ... Signal, final      --> Held ends, its receipt tells how
#                                        Signal, first failure --> intermediate notification, if asked for
#                                        MobileOriginated   --> deliver_sm to the account that it is for
#
# Whom an answer is for: mo_routes, else the account that last sent from that number, else the first account.
"""The side of a simulated carrier that faces the radio network."""

import math
from collections import OrderedDict
from typing import Final

from simulators.deliveries import Delivery
from simulators.interception import Interceptor
from simulators.messages import Held
from simulators.profile import CarrierProfile
from simulators.radio import MobileOriginated, Radio, ShortMessage, Signal
from simulators.sar import as_forwarded
from simulators.sending import Sending
from simulators.times import Times
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body
from smpp_router.wire.pdu import AlertNotification, DeliverSm, SubmitSm
from smpp_router.wire.text import decode_text

SOURCES_MAX: Final = 10_000
"""Numbers that accounts sent from and answers may come to; the one unused longest is forgotten first."""
_INTERNATIONAL, _ISDN = 1, 1


class OnAir:
    """What one carrier has in the network."""

    def __init__(self, network: Radio, sending: Sending) -> None:
        self.network = network
        self._sending = sending
        self._sources: OrderedDict[bytes, str] = OrderedDict()

    def send(self, held: Held, pdu: SubmitSm, times: Times, profile: CarrierProfile, now: float) -> None:
        """Hand a message to the network, which decides from now on when and how it ends."""
        self._sources[pdu.source_addr] = held.system_id
        self._sources.move_to_end(pdu.source_addr)
        if len(self._sources) > SOURCES_MAX:
            self._sources.popitem(last=False)
        held.is_on_air = True
        held.ends_at, held.expires_at = math.inf, times.expires_at
        held.wants_alert = any(tag == c.TAG_SET_DPF and value == b"\1" for tag, value in pdu.tlvs)
        esm_class, octets = as_forwarded(pdu, profile.dialect.default_alphabet)
        message = ShortMessage(
            profile.name,
            held,
            (pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr),
            (pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr),
            pdu.service_type,
            esm_class,
            pdu.protocol_id,
            pdu.priority_flag,
            pdu.data_coding,
            octets,
            now,
            times.starts_at,
            held.expires_at,
            profile.dialect.default_alphabet,
        )
        self.network.submit(message, now)

    def cancel(self, held: Held, now: float) -> bool:
        """Whether a message can still be stopped."""
        return not held.is_on_air or self.network.cancel(held, now)

    def replace(self, held: Held, now: float) -> bool:
        """Whether a message takes its new text and validity_period to its handset."""
        return self.network.replace(held, held.short_message, None, held.expires_at, now)

    def tick(self, profile: CarrierProfile, interceptor: Interceptor | None, now: float) -> list[Held]:
        """Deal with what happened; return the messages that end."""
        self.network.tick(now)
        ended: list[Held] = []
        for event in self.network.take(profile.name):
            if isinstance(event, MobileOriginated):
                self._subscriber_sent(event, profile, interceptor, now)
            elif isinstance(event.token, Held) and not event.token.has_ended:
                self._happened(event.token, event, ended, now)
        return ended

    def _happened(self, held: Held, signal: Signal, ended: list[Held], now: float) -> None:
        held.error_code = signal.error_code
        if signal.message_state:
            held.outcome, held.ends_at = signal.message_state, now
            ended.append(held)
        elif signal.kind == "alert_sc":
            self._alert(held)
        elif (
            signal.cause and held.registered_delivery & c.INT_NOTIFICATION_REQUESTED and not held.is_notified
        ):
            held.is_notified = True
            self._sending.notify(held, now)

    def _alert(self, held: Held) -> None:
        """Tell that a subscriber can be reached again, if the message's sender wanted to know."""
        if not held.wants_alert:
            return
        split = held.addresses.index(0, 2) + 1
        source, esme = held.addresses[split:], held.addresses[:split]
        alert = AlertNotification(
            source_addr_ton=source[0],
            source_addr_npi=source[1],
            source_addr=source[2:-1],
            esme_addr_ton=esme[0],
            esme_addr_npi=esme[1],
            esme_addr=esme[2:-1],
        )
        self._sending.alert(held, encode_body(alert))

    def _subscriber_sent(
        self, event: MobileOriginated, profile: CarrierProfile, interceptor: Interceptor | None, now: float
    ) -> None:
        if interceptor is not None and event.esm_class & 0x40 == 0:
            text = decode_text(event.data_coding, event.octets, profile.dialect.default_alphabet)
            interceptor.answered(event.destination, text, now)
        receiver = self._receiver(event.destination, profile)
        if receiver:
            pdu = DeliverSm(
                source_addr_ton=_INTERNATIONAL,
                source_addr_npi=_ISDN,
                source_addr=event.source,
                destination_addr=event.destination,
                esm_class=event.esm_class,
                data_coding=event.data_coding,
                short_message=event.octets,
            )
            self._sending.account(receiver).add([Delivery(encode_body(pdu, strict=False))], now)
        else:
            self._sending.counters.mobile_originated_lost += 1

    def _receiver(self, number: bytes, profile: CarrierProfile) -> str:
        """Return whose a number is, nobody's if there is no account at all."""
        routed = profile.mo_account(number)
        if routed:
            return routed
        if number in self._sources:
            return self._sources[number]
        if profile.accounts:
            return profile.accounts[0].system_id
        return next(iter(self._sending.accounts), "")
