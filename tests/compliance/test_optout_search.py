"""What held before each word."""

from smpp_router.compliance.optout_search import Wanted, audited, holding, last_words
from smpp_router.message.consent import Consent

ONE, TWO = "8613900000001", "8613900000002"
WORDS = [
    Consent(1.0, "shop", ONE, is_refusal=True),
    Consent(2.0, "shop", TWO, is_refusal=True, kind=""),
    Consent(3.0, "bank", ONE, is_refusal=True, source_addr="1069"),
    Consent(4.0, "shop", ONE, is_refusal=True),
    Consent(5.0, "shop", ONE, is_refusal=False),
]


def test_what_holds_is_what_all_words_come_to() -> None:
    assert holding(WORDS, Wanted()) == [WORDS[1], WORDS[2]]
    assert holding(WORDS, Wanted(number=ONE)) == [WORDS[2]]
    assert holding(WORDS, Wanted(account="shop")) == [WORDS[1]]
    assert holding(WORDS, Wanted(category="logistics")) == [WORDS[1]], "everything is logistics, too"
    assert holding(WORDS, Wanted(sender="10690001", number=ONE)) == [WORDS[2]]
    assert holding(WORDS, Wanted(sender="20", number=ONE)) == []


def test_each_word_is_told_with_what_held_before_and_after() -> None:
    told = list(audited(WORDS, Wanted(number=ONE, account="shop")))
    assert [word["changed"] for word in told] == [True, False, True]
    assert [len(word["before"]) for word in told] == [0, 1, 1]
    assert [len(word["after"]) for word in told] == [1, 1, 0]
    assert told[2]["before"][0]["at"] == 4.0
    assert [word["at"] for word in last_words(WORDS, Wanted(number=ONE), 2)] == [5.0, 4.0]
