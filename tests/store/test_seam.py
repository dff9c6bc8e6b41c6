from smpp_router.store.seam import SETTLED, Batch


def test_a_batch_is_true_if_there_is_anything_in_it() -> None:
    assert not Batch()
    assert Batch([], [(SETTLED, 1, 0.0, 0, b"")])
