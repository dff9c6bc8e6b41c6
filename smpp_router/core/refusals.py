# A refused request is answered with its status alone. To a peer of SMPP 5.0 the status can come with a text:
# additional_status_info_text, 0x001D (SMPP 5.0 section 4.8.4.1). 3.4 knows it in data_sm_resp only, and gives
# refused submit_sm no body at all (SMPP 3.4 section 4.4.2), so older peers get the status and no more.
"""Answers to what is refused."""

from typing import Final

import attrs

from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import framed, header_only
from smpp_router.wire.tlv import encode_tlvs

TEXT_VERSION: Final = 0x50
"""The interface_version from which on a text is understood."""
TEXT_OCTETS_MAX: Final = 255
"""Beside the NUL at its end (SMPP 5.0 section 4.8.4.1)."""


@attrs.frozen
class Refusal:
    """Why a message is not taken, in the protocol's terms."""

    command_status: int
    text: str = ""
    """In words, for peers that understand them."""
    verdict: bytes = b""
    """Screening's, as it is kept (compliance/verdict_record.py)."""


def refused(session: Session, command_id: int, sequence_number: int, refusal: Refusal) -> bytes:
    """Return the response of a kind to a refused submit_sm or data_sm of a session."""
    if not refusal.text or session.peer_version < TEXT_VERSION:
        return header_only(command_id, refusal.command_status, sequence_number)
    text = refusal.text.encode("ascii", "replace")[:TEXT_OCTETS_MAX] + b"\0"
    body = b"\0" + encode_tlvs(((c.TAG_ADDITIONAL_STATUS_INFO_TEXT, text),))
    return framed(command_id, refusal.command_status, sequence_number, body)
