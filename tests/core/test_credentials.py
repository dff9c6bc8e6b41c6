"""Passwords: what is right, what is refused, and what is remembered."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.core import credentials
from smpp_router.core.credentials import (
    SALT_BYTES,
    CredentialCache,
    hash_secret,
    secret_problem,
    verify,
)

passwords = st.binary(max_size=12)
KEY = bytes(range(32))


def cheap_secret(password: bytes, salt: bytes = b"salt") -> str:
    """A valid secret at the lowest cost: what is tested is the logic, not the scrypt."""
    digest = hashlib.scrypt(password, salt=salt, n=2, r=1, p=1, dklen=32)
    return f"scrypt$2$1$1${salt.hex()}${digest.hex()}"


def test_a_hashed_password_is_right_and_others_are_wrong() -> None:
    secret = hash_secret(b"demobank", b"s" * SALT_BYTES)
    assert secret_problem(secret) is None
    assert verify(b"demobank", [secret])
    assert not verify(b"demobanj", [secret])


def test_the_same_password_looks_different_with_another_salt() -> None:
    assert hash_secret(b"demobank", b"a" * SALT_BYTES) != hash_secret(b"demobank", b"b" * SALT_BYTES)


def test_a_hash_shows_nothing_of_the_password() -> None:
    secret = hash_secret(b"demobank", b"s" * SALT_BYTES)
    assert "demobank" not in secret
    assert b"demobank".hex() not in secret


@given(passwords, st.lists(passwords, min_size=1, max_size=3))
def test_a_password_is_right_exactly_if_it_is_one_of_the_secrets(offered: bytes, right: list[bytes]) -> None:
    assert verify(offered, [cheap_secret(password) for password in right]) == (offered in right)


def test_without_secrets_no_password_is_right() -> None:
    assert not verify(b"demobank", [])
    assert not verify(b"", [])


def test_an_unknown_account_costs_as_much_as_a_known_one() -> None:
    cost = hash_secret(b"demobank", b"s" * SALT_BYTES).split("$")[:4]
    assert credentials._NOBODY.split("$")[:4] == cost


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "demobank",
        "scrypt$16384$8$1$00",
        "md5$2$1$1$00$" + "00" * 32,
        "scrypt$2$1$1$00$" + "00" * 31,
        "scrypt$2$1$1$zz$" + "00" * 32,
        "scrypt$ 2$1$1$00$" + "00" * 32,
        "scrypt$2$1$1$00$" + "AB" * 32,
        "scrypt$3$1$1$00$" + "00" * 32,
        "scrypt$1$1$1$00$" + "00" * 32,
        "scrypt$0$1$1$00$" + "00" * 32,
        "scrypt$-2$1$1$00$" + "00" * 32,
        "scrypt$2$0$1$00$" + "00" * 32,
        "scrypt$2$1$0$00$" + "00" * 32,
        "scrypt$1073741824$8$1$00$" + "00" * 32,
    ],
)
def test_a_secret_that_cannot_be_used_is_named_without_being_shown(secret: str) -> None:
    problem = secret_problem(secret)
    assert problem is not None
    assert secret == "" or secret not in problem


@given(st.text())
def test_no_text_breaks_the_check_of_secrets(text: str) -> None:
    assert secret_problem(text) is not None


def test_a_pair_is_known_only_after_it_was_remembered() -> None:
    cache = CredentialCache(KEY)
    secrets = [cheap_secret(b"demobank")]
    assert not cache.knows(b"bank", b"demobank", secrets)
    cache.remember(b"bank", b"demobank", secrets)
    assert cache.knows(b"bank", b"demobank", secrets)
    assert not cache.knows(b"bank", b"another", secrets)
    assert not cache.knows(b"shop", b"demobank", secrets)


def test_a_password_is_forgotten_when_the_secrets_change() -> None:
    cache = CredentialCache(KEY)
    cache.remember(b"bank", b"demobank", [cheap_secret(b"demobank")])
    assert not cache.knows(b"bank", b"demobank", [cheap_secret(b"new")])


@given(passwords, passwords, passwords, passwords)
def test_the_border_between_account_and_password_counts(a: bytes, b: bytes, c: bytes, d: bytes) -> None:
    cache = CredentialCache(KEY)
    cache.remember(a, b, [])
    assert cache.knows(c, d, []) == ((a, b) == (c, d))


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_the_cache_is_bounded_and_the_oldest_leaves_first(accounts: list[int], entries_max: int) -> None:
    cache = CredentialCache(KEY, entries_max)
    kept: list[int] = []
    for account in accounts:
        cache.remember(b"%d" % account, b"pw", [])
        if account not in kept:
            kept = [*kept, account][-entries_max:]
        assert len(cache) == len(kept)
    assert [account for account in range(10) if cache.knows(b"%d" % account, b"pw", [])] == sorted(kept)


def test_the_cache_holds_no_password() -> None:
    cache = CredentialCache(KEY)
    cache.remember(b"bank", b"demobank", [])
    assert "demobank" not in repr(vars(cache))
