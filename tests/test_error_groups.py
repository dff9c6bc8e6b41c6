import pytest

from smpp_router.error_groups import leaves

A, B, C = OSError(1), ValueError(2), OSError(3)


@pytest.mark.parametrize(
    ("error", "inside"),
    [
        (A, [A]),
        (ExceptionGroup("", [A, B]), [A, B]),
        (
            ExceptionGroup("", [A, ExceptionGroup("", [B, ExceptionGroup("", [C])])]),
            [A, B, C],
        ),
        (BaseExceptionGroup("", [KeyboardInterrupt(), A]), [KeyboardInterrupt, A]),
    ],
)
def test_every_exception_of_nested_groups_is_given_in_order(
    error: BaseException, inside: list[object]
) -> None:
    found = list(leaves(error))
    assert len(found) == len(inside)
    assert all(one is other or type(one) is other for one, other in zip(found, inside, strict=True))
