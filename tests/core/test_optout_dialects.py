"""A refusal is heard from each carrier, in its alphabet, and however numbers are written."""

from typing import Any

import attrs
import pytest

from smpp_router.compliance.policy import OPTED_OUT
from smpp_router.compliance.screener import Screener
from smpp_router.wire.pdu import DeliverSm
from smpp_router.wire.text import encode_text
from tests.core.talk import Talk
from tests.core.test_screening import COMPLIANCE, NOON, OFFER, mo_config, ucs2

UDH = b"\x05\x00\x03\x07\x01\x01"
REPLIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "gsm": ("gsm", {"short_message": b"TD"}),
    "packed": ("gsm_packed", {"short_message": encode_text("TD", 0, "gsm_packed")}),
    "packed behind a header": (
        "gsm_packed",
        {"esm_class": 0x40, "short_message": UDH + encode_text("stop", 0, "gsm_packed", len(UDH))},
    ),
    "packed with a class": (
        "gsm_packed",
        {"data_coding": 0xF1, "short_message": encode_text("STOP", 0, "gsm_packed")},
    ),
    "latin1": ("latin1", {"short_message": b"\xa0stop\xa0"}),
    "ascii": ("ascii", {"short_message": b"Stop please"}),
    "UCS2": ("gsm", {"data_coding": 8, "short_message": "退订。".encode("utf-16-be")}),
    "UCS2 with a class": ("gsm", {"data_coding": 0x18, "short_message": "Ｔ ".encode("utf-16-be")}),
    "UCS2 little-endian": ("gsm", {"data_coding": 8, "short_message": "\ufeff退订".encode("utf-16-le")}),
    "UCS2 behind a header": (
        "gsm",
        {"esm_class": 0x40, "data_coding": 8, "short_message": UDH + "td".encode("utf-16-be")},
    ),
    "payload": ("gsm_packed", {"tlvs": ((0x0424, encode_text("TD", 0, "gsm_packed")),)}),
    "a national number": ("gsm", {"source_addr": b"13900000001", "short_message": b"R"}),
    "a number with 00": ("gsm", {"source_addr": b"008613900000001", "short_message": b"R"}),
    "a national number, TON 2": (
        "gsm",
        {"source_addr": b"13900000001", "source_addr_ton": 2, "short_message": b"R"},
    ),
}


@pytest.mark.parametrize("to", [b"8613900000001", b"+8613900000001", b"008613900000001"])
@pytest.mark.parametrize("name", REPLIES)
def test_a_refusal_is_heard_in_each_carriers_dialect(name: str, to: bytes) -> None:
    alphabet, reply = REPLIES[name]
    base = mo_config().exchange.config
    carriers = tuple(attrs.evolve(one, default_alphabet=alphabet) for one in base.carriers)
    talk = Talk(
        attrs.evolve(base, carriers=carriers),
        Screener(attrs.evolve(COMPLIANCE, country_code="86"), None, lambda: 0.0),
    )
    talk.now = NOON
    esme, link = talk.esme("shop"), talk.link("mobile")
    fields: dict[str, Any] = {"source_addr": b"8613900000001", "destination_addr": b"10690", **reply}
    mo = DeliverSm(**fields)
    link.near.request(mo, mo, talk.now)
    talk.settle()
    esme.submit(destination=to, **ucs2(OFFER))
    talk.settle()
    assert esme.statuses == [OPTED_OUT]
