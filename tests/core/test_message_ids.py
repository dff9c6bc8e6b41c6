"""Issued ids are unique and ascending whatever the clock does, and survive being written and read."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core.message_ids import COUNTER_MAX, MESSAGE_ID_MAX, NODE_ID_MAX, MessageIdIssuer, issued_at

START = 1_700_000_000.0
NODES = st.integers(0, NODE_ID_MAX)
STYLES = st.sampled_from(["decimal", "hex"])
Style = Literal["decimal", "hex"]


@given(
    node=NODES,
    steps=st.lists(
        st.tuples(st.sampled_from([0.0, 0.0004, 0.001, 7.5, -0.001, -3600.0]), st.integers(0, 5000))
    ),
)
def test_ids_ascend_whatever_the_clock_does(node: int, steps: list[tuple[float, int]]) -> None:
    issuer = MessageIdIssuer(node)
    now = START
    last = 0
    for step_s, count in steps:
        now += step_s
        ids = issuer.issue_batch(count, now)
        assert len(ids) == count
        ids.append(issuer.issue(now))
        for message_id in ids:
            assert last < message_id <= MESSAGE_ID_MAX
            assert message_id >> 11 & NODE_ID_MAX == node
            last = message_id


@given(node=NODES, other=NODES, count=st.integers(1, 3 * COUNTER_MAX), ahead_s=st.floats(-1e6, 1e6))
def test_after_recovery_ids_go_on_above_the_last_one(
    node: int, other: int, count: int, ahead_s: float
) -> None:
    last = MessageIdIssuer(other).issue_batch(count, START + ahead_s)[-1]
    issuer = MessageIdIssuer(node)
    issuer.observe(last)
    assert issuer.issue(START) > last
    before = issuer.issue(START)
    issuer.observe(0)
    assert issuer.issue(START) > before


@given(nodes=st.lists(NODES, unique=True, min_size=2, max_size=5), count=st.integers(1, 5000))
def test_two_nodes_never_issue_the_same_id(nodes: list[int], count: int) -> None:
    ids = [message_id for node in nodes for message_id in MessageIdIssuer(node).issue_batch(count, START)]
    assert len(set(ids)) == len(ids)


@given(now=st.floats(1.5e9, 4.3e9), node=NODES)
def test_an_id_tells_when_it_was_issued(now: float, node: int) -> None:
    assert issued_at(MessageIdIssuer(node).issue(now)) == pytest.approx(now, abs=0.0011)


@given(message_id=st.integers(0, MESSAGE_ID_MAX), style=STYLES)
def test_text_round_trips(message_id: int, style: Style) -> None:
    issuer = MessageIdIssuer(0, style)
    assert issuer.parse(issuer.text(message_id)) == message_id
    assert len(issuer.text(message_id)) <= 64


@given(times=st.lists(st.floats(1.5e9, 4.3e9), min_size=2), style=STYLES)
def test_texts_sort_by_time(times: list[float], style: Style) -> None:
    issuer = MessageIdIssuer(7, style)
    texts = [issuer.text(issuer.issue(now)) for now in sorted(times)]
    assert texts == sorted(texts)


@given(
    text=st.binary(max_size=70) | st.text("0123456789abcdefABCDEFx_+- ", max_size=22).map(str.encode),
    style=STYLES,
)
def test_any_text_parses_to_an_id_in_range_or_none(text: bytes, style: Style) -> None:
    message_id = MessageIdIssuer(0, style).parse(text)
    assert message_id is None or 0 <= message_id <= MESSAGE_ID_MAX
    if message_id is not None:
        assert int(text, 10 if style == "decimal" else 16) == message_id
        assert text.isalnum()


@pytest.mark.parametrize(
    "text", [b"", b" 12", b"+12", b"1_2", b"-1", b"12a", b"9223372036854775808", b"1" * 5000]
)
def test_what_is_no_decimal_id_is_none(text: bytes) -> None:
    assert MessageIdIssuer(0).parse(text) is None


@pytest.mark.parametrize("text", [b"", b"0x00000000000012", b"ffffffffffffffff", b"12", b"000000000000_012"])
def test_what_is_no_hexadecimal_id_is_none(text: bytes) -> None:
    assert MessageIdIssuer(0, "hex").parse(text) is None


def test_hexadecimal_ids_are_read_in_either_case() -> None:
    issuer = MessageIdIssuer(0, "hex")
    assert issuer.parse(b"00000000000ABCDE") == issuer.parse(b"00000000000abcde") == 0xABCDE


@pytest.mark.parametrize("node_id", [-1, NODE_ID_MAX + 1])
def test_a_node_id_out_of_range_is_refused(node_id: int) -> None:
    with pytest.raises(ValueError, match="node_id"):
        MessageIdIssuer(node_id)
