"""Recorders that have heard something."""

from simulators.control.recorder import Recorder
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind, BindResp, DeliverSm, HeaderOnly, SubmitSm, SubmitSmResp

PORT = 2775
BIND = encode(Bind(sequence_number=1, system_id=b"bank", password=b"secret"))
BIND_MASKED = BIND.replace(b"secret", b"******")
BIND_RESP = encode(BindResp(sequence_number=1, system_id=b"carrier", tlvs=((0x0210, b"\x34"),)))
SUBMIT = encode(
    SubmitSm(
        sequence_number=2,
        source_addr=b"BANK",
        source_addr_ton=5,
        destination_addr=b"8613900000001",
        data_coding=8,
        registered_delivery=1,
        short_message="你好".encode("utf-16-be"),
    )
)
SUBMIT_RESP = encode(SubmitSmResp(sequence_number=2, message_id=b"4711"))
DELIVER = encode(
    DeliverSm(sequence_number=1, esm_class=4, short_message=b"id:4711 sub:001", tlvs=((0x001E, b"4711\0"),))
)
UNBIND = encode(HeaderOnly(command_id=c.UNBIND, sequence_number=3))


def recorder(pdus_max: int = 100, capture_octets_max: int = 1 << 20) -> Recorder:
    return Recorder(pdus_max, capture_octets_max, lambda _carrier: PORT)


def talk(recorder: Recorder, connection: int = 1, peer: str = "10.1.2.3:50000", now: float = 1e9) -> None:
    """A client binds, submits, and gets its receipt."""
    recorder.connected(connection, "mobile", peer, now)
    recorder.octets(connection, True, BIND, now + 0.1)
    recorder.octets(connection, False, BIND_RESP, now + 0.2)
    recorder.octets(connection, True, SUBMIT, now + 0.3)
    recorder.octets(connection, False, SUBMIT_RESP + DELIVER, now + 0.4)
