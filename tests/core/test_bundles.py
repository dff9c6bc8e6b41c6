import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.bundles import (
    Bundle,
    body_with,
    end_stage,
    is_hedge,
    is_open,
    recovered_stage,
    stage_of,
)
from smpp_router.core.bundles import Path as OnePath
from smpp_router.message.message import Message, Pending
from smpp_router.routing.redundancy import Mode, Policy, Stage
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import SubmitSm

FINAL = [c.DELIVERED, c.EXPIRED, c.DELETED, c.UNDELIVERABLE, c.UNKNOWN, c.REJECTED]
PENDING = Pending(1, 1, "ministry", "mobile", b"id", b"", 0, 0.0)


def message(is_doubtful: bool = False, is_on_link: bool = False) -> Message:
    return Message(
        1, 1, "ministry", "government", b"", b"", 0, 0.0, is_doubtful=is_doubtful, is_on_link=is_on_link
    )


def test_a_copy_stands_as_its_entry_does_and_after_its_end_as_it_ended() -> None:
    path = OnePath(0, "mobile", stage=Stage.FAILED)
    assert stage_of(path, message()) is Stage.WAITING
    assert stage_of(path, message(is_on_link=True)) is Stage.OUT
    assert stage_of(path, PENDING) is Stage.TAKEN
    assert stage_of(path, None) is Stage.FAILED
    assert is_open(path, PENDING)
    assert not is_open(path, None)


def test_what_a_carrier_took_fails_only_by_its_word() -> None:
    assert [end_stage(PENDING, state) for state in FINAL] == [
        Stage.DELIVERED,
        Stage.FAILED,
        Stage.FAILED,
        Stage.FAILED,
        Stage.UNKNOWN,
        Stage.FAILED,
    ]


def test_what_no_carrier_took_was_refused_or_withdrawn_or_is_in_doubt() -> None:
    assert end_stage(message(), c.UNDELIVERABLE) is Stage.REFUSED
    assert end_stage(message(), c.REJECTED) is Stage.REJECTED
    assert end_stage(message(), c.DELETED) is Stage.WITHDRAWN
    assert end_stage(message(), c.EXPIRED) is Stage.EXPIRED
    assert end_stage(message(is_doubtful=True), c.UNKNOWN) is Stage.SILENT
    assert end_stage(message(), c.UNKNOWN) is Stage.UNKNOWN


@pytest.mark.parametrize("state", FINAL)
def test_the_store_remembers_an_end_as_it_was_but_no_silence(state: int) -> None:
    assert recovered_stage(True, state) is end_stage(PENDING, state)
    if state != c.DELIVERED:
        assert recovered_stage(False, state) is end_stage(message(), state)


@given(
    st.binary(max_size=5).map(lambda text: text.replace(b"\0", b"")),
    st.sampled_from([0, 1, 0x40, 0x7F]),
    st.sampled_from(range(0x41, 0x48)),
)
def test_a_mark_changes_the_protocol_id_and_nothing_else(service: bytes, before: int, mark: int) -> None:
    pdu = SubmitSm(
        service_type=service,
        source_addr=b"106900",
        destination_addr=b"8613900000001",
        protocol_id=before,
        short_message=b"text",
    )
    body = encode_body(pdu)
    addresses = b"\x00\x00106900\x00\x00\x008613900000001\x00"
    marked = decode(c.SUBMIT_SM, 0, 0, body_with(body, addresses, mark))
    assert isinstance(marked, SubmitSm)
    assert marked.protocol_id == (before or mark)
    marked.protocol_id = before
    assert encode_body(marked) == body


@pytest.mark.parametrize(("mode", "expected"), [("hedged", [False, True]), ("parallel", [False, False])])
def test_a_hedge_is_a_later_copy_of_a_hedged_message(mode: Mode, expected: list[bool]) -> None:
    paths = [OnePath(0, "a", copy_id=11, order=1), OnePath(1, "b", copy_id=12, order=2)]
    bundle = Bundle(message(), Policy(mode), paths)
    assert [is_hedge(bundle, copy_id) for copy_id in (11, 12)] == expected
    assert not is_hedge(bundle, 13)
    assert not is_hedge(None, 11)
