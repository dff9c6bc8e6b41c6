"""What two peers say in a bind about the SMPP version that they speak (SMPP 3.4 sections 4.1.2 and 5.2.4)."""

from typing import Final

from smpp_router.session.states import BOUND_BY
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind, BindResp, Pdu

INTERFACE_VERSION: Final = c.VERSION_34
"""Ours. It is the first that has optional parameters (SMPP 3.4 section 3.3)."""

_BIND_RESPS: Final = frozenset(command_id | c.RESPONSE_BIT for command_id in BOUND_BY)


def acceptance(bind: Bind, system_id: bytes, sc_interface_version: int) -> bytes:
    """Return the response that accepts a bind.

    sc_interface_version is told to 3.4 and later only (SMPP 3.4 section 4.1.2): 3.3 has no TLVs. 0 is not
    told at all.
    """
    is_told = bind.interface_version >= INTERFACE_VERSION and sc_interface_version
    tlvs = ((c.TAG_SC_INTERFACE_VERSION, bytes([sc_interface_version])),) if is_told else ()
    return encode(
        BindResp(
            command_id=bind.command_id | c.RESPONSE_BIT,
            sequence_number=bind.sequence_number,
            system_id=system_id,
            tlvs=tlvs,
        )
    )


def agreed_version(bind: Bind, resp: Pdu) -> int | None:
    """Return the interface_version that both sides understand if `resp` accepts our bind, else None.

    Without an sc_interface_version it is the one that we named.
    """
    if resp.command_id not in _BIND_RESPS or resp.command_status != c.ESME_ROK:
        return None
    told = tlv.find_int(resp.tlvs, c.TAG_SC_INTERFACE_VERSION) if isinstance(resp, BindResp) else None
    return bind.interface_version if told is None else min(told, bind.interface_version)
