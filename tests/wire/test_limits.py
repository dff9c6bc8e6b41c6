import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode
from smpp_router.wire.limits import ADDRESS_OCTETS_MAX, SERVICE_TYPE_OCTETS_MAX, overlong, with_defaults
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


@given(st.integers(0, 255), st.integers(0, 255))
def test_reserved_values_become_the_default_and_others_stay(priority: int, replace: int) -> None:
    came = decode(
        c.SUBMIT_SM, 0, 1, encode(SubmitSm(priority_flag=priority, replace_if_present_flag=replace))[16:]
    )
    assert isinstance(came, SubmitSm)
    body = came.body
    is_reserved = priority > 3 or replace > 1
    assert with_defaults(came) == is_reserved
    assert came.priority_flag == (priority if priority <= 3 else 0)
    assert came.replace_if_present_flag == (replace if replace <= 1 else 0)
    assert came.body == (None if is_reserved else body)


def test_the_destination_is_told_before_the_others() -> None:
    long = b"1" * 21
    assert overlong(SubmitSm(destination_addr=long, source_addr=long, service_type=long)) == c.ESME_RINVDSTADR
    assert overlong(SubmitSm(source_addr=long, service_type=long)) == c.ESME_RINVSRCADR
