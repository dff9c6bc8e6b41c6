"""Message ids in every style."""

import random

import pytest

from simulators.message_ids import MessageIds
from simulators.profile import IdStyle, ReceiptIdStyle


def ids(style: IdStyle, receipt_style: ReceiptIdStyle = "same", seed: int = 1) -> MessageIds:
    return MessageIds(style, receipt_style, random.Random(seed))


@pytest.mark.parametrize("style", ["decimal", "hex", "padded", "uuid"])
def test_ids_are_distinct_and_fit_the_wire(style: IdStyle) -> None:
    issuer = ids(style)
    issued = [issuer.issue() for _ in range(1_000)]
    assert len(set(issued)) == issuer.issued == 1_000
    assert max(map(len, issued)) <= 64
    assert len(set(map(len, issued))) == 1


@pytest.mark.parametrize("style", ["decimal", "hex", "padded"])
@pytest.mark.parametrize(("receipt_style", "base"), [("decimal", 10), ("hex", 16)])
def test_a_receipt_names_the_same_number_in_its_own_base(
    style: IdStyle, receipt_style: ReceiptIdStyle, base: int
) -> None:
    issuer = ids(style, receipt_style)
    message_id = issuer.issue()
    number = int(message_id, 16 if style == "hex" else 10)
    assert int(issuer.in_receipt(message_id), base) == number


@pytest.mark.parametrize("style", ["decimal", "hex", "padded", "uuid"])
def test_same_means_the_same(style: IdStyle) -> None:
    issuer = ids(style)
    message_id = issuer.issue()
    assert issuer.in_receipt(message_id) == message_id


def test_two_carriers_issue_the_same_ids_unless_they_are_uuids() -> None:
    assert ids("decimal").issue() == ids("decimal", seed=2).issue()
    assert ids("uuid").issue() != ids("uuid", seed=2).issue()
