"""What a submit_multi or data_sm comes to in submit_sm, one for each destination."""

from collections.abc import Mapping

from simulators.operations import answer
from smpp_router.wire import constants as c
from smpp_router.wire.limits import overlong
from smpp_router.wire.pdu import (
    DataSm,
    DataSmResp,
    DistributionList,
    Pdu,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)

INTERNATIONAL = 1
ISDN = 1
"""TON and NPI of the numbers in distribution lists (SMPP 3.4 sections 5.2.5 and 5.2.6)."""


def unsendable(pdu: SubmitSm) -> int:
    """Return why no carrier takes a message, ESME_ROK if it may."""
    return overlong(pdu) if pdu.destination_addr else c.ESME_RINVDSTADR


def destinations(
    pdu: SubmitMulti, lists: Mapping[str, tuple[str, ...]]
) -> tuple[list[SmeAddress], list[UnsuccessSme]]:
    """Return where a submit_multi goes, each address once, and the lists that there are none of."""
    found: dict[tuple[int, int, bytes], SmeAddress] = {}
    failed: list[UnsuccessSme] = []
    for entry in pdu.dest_addresses:
        members = [entry] if isinstance(entry, SmeAddress) else _members(entry, lists)
        if not members and isinstance(entry, DistributionList):
            failed.append(UnsuccessSme(0, 0, entry.dl_name, c.ESME_RINVDLNAME))
        for one in members:
            found.setdefault((one.dest_addr_ton, one.dest_addr_npi, one.destination_addr), one)
    return list(found.values()), failed


def _members(entry: DistributionList, lists: Mapping[str, tuple[str, ...]]) -> list[SmeAddress]:
    numbers = lists.get(entry.dl_name.decode("latin-1"), ())
    return [SmeAddress(INTERNATIONAL, ISDN, number.encode()) for number in numbers]


def unsuccess(address: SmeAddress, status: int) -> UnsuccessSme:
    """Return what submit_multi_resp says of a destination that was not taken."""
    return UnsuccessSme(address.dest_addr_ton, address.dest_addr_npi, address.destination_addr, status)


def response_to(pdu: DataSm | SubmitMulti, message_id: bytes, failed: list[UnsuccessSme], status: int) -> Pdu:
    """Return the response to a data_sm or submit_multi of which nothing, some or all was taken."""
    is_alike = status != c.ESME_ROK and all(one.error_status_code == status for one in failed)
    if not message_id and (isinstance(pdu, DataSm) or is_alike):
        return answer(pdu, max(status, 0))
    if isinstance(pdu, DataSm):
        return DataSmResp(sequence_number=pdu.sequence_number, message_id=message_id)
    return SubmitMultiResp(
        sequence_number=pdu.sequence_number,
        command_status=c.ESME_ROK if message_id else c.ESME_RSUBMITFAIL,
        message_id=message_id,
        unsuccess_sme=tuple(failed),
    )
