from smpp_router.message.consent import Consent


def test_a_number_is_not_shown() -> None:
    assert "8613900000001" not in repr(Consent(0.0, "shop", "8613900000001", is_refusal=True))
