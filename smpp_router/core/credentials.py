# How an ESME's password is checked without anybody keeping it.
#
# Rule 1: configuration and memory hold scrypt strings, `scrypt$n$r$p$salt$hash` (salt and hash in hex).
# Rule 2: every secret of an account is tried, so that the time of an answer does not tell which was right.
# Rule 3: verify() takes 50-100 ms and 16 MiB on purpose; it belongs into a worker thread, a few at a time.
# Rule 4: ESMEs that bind once for every message exist. CredentialCache spares them the scrypt of every bind
#         but the first; it holds keyed digests of pairs that were right, never a password, never a failure.
"""Passwords of ESMEs: hashing, checking, and remembering what was right."""

import hashlib
import hmac
from collections.abc import Sequence

# 128 * n * r = 16 MiB and about 50 ms: dear to a guesser, and still a few binds a second on one core.
SCRYPT_N = 2**14
SCRYPT_R = 8
SCRYPT_P = 1
SALT_BYTES = 16
HASH_BYTES = 32
# A line of configuration must not be able to take the machine's memory: 128 * n * r.
SCRYPT_MEMORY_BYTES_MAX = 256 << 20
# One entry for each account and password in use; 10,000 accounts in the middle of a rotation, about 3 MB.
CACHED_MAX = 20_000


def hash_secret(password: bytes, salt: bytes) -> str:
    """The scrypt string of a password; the salt is SALT_BYTES from the system's random source."""
    return _spelled(SCRYPT_N, SCRYPT_R, SCRYPT_P, salt, _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P))


def verify(password: bytes, secrets: Sequence[str]) -> bool:
    """Whether the password is that of one of the secrets; slow by design.

    No secrets, as for an unknown system_id, take the time of one and are never right.

    Raises:
        ValueError: a secret is not a scrypt string (secret_problem tells beforehand).
    """
    is_right = False
    for secret in secrets or (_NOBODY,):
        n, r, p, salt, expected = _parsed(secret)
        is_right |= hmac.compare_digest(_scrypt(password, salt, n, r, p), expected)
    return is_right and bool(secrets)


def secret_problem(secret: str) -> str | None:
    """What is wrong with a scrypt string, without showing it; None: nothing."""
    try:
        n, r, p, _, _ = _parsed(secret)
    except ValueError:
        return "must be a scrypt string as `smpp-router secret` prints it"
    if n < 2 or n & (n - 1) or r < 1 or p < 1:
        return "is a scrypt string with an impossible cost: n must be a power of two, r and p at least 1"
    if 128 * n * r * p > SCRYPT_MEMORY_BYTES_MAX:
        return f"is a scrypt string that costs more than {SCRYPT_MEMORY_BYTES_MAX >> 20} MiB"
    return None


class CredentialCache:
    """Pairs of account and password that were right, as HMAC-SHA-256 under a key of this process.

    The account's secrets are part of what is digested: once they change, the new password is asked for. The
    oldest entry leaves first. The key is 32 octets from the system's random source, and is never stored.
    """

    def __init__(self, key: bytes, entries_max: int = CACHED_MAX) -> None:
        self._key = key
        self._entries_max = entries_max
        self._digests: dict[bytes, None] = {}

    def __len__(self) -> int:
        return len(self._digests)

    def knows(self, system_id: bytes, password: bytes, secrets: Sequence[str]) -> bool:
        """Whether this password was right for this account, with these secrets."""
        return self._digest(system_id, password, secrets) in self._digests

    def remember(self, system_id: bytes, password: bytes, secrets: Sequence[str]) -> None:
        """Call it only after verify() said yes."""
        self._digests[self._digest(system_id, password, secrets)] = None
        if len(self._digests) > self._entries_max:
            del self._digests[next(iter(self._digests))]

    def _digest(self, system_id: bytes, password: bytes, secrets: Sequence[str]) -> bytes:
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (system_id, password, *(secret.encode() for secret in secrets)):
            # With its length before it, no part can lend its end to the next one.
            digest.update(len(part).to_bytes(4, "big"))
            digest.update(part)
        return digest.digest()


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    # OpenSSL wants to be told the memory: 128 * r * (n + p) octets, and a little for itself.
    memory_bytes = 128 * r * (n + p) + (1 << 20)
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory_bytes, dklen=HASH_BYTES)


def _spelled(n: int, r: int, p: int, salt: bytes, digest: bytes) -> str:
    return f"scrypt${n}${r}${p}${salt.hex()}${digest.hex()}"


def _parsed(secret: str) -> tuple[int, int, int, bytes, bytes]:
    scheme, n, r, p, salt, digest = secret.split("$")
    parsed = int(n), int(r), int(p), bytes.fromhex(salt), bytes.fromhex(digest)
    # Only one spelling is valid, so that a slip (a space, a cut hash) is not silently another secret.
    if scheme != "scrypt" or len(parsed[4]) != HASH_BYTES or _spelled(*parsed) != secret:
        raise ValueError("not a scrypt string")
    return parsed


_NOBODY = _spelled(SCRYPT_N, SCRYPT_R, SCRYPT_P, bytes(SALT_BYTES), bytes(HASH_BYTES))
