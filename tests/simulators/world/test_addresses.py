from hypothesis import given
from hypothesis import strategies as st

from simulators.world.addresses import CUSTOMERS_MAX, customer_prefix, number_in, source_addr

customers = st.integers(0, CUSTOMERS_MAX - 1)
numbers = st.integers(1, 999_999_999)


@given(customer=customers, number=numbers, part=st.integers(0, 3))
def test_a_message_is_known_by_its_source_address(customer: int, number: int, part: int) -> None:
    address = source_addr(customer, number)
    assert address.startswith(customer_prefix(customer))
    assert address.isdigit()
    assert len(address) <= 20, "SMPP 3.4 section 5.2.8"
    assert number_in(address, part) == number + part


@given(one=customers, other=customers)
def test_no_customers_addresses_begin_like_anothers(one: int, other: int) -> None:
    assert source_addr(one, 1).startswith(customer_prefix(other)) == (one == other)


def test_other_addresses_are_of_no_message() -> None:
    for address in (b"", b"1069", b"106901", b"8613900000001", b"106901x"):
        assert number_in(address) is None
