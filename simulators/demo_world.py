# What the demo consists of, as plain values: four customers with what they send, three carriers with how they
# behave, and the router's configuration between them. It is what config/ says, without its files, so that an
# installed package has it too. The passwords are for this machine only: nobody else can bind.
"""The demo's customers, carriers and router configuration."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from simulators.profile import CarrierProfile, SimulatedAccount
from smpp_router.config import (
    AccountConfig,
    BindType,
    CarrierConfig,
    ClassConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
)
from smpp_router.config_routes import RouteConfig
from smpp_router.core.credentials import SALT_BYTES, hash_secret

LINK: Final = ("router", "demopass")
HERE: Final = ("127.0.0.1", "::1")


@attrs.frozen
class Customer:
    """An ESME of the demo: its account, its traffic class, its sender number, its share of the traffic."""

    system_id: str
    password: str
    traffic_class: str
    source: str
    share: float
    texts: tuple[str, ...]


CUSTOMERS: Final = (
    Customer(
        "bank",
        "demobank",
        "verification",
        "106900001",
        0.4,
        (
            "【示例银行】您的验证码是 {code}，5分钟内有效，请勿告诉他人。",
            "Example Bank: your verification code is {code}. It is valid for 5 minutes. Never share it.",
        ),
    ),
    Customer(
        "courier",
        "democour",
        "logistics",
        "106900002",
        0.35,
        (
            "【速达快递】您的包裹已到达幸福路驿站，取件码{code}，请于今日20:00前领取。",
            "【速达快递】您的包裹{code}因天气原因延误一天，预计明日送达。给您带来不便，深表歉意。如需改约送货时间、"
            "改送驿站或由他人代收，请在今日18:00前联系派送员或拨打客服热线，我们将尽快为您安排，感谢您的理解与支持。",
            "Express: parcel {code} is out for delivery today between 14:00 and 18:00.",
        ),
    ),
    Customer(
        "ministry",
        "demomini",
        "government",
        "12300",
        0.1,
        (
            "【应急办】气象台发布暴雨橙色预警，预计今晚至明晨有大到暴雨，局部大暴雨，请减少外出，远离低洼路段和山边河边，"
            "注意防范山洪、滑坡和城市内涝，遇险请拨打110或119。备案编号{code}。",
            "Weather warning (orange): heavy rain from tonight until tomorrow morning, very heavy in places. "
            "Stay indoors, keep away from low roads, rivers and slopes. In danger call 110 or 119. ({code})",
        ),
    ),
    Customer(
        "shop",
        "demoshop",
        "marketing",
        "106900004",
        0.15,
        (
            "【示例商城】会员日全场满300减50，本周日截止，详见店内海报。拒收请回复R",
            "Example Shop: members' day, 50 off every 300 until Sunday, in all shops. Reply R to refuse.",
        ),
    ),
)

GUEST: Final = Customer("guest", "demopass", "verification", "106900009", 0.0, ())
"""The account for whoever watches: nobody else is bound to it, so that its receipts come to them."""

CLASSES: Final = (
    ClassConfig(name="verification", validity_s=300.0, priority=9),
    ClassConfig(name="government", priority=7),
    ClassConfig(name="logistics", priority=5),
    ClassConfig(name="marketing", delivery="at_most_once", priority=1),
)

PREFIXES: Final = {
    "china-mobile": ("86134", "86135", "86138", "86139", "86150", "86159", "86182", "86188"),
    "unicom": ("86130", "86131", "86155", "86176", "86185", "86186"),
    "telecom": ("86133", "86153", "86180", "86181", "86189", "86199"),
}


def carrier_profiles() -> tuple[CarrierProfile, ...]:
    """The simulated carriers, on ports of the system's choice."""
    account = (SimulatedAccount(system_id=LINK[0], password=LINK[1]),)
    return (
        CarrierProfile(
            name="china-mobile",
            port=0,
            accounts=account,
            response_s=0.03,
            response_jitter_s=0.04,
            receipt_s=0.4,
            receipt_jitter_s=1.5,
            outcomes={"DELIVRD": 0.97, "UNDELIV": 0.02, "EXPIRED": 0.01},
            seed=1,
        ),
        CarrierProfile(
            name="unicom",
            port=0,
            accounts=account,
            response_s=0.05,
            response_jitter_s=0.1,
            receipt_s=0.6,
            receipt_jitter_s=2.0,
            outcomes={"DELIVRD": 0.95, "UNDELIV": 0.04, "REJECTD": 0.01},
            message_ids="hex",
            receipt_ids="decimal",
            seed=2,
        ),
        CarrierProfile(
            name="telecom",
            port=0,
            accounts=account,
            response_s=0.08,
            response_jitter_s=0.1,
            receipt_s=0.8,
            receipt_jitter_s=2.0,
            outcomes={"DELIVRD": 0.96, "UNDELIV": 0.04},
            errors={"ESME_RSYSERR": 0.02},
            message_ids="padded",
            seed=3,
        ),
    )


def router_configuration(port: int, carrier_ports: Mapping[str, int], store: Path) -> RouterConfig:
    """The router between them, listening on `port` of 127.0.0.1, its store in `store`."""
    names = list(carrier_ports)
    routes = tuple(
        RouteConfig(prefix=prefix, carriers=(name, *(other for other in names if other != name)))
        for name, prefixes in PREFIXES.items()
        for prefix in prefixes
    )
    return RouterConfig(
        node_id=1,
        shutdown_s=1.0,
        listeners=(ListenerConfig(host="127.0.0.1", port=port),),
        store=StoreConfig(path=store, disk_free_min_bytes=0),
        classes=CLASSES,
        accounts=tuple(_account(customer) for customer in (*CUSTOMERS, GUEST)),
        carriers=tuple(_carrier(name, carrier_port) for name, carrier_port in carrier_ports.items()),
        routes=RoutesConfig(prefixes=routes, default=tuple(names)),
    )


def _account(customer: Customer) -> AccountConfig:
    return AccountConfig(
        system_id=customer.system_id,
        secrets=(hash_secret(customer.password.encode(), os.urandom(SALT_BYTES)),),
        allow_from=HERE,
        traffic_class=customer.traffic_class,
        throughput_per_s=1_000.0,
        burst=1_000,
        binds_max=8,
        mo_addresses=(customer.source,),
        deliver_window=64,
    )


def _carrier(name: str, port: int) -> CarrierConfig:
    def link(bind: BindType, binds: int) -> LinkConfig:
        return LinkConfig(
            host="127.0.0.1", port=port, system_id=LINK[0], password=LINK[1], bind=bind, binds=binds
        )

    if name == "unicom":
        # One base in responses, another in receipts: saying so spares finding out from the first few.
        links = (link("transmitter", 2), link("receiver", 1))
        return CarrierConfig(
            name=name, links=links, window=128, reconnect_min_s=0.5, message_id_style="hex_dec"
        )
    if name == "telecom":
        # An older peer: SMPP 3.3 has no optional parameters.
        return CarrierConfig(
            name=name,
            links=(link("transceiver", 2),),
            window=64,
            reconnect_min_s=0.5,
            interface_version=0x33,
            send_tlvs=False,
        )
    return CarrierConfig(name=name, links=(link("transceiver", 2),), window=256, reconnect_min_s=0.5)
