# Texts as people send them. What no peer sends is left out, because octets of UCS2 are read in the order that
# makes sense: unassigned and private signs, byte order marks, and signs like U+4100 that are two letters
# in the other order.
"""Hypothesis strategies for texts, shared by the tests of wire/."""

from hypothesis import strategies as st

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"

GSM_TEXT = st.text(st.sampled_from(BASIC + EXTENSION), max_size=800)
UCS2_SIGNS = st.characters(
    codec="utf-16-be",
    exclude_categories=("Cn", "Co", "Cs"),
    exclude_characters=["\ufeff", "\ufffd", *(chr(high << 8) for high in range(0x20, 0x7F))],
)
UCS2_TEXT = st.text(UCS2_SIGNS, min_size=1, max_size=500)
