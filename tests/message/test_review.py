import attrs
import pytest

from smpp_router.message.review import Review


def test_a_decision_does_not_change() -> None:
    review = Review(1.0, 7, "shop", True, "li", "fine")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        review.is_accepted = False  # pyright: ignore[reportAttributeAccessIssue] - the very thing that must not go
