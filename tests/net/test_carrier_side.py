# Links to carriers, against carriers that are scripted word by word, on memory streams and a virtual clock.
import random
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing
import trustme

from smpp_router.config import LinkConfig, TlsClientConfig
from smpp_router.core.carriers import Carrier
from smpp_router.net.carrier_side import CONNECT_S, STEADY_S, reconnect_delay_s
from smpp_router.net.router import Running
from smpp_router.net.tls import server_context
from smpp_router.wire import constants as c
from smpp_router.wire.codec import Decoder, encode, header_only
from smpp_router.wire.pdu import Bind, BindResp, DeliverSm, Pdu, SubmitSm, SubmitSmResp
from tests.router_fixtures import (
    HOST,
    NUMBER,
    START,
    TEST_S,
    carrier,
    configuration,
    message_ids,
    on_memory,
    profile,
    router,
    serving,
    start_carriers,
    until,
)
