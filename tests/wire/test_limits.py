import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.limits import ADDRESS_OCTETS_MAX, SERVICE_TYPE_OCTETS_MAX, overlong
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm

STATUSES = {
    "destination_addr": (ADDRESS_OCTETS_MAX, c.ESME_RINVDSTADR),
    "source_addr": (ADDRESS_OCTETS_MAX, c.ESME_RINVSRCADR),
    "service_type": (SERVICE_TYPE_OCTETS_MAX, c.ESME_RINVSERTYP),
}


@pytest.mark.parametrize("kind", [SubmitSm, DeliverSm, DataSm])
@pytest.mark.parametrize("field", STATUSES)
def test_a_field_is_too_long_from_one_octet_above_its_limit_on(
    kind: type[SubmitSm | DeliverSm | DataSm], field: str
) -> None:
    most, status = STATUSES[field]
    pdu = kind()
    assert overlong(pdu) == c.ESME_ROK
    setattr(pdu, field, b"1" * most)
    assert overlong(pdu) == c.ESME_ROK
    setattr(pdu, field, b"1" * (most + 1))
    assert overlong(pdu) == status


@pytest.mark.parametrize("field", STATUSES)
def test_the_limits_are_those_of_what_is_written(field: str) -> None:
    most, _ = STATUSES[field]
    pdu = SubmitSm()
    setattr(pdu, field, b"1" * most)
    encode(pdu)
    setattr(pdu, field, b"1" * (most + 1))
    with pytest.raises(ValueError, match=field):
        encode(pdu)


def test_the_destination_is_told_before_the_others() -> None:
    long = b"1" * 21
    assert overlong(SubmitSm(destination_addr=long, source_addr=long, service_type=long)) == c.ESME_RINVDSTADR
    assert overlong(SubmitSm(source_addr=long, service_type=long)) == c.ESME_RINVSRCADR
